namespace Praman.Meter.Registers;

/// <summary>Cumulative registers as the meter shows them, in 10^<see cref="MeterModel.EnergyScaler"/> Wh and VAh.</summary>
public readonly record struct MeterRegisters(uint Import, uint ImportVah, uint Export, uint ExportVah);

using Praman.Meter.Registers;

namespace Praman.Meter.Profiles;

/// <summary>What the meter measures at an instant. Powers are means of the quarter hour before it; negative power is export.</summary>
public readonly record struct InstantaneousValues(
    int Watts, uint VoltAmperes, ushort VoltageCentivolts, ushort CurrentCentiamperes, sbyte PowerFactorPercent, ushort FrequencyDecihertz, MeterRegisters Registers);

using Praman.Metering;

namespace Praman.Meter;

/// <summary>Logical names of the single-phase smart meter of IS 15959 part 2.</summary>
public static class MeterObis
{
    public static readonly ObisCode PublicAssociation = new(0, 0, 40, 0, 1);
    public static readonly ObisCode ReaderAssociation = new(0, 0, 40, 0, 2);
    public static readonly ObisCode UtilityAssociation = new(0, 0, 40, 0, 3);
    public static readonly ObisCode ReaderSecurity = new(0, 0, 43, 0, 2);
    public static readonly ObisCode UtilitySecurity = new(0, 0, 43, 0, 3);
    public static readonly ObisCode ReaderCounter = new(0, 0, 43, 1, 2);
    public static readonly ObisCode UtilityCounter = new(0, 0, 43, 1, 3);
    public static readonly ObisCode DeviceName = new(0, 0, 42, 0, 0);
    public static readonly ObisCode Clock = new(0, 0, 1, 0, 0);

    public static readonly ObisCode Serial = new(0, 0, 96, 1, 0);
    public static readonly ObisCode Maker = new(0, 0, 96, 1, 1);
    public static readonly ObisCode DeviceId = new(0, 0, 96, 1, 2);
    public static readonly ObisCode YearOfManufacture = new(0, 0, 96, 1, 4);
    public static readonly ObisCode Firmware = new(1, 0, 0, 2, 0);
    public static readonly ObisCode MeterKind = new(0, 0, 94, 91, 9);
    public static readonly ObisCode Category = new(0, 0, 94, 91, 11);
    public static readonly ObisCode CurrentRating = new(0, 0, 94, 91, 12);
    public static readonly ObisCode MeteringMode = new(0, 0, 94, 96, 19);
    public static readonly ObisCode PaymentMode = new(0, 0, 94, 96, 20);

    public static readonly ObisCode Voltage = new(1, 0, 12, 7, 0);
    public static readonly ObisCode Current = new(1, 0, 11, 7, 0);
    public static readonly ObisCode NeutralCurrent = new(1, 0, 91, 7, 0);
    public static readonly ObisCode PowerFactor = new(1, 0, 13, 7, 0);
    public static readonly ObisCode Frequency = new(1, 0, 14, 7, 0);
    public static readonly ObisCode ApparentPower = new(1, 0, 9, 7, 0);
    public static readonly ObisCode ActivePower = new(1, 0, 1, 7, 0);
    public static readonly ObisCode ImportWh = new(1, 0, 1, 8, 0);
    public static readonly ObisCode ImportVah = new(1, 0, 9, 8, 0);
    public static readonly ObisCode ExportWh = new(1, 0, 2, 8, 0);
    public static readonly ObisCode ExportVah = new(1, 0, 10, 8, 0);
    public static readonly ObisCode DemandWatts = new(1, 0, 1, 6, 0);
    public static readonly ObisCode DemandVoltAmperes = new(1, 0, 9, 6, 0);

    public static readonly ObisCode IntervalVoltage = new(1, 0, 12, 27, 0);
    public static readonly ObisCode IntervalImportWh = new(1, 0, 1, 29, 0);
    public static readonly ObisCode IntervalImportVah = new(1, 0, 9, 29, 0);
    public static readonly ObisCode IntervalExportWh = new(1, 0, 2, 29, 0);
    public static readonly ObisCode IntervalExportVah = new(1, 0, 10, 29, 0);
    public static readonly ObisCode IntervalStatus = new(0, 0, 96, 10, 1);

    public static readonly ObisCode PowerOnMinutes = new(0, 0, 94, 91, 14);
    public static readonly ObisCode BillingPowerOnMinutes = new(0, 0, 94, 91, 13);
    public static readonly ObisCode AveragePowerFactor = new(1, 0, 13, 0, 0);
    public static readonly ObisCode TamperCount = new(0, 0, 94, 91, 0);
    public static readonly ObisCode PowerFailureCount = new(0, 0, 96, 7, 0);
    public static readonly ObisCode BillingCount = new(0, 0, 0, 1, 0);
    public static readonly ObisCode BillingDate = new(0, 0, 0, 1, 2);
    public static readonly ObisCode ProgrammingCount = new(0, 0, 96, 2, 0);

    public static readonly ObisCode Relay = new(0, 0, 96, 3, 10);
    public static readonly ObisCode Limiter = new(0, 0, 17, 0, 0);
    public static readonly ObisCode DisconnectScripts = new(0, 0, 10, 0, 106);
    public static readonly ObisCode BillingScripts = new(0, 0, 10, 0, 1);
    public static readonly ObisCode BillingSchedule = new(0, 0, 15, 0, 0);
    public static readonly ObisCode CapturePeriod = new(1, 0, 0, 8, 4);
    public static readonly ObisCode DemandPeriod = new(1, 0, 0, 8, 0);

    public static readonly ObisCode NamePlate = new(0, 0, 94, 91, 10);
    public static readonly ObisCode Instantaneous = new(1, 0, 94, 91, 0);
    public static readonly ObisCode InstantaneousScalers = new(1, 0, 94, 91, 3);
    public static readonly ObisCode BlockLoad = new(1, 0, 99, 1, 0);
    public static readonly ObisCode BlockLoadScalers = new(1, 0, 94, 91, 4);
    public static readonly ObisCode DailyLoad = new(1, 0, 99, 2, 0);
    public static readonly ObisCode DailyLoadScalers = new(1, 0, 94, 91, 5);
    public static readonly ObisCode Billing = new(1, 0, 98, 1, 0);
    public static readonly ObisCode BillingScalers = new(1, 0, 94, 91, 6);
    public static readonly ObisCode EventScalers = new(1, 0, 94, 91, 7);

    /// <summary>The code object of an event log, 0 to 6.</summary>
    public static ObisCode EventCode(byte log) => new(0, 0, 96, 11, log);

    /// <summary>The sequence number object of an event log.</summary>
    public static ObisCode EventSequence(byte log) => new(0, 0, 96, 15, log);

    /// <summary>The profile of an event log.</summary>
    public static ObisCode EventProfile(byte log) => new(0, 0, 99, 98, log);
}

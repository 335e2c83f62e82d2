using Praman.Dlms;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Meter.Profiles;
using Praman.Metering;

namespace Praman.Meter;

// The profiles: columns of data, and one row of scalers beside each.
public sealed partial class MeterType
{
    private static readonly CaptureObject ClockColumn = new(8, MeterObis.Clock, 2);

    private static CaptureObject[] InstantaneousColumns =>
    [
        ClockColumn, Reg(MeterObis.Voltage), Reg(MeterObis.Current), Reg(MeterObis.NeutralCurrent), Reg(MeterObis.PowerFactor), Reg(MeterObis.Frequency),
        Reg(MeterObis.ApparentPower), Reg(MeterObis.ActivePower), Reg(MeterObis.ImportWh), Reg(MeterObis.ImportVah),
        new(4, MeterObis.DemandWatts, 2), new(4, MeterObis.DemandWatts, 5), new(4, MeterObis.DemandVoltAmperes, 2), new(4, MeterObis.DemandVoltAmperes, 5),
        Val(MeterObis.PowerOnMinutes), Val(MeterObis.TamperCount), Val(MeterObis.BillingCount), Val(MeterObis.ProgrammingCount),
        Reg(MeterObis.ExportWh), Reg(MeterObis.ExportVah), new(70, MeterObis.Relay, 2), new(71, MeterObis.Limiter, 3),
    ];

    private static CaptureObject[] BlockLoadColumns =>
    [
        ClockColumn, Reg(MeterObis.IntervalVoltage), Reg(MeterObis.IntervalImportWh), Reg(MeterObis.IntervalImportVah),
        Reg(MeterObis.IntervalExportWh), Reg(MeterObis.IntervalExportVah), Val(MeterObis.IntervalStatus),
    ];

    private static CaptureObject[] DailyLoadColumns =>
        [ClockColumn, Reg(MeterObis.ImportWh), Reg(MeterObis.ImportVah), Reg(MeterObis.ExportWh), Reg(MeterObis.ExportVah)];

    private static CaptureObject[] BillingColumns =>
    [
        Val(MeterObis.BillingDate), Val(MeterObis.AveragePowerFactor), Reg(MeterObis.ImportWh), Reg(MeterObis.ImportVah),
        new(4, MeterObis.DemandWatts, 2), new(4, MeterObis.DemandWatts, 5), new(4, MeterObis.DemandVoltAmperes, 2), new(4, MeterObis.DemandVoltAmperes, 5),
        Val(MeterObis.BillingPowerOnMinutes), Reg(MeterObis.ExportWh), Reg(MeterObis.ExportVah),
    ];

    private static CaptureObject[] NamePlateColumns =>
    [
        Val(MeterObis.Serial), Val(MeterObis.DeviceId), Val(MeterObis.Maker), Val(MeterObis.Firmware), Val(MeterObis.MeterKind), Val(MeterObis.Category),
        Val(MeterObis.CurrentRating), Val(MeterObis.YearOfManufacture),
    ];

    private static CaptureObject[] EventColumns(byte log, bool withSnapshot) => withSnapshot
        ? [ClockColumn, Val(MeterObis.EventCode(log)), Reg(MeterObis.Current), Reg(MeterObis.Voltage), Reg(MeterObis.PowerFactor), Reg(MeterObis.ImportWh), Val(MeterObis.EventSequence(log))]
        : [ClockColumn, Val(MeterObis.EventCode(log)), Val(MeterObis.EventSequence(log))];

    private IEnumerable<CosemObject> Profiles()
    {
        yield return Snapshot(MeterObis.NamePlate, NamePlateColumns, AccessRights.Public);
        yield return Snapshot(MeterObis.Instantaneous, InstantaneousColumns, AccessRights.Readings);
        yield return Profile(MeterObis.BlockLoad, BlockLoadColumns, new BlockLoadRows(), (c, seconds) => Meter(c).SetCapturePeriod(c, seconds));
        yield return Profile(MeterObis.DailyLoad, DailyLoadColumns, new DailyLoadRows());
        yield return Profile(MeterObis.Billing, BillingColumns, new BillingRows());
        for (byte log = 0; log < EventLog.LogCount; log++)
        {
            bool withSnapshot = log is 0 or 1 or 4;
            yield return Profile(MeterObis.EventProfile(log), EventColumns(log, withSnapshot), new EventRows(log, withSnapshot));
        }
        yield return Scalers(MeterObis.InstantaneousScalers, InstantaneousColumns);
        yield return Scalers(MeterObis.BlockLoadScalers, BlockLoadColumns);
        yield return Scalers(MeterObis.DailyLoadScalers, DailyLoadColumns);
        yield return Scalers(MeterObis.BillingScalers, BillingColumns);
        yield return Scalers(MeterObis.EventScalers, EventColumns(0, true));
    }

    private static ProfileGeneric Profile(ObisCode name, CaptureObject[] columns, ProfileRows rows, Func<CosemContext, uint, DataAccessResult>? setPeriod = null) =>
        new(name, columns, rows)
        {
            Access = new(AssociationLevel.MeterReader, setPeriod is null ? AssociationLevel.Nobody : AssociationLevel.UtilitySetting, AssociationLevel.UtilitySetting),
            SetPeriod = setPeriod,
        };

    private static ProfileGeneric Snapshot(ObisCode name, CaptureObject[] columns, AccessRights access) => new(name, columns, new SnapshotRows(columns)) { Access = access };

    // Scaler and unit of each column that has one, in the order of the columns.
    private static ProfileGeneric Scalers(ObisCode name, CaptureObject[] columns) => Snapshot(name,
        [.. columns.Where(c => c.ClassId is 3 or 4 && c.AttributeId == 2).Select(c => c with { AttributeId = 3 })], AccessRights.Readings);

    private static CaptureObject Reg(ObisCode name) => new(3, name, 2);

    private static CaptureObject Val(ObisCode name) => new(1, name, 2);
}

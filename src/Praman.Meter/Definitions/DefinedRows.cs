using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Meter.Profiles;

namespace Praman.Meter.Definitions;

/// <summary>A column of a defined profile: what it shows at a row's moment, or an object that is read as it is now.</summary>
/// <param name="Capture">Object and attribute.</param>
/// <param name="Shown">What is shown; null where the object itself is asked.</param>
internal sealed record DefinedColumn(CaptureObject Capture, ShownValue? Shown);

/// <summary>
/// Rows of a defined profile: which there are, the profile of that kind says; what stands in them, the columns say, each at the row's moment.
/// </summary>
internal sealed class DefinedRows(ProfileRows kind, Func<CosemContext, long, ReadingPoint> moment, IReadOnlyList<DefinedColumn> columns) : ProfileRows
{
    // Only where columns show maxima of rates: their intervals are gone through once a row, not once a column.
    private readonly bool _showsRateMaxima = columns.Any(c => c.Shown is { IsRateMaximum: true });

    public static DefinedRows BlockLoad(IReadOnlyList<DefinedColumn> columns) => new(new BlockLoadRows(), (c, number) => ReadingPoint.OfBlock(VirtualMeter.Of(c), number, VirtualMeter.CursorOf(c)), columns);

    public static DefinedRows DailyLoad(IReadOnlyList<DefinedColumn> columns) => new(new DailyLoadRows(), (c, number) => ReadingPoint.OfDay(VirtualMeter.Of(c), number, VirtualMeter.CursorOf(c)), columns);

    public static DefinedRows Billing(IReadOnlyList<DefinedColumn> columns) => new(new BillingRows(), ReadingPoint.OfMonth, columns);

    public static DefinedRows Events(int log, IReadOnlyList<DefinedColumn> columns) => new(new EventRows(log, false), (context, number) =>
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        IReadOnlyList<MeterEvent> events = meter.Events.Of(log);
        return ReadingPoint.OfEvent(meter, events[(int)(number - events[0].Sequence)], VirtualMeter.CursorOf(context));
    }, columns);

    public override uint EntryCountMax(CosemContext context) => kind.EntryCountMax(context);

    public override uint PeriodSeconds(CosemContext context) => kind.PeriodSeconds(context);

    public override RowNumbers Numbers(CosemContext context) => kind.Numbers(context);

    public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to) => kind.NumbersWithin(context, from, to);

    public override bool Exists(CosemContext context, long number) => kind.Exists(context, number);

    public override void WriteRow(CosemContext context, long number, ProfileColumns chosen, ref AxdrWriter writer)
    {
        ReadingPoint point = moment(context, number) with { Maxima = _showsRateMaxima ? new RateMaxima() : null };
        writer.WriteStructureHeader(chosen.Count(columns.Count));
        // The profile's own access rights were checked; its columns are read as the device itself reads them.
        AssociationLevel level = context.Level;
        context.Level = AssociationLevel.UtilitySetting;
        for (int i = 0; i < columns.Count; i++)
        {
            if (!chosen.Includes(i)) continue;
            (CaptureObject capture, ShownValue? shown) = columns[i];
            if (capture.ClassId == 8 && capture.AttributeId == 2) writer.WriteDateTimeOctets(point.Meter.Stamp(point.Stamp));
            else if (shown is not null && capture.AttributeId == 2) writer.WriteData(shown.At(point));
            else if (shown is not null && capture.AttributeId == 5) writer.WriteDateTimeOctets(shown.CapturedAt(point));
            else
            {
                CosemObject? instance = context.Device.Objects.Find(capture.LogicalName);
                DataAccessResult result = instance?.Class.Read(instance, capture.AttributeId, null, context, ref writer) ?? DataAccessResult.ObjectUndefined;
                if (result != DataAccessResult.Success) writer.WriteNullData();
            }
        }
        context.Level = level;
    }
}

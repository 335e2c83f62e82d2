using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;

namespace Praman.Meter.Profiles;

/// <summary>An event log, 0.0.99.98.e.255, oldest first; a row's number is the event's sequence number.</summary>
internal sealed class EventRows(int log, bool withSnapshot) : ProfileRows
{
    /// <summary>True where rows carry current, voltage, power factor and energy at the event.</summary>
    public bool WithSnapshot { get; } = withSnapshot;

    public override uint EntryCountMax(CosemContext context) => (uint)EventLog.CapacityOf(log);

    public override RowNumbers Numbers(CosemContext context)
    {
        IReadOnlyList<MeterEvent> events = VirtualMeter.Of(context).Events.Of(log);
        return events.Count == 0 ? RowNumbers.None : new(events[0].Sequence, events[^1].Sequence);
    }

    public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to)
    {
        RowNumbers within = RowNumbers.None;
        IReadOnlyList<MeterEvent> events = VirtualMeter.Of(context).Events.Of(log);
        for (int i = 0; i < events.Count; i++)
        {
            if (events[i].Shown < from || events[i].Shown > to) continue;
            within = new(within.IsEmpty ? events[i].Sequence : within.First, events[i].Sequence);
        }
        return within;
    }

    public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        IReadOnlyList<MeterEvent> events = meter.Events.Of(log);
        MeterEvent entry = events[(int)(number - events[0].Sequence)];
        int last = WithSnapshot ? 6 : 2;
        writer.WriteStructureHeader(columns.Count(last + 1));
        if (columns.Includes(0)) writer.WriteDateTimeOctets(meter.Stamp(entry.Shown));
        if (columns.Includes(1)) writer.WriteLongUnsigned((ushort)entry.Code);
        if (WithSnapshot)
        {
            InstantaneousValues values = meter.ValuesAt(entry.At, VirtualMeter.CursorOf(context));
            if (columns.Includes(2)) writer.WriteLongUnsigned(values.CurrentCentiamperes);
            if (columns.Includes(3)) writer.WriteLongUnsigned(values.VoltageCentivolts);
            if (columns.Includes(4)) writer.WriteInteger(values.PowerFactorPercent);
            if (columns.Includes(5)) writer.WriteDoubleLongUnsigned(values.Registers.Import);
        }
        if (columns.Includes(last)) writer.WriteDoubleLongUnsigned(entry.Sequence);
    }
}

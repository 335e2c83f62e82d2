using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Definitions;
using Praman.Meter.Parts;
using Praman.Meter.Registers;
using Praman.Metering;

namespace Praman.Meter.Profiles;

/// <summary>A column of an M-Bus profile: the clock, or an object that the channel captures.</summary>
internal sealed record CapturedColumn(CaptureObject Capture, CapturedValue? Value);

/// <summary>Rows of an M-Bus channel: one a capture period in which a slave was installed, its time the end of the period. A missed telegram leaves the value before and a mark.</summary>
internal sealed class CapturedRows(ObisCode client, IReadOnlyList<CapturedColumn> columns) : ProfileRows
{
    public override uint EntryCountMax(CosemContext context)
    {
        int period = Of(context).PeriodSeconds;
        return period == 0 ? 1 : (uint)(VirtualMeter.Of(context).Model.BlockLoadDays * (NodaConstants.SecondsPerDay / period));
    }

    public override uint PeriodSeconds(CosemContext context) => (uint)Of(context).PeriodSeconds;

    public override RowNumbers Numbers(CosemContext context)
    {
        MBusPart part = Of(context);
        if (part.PeriodSeconds == 0) return RowNumbers.None;
        MeterClock clock = VirtualMeter.Of(context).Clock;
        long last = part.NumberAt(clock.Read(context.Now)), first = part.NumberAt(clock.Read(part.Since)) + 1;
        return new(Math.Max(first, last - EntryCountMax(context) + 1), last);
    }

    public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to)
    {
        MBusPart part = Of(context);
        if (part.PeriodSeconds == 0) return RowNumbers.None;
        long first = from == Instant.MinValue ? long.MinValue : part.NumberAt(from);
        if (first != long.MinValue && part.EndOf(first) < from) first++;
        return new(first, to == Instant.MaxValue ? long.MaxValue : part.NumberAt(to));
    }

    public override bool Exists(CosemContext context, long number)
    {
        MBusPart part = Of(context);
        Instant at = part.TrueTimeOf(number);
        return at > part.TrueTimeOf(number - 1) && part.IsInstalledAt(at); // no row for a period that the clock was set over
    }

    public override void WriteRow(CosemContext context, long number, ProfileColumns chosen, ref AxdrWriter writer)
    {
        MBusPart part = Of(context);
        VirtualMeter meter = VirtualMeter.Of(context);
        SlaveReading reading = part.ScheduledAt(part.TrueTimeOf(number));
        writer.WriteStructureHeader(chosen.Count(columns.Count));
        for (int i = 0; i < columns.Count; i++)
        {
            if (!chosen.Includes(i)) continue;
            (CaptureObject capture, CapturedValue? value) = columns[i];
            if (value is null) writer.WriteDateTimeOctets(meter.Stamp(part.EndOf(number)));
            else if (capture.AttributeId == 5) writer.WriteDateTimeOctets(CapturedValue.TimeOf(meter, reading));
            else if (capture.AttributeId == 4) writer.WriteUnsigned((byte)reading.Status);
            else if (capture.ClassId == 1) writer.WriteUnsigned((byte)part.StatusOfRow(number));
            else writer.WriteDoubleLongUnsigned(value.In(part, reading));
        }
    }

    private MBusPart Of(CosemContext context) => CapturedValue.PartOf(context, client);
}

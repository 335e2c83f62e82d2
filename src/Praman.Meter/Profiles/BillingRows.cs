using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Registers;

namespace Praman.Meter.Profiles;

/// <summary>
/// Billing, 1.0.98.1.0.255: what stood at the end of each calendar month, local time, with the month's maximum demands. A row's number
/// counts the months of its billing date. Where the model has it, the last row is that of the month which is still open, as it stands now.
/// </summary>
internal sealed class BillingRows : ProfileRows
{
    public override uint EntryCountMax(CosemContext context) => (uint)(VirtualMeter.Of(context).Model.BillingPeriodCount + Open(context));

    public override RowNumbers Numbers(CosemContext context)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        long last = VirtualMeter.MonthNumberOf(meter.LocalDateOf(meter.Clock.Read(context.Now))) + Open(context);
        long first = VirtualMeter.MonthNumberOf(meter.LocalDateOf(meter.Clock.Read(meter.InstalledAt))) + 1;
        return new(Math.Max(first, last - EntryCountMax(context) + 1), last);
    }

    public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        long first = from == Instant.MinValue ? long.MinValue : VirtualMeter.MonthNumberOf(meter.LocalDateOf(from));
        if (first != long.MinValue && meter.StartOfMonth(first) < from) first++;
        long last = to == Instant.MaxValue ? long.MaxValue : VirtualMeter.MonthNumberOf(meter.LocalDateOf(to));
        if (Open(context) == 0) return new(first, last);
        // The open row's time is now, not the turn of the month that its number stands for.
        Instant now = meter.Clock.Read(context.Now);
        long closed = VirtualMeter.MonthNumberOf(meter.LocalDateOf(now));
        return from > now ? RowNumbers.None : new(first, to >= now ? closed + 1 : Math.Min(last, closed));
    }

    public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        var cursor = VirtualMeter.CursorOf(context);
        (Instant start, Instant end) = PeriodOf(context, number);
        MeterRegisters registers = meter.RegistersAt(meter.Clock.TrueTimeOf(end), cursor);
        MaximumDemand demand = meter.MaximumDemandWithin(start, end, cursor);
        writer.WriteStructureHeader(columns.Count(MeterType.BillingColumnCount));
        if (columns.Includes(0)) writer.WriteDateTimeOctets(meter.Stamp(end));
        if (columns.Includes(1)) writer.WriteInteger((sbyte)(meter.Source.PowerFactorPermille / 10));
        if (columns.Includes(2)) writer.WriteDoubleLongUnsigned(registers.Import);
        if (columns.Includes(3)) writer.WriteDoubleLongUnsigned(registers.ImportVah);
        if (columns.Includes(4)) writer.WriteDoubleLongUnsigned(demand.Watts);
        if (columns.Includes(5)) writer.WriteDateTimeOctets(meter.Stamp(demand.At));
        if (columns.Includes(6)) writer.WriteDoubleLongUnsigned(demand.VoltAmperes);
        if (columns.Includes(7)) writer.WriteDateTimeOctets(meter.Stamp(demand.At));
        if (columns.Includes(8)) writer.WriteDoubleLongUnsigned(meter.PowerOnMinutes(start, end));
        if (columns.Includes(9)) writer.WriteDoubleLongUnsigned(registers.Export);
        if (columns.Includes(10)) writer.WriteDoubleLongUnsigned(registers.ExportVah);
    }

    /// <summary>Beginning and end of a row's period, on the meter's clock; the open one ends now.</summary>
    public static (Instant Start, Instant End) PeriodOf(CosemContext context, long number)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        return (meter.StartOfMonth(number - 1), Instant.Min(meter.StartOfMonth(number), meter.Clock.Read(context.Now)));
    }

    private static int Open(CosemContext context) => VirtualMeter.Of(context).Model.HasOpenBillingRow ? 1 : 0;
}

using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Registers;

namespace Praman.Meter.Profiles;

/// <summary>Daily load, 1.0.99.2.0.255: the registers at each local midnight. A row's number counts days since 1970.</summary>
internal sealed class DailyLoadRows : ProfileRows
{
    public override uint EntryCountMax(CosemContext context) => (uint)VirtualMeter.Of(context).Model.DailyLoadDays;

    public override uint PeriodSeconds(CosemContext context) => NodaConstants.SecondsPerDay;

    public override RowNumbers Numbers(CosemContext context)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        long last = meter.DayNumberOf(meter.Clock.Read(context.Now));
        Instant installed = meter.Clock.Read(meter.InstalledAt);
        long first = meter.DayNumberOf(installed);
        if (meter.StartOfDay(first) < installed) first++;
        return new(Math.Max(first, last - EntryCountMax(context) + 1), last);
    }

    public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        long first = from == Instant.MinValue ? long.MinValue : meter.DayNumberOf(from);
        if (first != long.MinValue && meter.StartOfDay(first) < from) first++;
        return new(first, to == Instant.MaxValue ? long.MaxValue : meter.DayNumberOf(to));
    }

    public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        Instant shown = meter.StartOfDay(number);
        MeterRegisters registers = meter.RegistersAt(meter.Clock.TrueTimeOf(shown), VirtualMeter.CursorOf(context));
        writer.WriteStructureHeader(columns.Count(MeterType.DailyLoadColumnCount));
        if (columns.Includes(0)) writer.WriteDateTimeOctets(meter.Stamp(shown));
        if (columns.Includes(1)) writer.WriteDoubleLongUnsigned(registers.Import);
        if (columns.Includes(2)) writer.WriteDoubleLongUnsigned(registers.ImportVah);
        if (columns.Includes(3)) writer.WriteDoubleLongUnsigned(registers.Export);
        if (columns.Includes(4)) writer.WriteDoubleLongUnsigned(registers.ExportVah);
    }
}

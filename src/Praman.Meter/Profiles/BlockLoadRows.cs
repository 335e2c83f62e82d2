using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Registers;

namespace Praman.Meter.Profiles;

/// <summary>One interval of the block load profile; energies are in units of the meter's registers.</summary>
/// <param name="End">The end of the interval as the meter's clock showed it: the row's time.</param>
/// <param name="Import">Active energy, grid to consumer.</param>
/// <param name="ImportVah">Apparent energy, grid to consumer.</param>
/// <param name="Export">Active energy, consumer to grid.</param>
/// <param name="ExportVah">Apparent energy, consumer to grid.</param>
/// <param name="VoltageCentivolts">Average voltage; 0 without power.</param>
/// <param name="Status">What happened within the interval.</param>
public readonly record struct BlockLoadRow(
    Instant End, uint Import, uint ImportVah, uint Export, uint ExportVah, ushort VoltageCentivolts, BlockLoadStatus Status);

/// <summary>
/// Block load, 1.0.99.1.0.255: a row an interval, its time the interval's end, worked out from the load source when asked for. A row's
/// number counts capture periods of local standard time since 1970.
/// </summary>
internal sealed class BlockLoadRows : ProfileRows
{
    public override uint EntryCountMax(CosemContext context)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        return (uint)(meter.Model.BlockLoadDays * (NodaConstants.SecondsPerDay / meter.CapturePeriodSeconds));
    }

    public override uint PeriodSeconds(CosemContext context) => (uint)VirtualMeter.Of(context).CapturePeriodSeconds;

    public override RowNumbers Numbers(CosemContext context)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        long last = meter.BlockNumberAt(meter.Clock.Read(context.Now));
        long first = meter.BlockNumberAt(meter.Clock.Read(meter.CaptureSince)) + 1;
        return new(Math.Max(first, last - EntryCountMax(context) + 1), last);
    }

    public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        long first = from == Instant.MinValue ? long.MinValue : meter.BlockNumberAt(from);
        if (first != long.MinValue && meter.BlockEnd(first) < from) first++;
        return new(first, to == Instant.MaxValue ? long.MaxValue : meter.BlockNumberAt(to));
    }

    public override bool Exists(CosemContext context, long number) => VirtualMeter.Of(context).HasBlock(number);

    public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        BlockLoadRow row = meter.Block(number, VirtualMeter.CursorOf(context));
        writer.WriteStructureHeader(columns.Count(MeterType.BlockLoadColumnCount));
        if (columns.Includes(0)) writer.WriteDateTimeOctets(meter.Stamp(row.End));
        if (columns.Includes(1)) writer.WriteLongUnsigned(row.VoltageCentivolts);
        if (columns.Includes(2)) writer.WriteDoubleLongUnsigned(row.Import);
        if (columns.Includes(3)) writer.WriteDoubleLongUnsigned(row.ImportVah);
        if (columns.Includes(4)) writer.WriteDoubleLongUnsigned(row.Export);
        if (columns.Includes(5)) writer.WriteDoubleLongUnsigned(row.ExportVah);
        if (columns.Includes(6)) writer.WriteUnsigned((byte)row.Status);
    }
}

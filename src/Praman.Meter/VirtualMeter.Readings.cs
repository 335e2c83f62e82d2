using NodaTime;
using Praman.Dlms;
using Praman.Meter.Load;
using Praman.Meter.Profiles;
using Praman.Meter.Registers;

namespace Praman.Meter;

// What the meter shows: registers and rows, each a function of an instant.
public sealed partial class VirtualMeter
{
    private const byte DaylightSavingStatus = 0x80;
    private static readonly Duration PowerWindow = Duration.FromMinutes(15);

    /// <summary>Cumulative registers at a true instant.</summary>
    public MeterRegisters RegistersAt(Instant at, LoadCursor cursor)
    {
        LoadTotals totals = Supply.RegisterAt(at, cursor);
        return new(Scale(totals.ImportWh), Scale(ToVah(totals.ImportWh)), Scale(totals.ExportWh), Scale(ToVah(totals.ExportWh)));
    }

    /// <summary>Row <paramref name="number"/> of the block load: the difference of the registers at both ends, so that rows add up to registers.</summary>
    public BlockLoadRow Block(long number, LoadCursor cursor)
    {
        Instant end = BlockEnd(number), from = BlockStartTrue(number), to = Clock.TrueTimeOf(end);
        MeterRegisters before = RegistersAt(from, cursor), after = RegistersAt(to, cursor);
        Duration off = Supply.PowerOff(from, to);
        BlockLoadStatus status = StatusWithin(from, to, end);
        int voltage = off >= to - from ? 0 : Source.VoltageCentivolts(from);
        return new(end, after.Import - before.Import, after.ImportVah - before.ImportVah, after.Export - before.Export, after.ExportVah - before.ExportVah,
            (ushort)voltage, status);
    }

    internal BlockLoadStatus StatusWithin(Instant from, Instant to, Instant end)
    {
        var status = _rarities is null ? BlockLoadStatus.None : FaultsWithin(from, to);
        if (Supply.PowerOff(from, to) > Duration.Zero) status |= BlockLoadStatus.PowerDown;
        if (Clock.WasSetWithin(from, to)) status |= BlockLoadStatus.ClockAdjusted;
        if (IsSummerTime(end)) status |= BlockLoadStatus.DaylightSaving;
        return status;
    }

    /// <summary>False for an interval that the clock was set over, or that the source knows nothing of.</summary>
    public bool HasBlock(long number)
    {
        Instant from = BlockStartTrue(number), to = Clock.TrueTimeOf(BlockEnd(number));
        return to > from && Source.IsKnown(from, to);
    }

    /// <summary>The number of the row that ends last at or before a time of the meter's clock.</summary>
    public long BlockNumberAt(Instant shown) => PeriodNumberAt(shown, CapturePeriodSeconds);

    /// <summary>The time of a row on the meter's clock: the end of its interval.</summary>
    public Instant BlockEnd(long number) => PeriodEnd(number, CapturePeriodSeconds);

    /// <summary>Periods of any length are numbered and end as those of the block load do.</summary>
    internal long PeriodNumberAt(Instant shown, int seconds) => FloorDivide(shown.ToUnixTimeTicks() + AlignmentTicks, seconds * NodaConstants.TicksPerSecond);

    internal Instant PeriodEnd(long number, int seconds) => Instant.FromUnixTimeTicks((number * seconds * NodaConstants.TicksPerSecond) - AlignmentTicks);

    /// <summary>What the meter measures at a true instant.</summary>
    public InstantaneousValues ValuesAt(Instant at, LoadCursor cursor)
    {
        int watts = WattsAt(at, cursor);
        bool off = Supply.PowerOff(at, at + Duration.FromTicks(1)) > Duration.Zero;
        int voltage = off ? 0 : Source.VoltageCentivolts(at);
        long voltAmperes = ToVah(Math.Abs((long)watts));
        long current = voltage == 0 ? 0 : voltAmperes * 10_000 / voltage;
        return new(watts, (uint)voltAmperes, (ushort)voltage, (ushort)Math.Min(ushort.MaxValue, current), (sbyte)(Source.PowerFactorPermille / 10),
            off ? (ushort)0 : (ushort)500, RegistersAt(at, cursor));
    }

    // The mean of the last quarter of an hour: a power that is steady enough to be shown, and to be limited.
    private int WattsAt(Instant at, LoadCursor cursor)
    {
        LoadTotals flow = Supply.RegisterAt(at, cursor) - Supply.RegisterAt(at - PowerWindow, cursor);
        return (int)((flow.ImportWh - flow.ExportWh) * 4);
    }

    /// <summary>The highest mean power of the intervals that end in (<paramref name="start"/>, <paramref name="end"/>], times of the meter's clock.</summary>
    public MaximumDemand MaximumDemandWithin(Instant start, Instant end, LoadCursor cursor, bool export = false)
    {
        var highest = new MaximumDemand(0, 0, start);
        var intervals = new DemandIntervals(this, start, end, cursor);
        while (intervals.MoveNext())
        {
            if (intervals.Watts(export) > highest.Watts) highest = intervals.Demand(export);
        }
        return highest;
    }

    /// <summary>The intervals that end in (start, end], times of the meter's clock, each with its mean power.</summary>
    internal struct DemandIntervals(VirtualMeter meter, Instant start, Instant end, LoadCursor cursor)
    {
        private readonly long _last = meter.BlockNumberAt(end);
        private long _number = Math.Max(meter.BlockNumberAt(start), meter.BlockNumberAt(meter.Clock.Read(meter.CaptureSince)));
        private LoadTotals _before, _after;
        private bool _hasBegun;

        /// <summary>When the interval began, true time.</summary>
        public readonly Instant From => meter.BlockStartTrue(_number);

        public bool MoveNext()
        {
            if (_number >= _last) return false;
            _number++;
            _before = _hasBegun ? _after : meter.Supply.RegisterAt(meter.BlockStartTrue(_number), cursor);
            _hasBegun = true;
            _after = meter.Supply.RegisterAt(meter.Clock.TrueTimeOf(meter.BlockEnd(_number)), cursor);
            return true;
        }

        public readonly long Watts(bool export) =>
            (export ? _after.ExportWh - _before.ExportWh : _after.ImportWh - _before.ImportWh) * NodaConstants.SecondsPerHour / meter.CapturePeriodSeconds;

        public readonly MaximumDemand Demand(bool export) => new((uint)Watts(export), (uint)meter.ToVah(Watts(export)), meter.BlockEnd(_number));
    }

    /// <summary>Minutes with power between two times of the meter's clock, counted from installation.</summary>
    public uint PowerOnMinutes(Instant start, Instant end)
    {
        Instant from = Instant.Max(InstalledAt, Clock.TrueTimeOf(start)), to = Instant.Max(from, Clock.TrueTimeOf(end));
        return (uint)((to - from - Supply.PowerOff(from, to)).TotalSeconds / NodaConstants.SecondsPerMinute);
    }

    /// <summary>A time of the meter's clock as it is sent: local, with deviation (+330 in India as its meters send it) and clock status.</summary>
    public CosemDateTime Stamp(Instant shown)
    {
        CosemDateTime stamp = WithDeviation(shown);
        return Model.WritesDeviation ? stamp : stamp with { Deviation = CosemDateTime.DeviationNotSpecified };
    }

    private CosemDateTime WithDeviation(Instant shown)
    {
        Offset offset = OffsetAt(shown);
        return CosemDateTime.From(shown, offset, IsSummerTime(shown) ? DaylightSavingStatus : (byte)0, indianSign: offset.Seconds / 60 == CosemDateTime.IndianDeviation);
    }

    internal LocalDate LocalDateOf(Instant shown) => shown.WithOffset(OffsetAt(shown)).Date;

    internal long DayNumberOf(Instant shown) => Period.DaysBetween(Epoch, LocalDateOf(shown));

    internal Instant StartOfDay(long number) => StartOfDay(Epoch.PlusDays((int)number));

    internal static long MonthNumberOf(LocalDate date) => (date.Year * 12L) + date.Month - 1;

    internal Instant StartOfMonth(long number) => StartOfDay(new LocalDate((int)(number / 12), (int)(number % 12) + 1, 1));

    // Where the offset never changes no mapping of local time has to be made.
    private Instant StartOfDay(LocalDate date) => _type.HasFixedOffset
        ? date.AtMidnight().WithOffset(Model.Zone.MinOffset).ToInstant()
        : Model.Zone.AtStartOfDay(date).ToInstant();

    private static LocalDate Epoch { get; } = new(1970, 1, 1);

    // Intervals begin on local standard time, so that days do, in zones of half hours too.
    private long AlignmentTicks => OffsetAt(CaptureSince).Ticks - SavingsAt(CaptureSince).Ticks;

    private Instant BlockStartTrue(long number) => Instant.Max(CaptureSince, Clock.TrueTimeOf(BlockEnd(number - 1)));

    private bool IsSummerTime(Instant at) => !_type.HasFixedOffset && SavingsAt(at) != Offset.Zero;

    private Offset SavingsAt(Instant at) => _type.HasFixedOffset ? Offset.Zero : Model.Zone.GetZoneInterval(at).Savings;

    private long ToVah(long wh) => wh * 1000 / Source.PowerFactorPermille;

    // Registers roll over at 2^32, as a meter's do; differences of unsigned numbers stay right.
    private uint Scale(long wh) => unchecked((uint)(Model.EnergyScaler == 0 ? wh : wh / 10));

    private static long FloorDivide(long value, long divisor) => value >= 0 ? value / divisor : ((value + 1) / divisor) - 1;
}

using NodaTime;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Meter.Load;
using Praman.Meter.Profiles;

namespace Praman.Meter.Definitions;

/// <summary>When a value is asked for: now, at the end of an interval, at a midnight, at a billing date, or at an event.</summary>
/// <param name="Meter">The meter.</param>
/// <param name="Cursor">Scratch of the caller.</param>
/// <param name="At">Registers and instantaneous values are those of this instant, true time.</param>
/// <param name="From">Interval quantities begin here, true time.</param>
/// <param name="To">And end here.</param>
/// <param name="DemandFrom">Maximum demands are those of the intervals that end after this, on the meter's clock.</param>
/// <param name="DemandTo">Up to here.</param>
/// <param name="Stamp">The time of the row, on the meter's clock.</param>
/// <param name="BillingDate">The billing date that is shown, on the meter's clock.</param>
/// <param name="Event">The event of the row; null elsewhere.</param>
/// <param name="Maxima">Maxima of rates that the row's other columns have looked for; null where nothing else is asked.</param>
internal readonly record struct ReadingPoint(
    VirtualMeter Meter, LoadCursor Cursor, Instant At, Instant From, Instant To, Instant DemandFrom, Instant DemandTo, Instant Stamp, Instant BillingDate, MeterEvent? Event = null, RateMaxima? Maxima = null)
{
    private const int Million = 1_000_000;

    // Tangent of the angle whose cosine is the power factor, in thousandths.
    private long TangentPermille
    {
        get
        {
            long factor = Meter.Source.PowerFactorPermille;
            return SquareRoot(Million - (factor * factor)) * 1000 / factor;
        }
    }

    /// <summary>Now; the interval is the last that closed, demands are those of the month so far.</summary>
    public static ReadingPoint Now(CosemContext context)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        Instant shown = meter.Clock.Read(context.Now), billing = BillingStart(meter, shown);
        (_, Instant from, Instant to) = BlockOf(meter, meter.BlockNumberAt(shown));
        return new(meter, VirtualMeter.CursorOf(context), context.Now, from, to, billing, shown, shown, billing);
    }

    /// <summary>The end of an interval of the block load.</summary>
    public static ReadingPoint OfBlock(VirtualMeter meter, long number, LoadCursor cursor)
    {
        (Instant end, Instant from, Instant to) = BlockOf(meter, number);
        Instant billing = BillingStart(meter, end);
        return new(meter, cursor, to, from, to, billing, end, end, billing);
    }

    /// <summary>A local midnight; demands are those of the day that ended.</summary>
    public static ReadingPoint OfDay(VirtualMeter meter, long day, LoadCursor cursor)
    {
        Instant end = meter.StartOfDay(day), start = meter.StartOfDay(day - 1);
        Instant to = meter.Clock.TrueTimeOf(end);
        return new(meter, cursor, to, Instant.Max(meter.InstalledAt, meter.Clock.TrueTimeOf(start)), to, start, end, end, BillingStart(meter, end));
    }

    /// <summary>The end of a calendar month, or now where it is still open; demands are those of the month.</summary>
    public static ReadingPoint OfMonth(CosemContext context, long month)
    {
        VirtualMeter meter = VirtualMeter.Of(context);
        (Instant start, Instant end) = BillingRows.PeriodOf(context, month);
        Instant to = meter.Clock.TrueTimeOf(end);
        return new(meter, VirtualMeter.CursorOf(context), to, Instant.Max(meter.InstalledAt, meter.Clock.TrueTimeOf(start)), to, start, end, end, end);
    }

    /// <summary>An event.</summary>
    public static ReadingPoint OfEvent(VirtualMeter meter, MeterEvent entry, LoadCursor cursor) =>
        OfBlock(meter, meter.BlockNumberAt(entry.Shown), cursor) with { At = entry.At, Stamp = entry.Shown, Event = entry };

    public InstantaneousValues Values => Meter.ValuesAt(At, Cursor);

    /// <summary>Totals of an instant, in Wh.</summary>
    public LoadTotals TotalsAt(Instant at) => Meter.Supply.RegisterAt(at, Cursor);

    public long ToVah(long wh) => wh * 1000 / Meter.Source.PowerFactorPermille;

    public long ToVarh(long wh) => wh * TangentPermille / 1000;

    /// <summary>Mean of the interval in VA, import and export together.</summary>
    public long MeanVoltAmperes
    {
        get
        {
            LoadTotals flow = TotalsAt(To) - TotalsAt(From);
            long seconds = (long)(To - From).TotalSeconds;
            return seconds <= 0 ? 0 : ToVah(flow.ImportWh + flow.ExportWh) * NodaConstants.SecondsPerHour / seconds;
        }
    }

    public long MeanCentivolts => To > From && Meter.Supply.PowerOff(From, To) >= To - From ? 0 : Meter.Source.VoltageCentivolts(From);

    /// <summary>A phase's part of a total: the parts of R, Y and B sum to it. Which phase carries more, follows from the serial number.</summary>
    public long PartOf(long total, int phase)
    {
        if (Meter.Model.PhaseCount == 1) return phase == 0 ? total : 0;
        (long r, long y) = (total * Share(0) / 1000, total * Share(1) / 1000);
        return phase switch { 0 => r, 1 => y, _ => total - r - y };
    }

    /// <summary>A phase's voltage: the source's, scaled to the meter's nominal one, and a volt or so to one side.</summary>
    public long PhaseCentivolts(long centivolts, int phase) => centivolts == 0 ? 0
        : (centivolts * Meter.Model.NominalVolts / 230) + (Meter.Model.PhaseCount == 1 ? 0 : SeedHash.Below(SeedHash.Of(Hash, 21, (ulong)phase), 300) - 150);

    public static long Centiamperes(long voltAmperes, long centivolts) => centivolts == 0 ? 0 : voltAmperes * 10_000 / centivolts;

    private ulong Hash
    {
        get
        {
            ulong hash = 0xCBF2_9CE4_8422_2325;
            foreach (char letter in Meter.Serial) hash = (hash ^ letter) * 0x100_0000_01B3;
            return hash;
        }
    }

    // A third each, up to eight hundredths to one side.
    private int Share(int phase) => 333 + SeedHash.Below(SeedHash.Of(Hash, 20, (ulong)phase), 160) - 80;

    // When it ends on the meter's clock; both of its ends in true time.
    private static (Instant End, Instant From, Instant To) BlockOf(VirtualMeter meter, long number)
    {
        Instant end = meter.BlockEnd(number);
        return (end, Instant.Max(meter.CaptureSince, meter.Clock.TrueTimeOf(meter.BlockEnd(number - 1))), meter.Clock.TrueTimeOf(end));
    }

    private static Instant BillingStart(VirtualMeter meter, Instant shown) => meter.StartOfMonth(VirtualMeter.MonthNumberOf(meter.LocalDateOf(shown)));

    private static long SquareRoot(long value)
    {
        long root = (long)Math.Sqrt(value);
        while (root * root > value) root--;
        while ((root + 1) * (root + 1) <= value) root++;
        return root;
    }
}

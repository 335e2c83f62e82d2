using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>
/// DemandRegister, class_id 5, version 0 (IEC 62056-6-2): a quantity's average over a window of <see cref="PeriodCount"/> sub-periods, which
/// slides by one sub-period at a time (a block where it is one). What was consumed is added with its instant; averages follow from that.
/// </summary>
public sealed class DemandRegister
{
    /// <summary>Longest sub-period, in seconds, and most of them in a window.</summary>
    public const int PeriodSecondsMax = 31 * 24 * 3600, PeriodCountMax = 96;

    private const int SecondsPerDay = 24 * 3600;

    // Unit seconds of the sub-periods that are closed, the latest last; _running is the one that is open.
    private readonly long[] _closed = new long[PeriodCountMax];
    private long _running;

    /// <param name="scalerUnit">Of the averages.</param>
    /// <param name="start">Where a sub-period begins; the others follow from it.</param>
    /// <param name="periodSeconds">Length of a sub-period.</param>
    /// <param name="periodCount">Sub-periods of a window.</param>
    public DemandRegister(ScalerUnit scalerUnit, Instant start, int periodSeconds, int periodCount = 1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(periodSeconds - 1), (uint)(PeriodSecondsMax - 1), nameof(periodSeconds));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(periodCount - 1), (uint)(PeriodCountMax - 1), nameof(periodCount));
        (ScalerUnit, PeriodStart, PeriodSeconds, PeriodCount) = (scalerUnit, start, periodSeconds, periodCount);
    }

    public static CosemClass<DemandRegister> Table { get; } = new(5, 0, "DemandRegister",
        [
            new(2, "current_average_value", "number", (d, c) => CosemData.DoubleLongUnsigned(d.CurrentAverage(c.Now))),
            new(3, "last_average_value", "number", (d, c) => CosemData.DoubleLongUnsigned(d.LastAverageAt(c.Now))),
            new(4, "scaler_unit", "scaler-unit", (d, _) => CosemData.Of(d.ScalerUnit), IsStatic: true),
            new(5, "status", "any", (d, _) => CosemData.Unsigned(d.Status)),
            new(6, "capture_time", "date-time-octets", (d, c) => d.CaptureTime(c)),
            new(7, "start_time_current", "date-time-octets", (d, c) => CheckedData.Stamp(c, d.WindowStartAt(c.Now))),
            new(8, "period", "double-long-unsigned[1..2678400]", (d, _) => CosemData.DoubleLongUnsigned((uint)d.PeriodSeconds),
                (d, c, v) => d.Configure(c.Now, (int)v.ToNumber(), d.PeriodCount), IsStatic: true),
            new(9, "number_of_periods", "long-unsigned[1..96]", (d, _) => CosemData.LongUnsigned((ushort)d.PeriodCount),
                (d, c, v) => d.Configure(c.Now, d.PeriodSeconds, (int)v.ToNumber()), IsStatic: true),
        ],
        [
            new(1, "reset", (DemandRegister d, CosemContext c, CosemData _, out CosemData r) => Done(() => d.Reset(c.Now), out r), "integer"),
            new(2, "next_period", (DemandRegister d, CosemContext c, CosemData _, out CosemData r) => Done(() => d.NextPeriod(c.Now), out r), "integer"),
        ]);

    public ScalerUnit ScalerUnit { get; }

    public int PeriodSeconds { get; private set; }

    public int PeriodCount { get; private set; }

    /// <summary>Shortest sub-period that the device takes from a client, in seconds: it works out each of them.</summary>
    public int PeriodSecondsMin { get; init; } = 1;

    /// <summary>Attribute 5.</summary>
    public byte Status { get; set; }

    /// <summary>Begin of the open sub-period.</summary>
    public Instant PeriodStart { get; private set; }

    /// <summary>Average over the last window that closed.</summary>
    public uint LastAverage { get; private set; }

    /// <summary>When that window closed; null before the first.</summary>
    public Instant? LastClosed { get; private set; }

    /// <summary>Told of each sub-period that closes, with the average of the window that ends there: where a maximum demand is kept.</summary>
    public Action<Instant, uint>? PeriodClosed { get; init; }

    /// <summary>Adds what was consumed up to an instant: unit of the register × seconds (watt-seconds of a demand in W).</summary>
    public void Add(long unitSeconds, Instant at)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(unitSeconds);
        Advance(at);
        _running = Math.Min(long.MaxValue / (2 * PeriodCountMax), _running + Math.Min(unitSeconds, long.MaxValue / (2 * PeriodCountMax)));
    }

    /// <summary>Closes the sub-periods that have ended by an instant.</summary>
    public void Advance(Instant now)
    {
        while (now - PeriodStart >= Duration.FromSeconds(PeriodSeconds))
        {
            long behind = (long)Math.Floor((now - PeriodStart).TotalSeconds / PeriodSeconds);
            // After a window without anything all that follow are zero: a long silence is stepped over.
            if (behind > PeriodCount + 1 && _running == 0 && IsEmpty()) PeriodStart += Duration.FromSeconds((behind - 1) * PeriodSeconds);
            Close(PeriodStart + Duration.FromSeconds(PeriodSeconds));
        }
    }

    /// <summary>Average of the window as far as it has come: what was consumed in it over the whole window's length.</summary>
    public uint CurrentAverage(Instant now)
    {
        Advance(now);
        return ToAverage(_running + Sum(PeriodCount - 1));
    }

    /// <summary>Begin of the window that is open.</summary>
    public Instant WindowStartAt(Instant now)
    {
        Advance(now);
        return PeriodStart - Duration.FromSeconds((long)(PeriodCount - 1) * PeriodSeconds);
    }

    /// <summary>Closes the open sub-period now; the next begins here.</summary>
    public void NextPeriod(Instant now)
    {
        Advance(now);
        Close(now);
    }

    /// <summary>Forgets all averages; a sub-period begins here.</summary>
    public void Reset(Instant now)
    {
        Array.Clear(_closed);
        (_running, LastAverage, LastClosed, PeriodStart, Status) = (0, 0, null, now, 0);
    }

    private uint LastAverageAt(Instant now)
    {
        Advance(now);
        return LastAverage;
    }

    private CosemData CaptureTime(CosemContext context)
    {
        Advance(context.Now);
        return CheckedData.Stamp(context, LastClosed);
    }

    private DataAccessResult Configure(Instant now, int periodSeconds, int periodCount)
    {
        if (periodSeconds < PeriodSecondsMin) return DataAccessResult.OtherReason;
        (PeriodSeconds, PeriodCount) = (periodSeconds, periodCount);
        Reset(now);
        // Periods that divide a day begin where the day's own do, so that the change does not shift them for ever.
        if (SecondsPerDay % periodSeconds == 0) PeriodStart = now - Duration.FromSeconds(now.ToUnixTimeSeconds() % periodSeconds);
        return DataAccessResult.Success;
    }

    private void Close(Instant at)
    {
        Array.Copy(_closed, 1, _closed, 0, PeriodCountMax - 1);
        _closed[^1] = _running;
        (_running, PeriodStart, LastClosed) = (0, at, at);
        LastAverage = ToAverage(Sum(PeriodCount));
        PeriodClosed?.Invoke(at, LastAverage);
    }

    private bool IsEmpty() => Sum(PeriodCount) == 0;

    private long Sum(int periods)
    {
        long sum = 0;
        foreach (long amount in _closed.AsSpan(PeriodCountMax - periods)) sum += amount;
        return sum;
    }

    private uint ToAverage(long unitSeconds) => (uint)Math.Min(uint.MaxValue, unitSeconds / ((long)PeriodSeconds * PeriodCount));

    private static ActionResult Done(Action action, out CosemData returned)
    {
        returned = default;
        action();
        return ActionResult.Success;
    }
}

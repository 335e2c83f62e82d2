using NodaTime;

namespace Praman.Meter.Registers;

/// <summary>
/// A meter's own clock against true time: it drifts by so many parts in a million and jumps where it is set. Rows of profiles
/// are cut where this clock, not the true one, passes a boundary.
/// </summary>
public sealed class MeterClock
{
    /// <summary>Largest drift accepted, either way.</summary>
    public const int DriftPpmMax = 10_000;

    private const int Million = 1_000_000;

    private readonly record struct Segment(long TrueTicks, long ClockTicks, int DriftPpm);

    private readonly List<Segment> _segments = new(1);
    private readonly int _capacity;

    /// <param name="start">When the meter first ran.</param>
    /// <param name="offset">By how much its clock was ahead then.</param>
    /// <param name="driftPpm">By how much it gains, in parts in a million; negative where it loses.</param>
    /// <param name="capacity">Settings remembered; the oldest are forgotten, as the profiles before them are.</param>
    public MeterClock(Instant start, Duration offset = default, int driftPpm = 0, int capacity = 128)
    {
        CheckDrift(driftPpm);
        _capacity = Math.Max(2, capacity);
        long ticks = start.ToUnixTimeTicks();
        _segments.Add(new(ticks, ticks + offset.BclCompatibleTicks, driftPpm));
    }

    /// <summary>How often it was set or its drift changed: what was worked out before holds no longer.</summary>
    public int ChangeCount { get; private set; }

    /// <summary>What the clock shows at a true instant.</summary>
    public Instant Read(Instant at) => Instant.FromUnixTimeTicks(Read(SegmentAt(at.ToUnixTimeTicks()), at.ToUnixTimeTicks()));

    /// <summary>Sets the clock; it goes on with the drift that it had.</summary>
    public void Set(Instant at, Instant shown) => Append(at, shown.ToUnixTimeTicks(), _segments[^1].DriftPpm);

    /// <summary>Changes the drift from <paramref name="at"/> on.</summary>
    public void SetDrift(Instant at, int driftPpm)
    {
        CheckDrift(driftPpm);
        Append(at, Read(at).ToUnixTimeTicks(), driftPpm);
    }

    /// <summary>
    /// The first true instant at which the clock showed <paramref name="shown"/> or more: where it was set forward over it, the
    /// instant of the setting. So boundaries never change places, and a row once cut stays as it was.
    /// </summary>
    public Instant TrueTimeOf(Instant shown)
    {
        long target = shown.ToUnixTimeTicks();
        for (int i = 0; i < _segments.Count; i++)
        {
            Segment segment = _segments[i];
            if (segment.ClockTicks >= target) return Instant.FromUnixTimeTicks(i == 0 ? Inverse(segment, target) : segment.TrueTicks);
            long at = Inverse(segment, target);
            if (i + 1 == _segments.Count || at < _segments[i + 1].TrueTicks) return Instant.FromUnixTimeTicks(at);
        }
        return Instant.FromUnixTimeTicks(target); // not reached: the last segment always answers
    }

    /// <summary>True where the clock was set within (<paramref name="start"/>, <paramref name="end"/>], true time, by a second or more.</summary>
    public bool WasSetWithin(Instant start, Instant end)
    {
        long from = start.ToUnixTimeTicks(), to = end.ToUnixTimeTicks();
        for (int i = _segments.Count - 1; i > 0 && _segments[i].TrueTicks > from; i--)
        {
            Segment segment = _segments[i];
            if (segment.TrueTicks <= to && Math.Abs(segment.ClockTicks - Read(_segments[i - 1], segment.TrueTicks)) >= NodaConstants.TicksPerSecond) return true;
        }
        return false;
    }

    private static long Read(Segment segment, long trueTicks)
    {
        long elapsed = trueTicks - segment.TrueTicks;
        return segment.ClockTicks + elapsed + (segment.DriftPpm == 0 ? 0 : (long)((Int128)elapsed * segment.DriftPpm / Million));
    }

    // The least true tick at which the segment shows the target or more.
    private static long Inverse(Segment segment, long target)
    {
        long shown = target - segment.ClockTicks;
        if (segment.DriftPpm == 0) return segment.TrueTicks + shown;
        long at = segment.TrueTicks + (long)((Int128)shown * Million / (Million + segment.DriftPpm));
        while (Read(segment, at) < target) at++;
        while (Read(segment, at - 1) >= target) at--;
        return at;
    }

    private Segment SegmentAt(long trueTicks)
    {
        for (int i = _segments.Count - 1; i > 0; i--)
        {
            if (_segments[i].TrueTicks <= trueTicks) return _segments[i];
        }
        return _segments[0];
    }

    private void Append(Instant at, long clockTicks, int driftPpm)
    {
        long ticks = at.ToUnixTimeTicks();
        if (ticks < _segments[^1].TrueTicks) throw new ArgumentOutOfRangeException(nameof(at), "a clock is set after it was last set, not before");
        if (ticks == _segments[^1].TrueTicks) _segments[^1] = new(ticks, clockTicks, driftPpm);
        else _segments.Add(new(ticks, clockTicks, driftPpm));
        if (_segments.Count > _capacity) _segments.RemoveAt(0);
        ChangeCount++;
    }

    private static void CheckDrift(int driftPpm)
    {
        if (driftPpm is < -DriftPpmMax or > DriftPpmMax) throw new ArgumentOutOfRangeException(nameof(driftPpm), $"drift is at most {DriftPpmMax} parts in a million");
    }
}

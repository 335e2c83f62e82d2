using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;

namespace Praman.MeterData.Versions;

/// <summary>Clock checks of a usage point, by instant: the first check after an interval judges it.</summary>
internal sealed class ClockBook(DayPipeline pipeline)
{
    private readonly List<StoredClockCheck> _checks = [];
    private ClockCheck[]? _sorted;

    public void Add(IReadOnlyList<StoredClockCheck> stored)
    {
        _checks.AddRange(stored);
        _sorted = null;
    }

    /// <summary>Adds a check; false where it is known.</summary>
    public bool Add(in ClockCheck check, Instant recordedAt)
    {
        foreach (StoredClockCheck known in _checks) if (known.Check == check) return false;
        _checks.Add(new StoredClockCheck(check, recordedAt));
        _sorted = null;
        return true;
    }

    /// <summary>The checks that judge intervals from <paramref name="start"/> to <paramref name="end"/>: up to the first at or after the end.</summary>
    public ReadOnlySpan<ClockCheck> Judging(Instant start, Instant end)
    {
        _sorted ??= [.. _checks.Select(known => known.Check).OrderBy(check => check.At).ThenBy(check => check.Drift)];
        int from = 0;
        while (from < _sorted.Length && _sorted[from].At <= start) from++;
        int until = from;
        while (until < _sorted.Length && _sorted[until].At < end) until++;
        if (until < _sorted.Length) until++;
        return _sorted.AsSpan(from, until - from);
    }

    /// <summary>
    /// The stretch that a check judges, where it matters to what is stored: it is bad, or the next one is, and so it takes intervals out of
    /// that one's judgement. Null where it changes nothing.
    /// </summary>
    public Interval? Changes(in ClockCheck check)
    {
        Instant from = Instant.MinValue;
        ClockCheck? next = null;
        foreach (StoredClockCheck known in _checks)
        {
            if (known.Check.At < check.At && known.Check.At > from) from = known.Check.At;
            if (known.Check.At > check.At && (next is not { } found || known.Check.At < found.At)) next = known.Check;
        }
        bool matters = pipeline.ClockIsInDoubt(check.Drift) || (next is { } later && pipeline.ClockIsInDoubt(later.Drift));
        return matters ? new Interval(from, check.At) : null;
    }
}

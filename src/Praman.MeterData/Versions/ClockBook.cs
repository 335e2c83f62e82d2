using System.Runtime.InteropServices;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Versions;

/// <summary>Clock checks of a usage point. An interval is judged by the first check after it of the meter that stood there, and by no other meter's.</summary>
internal sealed class ClockBook(DayPipeline pipeline, IReadOnlyList<Installation> installations)
{
    private readonly List<StoredClockCheck> _checks = [];
    private readonly List<JudgedStretch> _judged = [];
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

    /// <summary>What is judged of the intervals that start in [<paramref name="start"/>, <paramref name="end"/>); it stands until the next call.</summary>
    public ReadOnlySpan<JudgedStretch> Judging(Instant start, Instant end)
    {
        _sorted ??= [.. _checks.Select(known => known.Check).OrderBy(check => check.At).ThenBy(check => check.Drift)];
        _judged.Clear();
        foreach (Installation installation in installations)
        {
            Instant from = Instant.Max(start, installation.From);
            Instant until = installation.Until is { } removed ? Instant.Min(end, removed) : end;
            foreach (ClockCheck check in _sorted)
            {
                if (from >= until) break;
                if (check.At <= from || check.EndDevice != installation.EndDevice) continue;
                _judged.Add(new JudgedStretch(from, Instant.Min(check.At, until), check));
                from = check.At; // may lie beyond: a meter that was removed is checked on the bench
            }
        }
        return CollectionsMarshal.AsSpan(_judged);
    }

    /// <summary>
    /// The stretch that a check judges, where it matters to what is stored: it is bad, or the meter's next one is, and so it takes intervals
    /// out of that one's judgement. Null where it changes nothing.
    /// </summary>
    public Interval? Changes(in ClockCheck check)
    {
        Instant from = Instant.MinValue;
        ClockCheck? next = null;
        foreach (StoredClockCheck known in _checks)
        {
            if (known.Check.EndDevice != check.EndDevice) continue;
            if (known.Check.At < check.At && known.Check.At > from) from = known.Check.At;
            if (known.Check.At > check.At && (next is not { } found || known.Check.At < found.At)) next = known.Check;
        }
        bool matters = pipeline.ClockIsInDoubt(check.Drift) || (next is { } later && pipeline.ClockIsInDoubt(later.Drift));
        return matters ? new Interval(from, check.At) : null;
    }
}

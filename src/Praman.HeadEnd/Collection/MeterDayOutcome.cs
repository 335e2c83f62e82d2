using NodaTime;
using Praman.HeadEnd.Sessions;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>What the head-end has of one meter's day.</summary>
public enum DayState : byte
{
    /// <summary>Every interval and the register at its end.</summary>
    Complete = 0,

    /// <summary>Some of it: the meter did not give the rest. It is asked again in the next sessions.</summary>
    Partial = 1,

    /// <summary>Nothing, for the reason given.</summary>
    Failed = 2,
}

/// <summary>One meter's local day after the last attempt.</summary>
/// <param name="Intervals">Intervals that were read.</param>
/// <param name="IntervalsExpected">Intervals that the day has while the meter was installed.</param>
/// <param name="Fault">Why it failed; null where it did not.</param>
/// <param name="Detail">The fault in words; null where there is none.</param>
/// <param name="Attempts">Sessions tried in the round.</param>
/// <param name="At">When this was known.</param>
public sealed record MeterDayOutcome(
    LocalDate Day, EndDeviceId EndDevice, UsagePointId UsagePoint, DayState State, int Intervals, int IntervalsExpected,
    SessionFault? Fault, string? Detail, int Attempts, Instant At);

/// <summary>Coverage of one local day over all meters that were due.</summary>
/// <param name="Reasons">Failed meters by fault, in the order of the faults.</param>
/// <param name="Failing">The failed and partial ones, by serial, at most the number asked for.</param>
public sealed record DayCoverage(
    LocalDate Day, int Due, int Complete, int Partial, int Failed, IReadOnlyDictionary<SessionFault, int> Reasons, IReadOnlyList<MeterDayOutcome> Failing)
{
    /// <summary>Complete meters of those due, in thousandths rounded down; 1000 where none was due.</summary>
    public int CompletePermille => Due == 0 ? 1000 : (int)(Complete * 1000L / Due);

    /// <summary>Adds up the outcomes of one day.</summary>
    public static DayCoverage Of(LocalDate day, IReadOnlyList<MeterDayOutcome> outcomes, int failingMax = 1000)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        int complete = 0, partial = 0, failed = 0;
        var reasons = new SortedDictionary<SessionFault, int>();
        var failing = new List<MeterDayOutcome>();
        foreach (MeterDayOutcome outcome in outcomes)
        {
            switch (outcome.State)
            {
                case DayState.Complete: complete++; continue;
                case DayState.Partial: partial++; break;
                default: failed++; break;
            }
            if (outcome.Fault is { } fault) reasons[fault] = reasons.GetValueOrDefault(fault) + 1;
            if (failing.Count < failingMax) failing.Add(outcome);
        }
        return new DayCoverage(day, outcomes.Count, complete, partial, failed, reasons, failing);
    }
}

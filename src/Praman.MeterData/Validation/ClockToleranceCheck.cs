using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>
/// V02: drift of the meter's clock. The first check after an interval judges it, so a bad one puts all intervals back to the last good
/// one in doubt: they get the flag CLOCK. Their energy stands; their place in time does not.
/// </summary>
public sealed class ClockToleranceCheck(int warnSeconds, int failSeconds) : IValidationRule
{
    private readonly Duration _warn = Duration.FromSeconds(warnSeconds);
    private readonly Duration _fail = Duration.FromSeconds(failSeconds);

    public RuleId Id => RuleId.ClockTolerance;

    /// <summary>The weight of a drift; null within tolerance. Limits are inclusive.</summary>
    public Severity? Judge(Duration drift)
    {
        Duration size = drift < Duration.Zero ? -drift : drift;
        return size > _fail ? Severity.Fail : size > _warn ? Severity.Warn : null;
    }

    public void Check(ref ValidationDay day, Findings findings)
    {
        if (day.ClockChecks.IsEmpty) { findings.Skip(Id, "clock-not-compared"); return; }
        Instant from = day.Header.Start;
        foreach (ClockCheck check in day.ClockChecks)
        {
            if (from >= day.Header.End) return;
            if (check.At <= from) continue;
            if (Judge(check.Drift) is { } severity)
            {
                Duration size = check.Drift < Duration.Zero ? -check.Drift : check.Drift;
                findings.Add(
                    Id, severity, check.At, decimal.Divide(size.BclCompatibleTicks, NodaConstants.TicksPerSecond), severity == Severity.Fail ? failSeconds : warnSeconds);
                if (severity == Severity.Fail) Flag(day, from, check.At);
            }
            from = check.At;
        }
    }

    /// <summary>Flags the intervals that start in [<paramref name="from"/>, <paramref name="until"/>).</summary>
    private static void Flag(in ValidationDay day, Instant from, Instant until)
    {
        for (int i = 0; i < day.Qualities.Length; i++)
        {
            Instant start = day.Header.StartOf(i);
            if (start >= from && start < until) day.Qualities[i] = day.Qualities[i] with { Flags = day.Qualities[i].Flags | IntervalFlags.Clock };
        }
    }
}

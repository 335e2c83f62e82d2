using NodaTime;
using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>
/// V02: drift of the meter's clock. The first check after an interval judges it, of the meter that measured it, so a bad one puts all that
/// meter's intervals back to its last good one in doubt: they get the flag CLOCK. Their energy stands; their place in time does not.
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
        foreach (JudgedStretch stretch in day.ClockChecks)
        {
            Duration drift = stretch.Check.Drift;
            if (Judge(drift) is not { } severity) continue;
            Duration size = drift < Duration.Zero ? -drift : drift;
            findings.Add(
                Id, severity, stretch.Check.At, decimal.Divide(size.BclCompatibleTicks, NodaConstants.TicksPerSecond), severity == Severity.Fail ? failSeconds : warnSeconds);
            if (severity == Severity.Fail) Flag(day, stretch.From, stretch.Until);
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

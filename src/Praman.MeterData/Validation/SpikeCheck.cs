using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>
/// V13: a day's highest interval may exceed its third highest by at most <paramref name="ratioMax"/> of the third. A suspect is accepted
/// where the sum check proves its energy, refused where the sum check fails, and a warning where it cannot run.
/// </summary>
public sealed class SpikeCheck(decimal ratioMax) : IValidationRule
{
    public RuleId Id => RuleId.Spike;

    /// <summary>Finds the suspect.</summary>
    public void Check(ref ValidationDay day, Findings findings)
    {
        day.SpikeAt = -1;
        if (day.Summary.ThirdHighest <= 0) { findings.Skip(Id, "third-highest-is-zero"); return; }
        if (Ratio(day.Summary) > ratioMax) day.SpikeAt = day.Summary.HighestAt;
    }

    /// <summary>Decides on the suspect after the sum check.</summary>
    public void Conclude(ref ValidationDay day, Findings findings)
    {
        int at = day.SpikeAt;
        if (at < 0) return;
        (Severity severity, string note) = day.Sum switch
        {
            SumVerdict.Passed => (Severity.Information, "register-proves-it"),
            SumVerdict.Failed => (Severity.Fail, "register-disproves-it"),
            _ => (Severity.Warn, "no-register"),
        };
        findings.Add(Id, severity, day.Header.StartOf(at), Ratio(day.Summary), ratioMax, note);
        if (severity == Severity.Fail) day.Fail(at);
        if (severity == Severity.Warn) day.Qualities[at] = day.Qualities[at] with { State = IntervalState.Warn };
    }

    private static decimal Ratio(in DaySummary summary) => (summary.Highest - summary.ThirdHighest) / (decimal)summary.ThirdHighest;
}

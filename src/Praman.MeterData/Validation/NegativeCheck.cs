using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>V10: energy of an import or export channel is never negative.</summary>
public sealed class NegativeCheck : IValidationRule
{
    public RuleId Id => RuleId.Negative;

    public void Check(ref ValidationDay day, Findings findings)
    {
        if (day.Summary.Lowest >= 0) return;
        for (int i = 0; i < day.Values.Length; i++)
        {
            if (day.Values[i] >= 0 || !day.Qualities[i].HasValue || day.Qualities[i].State == IntervalState.Failed) continue;
            findings.Add(Id, Severity.Fail, day.Header.StartOf(i), day.Values[i], 0m);
            day.Fail(i);
        }
    }
}

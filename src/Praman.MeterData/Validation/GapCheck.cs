using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>V06: a start that is missing between two that are there. One finding a gap, with its length in minutes.</summary>
public sealed class GapCheck : IValidationRule
{
    public RuleId Id => RuleId.Gap;

    public void Check(ref ValidationDay day, Findings findings)
    {
        if (day.Summary.MissingCount == 0) return;
        int before = -1; // place of the last value before the gap
        for (int i = 0; i < day.Qualities.Length; i++)
        {
            if (day.Qualities[i].State == IntervalState.Missing) continue;
            if (before >= 0 && i - before > 1)
            {
                findings.Add(Id, Severity.Fail, day.Header.StartOf(before + 1), (i - before - 1) * day.Header.IntervalMinutes, 0m);
            }
            before = i;
        }
    }
}

using Praman.MeterData.Rules;

namespace Praman.MeterData.Validation;

/// <summary>V03: a complete local day holds N intervals: 46, 48 or 50 half-hours. Each that is not there is MISSING.</summary>
public sealed class IntervalCountCheck : IValidationRule
{
    public RuleId Id => RuleId.IntervalCount;

    public void Check(ref ValidationDay day, Findings findings)
    {
        int present = day.Header.Count - day.Summary.MissingCount;
        if (present != day.ExpectedCount) findings.Add(Id, Severity.Fail, day.DayStart, present, day.ExpectedCount);
    }
}

using Praman.MeterData.Rules;

namespace Praman.MeterData.Validation;

/// <summary>V16: the difference of the midnight registers of a day is the sum of that day's intervals, within the tolerance of V14.</summary>
public sealed class DailySnapshotCheck(SumCheck sum) : IValidationRule
{
    public RuleId Id => RuleId.DailySnapshot;

    public void Check(ref ValidationDay day, Findings findings)
    {
        if (day.Registers.IsEmpty || !day.RegistersAreOfThisDay) { findings.Skip(Id, "no-snapshot"); return; }
        if (day.UsageWh is not { } usage) { findings.Skip(Id, "register-refused"); return; }
        if (!day.Summary.IsComplete) { findings.Skip(Id, "intervals-missing"); return; }
        decimal limit = sum.Tolerance(day.Registers, day.Header.Count);
        long difference = Math.Abs(day.Summary.SumWh - usage);
        if (difference > limit) findings.Add(Id, Severity.Fail, day.DayStart, difference, limit);
    }
}

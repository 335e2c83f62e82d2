using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>V11: no interval holds more than Imax × Vref × phases × length × factor.</summary>
public sealed class PhysicalMaximumCheck(int referenceVoltage, decimal factor) : IValidationRule
{
    public RuleId Id => RuleId.PhysicalMaximum;

    /// <summary>Whole Wh that can pass in so many minutes, rounded down: a whole number of Wh exceeds it exactly where it exceeds the limit.</summary>
    public long LimitWh(int ratedCurrentA, int phaseCount, int multiplier, long minutes) =>
        (long)decimal.Floor((decimal)ratedCurrentA * referenceVoltage * phaseCount * multiplier * minutes * factor / 60m);

    public void Check(ref ValidationDay day, Findings findings)
    {
        if (day.IntervalMaximumWh <= 0) { findings.Skip(Id, "meter-not-known"); return; }
        if (day.Summary.Highest <= day.IntervalMaximumWh) return;
        for (int i = 0; i < day.Values.Length; i++)
        {
            if (day.Values[i] <= day.IntervalMaximumWh || !day.Qualities[i].HasValue || day.Qualities[i].State == IntervalState.Failed) continue;
            findings.Add(Id, Severity.Fail, day.Header.StartOf(i), day.Values[i], day.IntervalMaximumWh);
            day.Fail(i);
        }
    }
}

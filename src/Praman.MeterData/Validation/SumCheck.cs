using Praman.MeterData.Rules;

namespace Praman.MeterData.Validation;

/// <summary>
/// V14: intervals between two registers add up to what the registers say, within T = 2 × r × M + s where the meter carries what it rounds
/// off, and 2 × r × M + n × s/2 where it rounds each of n intervals alone. A failing sum refuses the spikes of its stretch, else the whole stretch.
/// </summary>
public sealed class SumCheck(int intervalStepWh, bool roundingIsCarried) : IValidationRule
{
    /// <summary>The note of a finding where the sum fails by a suspect of another day: this day's values stand.</summary>
    public const string SpikeOnAnotherDay = "spike-on-another-day";

    public RuleId Id => RuleId.Sum;

    /// <summary>T in Wh, over the parts of all meters.</summary>
    public decimal Tolerance(ReadOnlySpan<RegisterPart> registers, int intervalCount)
    {
        long ofRegisters = 0;
        foreach (RegisterPart part in registers) ofRegisters += 2L * part.Resolution * part.Multiplier;
        return ofRegisters + (roundingIsCarried ? intervalStepWh : intervalCount * intervalStepWh / 2m);
    }

    public void Check(ref ValidationDay day, Findings findings)
    {
        day.Sum = SumVerdict.Skipped;
        if (day.UsageWh is not { } usage) { findings.Skip(Id, day.Registers.IsEmpty ? "no-register" : "register-refused"); return; }
        if (!day.Summary.IsComplete || !day.OtherDaysAreComplete) { findings.Skip(Id, "intervals-missing"); return; }
        decimal limit = Tolerance(day.Registers, day.Header.Count + day.OtherDaysCount);
        long difference = Math.Abs(day.OtherDaysWh + day.Summary.SumWh - usage);
        day.Sum = difference <= limit ? SumVerdict.Passed : SumVerdict.Failed;
        if (day.Sum == SumVerdict.Passed) return;
        bool isOfAnotherDay = day.SpikeAt < 0 && day.OtherDaysHoldASpike;
        findings.Add(Id, Severity.Fail, day.DayStart, difference, limit, isOfAnotherDay ? SpikeOnAnotherDay : "");
        if (!day.IsHeldBySum) return; // the spikes are refused in their place, on their days (V13)
        for (int i = 0; i < day.Qualities.Length; i++) day.Fail(i);
    }
}

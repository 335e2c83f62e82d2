using Praman.MeterData.Rules;

namespace Praman.MeterData.Validation;

/// <summary>V01: the meter that was read is the one installed at the usage point at that time.</summary>
public sealed class IdentityCheck : IValidationRule
{
    public RuleId Id => RuleId.Identity;

    public void Check(ref ValidationDay day, Findings findings)
    {
        if (day.ReadFrom is not { } read) { findings.Skip(Id, "checked-on-receipt"); return; }
        if (day.Installed == read) return;
        findings.Add(Id, Severity.Fail, day.Header.Start, note: day.Installed is null ? "none-installed" : "other-meter");
        for (int i = 0; i < day.Qualities.Length; i++) if (day.Qualities[i].HasValue) day.Fail(i);
    }
}

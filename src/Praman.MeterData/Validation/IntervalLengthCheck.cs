using Praman.MeterData.Rules;

namespace Praman.MeterData.Validation;

/// <summary>V07: the length of the intervals is the configured one, or one of those accepted where none is configured yet.</summary>
public sealed class IntervalLengthCheck(IReadOnlyList<int> accepted) : IValidationRule
{
    private readonly int[] _accepted = [.. accepted];

    public RuleId Id => RuleId.IntervalLength;

    public void Check(ref ValidationDay day, Findings findings)
    {
        int minutes = day.Header.IntervalMinutes;
        if (IsAccepted(minutes, day.ConfiguredMinutes)) return;
        findings.Add(Id, Severity.Fail, day.Header.Start, minutes, day.ConfiguredMinutes == 0 ? null : day.ConfiguredMinutes);
        for (int i = 0; i < day.Qualities.Length; i++) if (day.Qualities[i].HasValue) day.Fail(i);
    }

    /// <summary>Whether a length may be merged.</summary>
    public bool IsAccepted(int minutes, int configured) => configured != 0 ? minutes == configured : Array.IndexOf(_accepted, minutes) >= 0;
}

using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>
/// V09: the meter's own status. The head-end gives a value whose status says clock invalid, data not valid or critical error as FAILED; a value
/// taken in test mode is refused here. Power down, clock set and configuration change stay as flags.
/// </summary>
public sealed class DeviceStatusCheck : IValidationRule
{
    /// <summary>The note of a finding where the meter refused its own value.</summary>
    public const string NotValid = "not-valid";

    /// <summary>The note of an information where the meter doubted its own clock.</summary>
    public const string ClockDoubted = "clock";

    public RuleId Id => RuleId.DeviceStatus;

    public void Check(ref ValidationDay day, Findings findings)
    {
        if (day.Summary.FailedCount == 0 && (day.Summary.Flags & IntervalFlags.TestMode) == 0) return;
        for (int i = 0; i < day.Qualities.Length; i++)
        {
            IntervalQuality quality = day.Qualities[i];
            if (!quality.HasValue) continue;
            bool test = (quality.Flags & IntervalFlags.TestMode) != 0;
            if (!test && quality.State != IntervalState.Failed) continue;
            findings.Add(Id, Severity.Fail, day.Header.StartOf(i), day.Values[i], note: test ? "test-mode" : NotValid);
            day.Fail(i);
        }
    }
}

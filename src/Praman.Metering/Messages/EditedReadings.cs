using NodaTime;

namespace Praman.Metering;

/// <summary>
/// More of a period than the rules allow was entered or accepted by persons: it is billed only after somebody else than they has released it
/// (docs/reference/vee.md).
/// </summary>
/// <param name="BlocksSha256">Names exactly these versions of the period's blocks and registers, lower-case hex: any later version has another name.</param>
/// <param name="EnergyShare">Share of the period's energy, 0 to 1.</param>
/// <param name="IntervalShare">Share of the period's intervals, 0 to 1.</param>
/// <param name="By">Who entered or accepted, as far as it was recorded, by name.</param>
/// <param name="IsEveryEditorKnown">False where a value stands there of which nobody's name was recorded.</param>
public sealed record EditedReadings(string BlocksSha256, decimal EnergyShare, decimal IntervalShare, IReadOnlyList<string> By, bool IsEveryEditorKnown)
{
    /// <summary>The release that stands; null: the period waits for one.</summary>
    public EditRelease? Release { get; init; }
}

/// <summary>A person took it on themselves that the edited readings of a period are billed.</summary>
/// <param name="Period">First and last local day, both included.</param>
/// <param name="BlocksSha256">The versions that they saw (<see cref="EditedReadings.BlocksSha256"/>): it stands for no others.</param>
/// <param name="By">Who, by sign-in name.</param>
/// <param name="Reason">Why, in their own words; the consumer reads it.</param>
/// <param name="At">When.</param>
public sealed record EditRelease(UsagePointId UsagePoint, DateInterval Period, string BlocksSha256, string By, string Reason, Instant At);

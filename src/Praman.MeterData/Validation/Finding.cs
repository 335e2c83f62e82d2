using NodaTime;
using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>How much a finding weighs. The codes are stored: they never change.</summary>
public enum Severity : byte
{
    /// <summary>Worth knowing; changes nothing.</summary>
    Information = 0,

    /// <summary>Under question, billed as measured.</summary>
    Warn = 1,

    /// <summary>Refused: needs an estimate or a person.</summary>
    Fail = 2,
}

/// <summary>What a rule found in one day of one channel: values only, worded where it is shown.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Severity">Its weight.</param>
/// <param name="At">Start of the interval (or the instant of the register) that it is about; the day's start where it is about the day.</param>
/// <param name="Measured">What was measured, in the unit of the rule: Wh, seconds, a count or a ratio.</param>
/// <param name="Limit">The limit that it was held against, in the same unit.</param>
/// <param name="Note">A stable word that says which case of the rule applied; empty where there is one only.</param>
public readonly record struct Finding(
    RuleId Rule, Severity Severity, Instant At, decimal? Measured = null, decimal? Limit = null, string Note = "");

/// <summary>A finding with its place, as it is stored. All members but the values are its key: stored twice, it is one.</summary>
/// <param name="DayStart">Start of the local day.</param>
/// <param name="Version">The version of the day's block that it is about; null where the rows were put aside and made no version.</param>
public sealed record StoredFinding(UsagePointId UsagePoint, ReadingType Type, Instant DayStart, int? Version, Finding Finding);

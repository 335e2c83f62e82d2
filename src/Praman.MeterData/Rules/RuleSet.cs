using System.Diagnostics.CodeAnalysis;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Canonical;

namespace Praman.MeterData.Rules;

/// <summary>
/// The rules' parameters, as a versioned file of type <c>praman-vee/1</c> (docs/reference/vee.md). Its id and the hash of its canonical
/// JSON stand on every bill, so that anyone can run the same rules again.
/// </summary>
public sealed partial record RuleSet
{
    private const string DefaultResource = "Praman.MeterData.Rules.praman-vee-default-2.json";

    private static readonly Lazy<RuleSet> LazyDefault = new(LoadDefault);

    private RuleSet()
    {
    }

    /// <summary>The rules that ship: <c>praman-vee-default/2</c>.</summary>
    public static RuleSet Default => LazyDefault.Value;

    /// <summary>Name and version.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of <see cref="CanonicalBytes"/>, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The file in canonical JSON: what is hashed.</summary>
    public required ReadOnlyMemory<byte> CanonicalBytes { get; init; }

    /// <summary>V02: a drift above this is a warning, seconds.</summary>
    public required int ClockWarnSeconds { get; init; }

    /// <summary>V02: a drift above this puts the clock of the intervals in doubt, seconds.</summary>
    public required int ClockFailSeconds { get; init; }

    /// <summary>V07: lengths of intervals that are accepted, minutes.</summary>
    public required IReadOnlyList<int> IntervalMinutes { get; init; }

    /// <summary>V11: reference voltage, volts.</summary>
    public required int ReferenceVoltage { get; init; }

    /// <summary>V11: factor over Imax × Vref × phases.</summary>
    public required decimal PhysicalMaximumFactor { get; init; }

    /// <summary>V13: (P1 − P3) / P3 above this is a suspect.</summary>
    public required decimal SpikeRatio { get; init; }

    /// <summary>Smallest step of an interval value, Wh.</summary>
    public required int IntervalStepWh { get; init; }

    /// <summary>V14: true where the meter carries what it rounds off into the next interval; false where it rounds each interval alone.</summary>
    public required bool IntervalRoundingIsCarried { get; init; }

    /// <summary>Hours after the end of a day from which it is estimated even where its closing register has not come.</summary>
    public required int EstimateAfterHours { get; init; }

    /// <summary>Most days that two neighbouring registers may lie apart for sums and scaling.</summary>
    public required int SpanDaysMax { get; init; }

    /// <summary>E2: longest gap, minutes.</summary>
    public required int LinearGapMinutesMax { get; init; }

    /// <summary>E4: days that are averaged.</summary>
    public required int LikeDayCount { get; init; }

    /// <summary>E4: how far back like days are looked for, days.</summary>
    public required int LikeDayLookbackDays { get; init; }

    /// <summary>Section 6: a scale factor below this is extreme.</summary>
    public required decimal ScaleFactorLow { get; init; }

    /// <summary>Section 6: a scale factor above this is extreme.</summary>
    public required decimal ScaleFactorHigh { get; init; }

    /// <summary>Limits of the billing gate.</summary>
    public required GateLimits Gate { get; init; }

    /// <summary>Reads a file of type <c>praman-vee/1</c>; a member that is missing, unknown or out of range is refused by its name.</summary>
    /// <param name="json">UTF-8 JSON; need not be canonical.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out RuleSet? rules, out DecodeError error)
    {
        rules = null;
        if (!CanonicalJson.TryCanonicalize(json, out byte[]? canonical, out error)) return false;
        return TryRead(canonical, out rules, out error);
    }

    private static RuleSet LoadDefault()
    {
        using Stream stream = typeof(RuleSet).Assembly.GetManifestResourceStream(DefaultResource)
            ?? throw new InvalidOperationException($"the assembly lacks {DefaultResource}");
        byte[] json = new byte[stream.Length];
        stream.ReadExactly(json);
        return TryParse(json, out RuleSet? rules, out DecodeError error)
            ? rules
            : throw new InvalidOperationException($"{DefaultResource}: {error}");
    }

    private static string HashOf(ReadOnlySpan<byte> canonical) => Digest.Sha256(canonical).ToString();
}

/// <summary>Limits of the billing gate: shares of the period's intervals (or energy), 0 to 1.</summary>
/// <param name="Missing">Above it the bill is blocked.</param>
/// <param name="Failed">Failed or not validated; above it the bill is blocked.</param>
/// <param name="Unscaled">Estimated but not scaled to registers; above it the bill is blocked where registers exist.</param>
/// <param name="EstimatedEnergy">Share of energy; above it the bill is provisional.</param>
/// <param name="EstimatedIntervals">Share of intervals; above it the bill is provisional.</param>
/// <param name="EditedEnergy">Entered or accepted by persons, share of energy; above it the bill waits for a release.</param>
/// <param name="EditedIntervals">The same, share of intervals.</param>
public sealed record GateLimits(
    decimal Missing, decimal Failed, decimal Unscaled, decimal EstimatedEnergy, decimal EstimatedIntervals, decimal EditedEnergy, decimal EditedIntervals);

namespace Praman.Billing.Rating;

/// <summary>Why a bill was not made: a number that is not known is never taken as zero.</summary>
/// <param name="Code">One of <see cref="RefusalCodes"/>; stable.</param>
/// <param name="Message">What was asked for, where, and why, in words.</param>
/// <param name="Missing">The name of the number or input that is missing or wrong, such as <c>energy.bands[1].rate</c>.</param>
public sealed record RatingRefusal(string Code, string Message, string Missing);

/// <summary>The codes of refusals; they never change their meaning.</summary>
public static class RefusalCodes
{
    /// <summary>No tariff of this id was loaded.</summary>
    public const string TariffUnknown = "TARIFF-UNKNOWN";

    /// <summary>A rate that the bill needs is not published in the tariff, or no band or table covers the case.</summary>
    public const string RateMissing = "RATE-MISSING";

    /// <summary>A dated series has no value for a date.</summary>
    public const string SeriesGap = "SERIES-GAP";

    /// <summary>A value that must come with the bill did not.</summary>
    public const string ExternalMissing = "EXTERNAL-MISSING";

    /// <summary>None of the versions of a tariff that were given is in force on a day of the period.</summary>
    public const string TariffGap = "TARIFF-GAP";

    /// <summary>Lines of the real bill are missing in the tariff: it may be rated to look at, and no bill is issued with it.</summary>
    public const string TariffPartial = "TARIFF-PARTIAL";

    /// <summary>An input is absent, malformed or out of range.</summary>
    public const string InputInvalid = "INPUT-INVALID";
}

/// <summary>Something that whoever issues the bill should know.</summary>
/// <param name="Code">Stable: <c>TARIFF-PARTIAL</c>, <c>TARIFF-NOT-IN-FORCE</c>, <c>PERIOD-ASSUMED</c>, <c>ENTITLEMENT-LEFT-OUT</c>, <c>SUBSIDY-STARTS-INSIDE</c>, <c>LINE-OPEN</c>.</param>
public sealed record RatingWarning(string Code, string Message);

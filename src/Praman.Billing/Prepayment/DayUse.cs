using Praman.Billing.Rating;
using Praman.Proof;

namespace Praman.Billing.Prepayment;

/// <summary>What one local day of a prepaid connection used.</summary>
/// <param name="Kwh">Energy of the day, 0 or more.</param>
/// <param name="Quality">How the figure is known.</param>
public sealed record DayUse(decimal Kwh, DayQuality Quality = DayQuality.Actual)
{
    /// <summary>kWh by name of the time-of-day period, for tariffs that price by it.</summary>
    public IReadOnlyDictionary<string, decimal>? KwhByTou { get; init; }

    /// <summary>Intervals of the day, for tariffs that price each.</summary>
    public IReadOnlyList<IntervalEnergy>? Intervals { get; init; }

    /// <summary>Apparent energy of the day, for tariffs in kVAh.</summary>
    public decimal? Kvah { get; init; }

    /// <summary>Energy fed into the grid on the day, for tariffs that price it apart.</summary>
    public decimal? KwhExport { get; init; }

    /// <summary>Hash of the reading; null for a day that was not read.</summary>
    public Digest? ReadingHash { get; init; }
}

/// <summary>How the energy of a day is known.</summary>
public enum DayQuality
{
    /// <summary>A: read.</summary>
    Actual,

    /// <summary>E: estimated; stands until the day is read.</summary>
    Estimated,

    /// <summary>S: the energy between two registers, spread evenly over the days between them.</summary>
    Spread,

    /// <summary>N: not read for so long that only the charges that need no energy are posted.</summary>
    FixedOnly,
}

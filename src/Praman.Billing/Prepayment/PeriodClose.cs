using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>The end of a prepaid period: its bill, and by how much the days differ from it.</summary>
public sealed record PeriodClose
{
    /// <summary>The bill that the same units make on a postpaid connection.</summary>
    public required RatedBill Bill { get; init; }

    /// <summary>Energy of the days.</summary>
    public required decimal Kwh { get; init; }

    /// <summary>What the days took, and what was charged before the settlement began.</summary>
    public required decimal Charged { get; init; }

    /// <summary>The bill of the days as they are, without any rounding of units or of the total: what the days took, to the paisa.</summary>
    public required decimal SameUnits { get; init; }

    /// <summary>Total of the bill − <see cref="Charged"/>; positive takes from the wallet.</summary>
    public required decimal TrueUp { get; init; }

    /// <summary>Why; the amounts add up to <see cref="TrueUp"/>. A cause without an amount is absent.</summary>
    public required IReadOnlyList<TrueUpPart> Causes { get; init; }
}

/// <summary>A cause of a true-up, and what it made.</summary>
public readonly record struct TrueUpPart(TrueUpCause Cause, decimal Amount);

/// <summary>The listed exceptions to "the days add up to the bill".</summary>
public enum TrueUpCause
{
    /// <summary>The period ended earlier than it was opened for: its limits and fixed charges are those of the days that it had.</summary>
    ShorterPeriod,

    /// <summary>Demand was provisional during the period, and the recorded one is now known.</summary>
    MaximumDemand,

    /// <summary>The bill counts whole units, the days do not.</summary>
    UnitRounding,

    /// <summary>The bill shares its units by days where a rate changed, the days carry what was used on them.</summary>
    RateChangeSplit,

    /// <summary>The total of the bill is rounded.</summary>
    TotalRounding,

    /// <summary>A difference that no rule explains. It is never posted in silence: whoever closes the period must look.</summary>
    Unexplained,
}

namespace Praman.Billing.Comparison;

/// <summary>Why a bill differs from the one before it. The parts add up to the difference, to the paisa.</summary>
/// <param name="BeforePaise">What the earlier bill asked for, dues included.</param>
/// <param name="AfterPaise">What the later one asks for, dues included.</param>
/// <param name="Parts">One of each kind that is not zero, in the order of <see cref="BillChangeKind"/>.</param>
public sealed record BillChange(long BeforePaise, long AfterPaise, BillChangeFacts Facts, IReadOnlyList<BillChangePart> Parts)
{
    public long DifferencePaise => AfterPaise - BeforePaise;
}

/// <summary>What the parts are told with.</summary>
/// <param name="EstimatedKwhBefore">Of the energy billed, what was estimated.</param>
/// <param name="IsOtherTariff">The later bill is by another tariff than the earlier one.</param>
public sealed record BillChangeFacts(
    int DaysBefore, int DaysAfter, decimal KwhBefore, decimal KwhAfter, decimal EstimatedKwhBefore, decimal EstimatedKwhAfter, bool IsOtherTariff);

/// <summary>One part of a difference.</summary>
public readonly record struct BillChangePart(BillChangeKind Kind, long Paise);

/// <summary>What a part of a difference comes from.</summary>
public enum BillChangeKind
{
    /// <summary>More or fewer days, at the same use a day and by the same rates.</summary>
    Days,

    /// <summary>More or less use a day that was measured, at the price that a unit had on the earlier bill.</summary>
    Use,

    /// <summary>What that use cost more or less because it fell into other slabs.</summary>
    Slab,

    /// <summary>More or less energy that was estimated.</summary>
    Estimates,

    /// <summary>The same energy at other hours, or in other units of measure; demand.</summary>
    Hours,

    /// <summary>Sanctioned load, phases, entitlements, and what else is given with the bill.</summary>
    Connection,

    /// <summary>Other rates, dated rates, or another tariff.</summary>
    Rate,

    /// <summary>Subsidies and rebates.</summary>
    Subsidy,

    /// <summary>What was still open, or paid in advance.</summary>
    Dues,

    /// <summary>The total's rounding.</summary>
    Rounding,
}

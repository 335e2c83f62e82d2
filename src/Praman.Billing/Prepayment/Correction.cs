namespace Praman.Billing.Prepayment;

/// <summary>What late data changed.</summary>
/// <param name="Reversals">Exact mirrors of the postings that no longer stand, in the order of their days.</param>
/// <param name="Reposts">What stands in their place, with the same dates.</param>
public sealed record Correction(IReadOnlyList<DayPosting> Reversals, IReadOnlyList<DayPosting> Reposts)
{
    public decimal ReversalTotal => Reversals.Sum(r => r.Deduction);
    public decimal RepostTotal => Reposts.Sum(r => r.Deduction);

    /// <summary>What the correction takes from the wallet; negative gives back.</summary>
    public decimal Net => ReversalTotal + RepostTotal;
}

/// <summary>Keeps late data from emptying a wallet at once.</summary>
public static class CatchUpGuard
{
    /// <summary>A correction that takes more than so many normal days goes out in instalments, after it was explained.</summary>
    public const decimal NormalDaysMax = 3;

    /// <summary>What to offer for a correction.</summary>
    /// <param name="normalDaily">What a day normally takes.</param>
    /// <param name="instalments">Days over which the consumer may pay it.</param>
    /// <returns>Null where the correction is small enough to be taken at once.</returns>
    public static CatchUpOffer? Offer(Correction correction, decimal normalDaily, int instalments)
    {
        ArgumentNullException.ThrowIfNull(correction);
        ArgumentOutOfRangeException.ThrowIfNegative(normalDaily);
        ArgumentOutOfRangeException.ThrowIfLessThan(instalments, 1);
        return correction.Net > 0 && correction.Net > NormalDaysMax * normalDaily ? new(correction.Net, normalDaily, instalments) : null;
    }
}

/// <summary>A correction that the wallet need not bear at once.</summary>
/// <param name="Amount">What it takes in all: moved from the wallet to a plan when it is posted.</param>
/// <param name="NormalDaily">What a day normally takes, for the explanation.</param>
/// <param name="Days">Daily instalments offered.</param>
public sealed record CatchUpOffer(decimal Amount, decimal NormalDaily, int Days);

using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>What is known of the home just before a cut. Not known counts against the cut.</summary>
public sealed record CutFacts
{
    /// <summary>The balance as it was just read again from the ledger, without estimated days; null: it was not.</summary>
    public decimal? FreshBalance { get; init; }

    /// <summary>Up to when the balance holds all payments and deductions; null: not known.</summary>
    public Instant? BalanceAsOf { get; init; }

    /// <summary>When the last reading was taken, and how it is known.</summary>
    public Instant? LastReadingAt { get; init; }
    public DayQuality? LastReadingQuality { get; init; }

    public decimal? SanctionedLoadKw { get; init; }

    /// <summary>Facts of the home, such as <c>medical</c>; null: they could not be looked up.</summary>
    public IReadOnlyCollection<string>? Flags { get; init; }
    public bool IsStorm { get; init; }
    public bool IsHeat { get; init; }
    public bool IsDisputed { get; init; }

    /// <summary>When the consumer was told that the balance is used up; null: not yet.</summary>
    public Instant? NoticeAt { get; init; }

    /// <summary>When the connection became prepaid; null: it always was.</summary>
    public LocalDate? ConvertedOn { get; init; }
}

using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>What a scenario of days came to, up to a refusal where there is one.</summary>
public sealed record SettledCase(string Id)
{
    public List<SettledSegment> Segments { get; } = [];

    /// <summary>In the order of posting.</summary>
    public List<SettledEntry> Entries { get; } = [];
    public SettledCorrection? Correction { get; internal set; }
    public RatingRefusal? Refusal { get; internal set; }

    /// <summary>True where the holidays of the rule pack are not known, so that the earliest cut may fall on one.</summary>
    public bool IsCalendarUnknown { get; internal set; }
}

/// <summary>One posting with the wallet after it.</summary>
/// <param name="EarliestCut">Local; null where the balance is above the floor.</param>
public sealed record SettledEntry(DayPosting Posting, decimal Balance, PrepaidState State, IReadOnlyList<SettledWarning> Warnings, LocalDateTime? EarliestCut);

/// <summary>Something the consumer is told.</summary>
/// <param name="Code">A state such as <c>LOW</c>, <c>CLIFF</c>, or <c>DAYS-LEFT</c>.</param>
public sealed record SettledWarning(string Code, CliffWarning? Cliff, DaysLeft? Left);

/// <summary>A period under one tariff; the close is null where it is not over.</summary>
public sealed record SettledSegment(string TariffId, string Currency, BillingPeriod Period, PeriodClose? Close, decimal BalanceAfter);

/// <summary>An estimate that was replaced.</summary>
public sealed record SettledCorrection(LocalDate First, Correction Correction, CatchUpOffer? Offer, decimal Balance);

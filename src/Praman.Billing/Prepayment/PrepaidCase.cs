using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>One case of <c>praman settle</c>: a prepaid scenario.</summary>
public abstract record PrepaidCase(string Id);

/// <summary>Days of a wallet, under one tariff or several that follow one another.</summary>
public sealed record DaysCase(string Id) : PrepaidCase(Id)
{
    public required IReadOnlyList<CaseSegment> Segments { get; init; }

    /// <summary>Null: not given; then each segment's balance is what it has taken.</summary>
    public decimal? OpeningBalance { get; init; }
    public IReadOnlyList<(LocalDate Date, decimal Amount)> Recharges { get; init; } = [];

    /// <summary>Days that were read late: estimated first, and replaced when all are posted.</summary>
    public IReadOnlyList<decimal> LateKwh { get; init; } = [];

    /// <summary>What is posted for each late day; null: the estimate of the rule.</summary>
    public decimal? ProvisionalKwh { get; init; }
    public required DateTimeZone Zone { get; init; }
    public required RulePack Pack { get; init; }
    public required HolidayCalendar Holidays { get; init; }
}

/// <summary>Days under one tariff.</summary>
/// <param name="Inputs">Determinants of the whole period.</param>
/// <param name="DailyKwh">From its first day on; fewer than the period has where it is not over.</param>
public sealed record CaseSegment(string TariffId, BillingDeterminants Inputs, IReadOnlyList<decimal> DailyKwh);

/// <summary>A debt in daily instalments.</summary>
public sealed record InstalmentsCase(string Id, decimal Total, int Days) : PrepaidCase(Id);

/// <summary>The earliest permitted cut after each of some instants.</summary>
public sealed record CalendarCase(string Id, IReadOnlyList<(RulePack Pack, HolidayCalendar Holidays, LocalDateTime ConditionAt)> Events) : PrepaidCase(Id);

/// <summary>Deposits of connections that become prepaid.</summary>
public sealed record ConversionCase(string Id, IReadOnlyList<(decimal Deposit, decimal Interest, decimal Dues)> Cases) : PrepaidCase(Id);

/// <summary>Prepaid rebates.</summary>
/// <param name="Cases">An amount and a percentage of it, or units and a sum per unit.</param>
public sealed record RebatesCase(string Id, IReadOnlyList<(decimal Of, decimal Rate, bool IsPercent)> Cases) : PrepaidCase(Id);

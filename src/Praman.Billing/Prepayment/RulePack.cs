using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>When a prepaid home is warned, and when its supply may be cut: the rules of a State as data. A pack may be stricter than the central
/// rules, never looser; the pack of the day of the event is applied.</summary>
public sealed record RulePack
{
    public required string Id { get; init; }

    /// <summary>Such as <c>IN-UP</c>.</summary>
    public string? Jurisdiction { get; init; }
    public LocalDate? ValidFrom { get; init; }

    /// <summary>Last day in force; null: no end is known.</summary>
    public LocalDate? ValidTo { get; init; }

    /// <summary>Whether the text of the rule was read in its source; pages mark a pack that was not.</summary>
    public bool IsVerified { get; init; }
    public IReadOnlyList<string> Sources { get; init; } = [];
    public string? Note { get; init; }

    /// <summary>Id of the holidays that count; null: none do.</summary>
    public string? Calendar { get; init; }

    /// <summary>Local time from which, and before which, supply may be cut.</summary>
    public required LocalTime Open { get; init; }
    public required LocalTime Close { get; init; }
    public IReadOnlyList<IsoDayOfWeek> NoCutWeekdays { get; init; } = [];
    public bool HasSecondSaturday { get; init; }
    public bool HasPublicHolidays { get; init; }

    /// <summary>The day before a day without cuts is one too.</summary>
    public bool HasDayBefore { get; init; }

    /// <summary>Time between the balance reaching the floor and the first permitted instant.</summary>
    public int EmergencyCreditHours { get; init; }

    /// <summary>Emergency credit ends earlier where the balance is this far below the floor; null: time alone ends it.</summary>
    public decimal? EmergencyCreditLimit { get; init; }

    /// <summary>Balance at or below which supply may be cut.</summary>
    public decimal CreditFloor { get; init; }

    /// <summary>Greatest age of the balance and of the last reading at a cut.</summary>
    public int BalanceAgeHoursMax { get; init; } = 24;

    /// <summary>Time within which supply is back after a recharge.</summary>
    public int ReconnectMinutes { get; init; } = 15;

    /// <summary>Sanctioned load up to which a home is never cut for credit, kW; null: no such shield.</summary>
    public decimal? ProtectedLoadKwMax { get; init; }

    /// <summary>Facts that shield a home, such as <c>medical</c>.</summary>
    public IReadOnlyList<string> ProtectedFlags { get; init; } = [];

    /// <summary>Days after a conversion from postpaid without cuts.</summary>
    public int ConversionGraceDays { get; init; }

    /// <summary>Time between the notice that the balance is used up and a cut; null: the pack asks for none.</summary>
    public int? NoticeHours { get; init; }

    /// <summary>Percentages of the last recharge at which the state is LOW and VERY_LOW.</summary>
    public decimal LowPercent { get; init; } = 30;
    public decimal VeryLowPercent { get; init; } = 10;

    /// <summary>Days for which the balance lasts at which the consumer is told.</summary>
    public IReadOnlyList<int> DaysLeftAlerts { get; init; } = [];

    /// <summary>How far ahead a change of price of earlier days is warned of, and from which amount on.</summary>
    public int CliffHorizonDays { get; init; } = 3;
    public decimal CliffAmountMin { get; init; } = 1;

    /// <summary>Most that old dues take of a recharge, percent.</summary>
    public decimal DebtSharePercentMax { get; init; } = 25;

    public bool IsInForce(LocalDate date) => (ValidFrom is not { } from || date >= from) && (ValidTo is not { } to || date <= to);
}

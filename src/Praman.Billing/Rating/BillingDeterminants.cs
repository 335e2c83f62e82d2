using NodaTime;

namespace Praman.Billing.Rating;

/// <summary>What was measured and what is known of the connection, for one bill. Null: not given; a charge that needs it is refused by name.</summary>
public sealed record BillingDeterminants
{
    /// <summary>First and last day billed, both included.</summary>
    public BillingPeriod? Period { get; init; }

    /// <summary>Days billed, where the dates are not known.</summary>
    public int? Days { get; init; }

    /// <summary>Months as printed on a bill; takes the place of the months that follow from the period.</summary>
    public decimal? BillingMonths { get; init; }

    /// <summary>Date of the bill, for series that go by it.</summary>
    public LocalDate? BillDate { get; init; }

    public decimal? Kwh { get; init; }
    public decimal? Kvah { get; init; }
    public decimal? KwMax { get; init; }
    public decimal? KwhImport { get; init; }
    public decimal? KwhExport { get; init; }

    /// <summary>Export left over from earlier periods, kWh.</summary>
    public decimal KwhCarriedIn { get; init; }

    public decimal? SanctionedLoadKw { get; init; }
    public decimal? MaxDemandKw { get; init; }
    public SupplyPhase? Phase { get; init; }

    /// <summary>Facts that conditions ask for, such as <c>prepaid</c>.</summary>
    public IReadOnlyCollection<string> Flags { get; init; } = [];

    public string? Season { get; init; }

    /// <summary>kWh by name of the time-of-day period.</summary>
    public IReadOnlyDictionary<string, decimal>? KwhByTou { get; init; }

    public IReadOnlyList<IntervalEnergy>? Intervals { get; init; }

    /// <summary>Energy of the registers less that of the intervals: it was used, but at no known time, kWh. Below zero where the intervals have more.</summary>
    public decimal UnassignedKwh { get; init; }

    /// <summary>Holidays within the period, for time-of-day periods that ask for them.</summary>
    public IReadOnlyCollection<LocalDate>? Holidays { get; init; }

    /// <summary>Values that come with the bill, by the name that the tariff gives them.</summary>
    public IReadOnlyDictionary<string, decimal>? External { get; init; }
}

/// <summary>Days billed, both included.</summary>
public readonly record struct BillingPeriod(LocalDate From, LocalDate To)
{
    /// <summary>Longest period rated at once, in days.</summary>
    public const int DaysMax = 3_660;

    public int Days => Period.DaysBetween(From, To) + 1;
}

/// <summary>Energy of one interval.</summary>
/// <param name="Date">Local date; null where only the time of day is known.</param>
/// <param name="Start">Local time at which the interval starts.</param>
/// <param name="Kwh">Energy.</param>
/// <param name="Price">Input price of the interval, in the unit of the tariff's formula; null: not given.</param>
public readonly record struct IntervalEnergy(LocalDate? Date, LocalTime Start, decimal Kwh, decimal? Price);

/// <summary>Phases of the connection.</summary>
public enum SupplyPhase
{
    Single,
    Three,
}

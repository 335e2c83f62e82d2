using NodaTime;

namespace Praman.Billing.Tariffs;

/// <summary>One charge of a tariff; yields at most one line of the bill.</summary>
public abstract record TariffComponent
{
    public required string Id { get; init; }
    public required string Label { get; init; }
    public required ChargeGroup Group { get; init; }
    public IReadOnlyList<string> Sources { get; init; } = [];
    public string? Note { get; init; }
    public Confidence? Confidence { get; init; }

    /// <summary>The line exists only where this holds.</summary>
    public TariffCondition? When { get; init; }

    /// <summary>The line exists only in this season, which the bill's inputs name.</summary>
    public string? Season { get; init; }
}

/// <summary>A measured quantity of the bill.</summary>
public enum BilledQuantity
{
    Kwh,
    Kvah,
    KwMax,
    KwhImport,
    KwhExport,
}

/// <summary>What a limit or a rate is for.</summary>
public enum ChargePer
{
    Month,
    Cycle,
    Day,
}

/// <summary>Slabs on a quantity. The first table whose condition holds is used.</summary>
public sealed record BlockCharge : TariffComponent
{
    public required BilledQuantity Quantity { get; init; }
    public required ChargePer Per { get; init; }
    public required IReadOnlyList<BlockTable> Tables { get; init; }
}

/// <summary>One set of slabs.</summary>
/// <param name="When">Null: always.</param>
/// <param name="IsWhole">False: each band at its own rate (telescopic). True: all units at the rate of the band reached.</param>
/// <param name="Bands">By ascending limit.</param>
public sealed record BlockTable(TariffCondition? When, bool IsWhole, IReadOnlyList<Band> Bands);

/// <summary>A slab.</summary>
/// <param name="Upto">Cumulative limit, included; null with no <paramref name="UptoExternal"/>: open.</param>
/// <param name="UptoExternal">The limit comes with the bill's inputs under this name.</param>
/// <param name="Rate">Per unit; null: not published, unless <paramref name="External"/> names an input.</param>
/// <param name="External">The rate comes with the bill's inputs under this name.</param>
public sealed record Band(decimal? Upto, string? UptoExternal, decimal? Rate, string? External);

/// <summary>One rate for every unit: <see cref="Tables"/>, else <see cref="Series"/>, else <see cref="External"/>, else <see cref="Rate"/>.</summary>
public sealed record UnitCharge : TariffComponent
{
    public required BilledQuantity Quantity { get; init; }
    public decimal? Rate { get; init; }
    public string? Series { get; init; }
    public string? External { get; init; }
    public IReadOnlyList<RateTable> Tables { get; init; } = [];
}

/// <summary>A rate under a condition.</summary>
public sealed record RateTable(TariffCondition? When, decimal Rate);

/// <summary>A charge for being connected: per connection, kW or kVA; per month or day.</summary>
public sealed record FixedCharge : TariffComponent
{
    public required FixedBasis Basis { get; init; }
    public required ChargePer Per { get; init; }
    public decimal? Rate { get; init; }
    public string? External { get; init; }
    public required LoadBasis Load { get; init; }
    public Rounding? LoadRounding { get; init; }
    public DerivedLoad? Derive { get; init; }
    public IReadOnlyList<LoadBand> BandsByLoad { get; init; } = [];

    /// <summary>Chosen by units a month.</summary>
    public IReadOnlyList<KwhBand> BandsByKwh { get; init; } = [];

    /// <summary>Bands for a single-phase connection; null where the tariff is not by phase or has no such rate.</summary>
    public IReadOnlyList<KwhBand>? SinglePhase { get; init; }
    public IReadOnlyList<KwhBand>? ThreePhase { get; init; }
    public bool IsByPhase { get; init; }
}

/// <summary>What a fixed charge multiplies.</summary>
public enum FixedBasis
{
    Connection,
    Kw,
    Kva,

    /// <summary>Each load band says whether its rate is per connection or per kW.</summary>
    ByLoad,
}

/// <summary>Which load a fixed charge looks at.</summary>
public enum LoadBasis
{
    Sanctioned,

    /// <summary>The higher of the sanctioned load and the recorded maximum demand.</summary>
    BillingDemand,
    DerivedFromKwh,
    MaxOfDemandAnd75PercentSanctioned,
}

/// <summary>Load derived from units a month: each <paramref name="KwhPerStep"/> units or part count as <paramref name="StepKw"/>.</summary>
public sealed record DerivedLoad(decimal KwhPerStep, decimal StepKw);

/// <summary>A rate for loads up to a limit, included; null: open.</summary>
public sealed record LoadBand(decimal? UptoKw, decimal Rate, FixedBasis? Basis);

/// <summary>A rate for consumptions up to a limit of units a month, included; null limit: open; null rate: not published.</summary>
public sealed record KwhBand(decimal? Upto, decimal? Rate);

/// <summary>Tax, duty or surcharge: a percentage of earlier lines.</summary>
public sealed record PercentCharge : TariffComponent
{
    public required IReadOnlyList<WeightedLine> Of { get; init; }
    public decimal? Rate { get; init; }
    public string? Series { get; init; }
    public string? External { get; init; }

    /// <summary>Computed and rounded for each slab of the base.</summary>
    public bool PerBand { get; init; }

    /// <summary>Computed and rounded for each segment of the base.</summary>
    public bool PerSegment { get; init; }
}

/// <summary>An earlier line, and how much of it counts.</summary>
public sealed record WeightedLine(string Id, decimal Weight);

/// <summary>Price by the time of day.</summary>
public sealed record TimeOfDayCharge : TariffComponent
{
    public required BilledQuantity Quantity { get; init; }
    public string? TimeZone { get; init; }

    /// <summary>Lines whose average rate a multiplier works on.</summary>
    public IReadOnlyList<string> Base { get; init; } = [];

    /// <summary>The first period that holds an interval's start takes it.</summary>
    public required IReadOnlyList<TouPeriod> Periods { get; init; }
}

/// <summary>A stretch of the day, local time, start included and end excluded; null times: all that is left.</summary>
public sealed record TouPeriod(string Name, DayKind Days, IReadOnlyList<int> Months, LocalTime? From, LocalTime? To, TouPricing Pricing, decimal Value);

/// <summary>Days on which a period holds.</summary>
public enum DayKind
{
    All,
    Weekday,
    Weekend,
    Holiday,
}

/// <summary>How a period prices its units.</summary>
public enum TouPricing
{
    Rate,
    Adder,

    /// <summary>Units × average rate of the base × (multiplier − 1): does not depend on the order of hours.</summary>
    Multiplier,
}

/// <summary>A price for each interval, made from an input price by a formula; the line is rounded once.</summary>
public sealed record IntervalCharge : TariffComponent
{
    public required int IntervalMinutes { get; init; }
    public string? TimeZone { get; init; }

    /// <summary>What the formula's price is divided by to give currency units: 100 for pence, else 1.</summary>
    public required int PriceDivisor { get; init; }
    public string? External { get; init; }

    /// <summary>The first step that holds an interval's start gives multiplier and addition; the last holds always.</summary>
    public required IReadOnlyList<PriceStep> Steps { get; init; }
    public decimal? Cap { get; init; }
    public decimal? Floor { get; init; }
}

/// <summary>price = input × <paramref name="Multiply"/> + <paramref name="Add"/>, in a stretch of the day or always.</summary>
public sealed record PriceStep(LocalTime? From, LocalTime? To, decimal Multiply, decimal Add);

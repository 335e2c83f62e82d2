using NodaTime;
using Praman.Proof;

namespace Praman.Billing.Tariffs;

/// <summary>One published tariff in the form <c>praman-tariff/1</c>: the rules that turn billing determinants into lines. Amounts are in
/// units of <see cref="Currency"/>; rates and limits are per month unless a component says otherwise.</summary>
public sealed record Tariff
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required IReadOnlyList<string> Utilities { get; init; }
    public string? State { get; init; }
    public required string Country { get; init; }
    public string? Regulator { get; init; }
    public required string Category { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public required string Currency { get; init; }

    public required LocalDate ValidFrom { get; init; }

    /// <summary>Last day in force; null where the material names no end.</summary>
    public LocalDate? ValidTo { get; init; }

    public required TariffStatus Status { get; init; }
    public required Confidence Confidence { get; init; }
    public required BillingRules Billing { get; init; }

    /// <summary>Evaluated in this order; a component refers only to earlier ones.</summary>
    public required IReadOnlyList<TariffComponent> Components { get; init; }

    /// <summary>After all components, in this order.</summary>
    public IReadOnlyList<Subsidy> Subsidies { get; init; } = [];

    /// <summary>After the subsidies, in this order.</summary>
    public IReadOnlyList<Rebate> Rebates { get; init; } = [];

    /// <summary>Net metering, where the tariff has it.</summary>
    public NetExport? Export { get; init; }

    /// <summary>Floor on the sum of the lines, before subsidies.</summary>
    public MinimumCharge? Minimum { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Ids into <see cref="TariffSet.Sources"/>.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Canonical JSON (RFC 8785) of the tariff object, as a bill's evidence carries it.</summary>
    public required ReadOnlyMemory<byte> Canonical
    {
        get;
        init
        {
            field = value;
            Hash = Digest.Sha256(value.Span);
        }
    }

    /// <summary>SHA-256 of <see cref="Canonical"/>: what a bill cites.</summary>
    public Digest Hash { get; private init; }

    public bool IsInForce(LocalDate date) => date >= ValidFrom && (ValidTo is not { } last || date <= last);
}

/// <summary>How much of a tariff the material holds.</summary>
public enum TariffStatus
{
    Complete,

    /// <summary>Some lines of the real bill are not in the tariff; what it yields carries a warning.</summary>
    Partial,
    Historical,
    Illustrative,
}

/// <summary>Where a number comes from.</summary>
public enum Confidence
{
    Published,
    Secondary,
    Inferred,
    Unverified,
    Illustrative,
}

/// <summary>What a line is for; decides display and totals by kind, never the arithmetic.</summary>
public enum ChargeGroup
{
    Energy,
    Fixed,
    Surcharge,
    Tax,
    Rebate,
    Subsidy,
}

/// <summary>How a period becomes months, what the months multiply, and how figures are rounded.</summary>
public sealed record BillingRules
{
    /// <summary>Months of one billing cycle: 1, or 2 for bi-monthly bills.</summary>
    public required int CycleMonths { get; init; }
    public required MonthFraction MonthFraction { get; init; }
    public required bool ProratesSlabLimits { get; init; }
    public required bool ProratesFixed { get; init; }
    public required bool ProratesFreeUnits { get; init; }

    /// <summary>Each cumulative slab limit times the months is rounded half up to a whole unit.</summary>
    public required bool RoundsSlabLimits { get; init; }

    /// <summary>Energy is billed in multiples of this.</summary>
    public required decimal UnitStep { get; init; }
    public required Rounding LineRounding { get; init; }
    public required Rounding TotalRounding { get; init; }

    /// <summary>Fixed charges, slabs and percentages are computed and rounded for each calendar month and each rate change apart.</summary>
    public required bool HasSegments { get; init; }
    public required RateChangeSplit RateChangeSplit { get; init; }
}

/// <summary>How many months a period counts as.</summary>
public enum MonthFraction
{
    /// <summary>Always the months of the cycle.</summary>
    None,

    /// <summary>Days divided by 30.</summary>
    DaysOver30,

    /// <summary>The sum over calendar months of days billed divided by days of that month.</summary>
    CalendarSum,
}

/// <summary>How units are shared between the parts of a period where a rate changes.</summary>
public enum RateChangeSplit
{
    /// <summary>By days, rounded to the unit step; the last part takes the rest.</summary>
    ProRataDays,

    /// <summary>By dated interval data where it exists, else by days.</summary>
    ByInterval,
}

/// <summary>Net metering: the bill is for import − export − carried in; what is left below zero is carried out.</summary>
public sealed record NetExport(string? Carry, string? Note, IReadOnlyList<string> Sources);

/// <summary>Floor on the sum of the lines that are not excluded.</summary>
public sealed record MinimumCharge(decimal Amount, ChargePer Per, IReadOnlyList<string> Exclude)
{
    /// <summary>Id of the line that a bill has where the floor is above the sum.</summary>
    public const string LineId = "minimum";
}

/// <summary>A document from which numbers of a tariff were taken.</summary>
public sealed record TariffSource(string Id, string Title, string Url, string Publisher, string Date, bool IsPrimary, string? Note);

using NodaTime;

namespace Praman.Billing.Tariffs;

/// <summary>What the State pays of a bill; stays a line of its own beside the gross lines.</summary>
public abstract record Subsidy
{
    public required string Id { get; init; }
    public TariffCondition? When { get; init; }

    /// <summary>Periods that start earlier do not have it.</summary>
    public LocalDate? ValidFrom { get; init; }
    public IReadOnlyList<string> Sources { get; init; } = [];
    public string? Note { get; init; }
}

/// <summary>The whole bill is paid.</summary>
public sealed record WaiveAll : Subsidy;

/// <summary>A percentage of the gross, at most a sum a month.</summary>
public sealed record PercentCapped : Subsidy
{
    public required decimal Percent { get; init; }
    public required decimal? CapPerMonth { get; init; }
}

/// <summary>A sum per unit, by slab.</summary>
public sealed record PerUnitBlocks : Subsidy
{
    public required IReadOnlyList<Band> Blocks { get; init; }
}

/// <summary>A number of units is free.</summary>
public sealed record FreeUnits : Subsidy
{
    public required decimal UnitsPerMonth { get; init; }

    /// <summary>Lines that are waived within the limit; null: all.</summary>
    public IReadOnlyList<string>? WaivesWhenWithin { get; init; }

    /// <summary>What each line does once the limit is exceeded; null: not in the material.</summary>
    public IReadOnlyDictionary<string, WhenExceeded>? Exceeded { get; init; }
}

/// <summary>A line's rule beyond the free units.</summary>
public enum WhenExceeded
{
    /// <summary>Only the excess is charged, at the rate of the band it falls in.</summary>
    ExcessOnly,

    /// <summary>Charged for the whole period.</summary>
    WholePeriod,
}

/// <summary>The consumer pays the amount of another table; the State pays the rest of the energy charge.</summary>
public sealed record ConsumerPaysTable : Subsidy
{
    public required IReadOnlyList<BlockTable> Tables { get; init; }
}

/// <summary>A personal entitlement whose rule is outside this format; its amount comes with the inputs, under the id of the subsidy.</summary>
public sealed record Entitlement : Subsidy;

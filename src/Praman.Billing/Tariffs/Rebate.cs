namespace Praman.Billing.Tariffs;

/// <summary>What the utility gives back on a bill.</summary>
public abstract record Rebate
{
    public required string Id { get; init; }
    public TariffCondition? When { get; init; }
    public IReadOnlyList<string> Sources { get; init; } = [];
    public string? Note { get; init; }
    public Confidence? Confidence { get; init; }
}

/// <summary>A percentage of lines, or of a recharge; the latter is given when the recharge is, not on the bill.</summary>
public sealed record PercentRebate : Rebate
{
    public required decimal Percent { get; init; }
    public required IReadOnlyList<string> Of { get; init; }
    public bool IsOfRecharge { get; init; }
}

/// <summary>A sum per kWh.</summary>
public sealed record PerUnitRebate : Rebate
{
    public required decimal Rate { get; init; }
}

/// <summary>A sum per bill.</summary>
public sealed record FlatRebate : Rebate
{
    public required decimal Amount { get; init; }
}

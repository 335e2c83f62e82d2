namespace Praman.Billing.Tariffs;

/// <summary>When a table, component, subsidy or rebate holds: every part must.</summary>
public sealed record TariffCondition(NumberRange? Kwh, NumberRange? KwhMonth, NumberRange? LoadKw, IReadOnlyList<string> Flags);

/// <summary>Above <paramref name="Above"/> (excluded) and up to <paramref name="UpTo"/> (included).</summary>
public sealed record NumberRange(decimal? Above, decimal? UpTo);

using System.Globalization;
using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Invoicing;

/// <summary>
/// What a bill states of its period beside readings, load, phase, flags and external values, where its tariff asks for it. Null: not stated. A bill
/// that is logged fixes these values; nothing in its evidence proves them (docs/reference/proof-format.md).
/// </summary>
public sealed record StatedInputs
{
    /// <summary>Nothing is stated: a bill by its readings alone.</summary>
    public static StatedInputs None { get; } = new();

    /// <summary>Months as printed on the bill, in place of those of the period.</summary>
    public decimal? BillingMonths { get; init; }

    /// <summary>Holidays, for prices by the time of day that ask for them.</summary>
    public IReadOnlyList<LocalDate>? Holidays { get; init; }

    public decimal? Kvah { get; init; }
    public decimal? KwMax { get; init; }

    /// <summary>Export left over from earlier periods, kWh.</summary>
    public decimal? KwhCarriedIn { get; init; }
    public decimal? KwhExport { get; init; }
    public decimal? MaxDemandKw { get; init; }

    /// <summary>The input price of each interval of the day blocks, in their order, in the unit of the tariff's formula.</summary>
    public IReadOnlyList<decimal>? Prices { get; init; }

    public string? Season { get; init; }

    /// <summary>The determinants of a bill with what it states.</summary>
    internal BillingDeterminants AddTo(BillingDeterminants determinants) => ReferenceEquals(this, None)
        ? determinants
        : determinants with
        {
            BillingMonths = BillingMonths,
            Holidays = Holidays,
            Kvah = Kvah,
            KwMax = KwMax,
            KwhCarriedIn = KwhCarriedIn ?? 0,
            KwhExport = KwhExport,
            MaxDemandKw = MaxDemandKw,
            Season = Season,
        };

    /// <summary>The name of a value that a bill cannot state: below zero, or of more digits than a file has; null where there is none.</summary>
    internal string? FirstThatCannotBeStated()
    {
        foreach ((string name, decimal? value) in (ReadOnlySpan<(string, decimal?)>)
            [("billing_months", BillingMonths), ("kvah", Kvah), ("kw_max", KwMax), ("kwh_carried_in", KwhCarriedIn), ("kwh_export", KwhExport), ("max_demand_kw", MaxDemandKw)])
        {
            if (value < 0 || (value is { } given && !IsWritable(given))) return name;
        }
        if (BillingMonths == 0) return "billing_months";
        for (int i = 0; i < Prices?.Count; i++)
        {
            if (!IsWritable(Prices[i])) return string.Create(CultureInfo.InvariantCulture, $"prices[{i}]");
        }
        return null;
    }

    private static bool IsWritable(decimal value) => DecimalText.TryParse(DecimalText.AsGiven(value), out _);
}

using System.Text;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Tests.Rating;

/// <summary>Small tariffs for single rules.</summary>
internal static class MadeUpTariff
{
    private const string Template = """
        {"format": "praman-tariff/1", "sources": {"s": {"title": "t", "url": "u", "publisher": "p", "date": "2025", "kind": "primary"}}, "series": {<series>},
         "tariffs": [{"id": "t", "name": "n", "utility": ["u"], "country": "IN", "category": "domestic", "currency": "INR", "valid_from": "2000-01-01", "valid_to": null,
          "status": "complete", "confidence": "illustrative", "sources": [],
          "billing": {"cycle_months": 1, <months>"slab_limit_rounding": "none", "unit_step": "0.001", "line_rounding": {"step": "0.01", "mode": "half_up"},
           "total_rounding": {"step": "0.01", "mode": "half_up"}<billing>},
          "components": [<components>]<more>}]}
        """;

    /// <summary>A tariff of these components; <paramref name="billing"/> changes members of the rules, <paramref name="more"/> adds members.</summary>
    public static CompiledTariff Of(string components, string billing = "", string more = "", string series = "")
    {
        string months = billing.Contains("month_fraction", StringComparison.Ordinal) ? "" : "\"month_fraction\": \"none\", \"prorate\": [], ";
        string json = Template.Replace("<series>", series, StringComparison.Ordinal).Replace("<months>", months, StringComparison.Ordinal)
            .Replace("<billing>", billing, StringComparison.Ordinal).Replace("<components>", components, StringComparison.Ordinal).Replace("<more>", more, StringComparison.Ordinal);
        if (!TariffSet.TryParse(Encoding.UTF8.GetBytes(json), null, out TariffSet? set, out IReadOnlyList<TariffFault> faults)) throw new ArgumentException(string.Join('\n', faults));
        return CompiledTariff.Compile(set.Tariffs["t"], set);
    }

    public const string Flat = """{"id": "energy", "kind": "unit", "group": "energy", "label": "Energy", "quantity": "kwh", "rate": "5"}""";

    public static RatedBill Bill(CompiledTariff tariff, BillingDeterminants determinants)
    {
        RatingResult result = RatingEngine.Rate(tariff, determinants);
        Assert.True(result.IsRated, result.Refusal?.Message);
        return result.Bill;
    }

    public static RatingRefusal Refusal(CompiledTariff tariff, BillingDeterminants determinants)
    {
        RatingResult result = RatingEngine.Rate(tariff, determinants);
        Assert.False(result.IsRated);
        return result.Refusal;
    }
}

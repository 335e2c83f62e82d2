using System.Text.Json.Nodes;
using Praman.Proof.Canonical;

namespace Praman.Server.Testing;

/// <summary>A small tariff of the form praman-tariff/1, and its arithmetic done by hand, so that the pages are tested without the engine.</summary>
internal static class SampleTariff
{
    public static byte[] Tariff { get; } = Canonical("""
        {"id":"in-sample-domestic","name":"Sample domestic","utility":["Sample Vidyut Nigam"],"state":"Gujarat","country":"IN","regulator":"GERC",
         "category":"domestic","currency":"INR","valid_from":"2023-04-01","valid_to":null,"status":"illustrative","confidence":"published",
         "billing":{"cycle_months":1,"month_fraction":"none","prorate":[],"slab_limit_rounding":"none","unit_step":"1",
           "line_rounding":{"step":"0.01","mode":"half_up"},"rate_change_split":"pro_rata_days","total_rounding":{"step":"1","mode":"half_up"}},
         "components":[
          {"id":"energy","kind":"blocks","group":"energy","label":"Energy charge","quantity":"kwh","mode":"telescopic","per":"month",
           "bands":[{"upto":"50","rate":"3.05"},{"upto":"100","rate":"3.50"},{"upto":"250","rate":"4.15"},{"rate":"5.20"}],"sources":["sample-order"]},
          {"id":"fixed","kind":"fixed","group":"fixed","label":"Fixed charge","per":"month","basis":"connection","rate":"25","sources":["sample-order"]},
          {"id":"fuel","kind":"unit","group":"surcharge","label":"Fuel surcharge","quantity":"kwh","series":"sample-fuel"},
          {"id":"duty","kind":"percent","group":"tax","label":"Electricity duty","of":[{"id":"energy"},{"id":"fixed"},{"id":"fuel"}],"rate":"15","sources":["sample-duty"]}],
         "notes":[],"sources":["sample-order"]}
        """);

    public static byte[] Series { get; } = Canonical("""
        {"unit":"INR/kWh","basis":"consumption_date","points":[{"from":"2025-07-01","value":"2.30","source":"sample-notice"}]}
        """);

    /// <summary>The lines of a bill and its sums, for whole watt-hours.</summary>
    public static (JsonArray Lines, long Gross, long Total) Rate(long energyWh)
    {
        long units = Round(energyWh / 1000m);
        var energyParts = new JsonArray();
        long energy = 0, below = 0;
        foreach ((long limit, decimal rate) in ((long, decimal)[])[(50, 3.05m), (100, 3.50m), (250, 4.15m), (long.MaxValue, 5.20m)])
        {
            long inBand = Math.Min(units, limit) - below;
            if (inBand <= 0) break;
            below += inBand;
            long paise = Round(inBand * rate * 100);
            energy += paise;
            energyParts.Add(Part(paise, Text(rate), Text(inBand)));
        }
        long fuel = Round(units * 2.30m * 100), duty = Round((energy + 2500 + fuel) * 0.15m);
        string steps = string.Join("; ", energyParts.Select(p => $"{p!["units"]} kWh × {p["rate"]} = {Rupees((long)p["paise"]!)}"));
        if (energyParts.Count != 1) steps += energyParts.Count == 0 ? "nothing to charge = 0.00" : $"; sum = {Rupees(energy)}";
        string energyRate = energyParts.Count == 1 ? (string)energyParts[0]!["rate"]! : "";
        var lines = new JsonArray
        {
            Line("energy", "energy", "Energy charge", steps, ["readings"], energyParts, energy, Text(units), energyRate, ["sample-order"], "kWh"),
            Line("fixed", "fixed", "Fixed charge", "25 × 1 month = 25.00", [], [Part(2500, "25", "1")], 2500, "1", "25", ["sample-order"], "connection"),
            Line("fuel", "surcharge", "Fuel surcharge", $"{units} kWh × 2.30 = {Rupees(fuel)}", ["readings"], [Part(fuel, "2.30", Text(units))], fuel, Text(units), "2.30", ["sample-notice"], "kWh"),
            Line("duty", "tax", "Electricity duty", $"15 % of {Rupees(energy + 2500 + fuel)} INR = {Rupees(duty)}", ["line:energy", "line:fixed", "line:fuel"],
                [Part(duty, "15", Rupees(energy + 2500 + fuel))], duty, Rupees(energy + 2500 + fuel), "15", ["sample-duty"], "INR"),
        };
        long gross = energy + 2500 + fuel + duty;
        return (lines, gross, Round(gross / 100m) * 100);
    }

    public static byte[] Canonical(string json) => CanonicalJson.Canonicalize(System.Text.Encoding.UTF8.GetBytes(json));

    public static byte[] Canonical(JsonNode json) => Canonical(json.ToJsonString());

    private static JsonObject Line(
        string id, string group, string label, string formula, JsonArray inputs, JsonArray parts, long paise, string quantity, string rate, JsonArray sources, string unit) => new()
        {
            ["id"] = id, ["group"] = group, ["label"] = label, ["formula"] = formula, ["inputs"] = inputs, ["parts"] = parts, ["paise"] = paise,
            ["quantity"] = quantity, ["rate"] = rate, ["sources"] = sources, ["unit"] = unit,
        };

    private static JsonObject Part(long paise, string rate, string units) => new() { ["paise"] = paise, ["rate"] = rate, ["units"] = units };

    private static long Round(decimal value) => (long)Math.Round(value, MidpointRounding.AwayFromZero);

    private static string Text(decimal value) => value.ToString("0.00##", System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Rupees(long paise) => (paise / 100m).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);
}

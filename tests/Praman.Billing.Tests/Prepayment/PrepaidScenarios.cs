using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tests.Rating;
using Praman.Testing;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>The prepaid scenarios of the vectors.</summary>
internal static class PrepaidScenarios
{
    private static readonly Dictionary<string, JsonElement> All =
        JsonElement.Parse(File.ReadAllBytes(TestFiles.InRepository("tests", "Praman.Billing.Tests", "vectors", "prepaid-scenarios.json"))).GetProperty("scenarios").EnumerateArray()
            .ToDictionary(s => s.GetProperty("id").GetString()!);

    public static JsonElement Inputs(string id) => All[id].GetProperty("inputs");
    public static JsonElement Expected(string id) => All[id].GetProperty("expected");
    public static decimal Number(JsonElement value) => decimal.Parse(value.GetString()!, CultureInfo.InvariantCulture);
    public static LocalDate Date(JsonElement value) => LocalDatePattern.Iso.Parse(value.GetString()!).Value;
    public static BillingPeriod Dates(JsonElement value) => new(Date(value.GetProperty("from")), Date(value.GetProperty("to")));
    public static decimal[] Numbers(JsonElement values) => [.. values.EnumerateArray().Select(Number)];

    public static PeriodSettlement Open(string tariff, BillingPeriod period, decimal? loadKw = null, decimal? demandKw = null) =>
        new(WorkedBills.Tariff(tariff), new() { Period = period, SanctionedLoadKw = loadKw, MaxDemandKw = demandKw });

    public static DayPosting Post(PeriodSettlement settlement, decimal kwh, DayQuality quality = DayQuality.Actual)
    {
        SettledDay day = settlement.Post(new(kwh, quality));
        Assert.True(day.IsPosted, day.Refusal?.Message);
        return day.Posting;
    }

    public static PeriodClose Close(PeriodSettlement settlement, decimal? demandKw = null)
    {
        PeriodClose? close = settlement.Close(demandKw, out RatingRefusal? refusal);
        Assert.True(close is not null, refusal?.Message);
        return close;
    }

    /// <summary>The lines of a posting by name, as the scenario prints them.</summary>
    public static void AssertLines(JsonElement expected, DayPosting posting)
    {
        foreach (JsonProperty line in expected.GetProperty("lines").EnumerateObject()) Assert.Equal(Number(line.Value), Amount(posting.Lines, line.Name));
        Assert.Equal(Number(expected.GetProperty("kwh")), posting.Use.Kwh);
        Assert.Equal(Number(expected.GetProperty("deduction")), posting.Deduction);
        Assert.Equal(Date(expected.GetProperty("date")), posting.Date);
        Assert.Empty(posting.Repricing);
    }

    public static decimal Amount(IReadOnlyList<PostingLine> lines, string id) => lines.Where(l => l.Id == id).Sum(l => l.Amount);
}

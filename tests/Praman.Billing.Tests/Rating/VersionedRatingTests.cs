using System.Globalization;
using System.Text.Json;
using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Tests.Rating;

/// <summary>A period within which the tariff changes, divided by the engine.</summary>
public sealed class VersionedRatingTests
{
    private static JsonElement Rate(string inputs, params string[] versions) => WorkedBillTests.Rate(JsonElement.Parse(
        $$"""{"id": "v", "tariff": "in-mh-msedcl-2025", "versions": {{JsonSerializer.Serialize(versions)}}, "inputs": {{inputs}}}"""));

    private static string? Missing(JsonElement answer) => answer.GetProperty("error").GetProperty("missing").GetString();

    private const string Thirty = """{"period": {"from": "2025-06-16", "to": "2025-07-15"}, "quantities": {"kwh": "300"}}""";

    /// <summary>The worked bill that divides by hand, line by line and part by part.</summary>
    [Fact]
    public void DividesAsTheWorkedBillDoes()
    {
        JsonElement byHand = WorkedBillTests.Rate(WorkedBills.Cases["mh-msedcl-tariff-change"]), divided = Rate(Thirty, "in-mh-msedcl-2024");
        Assert.Equal("3730.00", divided.GetProperty("total").GetString());
        foreach (string member in (string[])["lines", "net", "rounding", "total", "months"]) Assert.Equal(byHand.GetProperty(member).GetRawText(), divided.GetProperty(member).GetRawText());
    }

    [Fact]
    public void UnitsThatDaysDoNotDivideGoToTheLastPart()
    {
        JsonElement[] lines = [.. Rate(Thirty.Replace("300", "301", StringComparison.Ordinal).Replace("2025-07-15", "2025-07-16", StringComparison.Ordinal), "in-mh-msedcl-2024").GetProperty("lines").EnumerateArray()];
        string? quantity(string id) => lines.Single(line => line.GetProperty("id").GetString() == id).GetProperty("quantity").GetString();
        Assert.Equal(("146", "155"), (quantity("1.energy_wheeling"), quantity("2.energy_wheeling"))); // 301 × 15/31 = 145.6
    }

    [Fact]
    public void DatedIntervalsGoToTheVersionOfTheirDay()
    {
        string intervals = string.Join(", ", Enumerable.Range(0, 30).Select(day =>
            string.Create(CultureInfo.InvariantCulture, $$"""{"from": "{{new LocalDate(2025, 6, 16).PlusDays(day):uuuu-MM-dd}}T12:00", "kwh": "{{(day < 15 ? 4 : 16)}}"}""")));
        JsonElement[] lines = [.. Rate(Thirty.Replace("}}", $"}}, \"intervals\": [{intervals}]}}", StringComparison.Ordinal), "in-mh-msedcl-2024").GetProperty("lines").EnumerateArray()];
        string? quantity(string id) => lines.Single(line => line.GetProperty("id").GetString() == id).GetProperty("quantity").GetString();
        Assert.Equal(("60", "240"), (quantity("1.energy_wheeling"), quantity("2.energy_wheeling")));
    }

    [Fact]
    public void ADayWithoutAVersionAndWhatCannotBeDividedAreNamed()
    {
        Assert.Equal("2025-06-16", Missing(Rate(Thirty, "in-mh-msedcl-2020")));
        Assert.Equal("TARIFF-GAP", Rate(Thirty, "in-mh-msedcl-2020").GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("no-such", Missing(Rate(Thirty, "no-such")));
        Assert.Equal("billing_months", Missing(Rate(Thirty.Replace("\"quantities\"", "\"billing_months\": \"1\", \"quantities\"", StringComparison.Ordinal), "in-mh-msedcl-2024")));
        Assert.Equal("period", Missing(Rate("""{"quantities": {"kwh": "300"}}""", "in-mh-msedcl-2024")));
    }

    [Fact]
    public void AVersionThatCountsNoDaysCannotBeDivided()
    {
        CompiledTariff flat = MadeUpTariff.Of(MadeUpTariff.Flat), later = WorkedBills.Book.Find("in-mh-msedcl-2025")!;
        RatingResult result = VersionedRating.Rate([flat, later], new BillingDeterminants { Period = new(new(2025, 6, 16), new(2025, 7, 15)), Kwh = 300 });
        Assert.Equal("month_fraction", result.Refusal?.Missing);
        // Within one version nothing is divided.
        Assert.Equal(1_500m, VersionedRating.Rate([flat, later], new BillingDeterminants { Period = new(new(2025, 5, 1), new(2025, 5, 31)), Kwh = 300 }).Bill?.Total);
    }
}

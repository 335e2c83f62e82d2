using System.Globalization;
using System.Text.Json;
using CsCheck;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;
using Praman.Testing;

namespace Praman.Billing.Tests.Rating;

/// <summary>The cumulative bill B(k) of a prepaid period.</summary>
public sealed class RateToDateTests
{
    private static readonly IReadOnlyDictionary<string, JsonElement> Scenarios =
        JsonElement.Parse(File.ReadAllBytes(TestFiles.InRepository("tests", "Praman.Billing.Tests", "vectors", "prepaid-scenarios.json"))).GetProperty("scenarios").EnumerateArray()
            .ToDictionary(s => s.GetProperty("id").GetString()!);

    private static decimal Number(JsonElement value) => decimal.Parse(value.GetString()!, CultureInfo.InvariantCulture);

    private static BillingPeriod Period(JsonElement value) =>
        new(LocalDatePattern.Iso.Parse(value.GetProperty("from").GetString()!).Value, LocalDatePattern.Iso.Parse(value.GetProperty("to").GetString()!).Value);

    private static RatedBill ToDate(string tariff, BillingDeterminants inputs, decimal[] byDay, int days)
    {
        RatingResult result = RatingEngine.RateToDate(WorkedBills.Tariff(tariff), inputs, byDay.AsMemory(0, days));
        Assert.True(result.IsRated, result.Refusal?.Message);
        return result.Bill;
    }

    [Fact]
    public void EachDayOfTheGujaratMonthDeductsWhatTheScenarioSays()
    {
        JsonElement scenario = Scenarios["gj-daily-30"], inputs = scenario.GetProperty("inputs");
        decimal[] byDay = [.. inputs.GetProperty("daily_kwh").EnumerateArray().Select(Number)];
        BillingDeterminants month = new() { Period = Period(inputs.GetProperty("period")), SanctionedLoadKw = Number(inputs.GetProperty("sanctioned_load_kw")) };
        int day = 0;
        RatedBill? before = null;
        foreach (JsonElement expected in scenario.GetProperty("expected").GetProperty("daily").EnumerateArray())
        {
            RatedBill after = ToDate("in-gj-rgp-urban", month, byDay, ++day);
            foreach (JsonProperty line in expected.GetProperty("lines").EnumerateObject())
            {
                Assert.Equal(Number(line.Value), after.Line(line.Name)!.Amount - (before?.Line(line.Name)!.Amount ?? 0));
            }
            Assert.Equal(Number(expected.GetProperty("deduction")), after.Net - (before?.Net ?? 0));
            before = after;
        }
        Assert.Equal(30, day);
        Assert.Equal(Number(scenario.GetProperty("expected").GetProperty("month_bill_same_units")), before!.Net);
    }

    [Fact]
    public void HeavyDaysFirstCostNoMoreThanAnEvenMonth()
    {
        JsonElement scenario = Scenarios["daily-slab-trap"], inputs = scenario.GetProperty("inputs");
        decimal[] byDay = [.. inputs.GetProperty("daily_kwh").EnumerateArray().Select(Number)];
        RatedBill bill = ToDate("in-gj-rgp-urban", new() { Period = Period(inputs.GetProperty("period")), SanctionedLoadKw = 2 }, byDay, 30);
        Assert.Equal(Number(scenario.GetProperty("expected").GetProperty("correct_total")), bill.Net);
    }

    [Fact]
    public void CrossingTheTamilNaduCliffRepricesOnThatDay()
    {
        JsonElement scenario = Scenarios["tn-cliff-trueup"], expected = scenario.GetProperty("expected");
        BillingPeriod cycle = Period(scenario.GetProperty("inputs").GetProperty("cycle"));
        decimal[] byDay = Enumerable.Repeat(9m, 60).ToArray();
        BillingDeterminants inputs = new() { Period = cycle };
        int crossing = NodaTime.Period.DaysBetween(cycle.From, LocalDatePattern.Iso.Parse(expected.GetProperty("crossing_day").GetString()!).Value) + 1;
        decimal Deduction(int day) => ToDate("in-tn-1a-2022", inputs, byDay, day).Net!.Value - ToDate("in-tn-1a-2022", inputs, byDay, day - 1).Net!.Value;
        Assert.Equal(Number(expected.GetProperty("deduction_that_day")), Deduction(crossing));
        Assert.Equal(Number(expected.GetProperty("day_before")), Deduction(crossing - 1));
        Assert.Equal(Number(expected.GetProperty("day_after")), Deduction(crossing + 1));
        Assert.Equal(Number(expected.GetProperty("cycle_total")), ToDate("in-tn-1a-2022", inputs, byDay, 60).Net);
    }

    [Fact]
    public void NothingIsDeductedInBiharBelowTheFreeUnits()
    {
        JsonElement scenario = Scenarios["br-free125-prepaid"];
        BillingDeterminants inputs = new() { Period = Period(scenario.GetProperty("inputs").GetProperty("period")), SanctionedLoadKw = 2, MaxDemandKw = 1 };
        decimal[] byDay = Enumerable.Repeat(5m, 30).ToArray();
        for (int day = 1; day <= 25; day++) Assert.Equal(0m, ToDate("in-br-ds2-urban", inputs, byDay, day).Net);
        decimal Energy(int day) => ToDate("in-br-ds2-urban", inputs, byDay, day).Lines.Where(l => l.Id != "fixed").Sum(l => l.Amount);
        for (int day = 27; day <= 30; day++) Assert.Equal(27.60m, Energy(day) - Energy(day - 1));
        Assert.Equal(138.00m, Energy(30));
        Assert.Equal(198.00m, ToDate("in-br-ds2-urban", inputs, byDay, 30).Net); // 211.43 of the scenario less its duty of 13.43, which the tariff leaves out
    }

    [Theory]
    [InlineData("in-mh-msedcl-2024", "2025-06-16", "2025-06-30")]
    [InlineData("in-mh-msedcl-2025", "2025-07-01", "2025-07-15")]
    public void AMaharashtraSegmentDeductsWhatTheScenarioSays(string tariff, string from, string to)
    {
        BillingPeriod period = new(LocalDatePattern.Iso.Parse(from).Value, LocalDatePattern.Iso.Parse(to).Value);
        decimal[] byDay = Enumerable.Repeat(10m, 15).ToArray();
        int compared = 0;
        foreach (JsonElement day in Scenarios["mh-tariff-order-change"].GetProperty("expected").GetProperty("selected_days").EnumerateArray())
        {
            LocalDate date = LocalDatePattern.Iso.Parse(day.GetProperty("date").GetString()!).Value;
            if (date < period.From || date > period.To) continue;
            compared++;
            int k = NodaTime.Period.DaysBetween(period.From, date) + 1;
            RatedBill after = ToDate(tariff, new() { Period = period }, byDay, k);
            RatedBill? before = k > 1 ? ToDate(tariff, new() { Period = period }, byDay, k - 1) : null;
            foreach (JsonProperty line in day.GetProperty("lines").EnumerateObject()) Assert.Equal(Number(line.Value), after.Line(line.Name)!.Amount - (before?.Line(line.Name)!.Amount ?? 0));
            Assert.Equal(-Number(day.GetProperty("balance")), after.Net);
        }
        Assert.True(compared >= 2);
    }

    /// <summary>Whole units a day, no rate change: the last B(k) is the bill of the period, line by line; nothing is ever given back.</summary>
    [Fact]
    public void TheLastDayIsTheBillOfThePeriod() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 31], Gen.Int[0, 40].Array[31], Gen.Int[1, 12]).Sample((which, days, use, load) =>
        {
            (string tariff, LocalDate from) = new[] { ("in-gj-rgp-urban", new LocalDate(2025, 10, 1)), ("in-dl-brpl", new(2022, 6, 20)), ("in-up-lmv1-urban", new(2025, 10, 1)), ("in-dl-brpl-2012", new(2012, 2, 10)) }[which];
            if (tariff == "in-dl-brpl-2012") (use, load) = ([.. use.Select(u => u / 10)], 2);
            decimal[] byDay = [.. use.Take(days).Select(u => (decimal)u)];
            BillingDeterminants inputs = new() { Period = new(from, from.PlusDays(days - 1)), SanctionedLoadKw = load / 2m, Kwh = byDay.Sum() };
            RatedBill bill = MadeUpTariff.Bill(WorkedBills.Tariff(tariff), inputs), last = ToDate(tariff, inputs, byDay, days);
            Assert.Equal(bill.Lines.Select(l => (l.Id, l.Amount)), last.Lines.Select(l => (l.Id, l.Amount)));
            decimal before = 0;
            for (int day = 1; day <= days; day++)
            {
                decimal gross = ToDate(tariff, inputs, byDay, day).Gross!.Value;
                Assert.True(gross >= before);
                before = gross;
            }
        }, seed: "0000KGJ5yaB3", iter: 300);

    [Fact]
    public void FutureDaysOfASeriesAreNotAskedFor()
    {
        decimal[] byDay = Enumerable.Repeat(4m, 31).ToArray();
        BillingDeterminants inputs = new() { Period = new(new(2022, 7, 15), new(2022, 8, 14)), SanctionedLoadKw = 2 };
        Assert.True(RatingEngine.RateToDate(WorkedBills.Tariff("in-dl-brpl"), inputs, byDay.AsMemory(0, 17)).IsRated);
        Assert.Equal("dl-ppac-brpl 2022-08-01", RatingEngine.RateToDate(WorkedBills.Tariff("in-dl-brpl"), inputs, byDay.AsMemory(0, 18)).Refusal?.Missing);
        Assert.Equal("kwh_by_day", RatingEngine.RateToDate(WorkedBills.Tariff("in-dl-brpl"), inputs, default).Refusal?.Missing);
        Assert.Equal("period", RatingEngine.RateToDate(WorkedBills.Tariff("in-dl-brpl"), new(), byDay).Refusal?.Missing);
    }
}

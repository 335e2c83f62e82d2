using NodaTime;
using Praman.Billing.Rating;
using static Praman.Billing.Tests.Rating.MadeUpTariff;

namespace Praman.Billing.Tests.Rating;

/// <summary>Single rules of the format, on small tariffs.</summary>
public sealed class RatingRuleTests
{
    private static readonly BillingPeriod September = new(new(2025, 9, 1), new(2025, 9, 30));

    [Theory]
    [InlineData("100", "300.00")]
    [InlineData("100.001", "400.00")] // 100.001 × 4 = 400.004
    [InlineData("0", "0.00")]
    public void WholeModeChargesAllUnitsAtTheRateOfTheBandReached(string kwh, string amount)
    {
        CompiledTariff tariff = Of("""{"id": "energy", "kind": "blocks", "group": "energy", "label": "Energy", "quantity": "kwh", "mode": "whole", "per": "month", "bands": [{"upto": "100", "rate": "3"}, {"rate": "4"}]}""");
        Assert.Equal(amount, DecimalText.Money(Bill(tariff, new() { Kwh = Parse(kwh) }).Line("energy")!.Amount));
    }

    [Fact]
    public void AMinimumTopsUpTheLinesThatAreNotExcluded()
    {
        CompiledTariff tariff = Of(Flat + """, {"id": "rent", "kind": "fixed", "group": "surcharge", "label": "Rent", "per": "month", "basis": "connection", "rate": "10"}""",
            more: """, "minimum": {"amount": "100", "per": "month", "exclude": ["rent"]}""");
        RatedBill low = Bill(tariff, new() { Kwh = 4 });
        Assert.Equal(80m, low.Line("minimum")!.Amount);
        Assert.Equal(110m, low.Gross);
        Assert.Null(Bill(tariff, new() { Kwh = 20 }).Line("minimum"));
    }

    [Fact]
    public void APerDayMinimumNeedsTheDays()
    {
        CompiledTariff tariff = Of(Flat, more: """, "minimum": {"amount": "2", "per": "day", "exclude": []}""");
        Assert.Equal(60m, Bill(tariff, new() { Kwh = 4, Period = September }).Gross);
        Assert.Equal("period", Refusal(tariff, new() { Kwh = 4 }).Missing);
    }

    private const string Changing = """ "fuel": {"unit": "INR/kWh", "basis": "consumption_date", "points": [{"from": "2025-01-01", "value": "1", "source": "s"}, {"from": "2025-09-11", "value": "2", "source": "s"}]}""";
    private const string Fuel = """{"id": "fuel", "kind": "unit", "group": "surcharge", "label": "Fuel", "quantity": "kwh", "series": "fuel"}""";

    [Fact]
    public void UnitsAtARateChangeGoByDaysAndTheLastPartTakesTheRest()
    {
        RatedLine line = Bill(Of(Fuel, series: Changing), new() { Kwh = 100, Period = September }).Line("fuel")!;
        Assert.Equal(["33.333", "66.667"], line.Parts.Select(p => p.Units.ToString()));
        Assert.Equal([33.33m, 133.33m], line.Parts.Select(p => p.Amount));
        Assert.Equal(new LocalDate(2025, 9, 11), line.Parts[1].From);
        Assert.Equal("s", Assert.Single(line.Sources)); // the source of the points
    }

    [Fact]
    public void UnitsAtARateChangeGoByDatedIntervalsWhereTheTariffSaysSo()
    {
        CompiledTariff tariff = Of(Fuel, billing: """, "rate_change_split": "by_interval" """, series: Changing);
        IntervalEnergy[] intervals = [new(new(2025, 9, 10), new(23, 30), 80, null), new(new(2025, 9, 11), LocalTime.Midnight, 20, null)];
        RatedLine line = Bill(tariff, new() { Period = September, Intervals = intervals }).Line("fuel")!;
        Assert.Equal(["80", "20"], line.Parts.Select(p => p.Units.ToString()));
        Assert.Equal(120m, line.Amount);
        // Times without dates do not say on which side they fall: by days.
        Assert.Equal(166.66m, Bill(tariff, new() { Period = September, Intervals = [.. intervals.Select(i => i with { Date = null })] }).Line("fuel")!.Amount);
    }

    [Fact]
    public void APercentageThatChangesCountsAnUndatedBaseByDays()
    {
        CompiledTariff tariff = Of(Flat + """, {"id": "tax", "kind": "percent", "group": "tax", "label": "Tax", "of": [{"id": "energy"}], "series": "fuel"}""", series: Changing);
        RatedLine tax = Bill(tariff, new() { Kwh = 60, Period = September }).Line("tax")!;
        Assert.Equal([1.00m, 4.00m], tax.Parts.Select(p => p.Amount)); // 1 % of 100 and 2 % of 200
    }

    [Fact]
    public void ASeriesByBillDateIsLookedUpOnceAndAsksForThatDate()
    {
        CompiledTariff tariff = Of(Fuel, series: Changing.Replace("consumption_date", "bill_date", StringComparison.Ordinal));
        Assert.Equal(20m, Bill(tariff, new() { Kwh = 10, Period = September, BillDate = new(2025, 10, 5) }).Gross);
        Assert.Equal("bill_date", Refusal(tariff, new() { Kwh = 10, Period = September }).Missing);
    }

    [Fact]
    public void ASeriesGapCountsAlsoWhereNothingWasUsed()
    {
        string series = Changing.Replace("\"from\": \"2025-01-01\",", "\"from\": \"2025-01-01\", \"to\": \"2025-09-05\",", StringComparison.Ordinal);
        Assert.Equal("fuel 2025-09-06", Refusal(Of(Fuel, series: series), new() { Kwh = 0, Period = September }).Missing);
    }

    private const string TimeOfDay = """{"id": "energy", "kind": "tod", "group": "energy", "label": "Energy", "quantity": "kwh", "periods": [{"name": "peak", "days": "weekday", "from": "18:00", "to": "22:00", "rate": "8"}, {"name": "night", "from": "22:00", "to": "06:00", "rate": "3"}, {"name": "rest", "rate": "5"}]}""";

    [Fact]
    public void IntervalsGoToTheFirstPeriodThatHoldsTheirStart()
    {
        LocalDate friday = new(2025, 9, 5), saturday = new(2025, 9, 6);
        IntervalEnergy[] intervals =
        [
            new(friday, new(17, 30), 1, null), new(friday, new(18, 0), 10, null), new(friday, new(21, 30), 100, null), new(friday, new(22, 0), 1_000, null),
            new(saturday, new(5, 30), 10_000, null), new(saturday, new(6, 0), 100_000, null), new(saturday, new(18, 0), 1_000_000, null),
        ];
        RatedLine line = Bill(Of(TimeOfDay), new() { Intervals = intervals }).Line("energy")!;
        Assert.Equal(["110", "11000", "1100001"], line.Parts.Select(p => p.Units.ToString()));
        Assert.Equal("intervals[0].from", Refusal(Of(TimeOfDay.Replace("\"weekday\", \"from\": \"18:00\"", "\"weekday\", \"from\": \"17:00\"", StringComparison.Ordinal)), new() { Intervals = [intervals[0] with { Date = null }] }).Missing);
    }

    [Fact]
    public void TimeOfDayEnergyMustAddUpToTheUnitsBilled()
    {
        BillingDeterminants given = new() { Kwh = 10, KwhByTou = new Dictionary<string, decimal> { ["peak"] = 4, ["rest"] = 5 } };
        Assert.Equal("kwh_by_tod", Refusal(Of(TimeOfDay), given).Missing);
        Assert.Equal("kwh_by_tod.lunch", Refusal(Of(TimeOfDay), given with { KwhByTou = new Dictionary<string, decimal> { ["lunch"] = 10 } }).Missing);
        Assert.Equal("kwh_by_tod", Refusal(Of(TimeOfDay), new() { Kwh = 10 }).Missing);
        Assert.Equal(57m, Bill(Of(TimeOfDay), given with { Kwh = 9 }).Gross);
    }

    [Fact]
    public void AHolidayPeriodNeedsTheHolidays()
    {
        CompiledTariff tariff = Of("""{"id": "energy", "kind": "tod", "group": "energy", "label": "Energy", "periods": [{"name": "holiday", "days": "holiday", "from": "00:00", "to": "24:00", "rate": "1"}, {"name": "rest", "rate": "5"}]}""");
        IntervalEnergy[] intervals = [new(new(2025, 10, 2), new(12, 0), 1, null), new(new(2025, 10, 3), new(12, 0), 1, null)];
        Assert.Equal("holidays", Refusal(tariff, new() { Intervals = intervals }).Missing);
        Assert.Equal(6m, Bill(tariff, new() { Intervals = intervals, Holidays = [new LocalDate(2025, 10, 2)] }).Gross);
    }

    [Fact]
    public void APeriodHasItsMonths()
    {
        CompiledTariff tariff = Of("""{"id": "energy", "kind": "tod", "group": "energy", "label": "Energy", "periods": [{"name": "summer", "months": [4, 5, 6], "rate": "9"}, {"name": "rest", "rate": "5"}]}""");
        Assert.Equal(14m, Bill(tariff, new() { Intervals = [new(new(2025, 6, 30), new(12, 0), 1, null), new(new(2025, 7, 1), new(12, 0), 1, null)] }).Gross);
    }

    [Fact]
    public void BandsByLoadLookAtTheRoundedLoadAndIncludeTheirLimit()
    {
        CompiledTariff tariff = Of("""{"id": "fixed", "kind": "fixed", "group": "fixed", "label": "Fixed", "per": "month", "basis": "connection", "bands_by_load": [{"upto_kw": "2", "rate": "15"}, {"rate": "25"}], "load_rounding": {"step": "0.5", "mode": "up"}}""");
        Assert.Equal(15m, Bill(tariff, new() { SanctionedLoadKw = 2 }).Gross);
        Assert.Equal(15m, Bill(tariff, new() { SanctionedLoadKw = 1.6m }).Gross);
        Assert.Equal(25m, Bill(tariff, new() { SanctionedLoadKw = 2.01m }).Gross);
        Assert.Equal("sanctioned_load_kw", Refusal(tariff, new() { SanctionedLoadKw = -1 }).Missing);
    }

    [Theory]
    [InlineData(null, "4", "4.00")]
    [InlineData("4", null, "3.00")]
    [InlineData("4", "2", "3.00")]
    [InlineData("4", "5", "5.00")]
    public void TheHigherOfDemandAnd75PercentOfTheLoadIsCharged(string? sanctioned, string? demand, string amount)
    {
        CompiledTariff tariff = Of("""{"id": "fixed", "kind": "fixed", "group": "fixed", "label": "Fixed", "per": "month", "basis": "kw", "rate": "1", "load": "max_of_demand_and_75pct_sanctioned"}""");
        BillingDeterminants given = new() { SanctionedLoadKw = sanctioned is null ? null : Parse(sanctioned), MaxDemandKw = demand is null ? null : Parse(demand) };
        Assert.Equal(amount, DecimalText.Money(Bill(tariff, given).Gross!.Value));
    }

    [Fact]
    public void AMaximumOfTwoFiguresThatAreBothUnknownLeavesItsLineOpenAndTheTotalsUnknown()
    {
        CompiledTariff tariff = Of(Flat + """, {"id": "fixed", "kind": "fixed", "group": "fixed", "label": "Fixed", "per": "month", "basis": "kw", "rate": "1", "load": "max_of_demand_and_75pct_sanctioned"}, {"id": "tax", "kind": "percent", "group": "tax", "label": "Tax", "of": [{"id": "fixed"}], "rate": "5"}""");
        RatedBill bill = Bill(tariff, new() { Kwh = 1 });
        Assert.True(bill.Line("fixed")!.IsOpen);
        Assert.True(bill.Line("tax")!.IsOpen);
        Assert.Equal((null, null, null), (bill.Gross, bill.Net, bill.Total));
        Assert.Contains(bill.Warnings, w => w.Code == "LINE-OPEN");
    }

    [Fact]
    public void AConditionThatFailsOnAFlagAsksForNoInput()
    {
        CompiledTariff tariff = Of(Flat + """, {"id": "extra", "kind": "unit", "group": "surcharge", "label": "Extra", "quantity": "kwh", "rate": "1", "when": {"load_kw": {"gt": "5"}, "flags": ["rural"]}}""");
        Assert.Equal(5m, Bill(tariff, new() { Kwh = 1 }).Gross);
        Assert.Equal("sanctioned_load_kw", Refusal(tariff, new() { Kwh = 1, Flags = ["rural"] }).Missing);
        Assert.Equal(6m, Bill(tariff, new() { Kwh = 1, Flags = ["rural"], SanctionedLoadKw = 5.01m }).Gross);
        Assert.Equal(5m, Bill(tariff, new() { Kwh = 1, Flags = ["rural"], SanctionedLoadKw = 5 }).Gross);
    }

    [Fact]
    public void AnEntitlementIsTakenFromTheInputsAndItsAbsenceIsSaid()
    {
        CompiledTariff tariff = Of(Flat, more: """, "subsidies": [{"id": "scheme", "form": "entitlement"}]""");
        RatedBill without = Bill(tariff, new() { Kwh = 10 });
        Assert.Equal(50m, without.Net);
        Assert.Equal("ENTITLEMENT-LEFT-OUT", Assert.Single(without.Warnings).Code);
        Assert.Equal(37.5m, Bill(tariff, new() { Kwh = 10, External = new Dictionary<string, decimal> { ["scheme"] = 12.5m } }).Net);
    }

    [Theory]
    [InlineData("half_up", "0.5", "12.5")]
    [InlineData("up", "1", "13")]
    [InlineData("down", "1", "12")]
    [InlineData("half_up", "10", "10")]
    public void TheTotalIsRoundedAsTheTariffSaysAndTheDifferenceIsKept(string mode, string step, string total)
    {
        CompiledTariff tariff = MadeUpTariff.Of(Flat.Replace("\"5\"", "\"12.30\"", StringComparison.Ordinal), billing: "", more: "");
        Praman.Billing.Tariffs.Rounding rounding = new(Parse(step), mode switch { "up" => Praman.Billing.Tariffs.RoundingMode.Up, "down" => Praman.Billing.Tariffs.RoundingMode.Down, _ => Praman.Billing.Tariffs.RoundingMode.HalfUp });
        RatedBill bill = SplitBill.Join([Bill(tariff, new() { Kwh = 1 })], rounding);
        Assert.Equal(Parse(total), bill.Total);
        Assert.Equal(bill.Total, bill.Net + bill.Rounding);
    }

    [Fact]
    public void ACalendarMonthOfFebruaryInALeapYearHas29Days()
    {
        CompiledTariff tariff = Of("""{"id": "fixed", "kind": "fixed", "group": "fixed", "label": "Fixed", "per": "month", "basis": "connection", "rate": "290"}""",
            billing: """, "month_fraction": "calendar_sum", "prorate": ["fixed"]""");
        Assert.Equal(10m, Bill(tariff, new() { Period = new(new(2024, 2, 29), new(2024, 2, 29)) }).Gross);
        Assert.Equal(290m, Bill(tariff, new() { Period = new(new(2023, 2, 1), new(2023, 2, 28)) }).Gross);
        Assert.Equal(580m, Bill(tariff, new() { Period = new(new(2024, 2, 1), new(2024, 3, 31)) }).Gross);
    }

    [Fact]
    public void InputsThatContradictThemselvesAreRefused()
    {
        CompiledTariff tariff = Of(Flat);
        Assert.Equal("period", Refusal(tariff, new() { Kwh = 1, Period = new(new(2025, 9, 2), new(2025, 9, 1)) }).Missing);
        Assert.Equal("days", Refusal(tariff, new() { Kwh = 1, Period = September, Days = 31 }).Missing);
        Assert.Equal("days", Refusal(tariff, new() { Kwh = 1, Days = 0 }).Missing);
        Assert.Equal("billing_months", Refusal(tariff, new() { Kwh = 1, BillingMonths = 0 }).Missing);
        Assert.Equal("quantities.kwh", Refusal(tariff, new() { Kwh = -1 }).Missing);
        Assert.Equal("inputs", Refusal(Of(Flat.Replace("\"5\"", "\"99999999999.999999999\"", StringComparison.Ordinal)), new() { Kwh = 999_999_999_999.999m }).Missing);
    }

    [Fact]
    public void APeriodOutsideTheTariffsValidityIsSaid()
    {
        CompiledTariff assam = WorkedBills.Tariff("in-as-domA-2023-06");
        RatedBill bill = Bill(assam, new() { Kwh = 1, SanctionedLoadKw = 1, Period = new(new(2023, 7, 1), new(2023, 7, 30)) });
        Assert.Equal(["TARIFF-PARTIAL", "TARIFF-NOT-IN-FORCE"], bill.Warnings.Select(w => w.Code));
    }

    private static decimal Parse(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}

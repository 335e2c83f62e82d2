using System.Text.Json;
using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tests.Rating;
using static Praman.Billing.Tests.Prepayment.PrepaidScenarios;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>What a day costs, and what it makes of the days before it.</summary>
public sealed class DailyDeductionTests
{
    [Fact]
    public void AGujaratMonthPostsTheLinesOfTheScenario()
    {
        JsonElement inputs = Inputs("gj-daily-30"), expected = Expected("gj-daily-30");
        PeriodSettlement settlement = Open("in-gj-rgp-urban", Dates(inputs.GetProperty("period")), Number(inputs.GetProperty("sanctioned_load_kw")));
        decimal balance = Number(inputs.GetProperty("opening_balance"));
        foreach ((decimal kwh, JsonElement day) in Numbers(inputs.GetProperty("daily_kwh")).Zip(expected.GetProperty("daily").EnumerateArray()))
        {
            DayPosting posting = Post(settlement, kwh);
            AssertLines(day, posting);
            Assert.Equal(Number(day.GetProperty("balance")), balance -= posting.Deduction);
        }
        PeriodClose close = Close(settlement);
        Assert.Equal(Number(expected.GetProperty("month_bill_same_units")), close.SameUnits);
        foreach (JsonProperty total in expected.GetProperty("component_totals").EnumerateObject())
        {
            Assert.Equal(Number(total.Value), settlement.Postings.Sum(p => Amount(p.Lines, total.Name)));
        }
        Assert.Equal(TrueUpCause.UnitRounding, Assert.Single(close.Causes).Cause); // 278.408 kWh are billed as 278
    }

    [Fact]
    public void HeavyDaysFirstAreNotOvercharged()
    {
        JsonElement inputs = Inputs("daily-slab-trap"), expected = Expected("daily-slab-trap");
        PeriodSettlement settlement = Open("in-gj-rgp-urban", Dates(inputs.GetProperty("period")), Number(inputs.GetProperty("sanctioned_load_kw")));
        foreach (decimal kwh in Numbers(inputs.GetProperty("daily_kwh"))) Post(settlement, kwh);
        Assert.Equal(Number(expected.GetProperty("correct_total")), settlement.Deducted);
        Assert.NotEqual(Number(expected.GetProperty("wrong_total_daily_slabs")), settlement.Deducted);
        foreach (JsonProperty total in expected.GetProperty("correct_component_totals").EnumerateObject())
        {
            Assert.Equal(Number(total.Value), settlement.Postings.Sum(p => Amount(p.Lines, total.Name)));
        }
        Assert.Empty(Close(settlement).Causes);
    }

    [Fact]
    public void TheTamilNaduCrossingIsSplitIntoTodayAndEarlierDaysAndWarnedOfBefore()
    {
        JsonElement expected = Expected("tn-cliff-trueup");
        PeriodSettlement settlement = Open("in-tn-1a-2022", Dates(Inputs("tn-cliff-trueup").GetProperty("cycle")));
        LocalDate crossing = Date(expected.GetProperty("crossing_day"));
        Dictionary<LocalDate, CliffWarning> warnings = [];
        while (!settlement.IsFull)
        {
            DayPosting posting = Post(settlement, 9m);
            if (settlement.LookAhead(9m, 3, 1m) is { } warning) warnings.Add(posting.Date, warning);
            if (posting.Date == crossing)
            {
                Assert.Equal(Number(expected.GetProperty("deduction_that_day")), posting.Deduction);
                Assert.Equal(Number(expected.GetProperty("energy_of_that_day")), PostingLine.Sum(posting.Lines));
                Assert.Equal(Number(expected.GetProperty("true_up_loss_of_concession")), posting.RepricingTotal);
            }
            else Assert.Empty(posting.Repricing);
            if (posting.Date == crossing.PlusDays(-1)) Assert.Equal(Number(expected.GetProperty("day_before")), posting.Deduction);
            if (posting.Date == crossing.PlusDays(1)) Assert.Equal(Number(expected.GetProperty("day_after")), posting.Deduction);
        }
        Assert.Equal(Number(expected.GetProperty("cycle_total")), settlement.Deducted);
        Assert.Equal([crossing.PlusDays(-3), crossing.PlusDays(-2), crossing.PlusDays(-1)], warnings.Keys.Order());
        Assert.Equal(new CliffWarning(crossing, 3, 9m, 225m), warnings[crossing.PlusDays(-3)]);
        Assert.Equal(new CliffWarning(crossing, 1, 9m, 225m), warnings[crossing.PlusDays(-1)]);
    }

    /// <summary>The duty of the scenario is not in the published tariff, which says so: it is left out of the total here.</summary>
    [Fact]
    public void NothingIsDeductedInBiharUntilTheFreeUnitsAreUsedAndThenTheFixedChargeOfThePeriodStandsApart()
    {
        JsonElement inputs = Inputs("br-free125-prepaid"), expected = Expected("br-free125-prepaid");
        PeriodSettlement settlement = Open("in-br-ds2-urban", Dates(inputs.GetProperty("period")), Number(inputs.GetProperty("sanctioned_load_kw")), Number(inputs.GetProperty("max_demand_kw")));
        for (int day = 1; day <= 30; day++)
        {
            DayPosting posting = Post(settlement, 5m);
            decimal fixedCharge = Amount(posting.Repricing, "fixed") + Amount(posting.Repricing, "free125");
            if (day <= 25) Assert.Equal(Number(expected.GetProperty("deduction_days_1_to_25")), posting.Deduction);
            else Assert.Equal(Number(expected.GetProperty("energy_each_day_26_to_30")), PostingLine.Sum(posting.Lines));
            Assert.Equal(day == 26 ? Number(expected.GetProperty("fixed_posted_on_day_26")) : 0m, PostingLine.Sum(posting.Repricing));
            Assert.Equal(PostingLine.Sum(posting.Repricing), fixedCharge);
        }
        Assert.Equal(Number(expected.GetProperty("energy_total")), settlement.Deducted - 60m);
        Assert.Equal(Number(expected.GetProperty("period_total")) - Number(expected.GetProperty("duty_total")), settlement.Deducted);
    }

    [Fact]
    public void ATariffOrderInsideAPrepaidMonthMakesTwoSegments()
    {
        JsonElement inputs = Inputs("mh-tariff-order-change"), expected = Expected("mh-tariff-order-change");
        Dictionary<LocalDate, JsonElement> selected = expected.GetProperty("selected_days").EnumerateArray().ToDictionary(d => Date(d.GetProperty("date")));
        decimal total = 0;
        int compared = 0;
        foreach ((JsonElement segment, int index) in inputs.GetProperty("segments").EnumerateArray().Select((s, i) => (s, i)))
        {
            PeriodSettlement settlement = Open(inputs.GetProperty("tariffs")[index].GetString()!, Dates(segment));
            decimal balance = 0;
            while (!settlement.IsFull)
            {
                DayPosting posting = Post(settlement, Number(inputs.GetProperty("daily_kwh")));
                balance -= posting.Deduction;
                if (!selected.TryGetValue(posting.Date, out JsonElement day)) continue;
                AssertLines(day, posting);
                Assert.Equal(Number(day.GetProperty("balance")), balance);
                compared++;
            }
            foreach (JsonProperty line in expected.GetProperty($"segment_{index + 1}").EnumerateObject())
            {
                Assert.Equal(Number(line.Value), settlement.Postings.Sum(p => Amount(p.Lines, line.Name)));
            }
            total += settlement.Deducted;
        }
        Assert.Equal(selected.Count, compared);
        Assert.Equal(Number(expected.GetProperty("total_before_rounding")), total);
    }

    [Fact]
    public void OneRateForAllUnitsRepricesEarlierDaysOnTheDayItsBandIsReached()
    {
        CompiledTariff tariff = MadeUpTariff.Of("""
            {"id": "energy", "kind": "blocks", "group": "energy", "label": "Energy", "quantity": "kwh", "per": "month", "mode": "whole", "bands": [{"upto": "100", "rate": "4"}, {"rate": "6"}]}
            """);
        PeriodSettlement settlement = new(tariff, new() { Period = new(new(2026, 2, 1), new(2026, 2, 28)) });
        for (int day = 1; day <= 9; day++) Assert.Equal(44m, Post(settlement, 11m).Deduction);
        DayPosting crossing = Post(settlement, 11m); // 99 kWh become 110
        Assert.Equal((66m, 198m), (PostingLine.Sum(crossing.Lines), crossing.RepricingTotal));
        Assert.Equal(66m, Post(settlement, 11m).Deduction);
        Assert.Equal("energy", Assert.Single(crossing.Repricing).Id);
    }

    [Fact]
    public void ADayThatCannotBeRatedChangesNothing()
    {
        PeriodSettlement settlement = Open("in-dl-brpl", new(new(2022, 7, 31), new(2022, 8, 2)), 2m);
        Post(settlement, 4m);
        Assert.Equal("dl-ppac-brpl 2022-08-01", settlement.Post(new(4m)).Refusal?.Missing); // a gap of the series
        Assert.Equal(RefusalCodes.InputInvalid, settlement.Post(new(-1m)).Refusal?.Code);
        Assert.Single(settlement.Days);
        Assert.Single(settlement.Postings);
        Assert.Equal(new LocalDate(2022, 8, 1), settlement.NextDay);
        PeriodSettlement open = Open("in-br-ds2-urban", new(new(2026, 1, 1), new(2026, 1, 31)));
        for (int day = 1; day <= 25; day++) Assert.Null(open.Post(new(5m)).Refusal);
        Assert.Equal("fixed", open.Post(new(5m)).Refusal?.Missing); // neither load nor demand is known, and now the fixed charge is due
    }
}

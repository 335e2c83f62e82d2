using System.Text.Json;
using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using static Praman.Billing.Tests.Prepayment.PrepaidScenarios;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>Days that were not read, and what happens when they are.</summary>
public sealed class UnreadDayTests
{
    private static bool NoHoliday(LocalDate _) => false;

    [Fact]
    public void EstimatesAreMirroredExactlyAndTheTrueDaysPostedUnderTheirOwnDates()
    {
        JsonElement inputs = Inputs("estimated-days"), expected = Expected("estimated-days");
        PeriodSettlement settlement = Open("in-gj-rgp-urban", Dates(inputs.GetProperty("period")), Number(inputs.GetProperty("sanctioned_load_kw")));
        decimal balance = Number(inputs.GetProperty("opening_balance"));
        List<(LocalDate, decimal)> valid = [];
        foreach (decimal kwh in Numbers(inputs.GetProperty("read_days_kwh")))
        {
            DayPosting posting = Post(settlement, kwh);
            valid.Add((posting.Date, kwh));
            balance -= posting.Deduction;
        }
        int unread = 0;
        foreach (JsonElement day in expected.GetProperty("provisional").EnumerateArray())
        {
            DayUse estimate = DayEstimate.For(settlement.NextDay, unread++, valid, NoHoliday);
            Assert.Equal((DayQuality.Estimated, Number(inputs.GetProperty("provisional_kwh_each"))), (estimate.Quality, estimate.Kwh));
            DayPosting posting = Post(settlement, estimate.Kwh, estimate.Quality);
            AssertLines(day, posting);
            Assert.Equal(Number(day.GetProperty("balance")), balance -= posting.Deduction);
        }
        DayPosting[] provisional = [.. settlement.Postings.Skip(5)];
        Correction? correction = settlement.Replace(new(2025, 9, 6), [.. Numbers(inputs.GetProperty("actual_kwh_days_6_8")).Select(k => new DayUse(k))], out _);
        Assert.NotNull(correction);
        Assert.Equal(-Number(expected.GetProperty("reversal_total")), correction.ReversalTotal);
        foreach ((DayPosting mirror, DayPosting original) in correction.Reversals.Zip(provisional))
        {
            Assert.Equal((original.Sequence, original.Date, -original.Deduction), (mirror.Reverses, mirror.Date, mirror.Deduction));
            Assert.All(original.Lines.Zip(mirror.Lines), pair => Assert.Equal((pair.First.Id, pair.First.Amount), (pair.Second.Id, -pair.Second.Amount)));
        }
        balance -= correction.ReversalTotal;
        foreach ((JsonElement day, DayPosting repost) in expected.GetProperty("repost").EnumerateArray().Zip(correction.Reposts))
        {
            AssertLines(day, repost);
            Assert.Equal(Number(day.GetProperty("balance")), balance -= repost.Deduction);
        }
        Assert.Equal(Number(expected.GetProperty("repost_total")), correction.RepostTotal);
        Assert.Equal(-Number(expected.GetProperty("credit_to_wallet")), correction.Net);
        Assert.Equal(Number(expected.GetProperty("balance_after_day_8_corrected")), balance);
        Assert.Equal(5 + 3 + 3 + 3, settlement.Postings.Count); // nothing was taken away
        Assert.Same(correction.Reposts[1], settlement.Standing(new(2025, 9, 7)));
    }

    [Fact]
    public void TheEstimateIsTheMeanOfSevenDaysOfItsKindElseOfLastYearElseOfAnyDays()
    {
        LocalDate monday = new(2026, 3, 2);
        List<(LocalDate Date, decimal Kwh)> valid = [.. Enumerable.Range(1, 28).Select(back => (monday.PlusDays(-back), monday.PlusDays(-back).DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday ? 20m : back <= 11 ? 7m : 1m))];
        Assert.Equal(new(7m, DayQuality.Estimated), DayEstimate.For(monday, 0, valid, NoHoliday));
        Assert.Equal(new(20m, DayQuality.Estimated), DayEstimate.For(monday.PlusDays(-1), 0, valid, NoHoliday));
        Assert.Equal(new(20m, DayQuality.Estimated), DayEstimate.For(monday, 0, valid, d => d == monday)); // a holiday is like a Sunday
        LocalDate yearAgo = monday.PlusDays(-364);
        Assert.Equal(new(4m, DayQuality.Estimated), DayEstimate.For(monday, 0, [(yearAgo, 4m), (monday.PlusDays(-1), 30m)], NoHoliday));
        Assert.Equal(new(30m, DayQuality.Estimated), DayEstimate.For(monday, 0, [(monday.PlusDays(-1), 30m), (monday.PlusDays(1), 90m)], NoHoliday));
        Assert.Equal(new(0m, DayQuality.FixedOnly), DayEstimate.For(monday, 0, [], NoHoliday));
        Assert.Equal(new(0m, DayQuality.FixedOnly), DayEstimate.For(monday, 3, valid, NoHoliday));
        Assert.Equal(0.333m, DayEstimate.For(monday, 2, [(monday.PlusDays(-3), 0.333m)], NoHoliday).Kwh);
    }

    [Theory]
    [InlineData("10", 3)]
    [InlineData("0", 4)]
    [InlineData("0.001", 7)]
    [InlineData("123.457", 31)]
    public void ARegisterIsSpreadEvenlyInWholeWhThatAddUp(string text, int days)
    {
        decimal kwh = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        IReadOnlyList<DayUse> uses = DayEstimate.Spread(kwh, days);
        Assert.Equal(days, uses.Count);
        Assert.Equal(kwh, uses.Sum(u => u.Kwh));
        Assert.True(uses.Max(u => u.Kwh) - uses.Min(u => u.Kwh) <= 0.001m);
        Assert.All(uses, u => Assert.Equal((DayQuality.Spread, 0m), (u.Quality, u.Kwh % 0.001m)));
    }

    /// <summary>Late data in any order leave what the same days posted in order would have: to the paisa, day by day.</summary>
    [Fact]
    public void LateDataLeaveWhatTheTrueDaysWouldHavePosted()
    {
        foreach (string id in (string[])["in-gj-rgp-urban", "in-tn-1a-2022", "in-br-ds2-urban", "in-kl-1a-2023", "in-dl-2014", "in-up-lmv1-urban"])
        {
            for (ulong seed = 1; seed <= 15; seed++)
            {
                AnyTariff any = AnyTariff.Of(id, seed);
                BillingDeterminants inputs = any.Determinants(any.Cycle());
                PeriodSettlement late = new(any.Compiled, inputs), prompt = new(any.Compiled, inputs);
                while (!late.IsFull)
                {
                    DayUse use = any.Day(late.NextDay, 20_000, whole: false);
                    Assert.Null(prompt.Post(use).Refusal);
                    Assert.Null(late.Post(any.Next(4) == 0 ? new(any.Next(9_000) / 1000m, DayQuality.Estimated) : use).Refusal);
                    if (any.Next(5) != 0) continue;
                    int first = any.Next(late.Days.Count), count = 1 + any.Next(Math.Min(4, late.Days.Count - first));
                    decimal before = late.Deducted;
                    Correction? correction = late.Replace(inputs.Period!.Value.From.PlusDays(first), [.. prompt.Days.Skip(first).Take(count)], out _);
                    Assert.Equal(before + correction!.Net, late.Deducted);
                }
                Assert.NotNull(late.Replace(inputs.Period!.Value.From, prompt.Days, out _));
                Assert.Equal(prompt.Deducted, late.Deducted);
                foreach (DayPosting posting in prompt.Postings)
                {
                    Assert.Equal(posting.Lines, late.Standing(posting.Date)!.Lines);
                    Assert.Equal(posting.Repricing, late.Standing(posting.Date)!.Repricing);
                }
                HashSet<int> reversed = [.. late.Postings.Select(p => p.Reverses).OfType<int>()];
                Assert.Equal(late.Days.Count, late.Postings.Count(p => p.Reverses is null && !reversed.Contains(p.Sequence)));
                Assert.Equal(late.Postings.Count(p => p.Reverses is not null), reversed.Count); // nothing is reversed twice
            }
        }
    }

    [Fact]
    public void WhatCannotBeRatedLeavesThePostingsAsTheyWere()
    {
        PeriodSettlement settlement = Open("in-br-ds2-urban", new(new(2026, 1, 1), new(2026, 1, 31)));
        for (int day = 1; day <= 10; day++) Post(settlement, 4m);
        Assert.Null(settlement.Replace(new(2026, 1, 5), [new(200m)], out RatingRefusal? refusal)); // above the free units, and no load is known
        Assert.Equal("fixed", refusal?.Missing);
        Assert.Equal((10, 0m, 40m), (settlement.Postings.Count, settlement.Deducted, settlement.Days.Sum(d => d.Kwh)));
        Assert.Throws<ArgumentException>(() => settlement.Replace(new(2026, 1, 11), [new(1m)], out _));
        Assert.Throws<ArgumentException>(() => settlement.Replace(new(2025, 12, 31), [new(1m)], out _));
    }

    [Fact]
    public void ALargeCatchUpIsOfferedInInstalmentsAndASmallOneIsNot()
    {
        PeriodSettlement settlement = Open("in-gj-rgp-urban", new(new(2025, 9, 1), new(2025, 9, 30)), 2m);
        for (int day = 1; day <= 10; day++) Post(settlement, 8m);
        decimal normal = settlement.Deducted / 10;
        for (int day = 0; day < 6; day++) Post(settlement, 0m, DayQuality.FixedOnly);
        Correction small = settlement.Replace(new(2025, 9, 11), [new(8m), new(8m)], out _)!;
        Assert.Null(CatchUpGuard.Offer(small, normal, 30));
        Correction large = settlement.Replace(new(2025, 9, 13), [new(8m), new(8m), new(8m), new(8m)], out _)!;
        CatchUpOffer? offer = CatchUpGuard.Offer(large, normal, 30);
        Assert.Equal((large.Net, 30), (offer!.Amount, offer.Days));
        Assert.Equal(offer.Amount, Enumerable.Range(1, 30).Sum(k => Instalments.Of(offer.Amount, 30, k)));
        Correction back = settlement.Replace(new(2025, 9, 13), [new(0m), new(0m), new(0m), new(0m)], out _)!;
        Assert.Null(CatchUpGuard.Offer(back, normal, 30)); // what is given back is given at once
    }
}

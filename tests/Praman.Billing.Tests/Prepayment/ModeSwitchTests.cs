using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tests.Rating;
using static Praman.Billing.Tests.Prepayment.PrepaidScenarios;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>From postpaid to prepaid and back within a month, and moving out.</summary>
public sealed class ModeSwitchTests
{
    private static readonly string[] Tariffs = ["in-gj-rgp-urban", "in-tn-1a-2022", "in-br-ds2-urban", "in-kl-1a-2023", "in-up-lmv1-urban", "in-mh-msedcl-2025", "in-dl-2014", "lk-ceb-domestic"];

    /// <summary>A month that changes its mode on any day costs what the same month costs in one mode.</summary>
    [Fact]
    public void AMonthCostsTheSameInWhicheverModeItsDaysAreCharged()
    {
        foreach (string id in Tariffs)
        {
            for (ulong seed = 0; seed < 40; seed++)
            {
                AnyTariff any = AnyTariff.Of(id, seed);
                BillingDeterminants inputs = any.Determinants(any.Cycle());
                if (id.StartsWith("in-kl", StringComparison.Ordinal)) inputs = inputs with { Phase = SupplyPhase.Single };
                PeriodSettlement whole = new(any.Compiled, inputs);
                while (!whole.IsFull) Assert.Null(whole.Post(any.Day(whole.NextDay, 25_000, whole: true)).Refusal);
                int change = 1 + any.Next(whole.Days.Count - 1);

                PeriodSettlement toPrepaid = new(any.Compiled, inputs);
                Assert.Null(toPrepaid.Carry([.. whole.Days.Take(change)]));
                Assert.Equal(whole.Postings.Take(change).Sum(p => p.Deduction), toPrepaid.CarriedAmount); // the final postpaid bill
                foreach (DayUse use in whole.Days.Skip(change)) Assert.Null(toPrepaid.Post(use).Refusal);
                Assert.Equal(whole.Deducted, toPrepaid.CarriedAmount + toPrepaid.Deducted);
                Assert.Equal(whole.Postings[^1].Lines, toPrepaid.Postings[^1].Lines); // the slabs did not start anew
                Assert.Equal(Close(whole).TrueUp, Close(toPrepaid).TrueUp);

                PeriodSettlement toPostpaid = new(any.Compiled, inputs);
                foreach (DayUse use in whole.Days.Take(change)) Assert.Null(toPostpaid.Post(use).Refusal);
                RatedBill bill = MadeUpTariff.Bill(any.Compiled, inputs with { Kwh = whole.Days.Sum(d => d.Kwh) });
                Assert.Equal(bill.Total, toPostpaid.Deducted + FinalSettlement.RestOfBill(bill, toPostpaid));
            }
        }
    }

    [Fact]
    public void WhatCannotBeCarriedIsRefusedAndNothingIsKept()
    {
        PeriodSettlement settlement = Open("in-br-ds2-urban", new(new(2026, 1, 1), new(2026, 1, 31)));
        Assert.Equal("fixed", settlement.Carry([new(200m)])?.Missing);
        Assert.Empty(settlement.Days);
        Assert.Null(settlement.Carry([new(20m), new(3m)]));
        Assert.Equal(new LocalDate(2026, 1, 3), settlement.NextDay);
        Post(settlement, 1m);
        Assert.Throws<InvalidOperationException>(() => settlement.Carry([new(1m)]));
        Assert.Throws<ArgumentException>(() => settlement.Replace(new(2026, 1, 2), [new(4m)], out _)); // another bill has charged it
        Assert.NotNull(settlement.Replace(new(2026, 1, 3), [new(4m)], out _));
    }

    /// <summary>Moving out after ten days of a month: the slabs and the fixed charge are those of ten days, and the difference has its name.</summary>
    [Fact]
    public void MovingOutEndsThePeriodOnItsDayAndEmptiesTheWallet()
    {
        PeriodSettlement settlement = Open("in-gj-rgp-urban", new(new(2025, 9, 1), new(2025, 9, 30)), 2m);
        for (int day = 1; day <= 10; day++) Post(settlement, 12m);
        PeriodClose close = Close(settlement);
        RatedBill bill = MadeUpTariff.Bill(WorkedBills.Tariff("in-gj-rgp-urban"), new() { Period = new(new(2025, 9, 1), new(2025, 9, 10)), Kwh = 120m, SanctionedLoadKw = 2m });
        Assert.Equal(bill.Total, close.Charged + close.TrueUp);
        Assert.Equal((TrueUpCause.ShorterPeriod, close.TrueUp), (Assert.Single(close.Causes).Cause, close.Causes[0].Amount));
        Assert.True(close.TrueUp > 0); // 120 units in ten days are more slabs than 120 units in thirty
        Assert.Equal(new(0m, 500m - close.TrueUp, 0m), FinalSettlement.Of(500m, close.TrueUp, 0m));
        Assert.Equal(new(100m, 390m, 0m), FinalSettlement.Of(500m, 10m, 100m));
        Assert.Equal(new(20m, 0m, 80m), FinalSettlement.Of(30m, 10m, 100m));
        Assert.Equal(new(0m, 0m, 150m), FinalSettlement.Of(-40m, 10m, 100m));
    }

    [Fact]
    public void DemandIsProvisionalUntilTheMonthEnds()
    {
        PeriodSettlement settlement = Open("in-br-ds2-urban", new(new(2025, 9, 1), new(2025, 9, 30)), 2m, 1m);
        for (int day = 1; day <= 30; day++) Post(settlement, 6m);
        Assert.Empty(Close(settlement).Causes);
        PeriodClose close = Close(settlement, demandKw: 3m);
        Assert.Equal(new TrueUpPart(TrueUpCause.MaximumDemand, 60m), Assert.Single(close.Causes)); // 40 for each kW above the 1.5 of the month
    }

    [Fact]
    public void APeriodWithoutDaysIsNotClosed()
    {
        Assert.Null(Open("in-gj-rgp-urban", new(new(2025, 9, 1), new(2025, 9, 30)), 2m).Close(null, out RatingRefusal? refusal));
        Assert.Equal("days", refusal?.Missing);
    }
}

using NodaTime;
using Praman.Billing.Comparison;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tests.Prepayment;
using Praman.Billing.Tests.Rating;
using Praman.Billing.Tests.Verification;
using Praman.Billing.Verification;

namespace Praman.Billing.Tests.Comparison;

/// <summary>Why a bill differs from the one before: by hand on one tariff, and adding up on all of them.</summary>
public sealed class BillComparisonTests
{
    private const int SeedCount = 150;
    private static readonly BillingPeriod January = new(new(2026, 1, 1), new(2026, 1, 31)), April = new(new(2026, 4, 1), new(2026, 4, 30)), February = new(new(2026, 2, 1), new(2026, 2, 28));

    public static TheoryData<string> Tariffs => [.. WorkedBills.Set.Tariffs.Keys.Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Tariffs))]
    public void ThePartsOfAnyTwoBillsAddUpToTheirDifference(string id)
    {
        string[] all = [.. WorkedBills.Set.Tariffs.Keys.Order(StringComparer.Ordinal)];
        int compared = 0;
        for (ulong seed = 1; seed <= SeedCount; seed++)
        {
            AnyTariff any = AnyTariff.Of(id, seed);
            ComparedBill? before = BillOf(any), after = BillOf(seed % 4 == 0 ? AnyTariff.Of(all[any.Next(all.Length)], seed) : any);
            if (before is null || after is null) continue;
            compared++;
            BillChange change = BillComparison.Between(before, after);
            Assert.True(change.DifferencePaise == change.Parts.Sum(part => part.Paise), $"{id} seed {seed}: {change.DifferencePaise} is not {string.Join(" + ", change.Parts)}");
            Assert.Equal(after.TotalPaise + after.DuesPaise - before.TotalPaise - before.DuesPaise, change.DifferencePaise);
            Assert.Equal(change.Parts.Select(part => part.Kind).Distinct().Order(), change.Parts.Select(part => part.Kind));
            Assert.DoesNotContain(change.Parts, part => part.Paise == 0);
            Assert.Equal(after.DuesPaise - before.DuesPaise, Of(change, BillChangeKind.Dues));
            Assert.Equal(after.ReliefPaise - before.ReliefPaise, Of(change, BillChangeKind.Subsidy));
            Assert.Empty(BillComparison.Between(before, before).Parts);
        }
        Assert.True(compared > 0 || id == "in-mp-lv1-fixedrule", $"{id}: none of {SeedCount} pairs could be rated");
    }

    [Fact]
    public void AMonthMoreUsedAtTheSameRatesIsUseAndSlab()
    {
        // Thirty days, so that the limits of the slabs are as printed. 60 kWh: 50 × 3.05 + 10 × 3.50 = 187.50; 120 kWh: 50 × 3.05 + 50 × 3.50 + 20 × 4.15 = 410.50. Fixed charge 25, fuel 2.30, duty 15 %.
        BillChange change = BillComparison.Between(Bill(60, April), Bill(120, April));
        Assert.Equal(decimal.ToInt64(1.15m * (410.50m - 187.50m + (60 * 2.30m)) * 100), change.DifferencePaise);
        // At the price of a unit on the first bill 60 more would have cost what the first 60 did.
        Assert.Equal(decimal.ToInt64(1.15m * (187.50m + (60 * 2.30m)) * 100), Of(change, BillChangeKind.Use), 1.0);
        Assert.Equal(decimal.ToInt64(1.15m * (410.50m - (2 * 187.50m)) * 100), Of(change, BillChangeKind.Slab), 1.0);
        Assert.Equal(2, change.Parts.Count);
    }

    [Fact]
    public void FewerDaysAtTheSameUseADayAreDaysAlone()
    {
        BillChange change = BillComparison.Between(Bill(93, January), Bill(84, February));
        Assert.Equal([BillChangeKind.Days], change.Parts.Select(part => part.Kind));
        Assert.True(change.DifferencePaise < 0);
    }

    [Fact]
    public void AnEstimateIsTold()
    {
        BillChange change = BillComparison.Between(Bill(60, January), Bill(80, January, estimated: 20));
        Assert.Equal([BillChangeKind.Estimates], change.Parts.Select(part => part.Kind));
    }

    [Fact]
    public void ANewFuelRateIsARateAndNothingElse()
    {
        var june = new BillingPeriod(new(2025, 6, 1), new(2025, 6, 30));
        BillChange change = BillComparison.Between(Bill(100, june), Bill(100, new(new(2025, 7, 1), new(2025, 7, 30)))); // 2.45 to 2.30 on 1 July
        Assert.Equal([BillChangeKind.Rate], change.Parts.Select(part => part.Kind));
        Assert.Equal(-decimal.ToInt64(100 * 0.15m * 1.15m * 100), change.DifferencePaise);
        Assert.False(change.Facts.IsOtherTariff);
    }

    [Fact]
    public void AHigherLoadIsTheConnection()
    {
        BillChange change = BillComparison.Between(Bill(100, January), Bill(100, January, load: 5));
        Assert.Equal([BillChangeKind.Connection], change.Parts.Select(part => part.Kind));
    }

    [Fact]
    public void DuesStandApart()
    {
        BillChange change = BillComparison.Between(Bill(100, January), Bill(100, January) with { DuesPaise = 12_345 });
        Assert.Equal([new BillChangePart(BillChangeKind.Dues, 12_345)], change.Parts);
        Assert.Equal(12_345, change.DifferencePaise);
    }

    [Fact]
    public void IssuedBillsAreComparedFromTheirFiles()
    {
        ComparedBill before = Issued(new() { Seed = 3, From = new(2026, 3, 1), To = new(2026, 3, 31) }), after = Issued(new() { Seed = 4, HasEstimates = true });
        BillChange change = BillComparison.Between(before, after);
        Assert.Equal(after.TotalPaise - before.TotalPaise, change.Parts.Sum(part => part.Paise));
        Assert.Contains(change.Parts, part => part.Kind == BillChangeKind.Estimates);
        Assert.Contains(change.Parts, part => part.Kind == BillChangeKind.Days);
        Assert.Equal((31, 30), (change.Facts.DaysBefore, change.Facts.DaysAfter));
    }

    [Fact]
    public void FilesThatAreNoBillAreNotCompared() =>
        Assert.False(ComparedBill.TryRead(new BillFiles("{}"u8.ToArray(), null, "{}"u8.ToArray()), 0, out _));

    private static ComparedBill Issued(SampleOptions options)
    {
        Assert.True(ComparedBill.TryRead(new SampleIssue(options).Bill.Files, 0, out ComparedBill? bill));
        return bill;
    }

    private static ComparedBill Bill(decimal kwh, BillingPeriod period, decimal estimated = 0, decimal load = 2)
    {
        CompiledTariff tariff = WorkedBills.Tariff("in-gj-rgp-urban");
        var inputs = new BillingDeterminants { Period = period, BillDate = period.To, Kwh = kwh, SanctionedLoadKw = load, Phase = SupplyPhase.Single };
        RatingResult result = RatingEngine.Rate(tariff, inputs);
        Assert.True(result.IsRated, result.Refusal?.Message);
        return ComparedBill.Of(tariff, inputs, result.Bill, estimated, 0)!;
    }

    private static ComparedBill? BillOf(AnyTariff any)
    {
        BillingPeriod cycle = any.Cycle();
        BillingDeterminants inputs = any.Determinants(cycle);
        decimal kwh = 0, kvah = 0, export = 0;
        var tou = new Dictionary<string, decimal>();
        var intervals = new List<IntervalEnergy>();
        bool whole = any.Next(2) == 0, hasTou = false, hasIntervals = false, hasKvah = false, hasExport = false;
        int whMax = new[] { 2_000, 6_000, 20_000, 60_000 }[any.Next(4)];
        for (LocalDate day = cycle.From; day <= cycle.To; day = day.PlusDays(1))
        {
            DayUse use = any.Day(day, whMax, whole);
            kwh += use.Kwh;
            kvah += use.Kvah ?? 0;
            export += use.KwhExport ?? 0;
            hasKvah |= use.Kvah is not null;
            hasExport |= use.KwhExport is not null;
            foreach ((string name, decimal of) in use.KwhByTou ?? new Dictionary<string, decimal>()) tou[name] = tou.GetValueOrDefault(name) + of;
            hasTou |= use.KwhByTou is not null;
            intervals.AddRange(use.Intervals ?? []);
            hasIntervals |= use.Intervals is not null;
        }
        inputs = inputs with
        {
            Kwh = kwh,
            Kvah = hasKvah ? kvah : null,
            KwhImport = hasExport ? kwh : null,
            KwhExport = hasExport ? export : null,
            KwhByTou = hasTou ? tou : null,
            Intervals = hasIntervals ? intervals : null,
        };
        RatingResult result = RatingEngine.Rate(any.Compiled, inputs);
        return result.IsRated ? ComparedBill.Of(any.Compiled, inputs, result.Bill, kwh * any.Next(30) / 100, any.Next(200_000) - 50_000) : null;
    }

    private static long Of(BillChange change, BillChangeKind kind) => change.Parts.Where(part => part.Kind == kind).Sum(part => part.Paise);
}

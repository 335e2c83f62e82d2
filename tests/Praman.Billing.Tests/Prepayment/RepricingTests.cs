using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tests.Rating;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>
/// What earlier days cost under the rules of a new day is rated only where a limit of units was passed. Here it is rated for every day, by the public
/// function alone, and each posting must be what comes of that.
/// </summary>
public sealed class RepricingTests
{
    private const int SeedCount = 40;

    public static TheoryData<string> Tariffs => [.. WorkedBills.Set.Tariffs.Where(pair => ConditionalRules.Has(pair.Value)).Select(pair => pair.Key).Order(StringComparer.Ordinal)];

    private static bool IsByUnitsAlone(DayUse use) => use is { KwhByTou: null, Intervals: null, Kvah: null, KwhExport: null };

    [Theory, MemberData(nameof(Tariffs))]
    public void EachPostingIsWhatRatingEarlierDaysAnewForEveryDayGives(string id)
    {
        for (ulong seed = 0; seed < SeedCount; seed++)
        {
            AnyTariff any = AnyTariff.Of(id, seed);
            BillingDeterminants inputs = any.Determinants(any.Cycle());
            PeriodSettlement settlement = new(any.Compiled, inputs);
            int whMax = (int)(2_000 + (seed % 5 * 7_000));
            List<decimal> byDay = [];
            while (!settlement.IsFull)
            {
                DayUse use = any.Day(settlement.NextDay, whMax, whole: seed % 2 == 0);
                if (!IsByUnitsAlone(use) || settlement.Post(use).Posting is not { } posting) break;
                byDay.Add(use.Kwh);
                Dictionary<string, decimal> after = Lines(any, inputs, byDay, byDay.Count, null), before = Lines(any, inputs, byDay, byDay.Count - 1, null);
                Dictionary<string, decimal> under = Lines(any, inputs, byDay, byDay.Count - 1, byDay.Sum());
                Assert.Equal(Difference(under, before), Amounts(posting.Repricing));
                Assert.Equal(Difference(after, under), Amounts(posting.Lines));
            }
        }
    }

    /// <summary>The free units of Bihar are passed once: on that day, and on no other, earlier days cost more.</summary>
    [Fact]
    public void PassingTheFreeUnitsReprices()
    {
        PeriodSettlement settlement = new(WorkedBills.Tariff("in-br-ds2-urban"), new() { Period = new(new(2025, 9, 1), new(2025, 9, 30)), SanctionedLoadKw = 2, MaxDemandKw = 1 });
        while (!settlement.IsFull) Assert.NotNull(settlement.Post(new(6m)).Posting);
        Assert.Equal([21], settlement.Postings.Where(posting => posting.Repricing.Count > 0).Select(posting => posting.Sequence));
    }

    private static Dictionary<string, decimal> Lines(AnyTariff any, BillingDeterminants inputs, List<decimal> byDay, int days, decimal? judged)
    {
        if (days == 0) return [];
        RatingResult rated = RatingEngine.RateToDate(any.Compiled, inputs, byDay.ToArray().AsMemory(0, days), TraceDetail.None, judged);
        return rated.Bill!.Lines.ToDictionary(line => line.Id, line => line.Amount);
    }

    private static SortedDictionary<string, decimal> Difference(Dictionary<string, decimal> after, Dictionary<string, decimal> before)
    {
        SortedDictionary<string, decimal> lines = new(StringComparer.Ordinal);
        foreach (string id in after.Keys.Union(before.Keys))
        {
            decimal amount = after.GetValueOrDefault(id) - before.GetValueOrDefault(id);
            if (amount != 0) lines.Add(id, amount);
        }
        return lines;
    }

    private static SortedDictionary<string, decimal> Amounts(IReadOnlyList<PostingLine> lines) => new(lines.ToDictionary(line => line.Id, line => line.Amount), StringComparer.Ordinal);
}

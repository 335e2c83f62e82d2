using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Tests.Rating;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>The days of a prepaid period add up to its bill, for every tariff of the repository and any use.</summary>
public sealed class DaysAddUpTests
{
    private const int SeedCount = 1_000;

    /// <summary>Tariffs that no bill can be made of whatever the use: this one is a rule for the load alone, its rate is not in the material.</summary>
    private static readonly string[] NeverRated = ["in-mp-lv1-fixedrule"];

    public static TheoryData<string> Tariffs => [.. WorkedBills.Set.Tariffs.Keys.Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Tariffs))]
    public void TheDaysAddUpToTheBillAndEveryDifferenceHasItsName(string id)
    {
        HashSet<int> lengths = [];
        int settled = 0;
        HashSet<string> refused = [];
        for (ulong seed = 0; seed < SeedCount; seed++)
        {
            AnyTariff any = AnyTariff.Of(id, seed);
            BillingPeriod cycle = any.Cycle();
            BillingDeterminants inputs = any.Determinants(cycle);
            PeriodSettlement settlement = new(any.Compiled, inputs);
            bool whole = seed % 2 == 0;
            int whMax = (int[])[2_000, 6_000, 20_000, 60_000] is var scales ? scales[any.Next(4)] : 0;
            RatingRefusal? refusal = null;
            while (!settlement.IsFull && refusal is null) refusal = settlement.Post(any.Day(settlement.NextDay, whMax, whole)).Refusal;
            PeriodClose? close = refusal is null ? settlement.Close(null, out refusal) : null;
            if (close is null)
            {
                refused.Add(refusal!.Code + " " + refusal.Missing);
                Assert.False(RatingEngine.Rate(any.Compiled, inputs with { Kwh = settlement.Days.Sum(d => d.Kwh) + (whMax / 1000m) }).IsRated, $"{id} seed {seed}: {refusal.Missing}");
                continue;
            }
            settled++;
            lengths.Add(cycle.Days);
            Check(any, settlement, close, whole, seed);
        }
        Assert.True(settled > 0 == !NeverRated.Contains(id), $"{id}: {settled} settled; refused: {string.Join(", ", refused)}");
    }

    private static void Check(AnyTariff any, PeriodSettlement settlement, PeriodClose close, bool whole, ulong seed)
    {
        string at = $"{any.Tariff.Id} seed {seed}";
        Assert.True(settlement.Deducted == close.SameUnits, $"{at}: {settlement.Deducted} posted, B of the last day is {close.SameUnits}");
        Assert.True(close.Charged + close.TrueUp == close.Bill.Total, at);
        Assert.True(close.TrueUp == close.Causes.Sum(c => c.Amount), at);
        BillingRules rules = any.Tariff.Billing;
        foreach (TrueUpPart part in close.Causes)
        {
            bool allowed = part.Cause switch
            {
                TrueUpCause.UnitRounding => close.Kwh % rules.UnitStep != 0 || settlement.Days.Sum(d => d.Kvah ?? 0) % rules.UnitStep != 0 || settlement.Days.Sum(d => d.KwhExport ?? 0) % rules.UnitStep != 0,
                TrueUpCause.RateChangeSplit => any.Compiled.Series.Any(s => !s.IsByBillDate),
                TrueUpCause.TotalRounding => rules.TotalRounding.Step > 0.01m && Math.Abs(part.Amount) <= rules.TotalRounding.Step / 2,
                _ => false,
            };
            Assert.True(allowed, $"{at}: {part}");
        }
        if (whole && rules.TotalRounding.Step <= 0.01m && any.Compiled.Series.Count == 0 && close.Causes.Count > 0) Assert.Fail($"{at}: {string.Join(", ", close.Causes)}");
        foreach (DayPosting posting in settlement.Postings)
        {
            Assert.Equal(posting.Deduction, posting.Lines.Sum(l => l.Amount) + posting.Repricing.Sum(l => l.Amount));
            Assert.Equal(0, posting.Deduction % 0.01m);
        }
    }
}

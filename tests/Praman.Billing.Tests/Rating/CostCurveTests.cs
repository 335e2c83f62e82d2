using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Testing;

namespace Praman.Billing.Tests.Rating;

/// <summary>Cost against use, and the cliffs of published tariffs.</summary>
public sealed class CostCurveTests
{
    private static readonly BillingDeterminants Home = new() { SanctionedLoadKw = 2, Phase = SupplyPhase.Single, Holidays = [] };

    private static CostCurve Curve(string id, int unitsMax, BillingDeterminants? inputs = null)
    {
        Assert.True(TariffSet.TryLoad(TestFiles.InRepository("tariffs", id + ".json"), out TariffSet? set, out _));
        CompiledTariff tariff = CompiledTariff.Compile(set.Tariffs[id], set);
        BillingPeriod period = SamplePeriod.Of(tariff);
        return CostCurve.Of(tariff, (inputs ?? Home) with { Period = period, BillDate = period.To }, unitsMax);
    }

    /// <summary>The same rise of 543.58 for two units as the worked bills have.</summary>
    [Fact]
    public void KeralaReprices500UnitsAtTheUnit501()
    {
        CostCurve curve = Curve("in-kl-1a-2023", 700);
        Assert.Equal(701, curve.Points.Count);
        Assert.Contains(curve.Cliffs, cliff => cliff.Units == 500);
        CostPoint at(int units) => curve.Points.Single(point => point.Units == units);
        Assert.Equal(543.58m, at(502).Net - at(500).Net);
    }

    [Theory]
    [InlineData("in-tn-1a-2022", new[] { 500 })]
    [InlineData("in-hp-domestic-2025", new[] { 125, 300 })]
    [InlineData("in-gj-rgp-urban", new int[0])] // slabs alone make no cliff
    [InlineData("in-dl-brpl", new int[0])]
    public void CliffsStandWhereTheTariffRepricesEarlierUnits(string id, int[] units) => Assert.Equal(units, Curve(id, 900).Cliffs.Select(cliff => cliff.Units));

    [Fact]
    public void ACliffSaysWhatItAddsBesideTheUnit()
    {
        CompiledTariff tariff = MadeUpTariff.Of("""
            {"id": "energy", "kind": "blocks", "group": "energy", "label": "Energy", "quantity": "kwh", "per": "month", "mode": "whole",
             "bands": [{"upto": "10", "rate": "1"}, {"upto": "20", "rate": "4"}, {"rate": "2"}]}
            """);
        CostCurve curve = CostCurve.Of(tariff, new BillingDeterminants(), 30);
        Assert.Equal([new(10, 10m, 44m, 30m), new CostCliff(20, 80m, 42m, -40m)], curve.Cliffs);
        Assert.Empty(curve.Unrated);
    }

    [Fact]
    public void UnitsWithoutAPublishedRateAreNamedAndHaveNoPoint()
    {
        CostCurve curve = Curve("in-rj-domestic-2025", 400);
        Assert.Equal(150, curve.Points[^1].Units);
        Assert.Equal((151, 300, "fixed.bands_by_kwh[2].rate"), (curve.Unrated[0].From, curve.Unrated[0].To, curve.Unrated[0].Refusal.Missing));
    }

    /// <summary>Eight of 24 hours at 0.80, four at 1.10: a bill of 300 units spread evenly costs 1,600 × (1 − 0.2 × 8/24 + 0.1 × 4/24), to the rounding of
    /// the parts, with 100 fixed and 5 % duty.</summary>
    [Fact]
    public void PricesByTheTimeOfDayGetTheUnitsSpreadEvenly()
    {
        CostCurve curve = Curve("in-illustrative-tod", 300);
        Assert.Equal(301, curve.Points.Count);
        decimal exact = (100 + (1_600m * (1 - (0.2m * 8 / 24) + (0.1m * 4 / 24)))) * 1.05m;
        Assert.InRange(curve.Points[300].Net, exact - 0.02m, exact + 0.02m);
    }

    [Fact]
    public void ASamplePeriodIsInForceAndCoveredBySeries()
    {
        Assert.True(TariffSet.TryLoad(TestFiles.InRepository("tariffs"), out TariffSet? set, out _));
        foreach (Tariff tariff in set.Tariffs.Values.Where(t => t.Components.Count > 0))
        {
            CompiledTariff compiled = CompiledTariff.Compile(tariff, set);
            BillingPeriod period = SamplePeriod.Of(compiled);
            Assert.True(tariff.IsInForce(period.From) && tariff.IsInForce(period.To), tariff.Id);
            Assert.All(compiled.Series, series => Assert.NotNull(series.PointOn(period.From)));
            int days = 30 * tariff.Billing.CycleMonths;
            Assert.InRange(period.Days, tariff.Billing.MonthFraction == MonthFraction.DaysOver30 ? days : days - 2, tariff.Billing.MonthFraction == MonthFraction.DaysOver30 ? days : days + 2);
        }
    }
}

using System.Globalization;

namespace Praman.Billing.Tariffs;

/// <summary>The numbers of a tariff that its material does not hold: each <c>rate: null</c>, by its place.</summary>
public static class MissingRates
{
    /// <summary>Places such as <c>fixed.bands_by_kwh[2].rate</c>, in the order of the file.</summary>
    public static IReadOnlyList<string> Of(Tariff tariff)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        List<string> places = [];
        foreach (TariffComponent component in tariff.Components)
        {
            switch (component)
            {
                case BlockCharge blocks:
                    AddTables(places, blocks.Id, blocks.Tables);
                    break;
                case UnitCharge { Rate: null, Series: null, External: null, Tables.Count: 0 }:
                case PercentCharge { Rate: null, Series: null, External: null }:
                case FixedCharge { Rate: null, External: null, IsByPhase: false, BandsByLoad.Count: 0, BandsByKwh.Count: 0 }:
                    places.Add(component.Id + ".rate");
                    break;
                case FixedCharge fixedCharge:
                    AddKwhBands(places, fixedCharge.Id + ".bands_by_kwh", fixedCharge.BandsByKwh);
                    AddKwhBands(places, fixedCharge.Id + ".by_phase.single", fixedCharge.SinglePhase);
                    AddKwhBands(places, fixedCharge.Id + ".by_phase.three", fixedCharge.ThreePhase);
                    break;
            }
        }
        foreach (Subsidy subsidy in tariff.Subsidies)
        {
            if (subsidy is PerUnitBlocks perUnit) AddBands(places, subsidy.Id + ".blocks", perUnit.Blocks);
            if (subsidy is ConsumerPaysTable table) AddTables(places, subsidy.Id, table.Tables);
            if (subsidy is FreeUnits { Exceeded: null }) places.Add(subsidy.Id + ".when_exceeded");
        }
        return places;
    }

    private static void AddTables(List<string> places, string owner, IReadOnlyList<BlockTable> tables)
    {
        bool single = tables is [{ When: null }];
        for (int i = 0; i < tables.Count; i++)
        {
            AddBands(places, single ? owner + ".bands" : string.Create(CultureInfo.InvariantCulture, $"{owner}.tables[{i}].bands"), tables[i].Bands);
        }
    }

    private static void AddBands(List<string> places, string path, IReadOnlyList<Band> bands)
    {
        for (int i = 0; i < bands.Count; i++)
        {
            if (bands[i] is { Rate: null, External: null }) places.Add(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}].rate"));
        }
    }

    private static void AddKwhBands(List<string> places, string path, IReadOnlyList<KwhBand>? bands)
    {
        for (int i = 0; i < (bands?.Count ?? 0); i++)
        {
            if (bands![i].Rate is null) places.Add(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}].rate"));
        }
    }
}

using Praman.Billing.Tariffs;

namespace Praman.Billing.Invoicing;

/// <summary>Where the quantity of each line of a tariff comes from: <c>readings</c>, <c>load</c>, <c>external:NAME</c>, <c>input:NAME</c>, <c>line:ID</c>.</summary>
internal static class LineInputs
{
    public static Dictionary<string, string[]> Of(Tariff tariff)
    {
        var inputs = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (TariffComponent component in tariff.Components) inputs[component.Id] = [.. Of(component)];
        string[] charges = [.. tariff.Components.Select(component => $"line:{component.Id}")];
        if (tariff.Minimum is { } minimum)
        {
            inputs[MinimumCharge.LineId] = [.. tariff.Components.Where(component => !minimum.Exclude.Contains(component.Id)).Select(component => $"line:{component.Id}")];
        }
        foreach (Subsidy subsidy in tariff.Subsidies)
        {
            inputs[subsidy.Id] = subsidy switch
            {
                PerUnitBlocks => ["readings"],
                FreeUnits or ConsumerPaysTable => ["readings", .. charges],
                Entitlement => [$"external:{subsidy.Id}"],
                _ => charges,
            };
        }
        foreach (Rebate rebate in tariff.Rebates)
        {
            inputs[rebate.Id] = rebate switch
            {
                PercentRebate percent => [.. percent.Of.Select(id => $"line:{id}")],
                PerUnitRebate => ["readings"],
                _ => [],
            };
        }
        return inputs;
    }

    /// <summary>Energy of the grid is proven by blocks; every other quantity is stated with the bill.</summary>
    private static string Of(BilledQuantity quantity) => quantity switch
    {
        BilledQuantity.Kvah => "input:kvah",
        BilledQuantity.KwMax => "input:kw_max",
        BilledQuantity.KwhExport => "input:kwh_export",
        _ => "readings",
    };

    private static IEnumerable<string> Of(TariffComponent component)
    {
        switch (component)
        {
            case BlockCharge blocks:
                yield return Of(blocks.Quantity);
                foreach (string name in blocks.Tables.SelectMany(table => table.Bands).SelectMany(band => (string?[])[band.External, band.UptoExternal])
                    .OfType<string>().Distinct())
                {
                    yield return $"external:{name}";
                }
                break;
            case UnitCharge unit:
                yield return Of(unit.Quantity);
                if (unit.External is not null) yield return $"external:{unit.External}";
                break;
            case FixedCharge charge:
                if (charge.Basis != FixedBasis.Connection || charge.BandsByLoad.Count > 0) yield return "load";
                if (charge.External is not null) yield return $"external:{charge.External}";
                break;
            case PercentCharge percent:
                foreach (WeightedLine line in percent.Of) yield return $"line:{line.Id}";
                if (percent.External is not null) yield return $"external:{percent.External}";
                break;
            case TimeOfDayCharge tod:
                yield return "readings";
                foreach (string id in tod.Base) yield return $"line:{id}";
                break;
            default:
                yield return "readings";
                if (component is IntervalCharge) yield return "input:prices";
                break;
        }
    }
}

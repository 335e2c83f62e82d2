using System.Text.Json;

namespace Praman.Billing.Tariffs;

internal sealed partial class TariffReader
{
    private Subsidy? ReadSubsidy(StrictObject source)
    {
        string id = source.Text("id");
        Subsidy? subsidy = source.Text("form") switch
        {
            "waive_all" => new WaiveAll { Id = id },
            "percent_capped" => new PercentCapped { Id = id, Percent = source.Number("percent"), CapPerMonth = source.OptionalNumber("cap_per_month") },
            "per_unit_blocks" => new PerUnitBlocks { Id = id, Blocks = ReadBands(source, "blocks") },
            "free_units" => ReadFreeUnits(source, id),
            "consumer_pays_table" => ReadConsumerPays(source, id),
            "entitlement" => new Entitlement { Id = id },
            _ => null,
        };
        if (subsidy is null)
        {
            if (source.Has("form")) source.Fault("form", "expected one of waive_all, percent_capped, per_unit_blocks, free_units, consumer_pays_table, entitlement");
            return null;
        }
        subsidy = subsidy with
        {
            When = ReadCondition(source),
            ValidFrom = source.OptionalDate("valid_from"),
            Sources = ReadSources(source),
            Note = source.OptionalText("note"),
        };
        source.Close();
        return subsidy;
    }

    private static ConsumerPaysTable ReadConsumerPays(StrictObject source, string id)
    {
        List<BlockTable> tables = ReadTables(source);
        if (tables.Count == 0) source.Fault("tables", "expected at least one table");
        return new() { Id = id, Tables = tables };
    }

    /// <summary>The rules beyond the limit are sentences in the file; their first word decides, and another one is a fault.</summary>
    private static FreeUnits ReadFreeUnits(StrictObject source, string id)
    {
        Dictionary<string, WhenExceeded>? exceeded = null;
        if (source.OptionalObject("when_exceeded") is { } rules)
        {
            exceeded = new(StringComparer.Ordinal);
            foreach (JsonProperty rule in rules.Element.EnumerateObject())
            {
                string text = rules.Text(rule.Name);
                if (text.StartsWith("only ", StringComparison.Ordinal)) exceeded[rule.Name] = WhenExceeded.ExcessOnly;
                else if (text.StartsWith("whole ", StringComparison.Ordinal)) exceeded[rule.Name] = WhenExceeded.WholePeriod;
                else rules.Fault(rule.Name, "expected a sentence that starts with \"only \" (the excess) or \"whole \" (the whole period)");
            }
        }
        return new()
        {
            Id = id,
            UnitsPerMonth = source.Number("units_per_month"),
            WaivesWhenWithin = source.Has("waives_when_within") ? source.Texts("waives_when_within") : null,
            Exceeded = exceeded,
        };
    }

    private Rebate? ReadRebate(StrictObject source, List<TariffComponent> components)
    {
        string id = source.Text("id");
        Rebate? rebate = source.Text("form") switch
        {
            "percent" => ReadPercentRebate(source, id, components),
            "per_unit" => new PerUnitRebate { Id = id, Rate = source.Number("rate") },
            "flat" => new FlatRebate { Id = id, Amount = source.Number("amount") },
            _ => null,
        };
        if (rebate is null)
        {
            if (source.Has("form")) source.Fault("form", "expected one of percent, per_unit, flat");
            return null;
        }
        rebate = rebate with
        {
            When = ReadCondition(source),
            Sources = ReadSources(source),
            Note = source.OptionalText("note"),
            Confidence = source.OptionalChoice("confidence", ConfidenceWords),
        };
        source.Close();
        return rebate;
    }

    private PercentRebate ReadPercentRebate(StrictObject source, string id, List<TariffComponent> components)
    {
        List<string> of = source.Texts("of");
        bool recharge = of is ["recharge"];
        if (of.Count == 0) source.Fault("of", "expected at least one line, or recharge");
        if (!recharge)
        {
            foreach (string line in of) CheckEarlier(components, line, source.At("of"));
        }
        return new() { Id = id, Percent = source.Number("percent"), Of = of, IsOfRecharge = recharge };
    }
}

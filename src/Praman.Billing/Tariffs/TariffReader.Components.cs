using System.Text.Json;
using NodaTime;

namespace Praman.Billing.Tariffs;

internal sealed partial class TariffReader
{
    private static readonly (string, ChargeGroup)[] GroupWords =
        [("energy", ChargeGroup.Energy), ("fixed", ChargeGroup.Fixed), ("surcharge", ChargeGroup.Surcharge), ("tax", ChargeGroup.Tax), ("rebate", ChargeGroup.Rebate)];

    private static readonly (string, BilledQuantity)[] QuantityWords =
        [("kwh", BilledQuantity.Kwh), ("kvah", BilledQuantity.Kvah), ("kw_max", BilledQuantity.KwMax), ("kwh_import", BilledQuantity.KwhImport), ("kwh_export", BilledQuantity.KwhExport)];

    private static readonly (string, FixedBasis)[] BandBasisWords = [("connection", FixedBasis.Connection), ("kw", FixedBasis.Kw), ("kva", FixedBasis.Kva)];

    private TariffComponent? ReadComponent(StrictObject source, List<TariffComponent> earlier)
    {
        TariffComponent? component = source.Text("kind") switch
        {
            "blocks" => ReadBlocks(source),
            "unit" => ReadUnit(source),
            "fixed" => ReadFixed(source),
            "percent" => ReadPercent(source, earlier),
            "tod" => ReadTimeOfDay(source, earlier),
            "interval" => ReadInterval(source),
            _ => null,
        };
        if (component is null)
        {
            if (source.Has("kind")) source.Fault("kind", "expected one of blocks, unit, fixed, percent, tod, interval");
            return null;
        }
        if (component.Id.Length == 0 && source.Has("id")) source.Fault("id", "expected a name");
        if (earlier.Exists(c => c.Id == component.Id)) source.Fault("id", $"'{component.Id}' stands twice in this tariff");
        component = component with
        {
            Sources = ReadSources(source),
            Note = source.OptionalText("note"),
            Confidence = source.OptionalChoice("confidence", ConfidenceWords),
            When = ReadCondition(source),
            Season = source.OptionalText("season"),
        };
        source.Close();
        return component;
    }

    private static BlockCharge ReadBlocks(StrictObject source)
    {
        BilledQuantity quantity = source.Choice("quantity", QuantityWords);
        ChargePer per = source.Choice("per", PerWords);
        List<BlockTable> tables = ReadTables(source);
        bool hasBands = source.Has("bands");
        if (hasBands && tables.Count > 0) source.Fault("bands", "expected bands or tables, not both");
        if (hasBands)
        {
            bool whole = ReadMode(source);
            tables = [new(null, whole, ReadBands(source, "bands"))];
        }
        else if (source.Has("mode")) source.Fault("mode", "belongs to bands, and there are none");
        if (tables.Count == 0) source.Fault("bands", "missing; expected bands or tables");
        return new() { Id = source.Text("id"), Label = source.Text("label"), Group = source.Choice("group", GroupWords), Quantity = quantity, Per = per, Tables = tables };
    }

    private static bool ReadMode(StrictObject source) => source.Choice("mode", [("telescopic", false), ("whole", true)]);

    private static List<BlockTable> ReadTables(StrictObject source)
    {
        List<BlockTable> tables = [];
        foreach (StrictObject table in source.Objects("tables"))
        {
            tables.Add(new(ReadCondition(table), ReadMode(table), ReadBands(table, "bands")));
            table.Close();
        }
        return tables;
    }

    private static List<Band> ReadBands(StrictObject source, string name)
    {
        List<Band> bands = [];
        foreach (StrictObject band in source.Objects(name))
        {
            Band read = new(band.OptionalNumber("upto"), band.OptionalText("upto_external"), band.OptionalNumber("rate"), band.OptionalText("external"));
            if (!band.TryGet("rate", out _)) band.Fault("rate", "missing; expected a decimal string, or null where it is not published");
            if (read.Upto is not null && read.UptoExternal is not null) band.Fault("upto_external", "expected a limit or the name of an input, not both");
            if (bands.Count > 0 && bands[^1] is { Upto: null, UptoExternal: null }) band.Fault("upto", "stands after an open band");
            if (bands.Count > 0 && read.Upto <= bands[^1].Upto) band.Fault("upto", "expected a limit above that of the band before it");
            if (read.Upto < 0) band.Fault("upto", "expected a limit of 0 or more");
            band.Close();
            bands.Add(read);
        }
        if (bands.Count == 0) source.Fault(name, "expected at least one band");
        return bands;
    }

    private UnitCharge ReadUnit(StrictObject source)
    {
        List<RateTable> tables = [];
        foreach (StrictObject table in source.Objects("tables"))
        {
            tables.Add(new(ReadCondition(table), table.Number("rate")));
            table.Close();
        }
        UnitCharge read = new()
        {
            Id = source.Text("id"),
            Label = source.Text("label"),
            Group = source.Choice("group", GroupWords),
            Quantity = source.Choice("quantity", QuantityWords),
            Rate = source.OptionalNumber("rate"),
            Series = ReadSeriesId(source),
            External = source.OptionalText("external"),
            Tables = tables,
        };
        CheckOneRate(source, source.TryGet("rate", out _), read.Rate, read.Series, read.External, tables.Count > 0);
        return read;
    }

    private string? ReadSeriesId(StrictObject source)
    {
        string? series = source.OptionalText("series");
        if (series is not null && !Series.Exists(s => s.Id == series)) source.Fault("series", $"'{series}' is not among the file's series");
        return series;
    }

    private static void CheckOneRate(StrictObject source, bool named, decimal? rate, string? series, string? external, bool tables)
    {
        int forms = (rate is null ? 0 : 1) + (series is null ? 0 : 1) + (external is null ? 0 : 1) + (tables ? 1 : 0);
        if (forms > 1) source.Fault("rate", "expected one way to give the rate, found more");
        if (forms == 0 && !named) source.Fault("rate", "missing; expected a rate, series, tables or external, or null where it is not published");
    }

    private static FixedCharge ReadFixed(StrictObject source)
    {
        List<LoadBand> byLoad = [];
        foreach (StrictObject band in source.Objects("bands_by_load"))
        {
            LoadBand loadBand = new(band.OptionalNumber("upto_kw"), band.Number("rate"), band.OptionalChoice("basis", BandBasisWords));
            if (byLoad.Count > 0 && (byLoad[^1].UptoKw is null || loadBand.UptoKw <= byLoad[^1].UptoKw)) band.Fault("upto_kw", "expected a limit above that of the band before it");
            band.Close();
            byLoad.Add(loadBand);
        }
        FixedBasis basis = source.Choice("basis", [.. BandBasisWords, ("by_load", FixedBasis.ByLoad)]);
        if (basis == FixedBasis.ByLoad && (byLoad.Count == 0 || byLoad.Exists(b => b.Basis is null))) source.Fault("bands_by_load", "expected bands that each name a basis");
        if (basis != FixedBasis.ByLoad && byLoad.Exists(b => b.Basis is not null)) source.Fault("bands_by_load", "a band names a basis only where the basis of the charge is by_load");
        List<KwhBand> byKwh = ReadKwhBands(source, "bands_by_kwh");
        DerivedLoad? derive = null;
        if (source.OptionalObject("derive") is { } derived)
        {
            derive = new(PositiveStep(derived, "kwh_per_step"), PositiveStep(derived, "step_kw"));
            _ = derived.Choice("rounding", [("up", true)]);
            derived.Close();
        }
        LoadBasis? load = source.OptionalChoice("load",
        [
            ("sanctioned", LoadBasis.Sanctioned), ("billing_demand", LoadBasis.BillingDemand), ("derived_from_kwh", LoadBasis.DerivedFromKwh),
            ("max_of_demand_and_75pct_sanctioned", LoadBasis.MaxOfDemandAnd75PercentSanctioned),
        ]);
        if (load == LoadBasis.DerivedFromKwh && derive is null) source.Fault("derive", "missing; expected {kwh_per_step, step_kw, rounding}");
        FixedCharge read = new()
        {
            Id = source.Text("id"),
            Label = source.Text("label"),
            Group = source.Choice("group", GroupWords),
            Basis = basis,
            Per = source.Choice("per", [("month", ChargePer.Month), ("day", ChargePer.Day)]),
            Rate = source.OptionalNumber("rate"),
            External = source.OptionalText("external"),
            Load = load ?? LoadBasis.Sanctioned,
            LoadRounding = ReadRounding(source, "load_rounding"),
            Derive = derive,
            BandsByLoad = byLoad,
            BandsByKwh = byKwh,
        };
        read = ReadPhases(source, read);
        bool tables = byLoad.Count > 0 || byKwh.Count > 0 || read.IsByPhase;
        if ((byLoad.Count > 0 ? 1 : 0) + (byKwh.Count > 0 ? 1 : 0) + (read.IsByPhase ? 1 : 0) > 1) source.Fault("bands_by_load", "expected one of bands_by_load, bands_by_kwh, by_phase");
        CheckOneRate(source, source.TryGet("rate", out _), read.Rate, null, read.External, tables);
        return read;
    }

    private static List<KwhBand> ReadKwhBands(StrictObject source, string name)
    {
        List<KwhBand> bands = [];
        foreach (StrictObject band in source.Objects(name))
        {
            KwhBand read = new(band.OptionalNumber("upto"), band.OptionalNumber("rate"));
            if (!band.TryGet("rate", out _)) band.Fault("rate", "missing; expected a decimal string, or null where it is not published");
            if (bands.Count > 0 && (bands[^1].Upto is null || read.Upto <= bands[^1].Upto)) band.Fault("upto", "expected a limit above that of the band before it");
            band.Close();
            bands.Add(read);
        }
        return bands;
    }

    private static FixedCharge ReadPhases(StrictObject source, FixedCharge read)
    {
        if (source.OptionalObject("by_phase") is not { } phases) return read;
        IReadOnlyList<KwhBand>? Phase(string name)
        {
            if (!phases.TryGet(name, out JsonElement value)) return null;
            return value.ValueKind == JsonValueKind.Array ? ReadKwhBands(phases, name) : [new(null, StrictObject.ReadNumber(value, phases.At(name), phases.Faults))];
        }
        read = read with { IsByPhase = true, SinglePhase = Phase("single"), ThreePhase = Phase("three") };
        phases.Close();
        return read;
    }

    private PercentCharge ReadPercent(StrictObject source, List<TariffComponent> earlier)
    {
        List<WeightedLine> of = [];
        foreach (StrictObject line in source.Objects("of"))
        {
            WeightedLine read = new(line.Text("id"), line.OptionalNumber("weight") ?? 1);
            CheckEarlier(earlier, read.Id, line.At("id"));
            line.Close();
            of.Add(read);
        }
        if (of.Count == 0) source.Fault("of", "expected at least one line");
        PercentCharge percent = new()
        {
            Id = source.Text("id"),
            Label = source.Text("label"),
            Group = source.Choice("group", GroupWords),
            Of = of,
            Rate = source.OptionalNumber("rate"),
            Series = ReadSeriesId(source),
            External = source.OptionalText("external"),
            PerBand = source.OptionalFlag("per_band"),
            PerSegment = source.OptionalFlag("per_segment"),
        };
        CheckOneRate(source, source.TryGet("rate", out _), percent.Rate, percent.Series, percent.External, tables: false);
        return percent;
    }

    private void CheckEarlier(List<TariffComponent> earlier, string id, string path)
    {
        if (!earlier.Exists(c => c.Id == id)) faults.Add(path, $"'{id}' is not an earlier component");
    }

    private TimeOfDayCharge ReadTimeOfDay(StrictObject source, List<TariffComponent> earlier)
    {
        List<string> bases = source.Texts("base");
        foreach (string id in bases) CheckEarlier(earlier, id, source.At("base"));
        List<TouPeriod> periods = [];
        foreach (StrictObject period in source.Objects("periods"))
        {
            TouPeriod read = ReadPeriod(period);
            if (read.Pricing == TouPricing.Multiplier && bases.Count == 0) period.Fault("multiplier", "expected a base that it works on");
            if (periods.Exists(p => p.Name == read.Name)) period.Fault("name", $"'{read.Name}' stands twice");
            periods.Add(read);
        }
        if (periods.Count == 0) source.Fault("periods", "expected at least one period");
        return new()
        {
            Id = source.Text("id"),
            Label = source.Text("label"),
            Group = source.Choice("group", GroupWords),
            Quantity = source.OptionalChoice("quantity", QuantityWords) ?? BilledQuantity.Kwh,
            TimeZone = source.OptionalText("timezone"),
            Base = bases,
            Periods = periods,
        };
    }

    private static TouPeriod ReadPeriod(StrictObject period)
    {
        (LocalTime? from, LocalTime? to) = ReadTimes(period);
        List<int> months = [];
        foreach ((JsonElement item, string path) in period.Items("months"))
        {
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int month) && month is >= 1 and <= 12) months.Add(month);
            else period.Faults.Add(path, "expected a month from 1 to 12");
        }
        decimal? rate = period.OptionalNumber("rate"), adder = period.OptionalNumber("adder"), multiplier = period.OptionalNumber("multiplier");
        if ((rate is null ? 0 : 1) + (adder is null ? 0 : 1) + (multiplier is null ? 0 : 1) != 1) period.Fault("rate", "expected one of rate, adder, multiplier");
        string name = period.OptionalText("name") ?? (from is null ? "all" : $"{period.OptionalText("from")}-{period.OptionalText("to")}");
        DayKind days = period.OptionalChoice("days",
            [("all", DayKind.All), ("weekday", DayKind.Weekday), ("weekend", DayKind.Weekend), ("holiday", DayKind.Holiday)]) ?? DayKind.All;
        TouPricing pricing = rate is not null ? TouPricing.Rate : adder is not null ? TouPricing.Adder : TouPricing.Multiplier;
        period.Close();
        return new(name, days, months, from, to, pricing, rate ?? adder ?? multiplier ?? 0);
    }

    private static (LocalTime? From, LocalTime? To) ReadTimes(StrictObject source)
    {
        LocalTime? from = source.OptionalTime("from"), to = source.OptionalTime("to");
        if (from is null != to is null) source.Fault("from", "expected both from and to, or neither");
        return (from, to);
    }

    private static IntervalCharge ReadInterval(StrictObject source)
    {
        List<PriceStep> steps = [];
        decimal? cap = null, floor = null;
        if (source.OptionalObject("formula") is { } formula)
        {
            cap = formula.OptionalNumber("cap");
            floor = formula.OptionalNumber("floor");
            if (formula.Has("periods"))
            {
                foreach (StrictObject period in formula.Objects("periods")) steps.Add(ReadStep(period, "add", period.OptionalNumber("multiply") ?? 1));
                if (steps.Count == 0 || steps[^1].From is not null) formula.Fault("periods", "expected a last period without times, for the rest of the day");
            }
            else
            {
                decimal multiply = formula.Number("multiply");
                foreach (StrictObject add in formula.Objects("add")) steps.Add(ReadStep(add, "value", multiply));
                steps.Add(new(null, null, multiply, 0));
            }
            formula.Close();
        }
        else if (!source.Has("formula")) source.Fault("formula", "missing; expected an object");
        string unit = source.OptionalText("price_unit") ?? "";
        return new()
        {
            Id = source.Text("id"),
            Label = source.Text("label"),
            Group = source.Choice("group", GroupWords),
            IntervalMinutes = source.Integer("interval_minutes", 1, 1440),
            TimeZone = source.OptionalText("timezone"),
            PriceDivisor = unit is "p/kWh" or "c/kWh" or "paise/kWh" ? 100 : 1,
            External = source.OptionalText("external"),
            Steps = steps,
            Cap = cap,
            Floor = floor,
        };
    }

    private static PriceStep ReadStep(StrictObject source, string addName, decimal multiply)
    {
        (LocalTime? from, LocalTime? to) = ReadTimes(source);
        PriceStep step = new(from, to, multiply, source.OptionalNumber(addName) ?? 0);
        source.Close();
        return step;
    }

    private static TariffCondition? ReadCondition(StrictObject owner)
    {
        if (owner.OptionalObject("when") is not { } when) return null;
        NumberRange? Range(string name)
        {
            if (when.OptionalObject(name) is not { } range) return null;
            NumberRange read = new(range.OptionalNumber("gt"), range.OptionalNumber("lte"));
            if (read is { Above: null, UpTo: null }) range.Fault("lte", "expected gt, lte or both");
            range.Close();
            return read;
        }
        TariffCondition condition = new(Range("kwh"), Range("kwh_month"), Range("load_kw"), when.Texts("flags"));
        when.Close();
        return condition;
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using NodaTime;
using Praman.Proof.Canonical;

namespace Praman.Billing.Tariffs;

/// <summary>Reads a document of the form <c>praman-tariff/1</c>, strictly: an unknown field, another type, a reference to nothing are faults.</summary>
internal sealed partial class TariffReader(FaultList faults)
{
    public const string Format = "praman-tariff/1";

    public List<Tariff> Tariffs { get; } = [];
    public List<TariffSeries> Series { get; } = [];
    public List<TariffSource> Sources { get; } = [];

    public void Read(JsonElement root)
    {
        if (StrictObject.Open(root, "$", faults) is not { } document) return;
        string format = document.Text("format");
        if (format != Format) document.Fault("format", $"expected \"{Format}\", found \"{format}\"");
        foreach (string free in (string[])["about", "collected", "conventions", "confidence_levels", "not_collected"]) document.Ignore(free);
        ReadNamed(document, "sources", (id, source) => Sources.Add(SourceOf(id, source)));
        ReadNamed(document, "series", ReadSeries);
        if (!document.Has("tariffs")) document.Fault("tariffs", "missing; expected a list of tariffs");
        foreach (StrictObject tariff in document.Objects("tariffs")) ReadTariff(tariff);
        document.Close();
    }

    /// <summary>Reads each object of an object that names them.</summary>
    internal static void ReadNamed(StrictObject document, string name, Action<string, StrictObject> read)
    {
        if (document.OptionalObject(name) is not { } named)
        {
            if (!document.Has(name)) document.Fault(name, "missing; expected an object");
            return;
        }
        foreach (JsonProperty member in named.Element.EnumerateObject())
        {
            if (StrictObject.Open(member.Value, named.At(member.Name), named.Faults) is { } one) read(member.Name, one);
        }
    }

    internal static TariffSource SourceOf(string id, StrictObject source)
    {
        TariffSource read = new(id, source.Text("title"), source.Text("url"), source.Text("publisher"), source.Text("date"),
            source.Choice("kind", [("primary", true), ("secondary", false)]), source.OptionalText("note"));
        source.Close();
        return read;
    }

    private void ReadSeries(string id, StrictObject series)
    {
        List<SeriesPoint> points = [];
        foreach (StrictObject point in series.Objects("points"))
        {
            SeriesPoint read = new(point.Date("from"), point.OptionalDate("to"), point.Number("value"), point.Text("source"), point.OptionalText("note"));
            point.Close();
            if (read.To < read.From) point.Fault("to", "expected a day not before 'from'");
            if (points.Count > 0 && points[^1] is { } before && (before.From >= read.From || before.To >= read.From))
            {
                point.Fault("from", "expected a day after the point before it");
            }
            CheckSource(read.Source, point.At("source"));
            points.Add(read);
        }
        if (points.Count == 0) series.Fault("points", "expected at least one point");
        Series.Add(new TariffSeries
        {
            Id = id,
            Unit = series.Text("unit"),
            IsByBillDate = series.Choice("basis", [("consumption_date", false), ("bill_date", true)]),
            Points = points,
            Note = series.OptionalText("note"),
            Canonical = CanonicalOf(series),
        });
        series.Close();
    }

    private void ReadTariff(StrictObject tariff)
    {
        string id = tariff.Text("id");
        if (Tariffs.Exists(t => t.Id == id)) tariff.Fault("id", $"'{id}' stands twice in this file");
        List<TariffComponent> components = [];
        foreach (StrictObject component in tariff.Objects("components"))
        {
            if (ReadComponent(component, components) is { } read) components.Add(read);
        }
        if (!tariff.Has("components")) tariff.Fault("components", "missing; expected a list of components");
        HashSet<string> lines = new(components.Select(c => c.Id), StringComparer.Ordinal);
        List<Subsidy> subsidies = [];
        foreach (StrictObject subsidy in tariff.Objects("subsidies"))
        {
            if (ReadSubsidy(subsidy) is not { } read) continue;
            CheckUnique(lines, read.Id, subsidy);
            subsidies.Add(read);
        }
        List<Rebate> rebates = [];
        foreach (StrictObject rebate in tariff.Objects("rebates"))
        {
            if (ReadRebate(rebate, components) is not { } read) continue;
            CheckUnique(lines, read.Id, rebate);
            rebates.Add(read);
        }
        if (!tariff.Has("utility")) tariff.Fault("utility", "missing; expected a list of names");
        LocalDate from = tariff.Date("valid_from");
        tariff.TryGet("valid_to", out _);
        LocalDate? to = tariff.OptionalDate("valid_to");
        if (to < from) tariff.Fault("valid_to", "expected a day not before valid_from");
        Tariffs.Add(new Tariff
        {
            Id = id,
            Name = tariff.Text("name"),
            Utilities = tariff.Texts("utility"),
            State = tariff.OptionalText("state"),
            Country = tariff.Text("country"),
            Regulator = tariff.OptionalText("regulator"),
            Category = tariff.Text("category"),
            Currency = tariff.Text("currency"),
            ValidFrom = from,
            ValidTo = to,
            Status = tariff.Choice("status", StatusWords),
            Confidence = tariff.Choice("confidence", ConfidenceWords),
            Billing = ReadBilling(tariff),
            Components = components,
            Subsidies = subsidies,
            Rebates = rebates,
            Export = ReadExport(tariff),
            Minimum = ReadMinimum(tariff),
            Notes = tariff.Texts("notes"),
            Sources = ReadSources(tariff),
            Canonical = CanonicalOf(tariff),
        });
        foreach (string free in (string[])["urdb_map", "cdr_map"]) tariff.Ignore(free);
        tariff.Close();
    }

    private static void CheckUnique(HashSet<string> lines, string id, StrictObject owner)
    {
        if (!lines.Add(id)) owner.Fault("id", $"'{id}' names another line of this tariff");
    }

    private static BillingRules ReadBilling(StrictObject tariff)
    {
        if (tariff.OptionalObject("billing") is not { } billing)
        {
            if (!tariff.Has("billing")) tariff.Fault("billing", "missing; expected an object");
            billing = StrictObject.Open(JsonElement.Parse("{}"), tariff.At("billing"), new FaultList(null))!;
        }
        HashSet<string> prorate = new(StringComparer.Ordinal);
        foreach ((JsonElement item, string path) in billing.Items("prorate"))
        {
            prorate.Add(billing.ReadChoice(item, path, [("slab_limits", "slab_limits"), ("fixed", "fixed"), ("free_units", "free_units")]));
        }
        if (!billing.Has("prorate")) billing.Fault("prorate", "missing; expected a list");
        BillingRules rules = new()
        {
            CycleMonths = billing.Integer("cycle_months", 1, 12),
            MonthFraction = billing.Choice("month_fraction",
                [("none", MonthFraction.None), ("days_over_30", MonthFraction.DaysOver30), ("calendar_sum", MonthFraction.CalendarSum)]),
            ProratesSlabLimits = prorate.Contains("slab_limits"),
            ProratesFixed = prorate.Contains("fixed"),
            ProratesFreeUnits = prorate.Contains("free_units"),
            RoundsSlabLimits = billing.Choice("slab_limit_rounding", [("none", false), ("cumulative_half_up_unit", true)]),
            UnitStep = PositiveStep(billing, "unit_step"),
            LineRounding = ReadRounding(billing, "line_rounding") ?? Rounding.HalfUpCent,
            TotalRounding = ReadRounding(billing, "total_rounding") ?? Rounding.HalfUpCent,
            HasSegments = billing.OptionalChoice("segments", [("calendar_month_and_rate_change", true)]) ?? false,
            RateChangeSplit = billing.OptionalChoice("rate_change_split",
                [("pro_rata_days", RateChangeSplit.ProRataDays), ("by_interval", RateChangeSplit.ByInterval)]) ?? RateChangeSplit.ProRataDays,
        };
        foreach (string required in (string[])["line_rounding", "total_rounding"])
        {
            if (!billing.Has(required)) billing.Fault(required, "missing; expected {step, mode}");
        }
        billing.Close();
        return rules;
    }

    private static Rounding? ReadRounding(StrictObject owner, string name)
    {
        if (owner.OptionalObject(name) is not { } rounding) return null;
        Rounding read = new(PositiveStep(rounding, "step"),
            rounding.Choice("mode", [("half_up", RoundingMode.HalfUp), ("up", RoundingMode.Up), ("down", RoundingMode.Down)]));
        rounding.Close();
        return read;
    }

    private static decimal PositiveStep(StrictObject owner, string name)
    {
        decimal step = owner.Number(name);
        if (step > 0) return step;
        if (owner.Has(name)) owner.Fault(name, "expected a step above 0");
        return 1;
    }

    private NetExport? ReadExport(StrictObject tariff)
    {
        if (tariff.OptionalObject("export") is not { } export) return null;
        _ = export.Choice("mode", [("net", true)]);
        _ = export.Choice("quantity_in", [("kwh_import", true)]);
        _ = export.Choice("quantity_out", [("kwh_export", true)]);
        NetExport read = new(export.OptionalText("carry"), export.OptionalText("note"), ReadSources(export));
        export.Close();
        return read;
    }

    private static MinimumCharge? ReadMinimum(StrictObject tariff)
    {
        if (tariff.OptionalObject("minimum") is not { } minimum) return null;
        MinimumCharge read = new(minimum.Number("amount"), minimum.Choice("per", PerWords), minimum.Texts("exclude"));
        minimum.Close();
        return read;
    }

    private List<string> ReadSources(StrictObject owner)
    {
        List<string> sources = owner.Texts("sources");
        foreach (string source in sources) CheckSource(source, owner.At("sources"));
        return sources;
    }

    private void CheckSource(string id, string path)
    {
        if (!Sources.Exists(s => s.Id == id)) faults.Add(path, $"'{id}' is not among the file's sources");
    }

    private static ReadOnlyMemory<byte> CanonicalOf(StrictObject of)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(of.Element);
        if (CanonicalJson.TryCanonicalize(raw, out byte[]? canonical, out var error)) return canonical;
        of.Faults.Add(of.Path, $"has no canonical form: {error}");
        return default;
    }

    internal static readonly (string, TariffStatus)[] StatusWords =
        [("complete", TariffStatus.Complete), ("partial", TariffStatus.Partial), ("historical", TariffStatus.Historical), ("illustrative", TariffStatus.Illustrative)];

    internal static readonly (string, Confidence)[] ConfidenceWords =
        [("published", Confidence.Published), ("secondary", Confidence.Secondary), ("inferred", Confidence.Inferred), ("unverified", Confidence.Unverified), ("illustrative", Confidence.Illustrative)];

    internal static readonly (string, ChargePer)[] PerWords = [("month", ChargePer.Month), ("cycle", ChargePer.Cycle), ("day", ChargePer.Day)];
}

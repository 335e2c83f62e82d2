using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;

namespace Praman.Billing.Tariffs.Urdb;

/// <summary>
/// Makes a tariff of a rate of OpenEI's Utility Rate Database (version 3 and later): energy in steps by season or at prices by the hour, demand in
/// steps, fixed and minimum charges, monthly fuel adjustments. What the form cannot hold is a fault by name, never left out in silence.
/// </summary>
public sealed class UrdbImport
{
    /// <summary>Largest file read, octets.</summary>
    public const int LengthMax = 4 << 20;

    private const int MonthsAYear = 12, FuelYearsMax = 50;
    private const string SourceId = "urdb";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly UrdbImportOptions _options;
    private readonly FaultList _faults;
    private readonly UrdbReader _rate;
    private readonly List<string> _notes = [];
    private readonly List<string> _left = [];

    private UrdbImport(JsonElement rate, string path, UrdbImportOptions options, FaultList faults) =>
        (_options, _faults, _rate) = (options, faults, new UrdbReader(rate, path, faults));

    /// <summary>Reads a rate, or an answer of the database that holds exactly one in <c>items</c>.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">Of the file, for its faults.</param>
    /// <param name="options">What the rate does not say.</param>
    public static UrdbImportResult Read(ReadOnlyMemory<byte> json, string? name, UrdbImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = new FaultList(name);
        if (json.Length > LengthMax)
        {
            faults.Add("$", $"has more than {LengthMax} octets");
            return new(null, default, faults.Faults, []);
        }
        if (!Utf8.IsValid(json.Span))
        {
            faults.Add("$", "is not UTF-8");
            return new(null, default, faults.Faults, []);
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            JsonElement root = document.RootElement;
            string path = "$";
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("items", out JsonElement items))
            {
                int count = items.ValueKind == JsonValueKind.Array ? items.GetArrayLength() : 0;
                if (count != 1) faults.Add("$.items", $"holds {count} rates; expected one");
                else (root, path) = (items[0], "$.items[0]");
            }
            if (root.ValueKind != JsonValueKind.Object) faults.Add(path, "expected the object of a rate");
            return faults.Any ? new(null, default, faults.Faults, []) : new UrdbImport(root, path, options, faults).Convert();
        }
        catch (JsonException fault)
        {
            faults.Add("$", $"no JSON: line {fault.LineNumber + 1}, octet {fault.BytePositionInLine}");
            return new(null, default, faults.Faults, []);
        }
        catch (InvalidOperationException)
        {
            // What JsonElement says of a name or text with half of a surrogate pair.
            faults.Add("$", "holds a text that is no Unicode");
            return new(null, default, faults.Faults, []);
        }
    }

    private UrdbImportResult Convert()
    {
        Head head = ReadHead();
        List<UrdbTier[]> energy = _rate.Structure("energyratestructure");
        if (energy.Count == 0) _rate.Fault("energyratestructure", "missing; expected the price of energy");
        UrdbSchedule? hours = energy.Count == 0 ? null : _rate.Schedule("energyweekdayschedule", "energyweekendschedule", energy.Count, "energyratestructure");
        List<UrdbTier[]> flat = _rate.Structure("flatdemandstructure");
        int[] flatMonths = FlatMonths(flat.Count);
        CheckDemand(flat);
        decimal[]? fuel = _rate.Monthly("fueladjustmentsmonthly");
        if (_faults.Any) return Refused();

        bool hasSteps = hours!.Periods.Any(p => energy[p].Length > 1);
        for (int month = 0; hasSteps && month < MonthsAYear; month++)
        {
            if (hours.OnlyPeriodOf(month) >= 0) continue;
            _rate.Fault("energyratestructure", $"steps and prices by the hour together in {MonthName(month)}: the form has steps for all units of a bill, or a price by the hour");
            return Refused();
        }
        CheckUnits(energy, hours);
        var seasons = Season.Of(month => (hasSteps ? hours.OnlyPeriodOf(month) : -1, flat.Count > 0 ? flatMonths[month] : -1));
        string[] fixedCharge = Charge(["fixedchargefirstmeter", "fixedmonthlycharge"], "fixedchargeunits");
        string[] minimum = Charge(["mincharge", "minmonthlycharge"], "minchargeunits");
        NoteNetMetering(energy);
        foreach (string unread in _rate.Unread()) _left.Add($"{unread}: a number that the import does not know");
        if (_left.Count > 0 && !_options.AllowsPartial)
        {
            foreach (string left in _left) _faults.Add("$", $"{left}; it would be left out of the tariff");
        }
        if (_faults.Any) return Refused();
        foreach (string left in _left) _notes.Add($"Left out: {left}.");
        if (seasons.Count > 1) _notes.Add("Seasons: " + string.Join("; ", seasons.Select(s => $"{s.Name} is {MonthNames(s.Months)}")) + ".");
        byte[] file = Write(head, energy, hours, hasSteps, flat, seasons, fixedCharge, minimum, fuel);
        // What this program reads back is what it will bill by.
        return TariffSet.TryParse(file, null, out _, out IReadOnlyList<TariffFault> wrong) ? new(head.Id, file, [], _notes) : new(null, default, wrong, []);
    }

    private UrdbImportResult Refused() => new(null, default, _faults.Faults, []);

    private Head ReadHead()
    {
        string? label = _rate.Text("label"), utility = _rate.Text("utility"), name = _rate.Text("name");
        if (utility is null) _rate.Fault("utility", "missing; expected the name of the utility");
        if (name is null) _rate.Fault("name", "missing; expected the name of the rate");
        if (_options.Id is null && label is null) _rate.Fault("label", "missing, and no id was given");
        string country = _rate.Text("country") is null or "USA" or "US" ? "US" : _rate.Text("country")!;
        if (_options.Currency is null && country != "US") _rate.Fault("country", $"'{country}' is not the United States, and no currency was given");
        LocalDate? from = _rate.Date("startdate") ?? _options.ValidFrom;
        if (from is null) _rate.Fault("startdate", "missing, and no first day was given");
        string uri = _rate.Text("uri") ?? (label is null ? "https://openei.org/wiki/Utility_Rate_Database" : "https://openei.org/apps/IURDB/rate/view/" + label);
        return new(
            _options.Id ?? "us-urdb-" + label, name ?? "", utility ?? "", country, _options.Currency ?? "USD", (_rate.Text("sector") ?? "not stated").ToLowerInvariant(),
            from ?? default, _rate.Date("enddate"), uri, _rate.Text("source"));
    }

    private int[] FlatMonths(int periodCount)
    {
        var months = new int[MonthsAYear];
        if (periodCount == 0) return months;
        if (_rate.Monthly("flatdemandmonths") is { } given)
        {
            for (int i = 0; i < MonthsAYear; i++)
            {
                if (given[i] >= 0 && given[i] < periodCount && given[i] == Math.Truncate(given[i])) months[i] = (int)given[i];
                else _rate.Fault($"flatdemandmonths[{i}]", $"expected a period from 0 to {periodCount - 1}");
            }
        }
        else if (periodCount > 1)
        {
            _rate.Fault("flatdemandstructure", $"has {periodCount} periods, and flatdemandmonths does not say when they hold");
        }
        return months;
    }

    /// <summary>Demand by the hour has no place in the form, but for one period that always holds: that is demand.</summary>
    private void CheckDemand(List<UrdbTier[]> flat)
    {
        List<UrdbTier[]> byHour = _rate.Structure("demandratestructure");
        UrdbSchedule? hours = byHour.Count == 0 ? null : _rate.Schedule("demandweekdayschedule", "demandweekendschedule", byHour.Count, "demandratestructure");
        if (_rate.Text("flatdemandunit") is { } unit && unit != "kW" && flat.Exists(HasPrice)) _rate.Fault("flatdemandunit", $"'{unit}'; expected kW");
        if (_rate.Text("demandrateunit") is { } other && other != "kW" && byHour.Exists(HasPrice)) _rate.Fault("demandrateunit", $"'{other}'; expected kW");
        if (hours is null) return;
        int[] used = [.. hours.Periods];
        if (!used.Any(p => HasPrice(byHour[p]))) return;
        if (used.Length == 1 && !flat.Exists(HasPrice))
        {
            flat.Clear();
            flat.Add(byHour[used[0]]);
        }
        else
        {
            _left.Add("demandratestructure: demand by the hour");
        }
    }

    private void CheckUnits(List<UrdbTier[]> energy, UrdbSchedule hours)
    {
        foreach (int period in hours.Periods)
        {
            UrdbTier[] tiers = energy[period];
            bool byDay = IsByDay(tiers);
            for (int i = 0; i < tiers.Length; i++)
            {
                if (tiers[i].Unit is null or "kWh" or "kWh daily" && (tiers.Length == 1 || byDay == (tiers[i].Unit == "kWh daily"))) continue;
                _rate.Fault($"energyratestructure[{period}][{i}].unit", $"'{tiers[i].Unit}'; expected kWh or kWh daily, the same in all steps");
            }
        }
    }

    /// <summary>An amount and what it is for, from the first of the names that is there; empty where there is none.</summary>
    private string[] Charge(string[] names, string units)
    {
        string? per = _rate.Text(units);
        foreach (string name in names)
        {
            if (_rate.Number(name) is not { } amount || amount == 0) continue;
            switch (name == names[0] ? per : "$/month")
            {
                case null or "$/month": return [DecimalText.Trimmed(amount), "month"];
                case "$/day": return [DecimalText.Trimmed(amount), "day"];
                case "$/year" when DecimalText.TryParse(DecimalText.Trimmed(amount / MonthsAYear), out decimal month) && month * MonthsAYear == amount: return [DecimalText.Trimmed(month), "month"];
                default:
                    _rate.Fault(units, $"'{per}' of {DecimalText.Trimmed(amount)}; expected $/day, $/month, or a sum a year that has a twelfth of at most 9 digits");
                    return [];
            }
        }
        return [];
    }

    private void NoteNetMetering(List<UrdbTier[]> energy)
    {
        string? rule = _rate.Text("dgrules");
        bool offered = _rate.Flag("usenetmetering") || rule == "Net Metering";
        if (_options.HasNetMetering && !offered) _rate.Fault("dgrules", $"'{rule}'; net metering was asked for, and the rate does not offer it");
        if (offered && !_options.HasNetMetering) _notes.Add("The rate offers net metering; this tariff is for homes that feed nothing in.");
        else if (rule is not null && !offered) _notes.Add($"What is fed in is settled by '{rule}', which this tariff does not hold.");
        if (energy.Exists(period => period.Any(tier => tier.Sell != 0))) _notes.Add("The rate pays for what is fed in; this tariff does not hold that price.");
    }

    private byte[] Write(
        Head head, List<UrdbTier[]> energy, UrdbSchedule hours, bool hasSteps, List<UrdbTier[]> flat, List<Season> seasons, string[] fixedCharge, string[] minimum, decimal[]? fuel)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Layout))
        {
            json.WriteStartObject();
            json.WriteString("format", "praman-tariff/1");
            json.WriteString("collected", LocalDatePattern.Iso.Format(_options.Collected));
            WriteSources(json, head);
            bool hasFuel = fuel is not null && fuel.Any(value => value != 0);
            bool isFuelSeries = hasFuel && fuel!.Distinct().Count() > 1;
            WriteSeries(json, head, isFuelSeries ? fuel : null);
            json.WriteStartArray("tariffs");
            json.WriteStartObject();
            WriteHead(json, head);
            json.WriteStartArray("components");
            if (hasSteps) WriteSteps(json, "energy", "Energy", "energy", "kwh", seasons, season => energy[season.EnergyPeriod]);
            else WriteHours(json, energy, hours);
            if (flat.Exists(HasPrice)) WriteSteps(json, "demand", "Demand charge", "fixed", "kw_max", seasons, season => flat[season.DemandPeriod]);
            if (fixedCharge.Length > 0) WriteFixed(json, fixedCharge);
            if (hasFuel) WriteFuel(json, head.Id, isFuelSeries ? null : fuel![0]);
            json.WriteEndArray();
            if (minimum.Length > 0)
            {
                json.WriteStartObject("minimum");
                json.WriteString("amount", minimum[0]);
                json.WriteString("per", minimum[1]);
                json.WriteEndObject();
            }
            if (_options.HasNetMetering)
            {
                json.WriteStartObject("export");
                json.WriteString("mode", "net");
                json.WriteString("quantity_in", "kwh_import");
                json.WriteString("quantity_out", "kwh_export");
                json.WriteEndObject();
            }
            WriteTexts(json, "notes", _notes);
            WriteTexts(json, "sources", [SourceId]);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private void WriteSources(Utf8JsonWriter json, Head head)
    {
        json.WriteStartObject("sources");
        json.WriteStartObject(SourceId);
        json.WriteString("title", $"{head.Utility}: {head.Name}, as the Utility Rate Database has it");
        json.WriteString("url", head.Uri);
        json.WriteString("publisher", "OpenEI");
        json.WriteString("date", LocalDatePattern.Iso.Format(_options.Collected));
        json.WriteString("kind", "secondary");
        if (head.Source is { Length: > 0 } source) json.WriteString("note", "taken there from " + source);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The adjustment of each month, to the end of the tariff or of the year after it was taken: later months are refused, not guessed.</summary>
    private void WriteSeries(Utf8JsonWriter json, Head head, decimal[]? fuel)
    {
        json.WriteStartObject("series");
        if (fuel is not null)
        {
            var end = new LocalDate(Math.Min(Math.Max(_options.Collected.Year, head.From.Year) + 1, head.From.Year + FuelYearsMax), 12, 31);
            LocalDate last = head.To is { } to && to < end ? to : end;
            json.WriteStartObject(head.Id + "-fuel");
            json.WriteString("unit", head.Currency + "/kWh");
            json.WriteString("basis", "consumption_date");
            json.WriteStartArray("points");
            for (LocalDate from = head.From; from <= last; from = from.With(DateAdjusters.StartOfMonth).PlusMonths(1))
            {
                json.WriteStartObject();
                json.WriteString("from", LocalDatePattern.Iso.Format(from));
                json.WriteString("to", LocalDatePattern.Iso.Format(LocalDate.Min(last, from.With(DateAdjusters.EndOfMonth))));
                json.WriteString("value", DecimalText.Trimmed(fuel[from.Month - 1]));
                json.WriteString("source", SourceId);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private void WriteHead(Utf8JsonWriter json, Head head)
    {
        json.WriteString("id", head.Id);
        json.WriteString("name", head.Name);
        WriteTexts(json, "utility", [head.Utility]);
        json.WriteNull("state");
        json.WriteString("country", head.Country);
        json.WriteNull("regulator");
        json.WriteString("category", head.Sector);
        json.WriteString("currency", head.Currency);
        json.WriteString("valid_from", LocalDatePattern.Iso.Format(head.From));
        if (head.To is { } to) json.WriteString("valid_to", LocalDatePattern.Iso.Format(to));
        else json.WriteNull("valid_to");
        json.WriteString("status", _left.Count > 0 ? "partial" : "complete");
        json.WriteString("confidence", "secondary");
        json.WriteStartObject("billing");
        json.WriteNumber("cycle_months", 1);
        json.WriteString("month_fraction", "none");
        WriteTexts(json, "prorate", []);
        json.WriteString("slab_limit_rounding", "none");
        json.WriteString("unit_step", "0.001");
        foreach (string rounding in (string[])["line_rounding", "total_rounding"])
        {
            json.WriteStartObject(rounding);
            json.WriteString("step", "0.01");
            json.WriteString("mode", "half_up");
            json.WriteEndObject();
        }
        json.WriteString("rate_change_split", "pro_rata_days");
        json.WriteEndObject();
    }

    /// <summary>One line a season whose steps differ from those of the others.</summary>
    private static void WriteSteps(Utf8JsonWriter json, string id, string label, string group, string quantity, List<Season> seasons, Func<Season, UrdbTier[]> tiersOf)
    {
        bool always = seasons.TrueForAll(season => tiersOf(season).AsSpan().SequenceEqual(tiersOf(seasons[0])));
        foreach (Season season in always ? seasons[..1] : seasons)
        {
            UrdbTier[] tiers = tiersOf(season);
            Begin(json, always ? id : $"{id}-{season.Name}", "blocks", group, always ? label : $"{label}, {MonthNames(season.Months)}");
            json.WriteString("quantity", quantity);
            json.WriteString("mode", "telescopic");
            json.WriteString("per", IsByDay(tiers) ? "day" : "month");
            json.WriteStartArray("bands");
            foreach (UrdbTier tier in tiers)
            {
                json.WriteStartObject();
                if (tier.Max is { } max) json.WriteString("upto", DecimalText.Trimmed(max));
                json.WriteString("rate", DecimalText.Trimmed(tier.Rate));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (!always) json.WriteString("season", season.Name);
            json.WriteEndObject();
        }
    }

    /// <summary>One price, or prices by the hour: the price of the most hours stands last and takes all that is left.</summary>
    private void WriteHours(Utf8JsonWriter json, List<UrdbTier[]> energy, UrdbSchedule hours)
    {
        int[] used = [.. hours.Periods.Order()];
        if (used.Select(p => energy[p][0].Rate).Distinct().Count() == 1)
        {
            Begin(json, "energy", "unit", "energy", "Energy");
            json.WriteString("quantity", "kwh");
            json.WriteString("rate", DecimalText.Trimmed(energy[used[0]][0].Rate));
            json.WriteEndObject();
            return;
        }
        Begin(json, "energy", "tod", "energy", "Energy by the time of use");
        json.WriteString("quantity", "kwh");
        if (_options.TimeZone is { } zone) json.WriteString("timezone", zone);
        json.WriteStartArray("periods");
        int rest = used.MaxBy(p => hours.Weekday.Concat(hours.Weekday).Concat(hours.Weekend).Sum(row => row.Count(hour => hour == p)));
        foreach ((HourRun run, List<int> months) in Runs(hours, rest))
        {
            json.WriteStartObject();
            json.WriteString("name", NameOf(run, months));
            json.WriteString("days", run.Days);
            if (months.Count < MonthsAYear)
            {
                json.WriteStartArray("months");
                foreach (int month in months) json.WriteNumberValue(month + 1);
                json.WriteEndArray();
            }
            if (run.From != run.To)
            {
                json.WriteString("from", HourText(run.From));
                json.WriteString("to", HourText(run.To));
            }
            json.WriteString("rate", DecimalText.Trimmed(energy[run.Period][0].Rate));
            json.WriteEndObject();
        }
        json.WriteStartObject();
        json.WriteString("name", string.Create(CultureInfo.InvariantCulture, $"period {rest + 1}, all other hours"));
        json.WriteString("days", "all");
        json.WriteString("rate", DecimalText.Trimmed(energy[rest][0].Rate));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Stretches of the day with one period, with the months that have them; those of the rest are left out.</summary>
    private static List<(HourRun Run, List<int> Months)> Runs(UrdbSchedule hours, int rest)
    {
        List<(HourRun Run, List<int> Months)> all = [];
        void Add(HourRun run, int month)
        {
            int found = all.FindIndex(one => one.Run == run);
            if (found < 0) all.Add((run, [month]));
            else all[found].Months.Add(month);
        }
        for (int month = 0; month < MonthsAYear; month++)
        {
            bool same = hours.Weekday[month].AsSpan().SequenceEqual(hours.Weekend[month]);
            foreach (HourRun run in RunsOf(hours.Weekday[month], same ? "all" : "weekday", rest)) Add(run, month);
            if (same) continue;
            foreach (HourRun run in RunsOf(hours.Weekend[month], "weekend", rest)) Add(run, month);
        }
        return all;
    }

    private static IEnumerable<HourRun> RunsOf(int[] day, string days, int rest)
    {
        int count = day.Length;
        int start = Enumerable.Range(0, count).FirstOrDefault(h => day[h] != day[(h + count - 1) % count], -1);
        if (start < 0)
        {
            if (day[0] != rest) yield return new(days, 0, 0, day[0]);
            yield break;
        }
        // Begun where a period begins, so that one that passes midnight is one stretch.
        for (int at = 0; at < count;)
        {
            int period = day[(start + at) % count], length = 1;
            while (at + length < count && day[(start + at + length) % count] == period) length++;
            if (period != rest) yield return new(days, (start + at) % count, (start + at + length) % count, period);
            at += length;
        }
    }

    private static void WriteFixed(Utf8JsonWriter json, string[] charge)
    {
        Begin(json, "fixed", "fixed", "fixed", "Fixed charge");
        json.WriteString("per", charge[1]);
        json.WriteString("basis", "connection");
        json.WriteString("rate", charge[0]);
        json.WriteEndObject();
    }

    private static void WriteFuel(Utf8JsonWriter json, string id, decimal? rate)
    {
        Begin(json, "fuel", "unit", "surcharge", "Fuel adjustment");
        json.WriteString("quantity", "kwh");
        if (rate is { } same) json.WriteString("rate", DecimalText.Trimmed(same));
        else json.WriteString("series", id + "-fuel");
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, string id, string kind, string group, string label)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("kind", kind);
        json.WriteString("group", group);
        json.WriteString("label", label);
        WriteTexts(json, "sources", [SourceId]);
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static bool HasPrice(UrdbTier[] tiers) => tiers.Any(tier => tier.Rate != 0);

    private static bool IsByDay(UrdbTier[] tiers) => tiers.Length > 1 && tiers[0].Unit == "kWh daily";

    private static string HourText(int hour) => string.Create(CultureInfo.InvariantCulture, $"{hour:00}:00");

    private static string NameOf(HourRun run, List<int> months)
    {
        string when = run.From == run.To ? "all day" : $"{HourText(run.From)} to {HourText(run.To)}";
        string days = run.Days == "all" ? "" : run.Days + "s, ";
        return string.Create(CultureInfo.InvariantCulture, $"period {run.Period + 1}, {days}{(months.Count == MonthsAYear ? "" : MonthNames(months) + ", ")}{when}");
    }

    private static string MonthName(int month) => CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month + 1);

    /// <summary>Stretches of months, such as "January to April, December".</summary>
    private static string MonthNames(List<int> months)
    {
        List<string> stretches = [];
        for (int i = 0; i < months.Count;)
        {
            int length = 1;
            while (i + length < months.Count && months[i + length] == months[i] + length) length++;
            stretches.Add(length == 1 ? MonthName(months[i]) : $"{MonthName(months[i])} to {MonthName(months[i] + length - 1)}");
            i += length;
        }
        return string.Join(", ", stretches);
    }

    private sealed record Head(string Id, string Name, string Utility, string Country, string Currency, string Sector, LocalDate From, LocalDate? To, string Uri, string? Source);

    /// <summary>A stretch of the day; equal hours: all of it.</summary>
    private readonly record struct HourRun(string Days, int From, int To, int Period);

    /// <summary>Months that have the same steps.</summary>
    private sealed record Season(string Name, int EnergyPeriod, int DemandPeriod, List<int> Months)
    {
        public static List<Season> Of(Func<int, (int Energy, int Demand)> periodsOf)
        {
            List<Season> seasons = [];
            for (int month = 0; month < MonthsAYear; month++)
            {
                (int energy, int demand) = periodsOf(month);
                Season? season = seasons.Find(one => one.EnergyPeriod == energy && one.DemandPeriod == demand);
                if (season is null) seasons.Add(season = new(string.Create(CultureInfo.InvariantCulture, $"season-{seasons.Count + 1}"), energy, demand, []));
                season.Months.Add(month);
            }
            return seasons;
        }
    }
}

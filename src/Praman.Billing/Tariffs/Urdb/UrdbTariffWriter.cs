using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Rating;

namespace Praman.Billing.Tariffs.Urdb;

/// <summary>Writes what was read of a rate as a file of the form <c>praman-tariff/1</c>.</summary>
internal sealed class UrdbTariffWriter(UrdbImportOptions options, UrdbHead head, bool isPartial, List<string> notes)
{
    private const int MonthsAYear = 12, FuelYearsMax = 50;
    private const string SourceId = "urdb";

    private static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="energy">Prices of energy, by period.</param>
    /// <param name="hours">When each period holds.</param>
    /// <param name="hasSteps">Whether energy goes by steps; else at a price, or prices by the hour.</param>
    /// <param name="demand">Steps of demand by period, price a kW; null: no charge for it.</param>
    /// <param name="seasons">Months with the same steps.</param>
    /// <param name="fixedCharge">Amount, and month or day; empty: none.</param>
    /// <param name="minimum">Amount, and month or day; empty: none.</param>
    /// <param name="fuel">Adjustment of each month, price a kWh; null: none.</param>
    public byte[] Write(
        List<UrdbTier[]> energy, UrdbSchedule hours, bool hasSteps, List<UrdbTier[]>? demand, List<UrdbSeason> seasons, string[] fixedCharge, string[] minimum, decimal[]? fuel)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Layout))
        {
            json.WriteStartObject();
            json.WriteString("format", "praman-tariff/1");
            json.WriteString("collected", LocalDatePattern.Iso.Format(options.Collected));
            WriteSources(json);
            bool hasFuel = fuel is not null && fuel.Any(value => value != 0);
            bool isFuelSeries = hasFuel && fuel!.Distinct().Count() > 1;
            WriteSeries(json, isFuelSeries ? fuel : null);
            json.WriteStartArray("tariffs");
            json.WriteStartObject();
            WriteHead(json);
            json.WriteStartArray("components");
            if (hasSteps) WriteSteps(json, "energy", "Energy", "energy", "kwh", seasons, season => energy[season.EnergyPeriod]);
            else WriteHours(json, energy, hours);
            if (demand is not null) WriteSteps(json, "demand", "Demand charge", "fixed", "kw_max", seasons, season => demand[season.DemandPeriod]);
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
            if (options.HasNetMetering)
            {
                json.WriteStartObject("export");
                json.WriteString("mode", "net");
                json.WriteString("quantity_in", "kwh_import");
                json.WriteString("quantity_out", "kwh_export");
                json.WriteEndObject();
            }
            WriteTexts(json, "notes", notes);
            WriteTexts(json, "sources", [SourceId]);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private void WriteSources(Utf8JsonWriter json)
    {
        json.WriteStartObject("sources");
        json.WriteStartObject(SourceId);
        json.WriteString("title", $"{head.Utility}: {head.Name}, as the Utility Rate Database has it");
        json.WriteString("url", head.Uri);
        json.WriteString("publisher", "OpenEI");
        json.WriteString("date", LocalDatePattern.Iso.Format(options.Collected));
        json.WriteString("kind", "secondary");
        if (head.Source is { Length: > 0 } source) json.WriteString("note", "taken there from " + source);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The adjustment of each month, to the end of the tariff or of the year after it was taken: later months are refused, not guessed.</summary>
    private void WriteSeries(Utf8JsonWriter json, decimal[]? fuel)
    {
        json.WriteStartObject("series");
        if (fuel is not null)
        {
            var end = new LocalDate(Math.Min(Math.Max(options.Collected.Year, head.From.Year) + 1, head.From.Year + FuelYearsMax), 12, 31);
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

    private void WriteHead(Utf8JsonWriter json)
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
        json.WriteString("status", isPartial ? "partial" : "complete");
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
    private static void WriteSteps(Utf8JsonWriter json, string id, string label, string group, string quantity, List<UrdbSeason> seasons, Func<UrdbSeason, UrdbTier[]> tiersOf)
    {
        bool always = seasons.TrueForAll(season => tiersOf(season).AsSpan().SequenceEqual(tiersOf(seasons[0])));
        foreach (UrdbSeason season in always ? seasons[..1] : seasons)
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
        if (options.TimeZone is { } zone) json.WriteString("timezone", zone);
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

    internal static bool IsByDay(UrdbTier[] tiers) => tiers.Length > 1 && tiers[0].Unit == "kWh daily";

    private static string HourText(int hour) => string.Create(CultureInfo.InvariantCulture, $"{hour:00}:00");

    private static string NameOf(HourRun run, List<int> months)
    {
        string when = run.From == run.To ? "all day" : $"{HourText(run.From)} to {HourText(run.To)}";
        string days = run.Days == "all" ? "" : run.Days + "s, ";
        return string.Create(CultureInfo.InvariantCulture, $"period {run.Period + 1}, {days}{(months.Count == MonthsAYear ? "" : MonthNames(months) + ", ")}{when}");
    }

    /// <summary>Stretches of months, such as "January to April, December".</summary>
    internal static string MonthNames(List<int> months)
    {
        List<string> stretches = [];
        for (int i = 0; i < months.Count;)
        {
            int length = 1;
            while (i + length < months.Count && months[i + length] == months[i] + length) length++;
            stretches.Add(length == 1 ? UrdbImport.MonthName(months[i]) : $"{UrdbImport.MonthName(months[i])} to {UrdbImport.MonthName(months[i] + length - 1)}");
            i += length;
        }
        return string.Join(", ", stretches);
    }

    /// <summary>A stretch of the day; equal hours: all of it.</summary>
    private readonly record struct HourRun(string Days, int From, int To, int Period);
}

using System.Globalization;
using System.Text.Json;
using NodaTime.Text;
using Praman.Billing.Verification;
using Praman.Server.Operations;
using Spectre.Console;

namespace Praman.Cli.Demo;

/// <summary>The one table at the end, and the same as JSON.</summary>
internal static partial class DemoReport
{
    private static readonly CultureInfo India = CultureInfo.GetCultureInfo("en-IN");

    public static void Write(IAnsiConsole console, DemoResult result)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("what").AddColumn("how it went");
        table.Title = new TableTitle("A street, its meters and its bills");
        Row("homes", result.Readings is { } read
            ? $"{Count(result.Homes, "real home")} of {Path.GetFileName(result.Options.Readings)}, their days from {read.From:uuuu-MM-dd} moved by {Count(read.ShiftDays / 7, "week")}{(read.IsShort ? $"; {Whole(read.Asked!.Value)} were asked for, and the file has no more" : "")}"
            : $"{result.Homes}, by the built-in load model, seed {result.Options.Seed}");
        if (result.Readings is { } file)
        {
            Row("found in the file", $"{Count(file.File.RowCount, "row")}, {Count(file.File.Series.Count, "meter")}; {Count(file.File.Series.Sum(one => (long)one.Gaps), "gap")}, "
                + $"{Count(file.File.Series.Sum(one => one.Duplicates), "duplicate")}, {Whole(file.File.Series.Sum(one => one.Negative))} negative, {Count(file.File.FaultCount, "row")} not read");
        }
        Row("meter days read", $"{Whole(result.MeterDaysComplete)} of {Whole(result.MeterDays)} complete; {Count(result.Sessions, "session")}, {Whole(result.SessionsFailed)} failed and tried again");
        string what = "what happened"; // said once: the rows below it go on
        foreach (DemoIncident incident in result.Incidents)
        {
            Row(what, $"{incident.Day:d MMM} {incident.UsagePoint}: {incident.What}");
            what = "";
        }
        Row("intervals", $"{Whole(result.Intervals)} in the {(result.Bills.Months.Count == 1 ? "month" : "months")} billed, {Whole(result.EstimatedIntervals)} of them estimated");
        Row("findings", result.Findings.Count == 0 ? "none" : "meter-days with " + string.Join(", ", result.Findings.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {Whole(pair.Value)}")));
        foreach (DemoMonth month in result.Bills.Months)
        {
            Row("bills", $"{month.Bills.Bills.Count} for {month.Period.Start:d MMM} to {month.Period.End:d MMM uuuu} by {result.Options.Tariff}, {Money(month.TotalMinorUnits, result.Currency)} in all"
                + (month.Bills.Refused.Count == 0 ? "" : $"; {month.Bills.Refused.Count} refused")
                + (month.Bills.Waiting.Any() ? $", of which {month.Bills.Waiting.Count()} wait for a supervisor's release" : ""));
        }
        foreach (var refusal in result.Bills.Refused.GroupBy(one => one.Code))
        {
            BillRefused first = refusal.First();
            Row("refused", $"{refusal.Count()} × {refusal.Key}, first {first.UsagePoint}: {first.Reason}");
        }
        Row("verified", string.Join(", ", result.Verdicts.Select(pair => $"{pair.Value} {pair.Key}")));
        foreach (DemoAlteration alteration in result.Alterations)
        {
            BillDifference? difference = alteration.Verdict.Difference;
            Row(alteration.What, $"{BillVerdict.Word(alteration.Verdict.Verdict)} at {difference?.Line}: {Amounts(difference, result.Currency)}");
        }
        if (result.Prepaid is { } prepaid) WritePrepaid(prepaid, result.Currency, Row);
        Row("public log", $"{Count(result.LogSize, "entry", "entries")}, signed and cosigned");
        Row("time", string.Join(", ", result.SecondsByStep.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:0.0} s"))));
        console.Write(table);

        void Row(string what, string how) => table.AddRow(Markup.Escape(what), Markup.Escape(how));
    }

    public static void WriteJson(Stream output, DemoResult result, string? address)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteNumber("homes", result.Homes);
        json.WriteNumber("days", result.Options.Days);
        json.WriteNumber("seed", result.Options.Seed);
        json.WriteString("tariff", result.Options.Tariff);
        json.WriteString("currency", result.Currency);
        json.WriteString("timeZone", result.Options.Zone.Id);
        json.WriteString("folder", result.Folder);
        if (result.Readings is { } read)
        {
            json.WriteStartObject("readings");
            json.WriteString("file", Path.GetFileName(result.Options.Readings));
            if (read.Asked is { } asked) json.WriteNumber("asked", asked);
            json.WriteBoolean("fewerThanAsked", read.IsShort);
            json.WriteNumber("rows", read.File.RowCount);
            json.WriteNumber("meters", read.File.Series.Count);
            json.WriteNumber("gaps", read.File.Series.Sum(one => (long)one.Gaps));
            json.WriteNumber("duplicates", read.File.Series.Sum(one => one.Duplicates));
            json.WriteNumber("negative", read.File.Series.Sum(one => one.Negative));
            json.WriteNumber("notRead", read.File.FaultCount);
            json.WriteString("from", read.From.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture));
            json.WriteNumber("shiftDays", read.ShiftDays);
            json.WriteEndObject();
        }
        json.WriteNumber("sessions", result.Sessions);
        json.WriteNumber("sessionsFailed", result.SessionsFailed);
        json.WriteNumber("meterDays", result.MeterDays);
        json.WriteNumber("meterDaysComplete", result.MeterDaysComplete);
        json.WriteNumber("intervals", result.Intervals);
        json.WriteNumber("estimatedIntervals", result.EstimatedIntervals);
        Counts(json, "findings", result.Findings);
        Incidents(json, "incidents", result.Incidents);
        json.WriteNumber("bills", result.Bills.All.Count);
        json.WriteNumber("refused", result.Bills.Refused.Count);
        json.WriteStartArray("refusals");
        foreach (BillRefused refusal in result.Bills.Refused)
        {
            json.WriteStartObject();
            json.WriteString("usagePoint", refusal.UsagePoint.ToString());
            json.WriteString("code", refusal.Code);
            json.WriteString("reason", refusal.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("totalPaise", result.TotalMinorUnits);
        json.WriteStartArray("months");
        foreach (DemoMonth month in result.Bills.Months)
        {
            json.WriteStartObject();
            json.WriteString("from", LocalDatePattern.Iso.Format(month.Period.Start));
            json.WriteString("to", LocalDatePattern.Iso.Format(month.Period.End));
            json.WriteNumber("bills", month.Bills.Bills.Count);
            json.WriteNumber("refused", month.Bills.Refused.Count);
            json.WriteNumber("totalPaise", month.TotalMinorUnits);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Counts(json, "verdicts", result.Verdicts);
        json.WriteStartArray("alterations");
        foreach (DemoAlteration alteration in result.Alterations)
        {
            json.WriteStartObject();
            json.WriteString("what", alteration.What);
            json.WriteString("bill_no", alteration.BillNo);
            json.WriteString("verdict", BillVerdict.Word(alteration.Verdict.Verdict));
            json.WriteString("line", alteration.Verdict.Difference?.Line);
            json.WriteString("ours", alteration.Verdict.Difference?.Ours);
            json.WriteString("theirs", alteration.Verdict.Difference?.Theirs);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (result.Prepaid is { } prepaid) WritePrepaid(json, prepaid);
        json.WriteNumber("logSize", result.LogSize);
        json.WriteStartArray("keys");
        foreach (string key in result.Keys) json.WriteStringValue(key);
        json.WriteEndArray();
        json.WriteStartObject("seconds");
        foreach ((string step, double seconds) in result.SecondsByStep) json.WriteNumber(step, decimal.Round((decimal)seconds, 2, MidpointRounding.AwayFromZero));
        json.WriteEndObject();
        if (address is not null) json.WriteString("address", address);
        json.WriteBoolean("sound", result.IsSound);
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    private static void Counts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, int> counts)
    {
        json.WriteStartObject(name);
        foreach ((string key, int count) in counts) json.WriteNumber(key, count);
        json.WriteEndObject();
    }

    private static void Incidents(Utf8JsonWriter json, string name, IReadOnlyList<DemoIncident> incidents)
    {
        json.WriteStartArray(name);
        foreach (DemoIncident incident in incidents)
        {
            json.WriteStartObject();
            json.WriteString("day", incident.Day.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture));
            json.WriteString("usagePoint", incident.UsagePoint.ToString());
            json.WriteString("what", incident.What);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Amounts of lines and totals are whole minor units in a verdict; people read rupees.</summary>
    private static string Amounts(BillDifference? difference, string currency) =>
        long.TryParse(difference?.Ours, CultureInfo.InvariantCulture, out long ours) && long.TryParse(difference.Theirs, CultureInfo.InvariantCulture, out long theirs)
            && !difference.Line.StartsWith("readings", StringComparison.Ordinal)
            ? $"computed {Money(ours, currency)}, found {Money(theirs, currency)}"
            : $"computed {difference?.Ours}, found {difference?.Theirs}";

    private static string Whole(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Count(long number, string one, string? many = null) => $"{Whole(number)} {(number == 1 ? one : many ?? one + "s")}";

    /// <summary>Rupees of India are grouped as India reads them, lakh and crore; other money in thousands, after its code.</summary>
    public static string Money(long minorUnits, string currency)
    {
        string sign = minorUnits < 0 ? "−" : "";
        decimal amount = Math.Abs(minorUnits / 100m);
        return currency == "INR" ? $"{sign}₹{amount.ToString("N2", India)}" : $"{sign}{currency} {amount.ToString("N2", CultureInfo.InvariantCulture)}";
    }
}

using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;

namespace Praman.Cli.Meters;

/// <summary>A survey as text for people and as JSON for programs.</summary>
internal static class MeterSurveyText
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ToJson(MeterSurvey survey)
    {
        var document = new JsonObject
        {
            ["address"] = survey.Address,
            ["systemTitle"] = survey.SystemTitle,
            ["clock"] = survey.Clock is { } clock ? MeterSurveyor.Text(clock) : null,
            ["clockDriftSeconds"] = survey.ClockDrift is { } drift ? Math.Round((decimal)drift.TotalSeconds, 1, MidpointRounding.ToEven) : null,
            ["identity"] = Values(survey.Identity),
            ["instantaneous"] = Values(survey.Instantaneous),
            ["registersLeftOut"] = survey.RegistersLeftOut,
            ["blockLoad"] = survey.BlockLoad is { } load ? BlockLoad(load) : null,
            ["events"] = new JsonArray([.. survey.Events.Select(e => (JsonNode)new JsonObject
            {
                ["at"] = e.At is { } at ? MeterSurveyor.Text(at) : null, ["code"] = e.Code, ["words"] = e.Words, ["sequence"] = e.Sequence,
            })]),
        };
        return document.ToJsonString(Json);
    }

    public static string ToText(MeterSurvey survey)
    {
        var text = new StringBuilder();
        text.AppendLine(survey.Address);
        if (survey.SystemTitle is not null) text.AppendLine(CultureInfo.InvariantCulture, $"system title    {survey.SystemTitle}");
        if (survey.Clock is { } clock) text.AppendLine(CultureInfo.InvariantCulture, $"clock           {MeterSurveyor.Text(clock)}{Drift(survey.ClockDrift)}");
        Section(text, "Identity", survey.Identity);
        Section(text, "Now", survey.Instantaneous);
        if (survey.RegistersLeftOut > 0) text.AppendLine(CultureInfo.InvariantCulture, $"  and {Counted.Of(survey.RegistersLeftOut, "register")} more: --objects lists them, --object reads one");
        if (survey.BlockLoad is { } load) BlockLoad(text, load);
        if (survey.Events.Count > 0)
        {
            text.AppendLine().AppendLine("Last events");
            foreach (MeterEventEntry entry in survey.Events)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {(entry.At is { } at ? MeterSurveyor.Text(at) : "time unknown"),-25}  {entry.Code,3}  {entry.Words}");
            }
        }
        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, List<MeterValue> values)
    {
        if (values.Count == 0) return;
        text.AppendLine().AppendLine(title);
        int width = values.Max(v => v.Name.Length);
        foreach (MeterValue value in values) text.AppendLine(CultureInfo.InvariantCulture, $"  {value.Name.PadRight(width)}  {$"{value.Value ?? "–"} {value.Unit}".TrimEnd(),-24}  {value.Obis}");
    }

    private static void BlockLoad(StringBuilder text, BlockLoadDay load)
    {
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Block load of {LocalDatePattern.Iso.Format(load.Day)}, {Intervals(load)}");
        foreach ((int index, MeterValue column) in load.Columns.Index()) text.AppendLine(CultureInfo.InvariantCulture, $"  ({index + 1}) {column.Name}{(column.Unit.Length == 0 ? "" : $", {column.Unit}")}");
        text.Append("  end  ");
        for (int i = 1; i <= load.Columns.Count; i++) text.Append(CultureInfo.InvariantCulture, $"{$"({i})",9}");
        text.AppendLine();
        foreach (BlockLoadEntry row in load.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {LocalTimePattern.CreateWithInvariantCulture("HH:mm").Format(row.End.TimeOfDay)}");
            foreach (string? value in row.Values) text.Append(CultureInfo.InvariantCulture, $"{value ?? "–",9}");
            text.AppendLine();
        }
    }

    // A meter that is younger than the day, or keeps fewer rows, has a part of it.
    private static string Intervals(BlockLoadDay load) => load.Expected is { } whole && load.Rows.Count < whole
        ? string.Create(CultureInfo.InvariantCulture, $"{load.Rows.Count} of {whole} intervals of {load.PeriodMinutes} min, each by its end: the meter does not have the whole day")
        : string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(load.Rows.Count, "interval")} of {load.PeriodMinutes} min, each by its end");

    private static JsonArray Values(List<MeterValue> values) => new([.. values.Select(v => (JsonNode)new JsonObject
    {
        ["obis"] = v.Obis, ["attribute"] = v.Attribute, ["name"] = v.Name, ["value"] = v.Value, ["unit"] = v.Unit.Length == 0 ? null : v.Unit,
    })]);

    private static JsonObject BlockLoad(BlockLoadDay load) => new()
    {
        ["day"] = LocalDatePattern.Iso.Format(load.Day),
        ["intervalMinutes"] = load.PeriodMinutes,
        ["intervalsExpected"] = load.Expected,
        ["columns"] = Values([.. load.Columns]),
        ["rows"] = new JsonArray([.. load.Rows.Select(row => (JsonNode)new JsonObject
        {
            ["end"] = MeterSurveyor.Text(row.End), ["values"] = new JsonArray([.. row.Values.Select(v => (JsonNode?)v)]),
        })]),
    };

    private static string Drift(Duration? drift)
    {
        if (drift is not { } value) return "";
        double seconds = Math.Abs(value.TotalSeconds);
        if (seconds < 2) return ", right to the second";
        return string.Create(CultureInfo.InvariantCulture, $", {seconds:0} s {(value > Duration.Zero ? "fast" : "slow")}");
    }
}

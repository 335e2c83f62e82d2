using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Praman.Metering;

namespace Praman.Cli.Meters;

/// <summary>A table as text for people, as JSON, and as CSV.</summary>
internal static class MeterTableText
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ToJson(MeterTable table) => new JsonObject
    {
        ["obis"] = table.Obis, ["name"] = table.Name,
        ["columns"] = new JsonArray([.. table.Columns.Select(c => (JsonNode)new JsonObject
        {
            ["obis"] = c.Obis, ["attribute"] = c.Attribute, ["name"] = c.Name, ["unit"] = c.Unit.Length == 0 ? null : c.Unit,
        })]),
        ["rows"] = new JsonArray([.. table.Rows.Select(row => (JsonNode)new JsonObject
        {
            ["at"] = row.At is { } at ? MeterSurveyor.Text(at) : null, ["values"] = new JsonArray([.. row.Values.Select(Node)]),
        })]),
    }.ToJsonString(Json);

    /// <summary>A line of titles, then a line a row; commas, quotation marks and line ends within a value are quoted (RFC 4180).</summary>
    public static void WriteCsv(MeterTable table, TextWriter writer)
    {
        writer.Write("time");
        foreach (MeterColumn column in table.Columns) writer.Write("," + Quoted(column.Title));
        writer.Write('\n');
        foreach (MeterRow row in table.Rows)
        {
            writer.Write(row.At is { } at ? MeterSurveyor.Text(at) : "");
            foreach (object? value in row.Values) writer.Write("," + Quoted(Text(value)));
            writer.Write('\n');
        }
    }

    public static string ToText(MeterTable table)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{table.Name}, {table.Obis}: {Counted.Of(table.Rows.Count, "row")}");
        foreach ((int index, MeterColumn column) in table.Columns.Index()) text.AppendLine(CultureInfo.InvariantCulture, $"  ({index + 1}) {column.Name}{(column.Unit.Length == 0 ? "" : $", {column.Unit}")}");
        int[] widths = [.. table.Columns.Select((column, i) => Math.Max($"({i + 1})".Length, table.Rows.Count == 0 ? 0 : table.Rows.Max(row => Shown(row.Values[i]).Length)))];
        text.Append("  time                     ");
        for (int i = 0; i < widths.Length; i++) text.Append("  ").Append($"({i + 1})".PadLeft(widths[i]));
        text.AppendLine();
        foreach (MeterRow row in table.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {(row.At is { } at ? MeterSurveyor.Text(at) : ""),-25}");
            for (int i = 0; i < widths.Length; i++) text.Append("  ").Append(Shown(row.Values[i]).PadLeft(widths[i]));
            text.AppendLine();
        }
        return text.ToString();
    }

    private static string Shown(object? value) => value is null ? "–" : Text(value);

    public static string Text(object? value) => value switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        _ => Clean(value.ToString()!),
    };

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        bool truth => JsonValue.Create(truth),
        decimal number => JsonValue.Create(number),
        _ => JsonValue.Create(value.ToString()),
    };

    // What a meter sends as text must neither steer a terminal nor begin a formula in a spreadsheet.
    private static string Clean(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '·' : letter));

    private static string Quoted(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '@' or '+' && !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }
}

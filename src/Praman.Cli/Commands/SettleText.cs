using System.Globalization;
using System.Text;
using System.Text.Json;
using Praman.Metering;

namespace Praman.Cli.Commands;

/// <summary>A settled scenario for people: a line a day.</summary>
internal static class SettleText
{
    public static string Of(JsonElement settled)
    {
        var text = new StringBuilder();
        text.Append(settled.GetProperty("id").GetString()).Append('\n');
        foreach (JsonProperty member in settled.EnumerateObject())
        {
            if (member.NameEquals("days")) Days(text, member.Value);
            else if (member.NameEquals("close") && member.Value.ValueKind == JsonValueKind.Object) Close(text, member.Value);
            else if (member.NameEquals("error")) text.Append("  refused: ").Append(member.Value.GetProperty("message").GetString()).Append('\n');
            else if (member.Name is not ("id" or "segments" or "close" or "warnings")) text.Append("  ").Append(member.Name).Append(' ').Append(member.Value.ToString()).Append('\n');
        }
        return text.Append('\n').ToString();
    }

    private static void Days(StringBuilder text, JsonElement days)
    {
        text.Append("  date              kWh    deduction      balance  state\n");
        foreach (JsonElement day in days.EnumerateArray())
        {
            text.Append(CultureInfo.InvariantCulture, $"  {Word(day, "date")} {Word(day, "quality")} {Word(day, "kwh"),8} {Word(day, "deduction"),12} {Word(day, "balance"),12}  {Word(day, "state")}");
            if (day.TryGetProperty("reverses", out JsonElement reverses)) text.Append(CultureInfo.InvariantCulture, $"; reverses posting {reverses}");
            if (day.TryGetProperty("repricing", out JsonElement repricing)) text.Append(CultureInfo.InvariantCulture, $"; today {Word(day, "today")}, earlier days {Word(repricing, "total")}");
            foreach (JsonElement warning in day.GetProperty("warnings").EnumerateArray())
            {
                text.Append(Word(warning, "code") switch
                {
                    "CLIFF" => string.Create(CultureInfo.InvariantCulture, $"; {Counted.Of(warning.GetProperty("inDays").GetInt32(), "more day")} at {Word(warning, "dailyKwh")} kWh and earlier days cost {Word(warning, "amount")} more"),
                    "DAYS-LEFT" => Word(warning, "days") is var left && left == "1" ? "; lasts 1 day at this use" : $"; lasts {left} days at this use",
                    string state => "; warned: " + state,
                });
            }
            text.Append('\n');
        }
    }

    private static void Close(StringBuilder text, JsonElement close)
    {
        text.Append(CultureInfo.InvariantCulture, $"  deducted {Word(close, "deducted")}; the same month postpaid {Word(close, "bill")}; true-up {Word(close, "trueup")}");
        if (close.GetProperty("cause").ValueKind == JsonValueKind.String) text.Append(" for ").Append(Word(close, "cause"));
        text.Append(CultureInfo.InvariantCulture, $"; balance {Word(close, "balance")}\n");
    }

    private static string Word(JsonElement source, string name) => source.GetProperty(name).GetString()!;
}

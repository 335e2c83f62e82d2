using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Praman.Billing.Verification;

/// <summary>The JSON of a verdict (docs/reference/proof-format.md).</summary>
public static class VerdictJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One object on one line, without a line feed.</summary>
    public static string Format(BillVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("bill_no", verdict.BillNo);
            json.WriteString("verdict", BillVerdict.Word(verdict.Verdict));
            if (verdict.Difference is { } difference)
            {
                json.WriteString("line", difference.Line);
                json.WriteString("ours", difference.Ours);
                json.WriteString("theirs", difference.Theirs);
            }
            json.WriteStartArray("missing");
            foreach (string missing in verdict.Missing) json.WriteStringValue(missing);
            json.WriteEndArray();
            json.WriteStartObject("estimated");
            json.WriteNumber("intervals", verdict.EstimatedIntervals);
            json.WriteNumber("wh", verdict.EstimatedWh);
            json.WriteEndObject();
            json.WriteStartObject("edited");
            json.WriteNumber("intervals", verdict.EditedIntervals);
            json.WriteNumber("registers", verdict.EditedRegisters);
            json.WriteEndObject();
            json.WriteStartArray("checks");
            foreach (BillCheck check in verdict.Checks)
            {
                json.WriteStartObject();
                json.WriteNumber("step", check.Step);
                json.WriteString("name", check.Name);
                if (check.Ok is { } ok) json.WriteBoolean("ok", ok);
                else json.WriteNull("ok");
                json.WriteString("detail", check.Detail);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("total_paise", verdict.TotalPaise);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

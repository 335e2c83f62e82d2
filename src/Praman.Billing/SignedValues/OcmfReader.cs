using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using NodaTime;
using NodaTime.Text;
using Praman.Metering;

namespace Praman.Billing.SignedValues;

/// <summary>
/// Reads OCMF. What is signed is the exact text between the first and the last bar, so it is kept as octets and never written anew. Whatever
/// stands in a file, nothing of it is followed, run or logged.
/// </summary>
public static class OcmfReader
{
    /// <summary>Values of a file, and readings of a value, at most.</summary>
    public const int ValueCountMax = 10_000, ReadingCountMax = 1_000;

    private const string DefaultAlgorithm = "ECDSA-secp256r1-SHA256", Clause = "OCMF";
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 16, AllowDuplicateProperties = false };
    private static readonly OffsetDateTimePattern TimePattern = OffsetDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss','fffo<+HHmm>");

    private static ReadOnlySpan<byte> Start => "OCMF|"u8;

    /// <summary>Whether the octets begin as such a file does.</summary>
    public static bool Looks(ReadOnlySpan<byte> octets) => octets.StartsWith(Start) || StrictXml.Begins(octets, "<values"u8);

    /// <summary>Reads the text of one value, or the container with several.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out OcmfFile? file, out DecodeError error)
    {
        file = null;
        if (octets.StartsWith(Start))
        {
            if (octets.Length > StrictXml.LengthMax) return Refuse(out error, StrictXml.LengthMax, $"more than {StrictXml.LengthMax} octets");
            string text;
            try
            {
                text = Strict.GetString(octets).TrimEnd();
            }
            catch (DecoderFallbackException)
            {
                return Refuse(out error, 0, "not UTF-8");
            }
            if (!TryReadValue(text, null, null, null, out OcmfValue? only, out error)) return false;
            file = new([only]);
            return true;
        }
        if (!StrictXml.TryLoad(octets, out XDocument? document, out error)) return false;
        if (document.Root is not { Name.LocalName: "values" } root) return Refuse(out error, 0, "the root element is values, or the text begins OCMF|");
        var values = new List<OcmfValue>();
        foreach (XElement element in root.Named("value"))
        {
            if (values.Count == ValueCountMax) return Refuse(out error, 0, $"more than {ValueCountMax} values");
            if (element.Named("signedData").ToArray() is not [{ } signed]) return Refuse(out error, 0, $"value {values.Count}: exactly one signedData");
            if (signed.Attribute("format")?.Value is { } format && format != "OCMF") return Refuse(out error, 0, $"value {values.Count}: its format is not OCMF");
            byte[]? key = element.Text("publicKey") is { Length: > 0 and <= 2048 } written ? Octets(written) : null;
            if (!TryReadValue(signed.Value.Trim(), Attribute(element, "transactionId"), Attribute(element, "context"), key, out OcmfValue? value, out DecodeError inside))
            {
                error = inside with { Reason = $"value {values.Count}: {inside.Reason}" };
                return false;
            }
            values.Add(value);
        }
        if (values.Count == 0) return Refuse(out error, 0, "no value");
        file = new(values);
        return true;
    }

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private static string? Attribute(XElement element, string name) => element.Attribute(name)?.Value;

    private static bool TryReadValue(string text, string? transaction, string? context, byte[]? key, [NotNullWhen(true)] out OcmfValue? value, out DecodeError error)
    {
        value = null;
        int first = text.IndexOf('|', StringComparison.Ordinal), last = text.LastIndexOf('|');
        if (!text.StartsWith("OCMF|", StringComparison.Ordinal) || last <= first) return Refuse(out error, 0, "written OCMF|payload|signature");
        string payload = text[(first + 1)..last];
        try
        {
            using var body = JsonDocument.Parse(payload, Json);
            using var signature = JsonDocument.Parse(text[(last + 1)..], Json);
            JsonElement root = body.RootElement, sign = signature.RootElement;
            if (root.ValueKind != JsonValueKind.Object || sign.ValueKind != JsonValueKind.Object) return Refuse(out error, 0, "payload and signature are JSON objects");
            if (!TryReadReadings(root, out List<OcmfReading>? readings, out error)) return false;
            value = new(
                transaction, context, Encoding.UTF8.GetBytes(payload), Text(root, "FV"), Text(root, "PG"), Text(root, "MS") ?? Text(root, "GS") ?? "",
                Text(sign, "SA") ?? DefaultAlgorithm, Memory(Signature(sign)), Memory(key), readings);
            return true;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // a text with half a surrogate is the latter
        {
            return Refuse(out error, 0, $"payload and signature are JSON: {fault.Message}");
        }
    }

    private static bool TryReadReadings(JsonElement root, [NotNullWhen(true)] out List<OcmfReading>? readings, out DecodeError error)
    {
        readings = null;
        error = default;
        if (!root.TryGetProperty("RD", out JsonElement list) || list.ValueKind != JsonValueKind.Array) return Refuse(out error, 0, "RD is the array of readings");
        if (list.GetArrayLength() > ReadingCountMax) return Refuse(out error, 0, $"more than {ReadingCountMax} readings in a value");
        var read = new List<OcmfReading>();
        foreach (JsonElement one in list.EnumerateArray())
        {
            if (one.ValueKind != JsonValueKind.Object || Text(one, "RV") is not { } text) return Refuse(out error, 0, $"RD[{read.Count}]: an object with RV");
            text = text.Trim();
            decimal? number = decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal parsed)
                && Math.Abs(parsed) < 1_000_000_000_000m ? parsed : null;
            string? time = Text(one, "TM");
            read.Add(new(Text(one, "TX"), text, number, Text(one, "RU"), Text(one, "RI"), time, Text(one, "ST")) { At = Time(time) });
        }
        readings = read;
        return true;
    }

    /// <summary>A text, or a number as it is written: what it says is compared, never computed anew.</summary>
    private static string? Text(JsonElement element, string name) => !element.TryGetProperty(name, out JsonElement member) ? null
        : member.ValueKind switch { JsonValueKind.String => member.GetString(), JsonValueKind.Number => member.GetRawText(), _ => null };

    private static Instant? Time(string? text)
    {
        if (text is null || text.Length is < 28 or > 30) return null;
        ParseResult<OffsetDateTime> parsed = TimePattern.Parse(text[..28]);
        return parsed.Success ? parsed.Value.ToInstant() : null;
    }

    private static byte[]? Signature(JsonElement sign)
    {
        if (Text(sign, "SD") is not { Length: > 0 and <= 2048 } data) return null;
        return Text(sign, "SE") switch { null or "hex" => Hex(data), "base64" => Base64(data), _ => null };
    }

    /// <summary>No array is no memory; the conversion would make it empty memory.</summary>
    private static ReadOnlyMemory<byte>? Memory(byte[]? octets) => octets is null ? default(ReadOnlyMemory<byte>?) : octets;

    private static byte[]? Octets(string text)
    {
        string packed = string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));
        return Hex(packed) ?? Base64(packed);
    }

    private static byte[]? Hex(string text)
    {
        byte[] octets = new byte[text.Length / 2];
        return text.Length % 2 == 0 && Convert.FromHexString(text, octets, out _, out int written) == System.Buffers.OperationStatus.Done && written == octets.Length ? octets : null;
    }

    private static byte[]? Base64(string text)
    {
        byte[] octets = new byte[text.Length];
        return Convert.TryFromBase64String(text, octets, out int written) ? octets[..written] : null;
    }

    private static bool Refuse(out DecodeError error, int offset, string reason)
    {
        error = new(offset, reason, Clause);
        return false;
    }
}

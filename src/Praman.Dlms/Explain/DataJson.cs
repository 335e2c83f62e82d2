using System.Text.Json.Nodes;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Explain;

/// <summary>Data values in the form <c>{type, value}</c> of the project's vectors.</summary>
public static class DataJson
{
    /// <summary>Type by its A-XDR name; octets as hex, bit-strings as 0 and 1, lists as arrays.</summary>
    public static JsonObject Of(in CosemData data)
    {
        var json = new JsonObject { ["type"] = data.Type.Name() };
        if (data.Type is not (CosemDataType.NullData or CosemDataType.DontCare)) json["value"] = Value(data);
        return json;
    }

    /// <summary>The value alone: what <c>raw</c> holds in a map of readings.</summary>
    public static JsonNode? Value(in CosemData data)
    {
        switch (data.Type)
        {
            case CosemDataType.Array or CosemDataType.Structure:
                var list = new JsonArray();
                foreach (ref readonly CosemData item in data.Items) list.Add((JsonNode)Of(item));
                return list;
            case CosemDataType.CompactArray:
                var expanded = new JsonArray();
                foreach (CosemData item in data.ExpandCompactArray()) expanded.Add((JsonNode)Of(item));
                return expanded;
            case CosemDataType.NullData or CosemDataType.DontCare:
                return null;
            case CosemDataType.Boolean:
                return JsonValue.Create(data.Bits != 0);
            case CosemDataType.BitString:
                return JsonValue.Create(Bits(data));
            case CosemDataType.VisibleString or CosemDataType.Utf8String:
                return JsonValue.Create(data.Text);
            case CosemDataType.Float32 or CosemDataType.Float64:
                data.TryGetDouble(out double real);
                if (!double.IsFinite(real)) return JsonValue.Create(real.ToString(System.Globalization.CultureInfo.InvariantCulture));
                return data.Type == CosemDataType.Float32 ? JsonValue.Create((float)real) : JsonValue.Create(real);
            case CosemDataType.OctetString or CosemDataType.DateTime or CosemDataType.Date or CosemDataType.Time:
                return JsonValue.Create(Convert.ToHexString(data.OctetSpan));
            default:
                return data.TryGetInt64(out long number) ? JsonValue.Create(number) : JsonValue.Create(data.Bits);
        }
    }

    /// <summary>The fields of a date-time; null for what is not specified.</summary>
    public static JsonObject Of(in CosemDateTime value) => new()
    {
        ["hex"] = Convert.ToHexString(value.ToOctets()),
        ["year"] = value.Year == CosemDateTime.YearNotSpecified ? null : value.Year,
        ["month"] = Field(value.Month),
        ["day"] = Field(value.Day),
        ["dayOfWeek"] = Field(value.DayOfWeek),
        ["hour"] = Field(value.Hour),
        ["minute"] = Field(value.Minute),
        ["second"] = Field(value.Second),
        ["hundredths"] = Field(value.Hundredths),
        ["deviationMinutes"] = value.Deviation == CosemDateTime.DeviationNotSpecified ? null : value.Deviation,
        ["clockStatus"] = Field(value.ClockStatus),
    };

    /// <summary>A bit-string as 0 and 1, first bit first.</summary>
    public static string Bits(in CosemData data)
    {
        ReadOnlySpan<byte> octets = data.OctetSpan;
        var text = new char[data.BitCount];
        for (int bit = 0; bit < text.Length; bit++) text[bit] = (octets[bit / 8] & (0x80 >> (bit % 8))) != 0 ? '1' : '0';
        return new string(text);
    }

    private static JsonValue? Field(byte value) => value == CosemDateTime.NotSpecified ? null : JsonValue.Create(value);
}

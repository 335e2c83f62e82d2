using System.Globalization;
using System.Text.Json.Nodes;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>A value that a message names by its OBIS code, with scaler and unit where they stand beside it.</summary>
public sealed record DlmsReading(ObisCode Code, CosemData Raw, ScalerUnit? ScalerUnit)
{
    private const int ScalerMax = 20;

    /// <summary>raw × 10^scaler where raw is a whole number and the scaler is given; the bare number without; null for other types.</summary>
    public decimal? Scaled
    {
        get
        {
            if (Raw.Type is CosemDataType.Boolean or CosemDataType.Enum || !Raw.TryGetNumber(out decimal number)) return null;
            int scaler = ScalerUnit?.Scaler ?? 0;
            if (scaler is < -ScalerMax or > ScalerMax) return null;
            decimal power = 1;
            for (int count = Math.Abs(scaler); count > 0; count--) power *= 10;
            if (scaler < 0) return number / power;
            return Math.Abs(number) <= decimal.MaxValue / power ? number * power : null;
        }
    }

    /// <summary>The value as people read it: <c>236.4 V</c>, a time, or text.</summary>
    public string Text
    {
        get
        {
            if (Scaled is { } scaled)
            {
                string unit = ScalerUnit is { } known ? known.Unit.Symbol() : "";
                return scaled.ToString(CultureInfo.InvariantCulture) + (unit.Length == 0 ? "" : " " + unit);
            }
            if (Raw.TryGetDateTime(out CosemDateTime moment)) return moment.ToString();
            return DataWords.Printable(Raw) ?? DataJson.Value(Raw)?.ToString() ?? "";
        }
    }

    /// <summary>obis, name, value (a number where it is one), unit, raw, scaler, text.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["obis"] = Code.ToString() };
        if (ObisNames.Describe(Code) is { } name) json["name"] = name;
        json["value"] = Scaled is { } scaled ? JsonValue.Create(scaled) : JsonValue.Create(Text);
        if (ScalerUnit is { } known)
        {
            json["unit"] = known.Unit.Symbol();
            json["scaler"] = known.Scaler;
        }
        json["raw"] = DataJson.Value(Raw);
        json["text"] = Text;
        return json;
    }
}

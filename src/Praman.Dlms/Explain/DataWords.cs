using System.Globalization;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>What a Data value says, in words.</summary>
internal static class DataWords
{
    /// <summary>The value as text where its octets are printable ASCII; else null.</summary>
    public static string? Printable(in CosemData data)
    {
        if (data.Type is CosemDataType.VisibleString or CosemDataType.Utf8String) return data.Text;
        if (data.Type != CosemDataType.OctetString || data.OctetSpan.IsEmpty) return null;
        return data.OctetSpan.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E) ? null : data.Text;
    }

    /// <summary>The value for the value column: a number, hex, true or false.</summary>
    public static string Value(in CosemData data) => data.Type switch
    {
        CosemDataType.Array or CosemDataType.Structure => Counted.Of(data.Count, "element"),
        CosemDataType.CompactArray => ExplainCursor.Hex(data.OctetSpan),
        CosemDataType.NullData or CosemDataType.DontCare => "",
        CosemDataType.BitString => DataJson.Bits(data),
        CosemDataType.Boolean => data.Bits != 0 ? "true" : "false",
        CosemDataType.Float32 or CosemDataType.Float64 => data.TryGetDouble(out double real) ? real.ToString("R", CultureInfo.InvariantCulture) : "",
        _ when data.TryGetNumber(out decimal number) => number.ToString(CultureInfo.InvariantCulture),
        _ => ExplainCursor.Hex(data.OctetSpan),
    };

    /// <summary>What it means: an OBIS code in words, a moment, text, a unit; the type's name where nothing more is known.</summary>
    public static string Meaning(in CosemData data)
    {
        string type = data.Type.Name();
        if (data.TryGetScalerUnit(out ScalerUnit scalerUnit))
            return $"scaler {scalerUnit.Scaler.ToString(CultureInfo.InvariantCulture)}, unit {UnitName(scalerUnit.Unit)}";
        if (data.TryGetDateTime(out CosemDateTime moment) && Plausible(moment))
            return $"{type}: {moment}{(moment.Deviation == CosemDateTime.DeviationNotSpecified ? " (deviation not specified)" : "")}";
        if (Printable(data) is { } text && data.Type != CosemDataType.OctetString) return $"{type}: \"{text}\"";
        if (data.TryGetObisCode(out ObisCode code) && (ObisNames.Describe(code) is not null || Printable(data) is null))
            return $"{type}: {code}{(ObisNames.Describe(code) is { } words ? ", " + words : "")}";
        if (Printable(data) is { } ascii) return $"{type}: \"{ascii}\"";
        return type;
    }

    public static string UnitName(Unit unit) => unit.Symbol() is { Length: > 0 } symbol ? symbol : unit.ToString();

    public static bool Plausible(in CosemDateTime moment) =>
        (moment.Year is >= 1970 and < 2200 or CosemDateTime.YearNotSpecified) && (moment.Month is (>= 1 and <= 12) or >= 0xFD) && (moment.Day is (>= 1 and <= 31) or >= 0xFD)
        && (moment.Hour is <= 23 or 255);
}

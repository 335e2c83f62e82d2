using System.Globalization;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>A value as people read it: elements by the names that their shape gives them, logical names and times as such, octets as text where they are text.</summary>
public static class DataText
{
    private const byte Any = CosemDateTime.NotSpecified;

    /// <summary>A value in one line.</summary>
    /// <param name="data">The value.</param>
    /// <param name="shape">What its class says of it; null where that is not known.</param>
    public static string Of(in CosemData data, DataShape? shape = null)
    {
        shape = Chosen(data, shape);
        switch (data.Type)
        {
            case CosemDataType.Structure:
                return $"{{ {string.Join(", ", Elements(data, shape))} }}";
            case CosemDataType.Array or CosemDataType.CompactArray:
                return $"[ {string.Join("; ", Elements(data, shape))} ]";
            case CosemDataType.NullData or CosemDataType.DontCare:
                return "nothing";
            case CosemDataType.OctetString:
                return Octets(data, shape);
            default:
                return DataWords.Printable(data) is { } text ? $"\"{text}\"" : data.TryGetDateTime(out CosemDateTime moment) ? moment.ToString() : DataWords.Value(data);
        }
    }

    /// <summary>The elements of an array or a structure, a line each, those of a structure with their names; none of other values.</summary>
    public static IReadOnlyList<string> Elements(in CosemData data, DataShape? shape = null)
    {
        shape = Chosen(data, shape);
        CosemData[] items = data.Type switch
        {
            CosemDataType.Array or CosemDataType.Structure => [.. data.Items],
            CosemDataType.CompactArray => [.. data.ExpandCompactArray()],
            _ => [],
        };
        IReadOnlyList<ShapeField> fields = data.Type == CosemDataType.Structure && shape?.Fields.Count == items.Length ? shape.Fields : [];
        return [.. items.Select((item, at) => fields.Count == 0 ? Of(item, shape?.Element) : $"{fields[at].Name} {Of(item, fields[at].Shape)}")];
    }

    // Of a choice the one that the value has; null where it has none.
    private static DataShape? Chosen(in CosemData data, DataShape? shape)
    {
        if (shape is not { Kind: ShapeKind.Choice }) return shape;
        foreach (DataShape alternative in shape.Alternatives)
        {
            if (alternative.Accepts(data)) return alternative;
        }
        return null;
    }

    private static string Octets(in CosemData data, DataShape? shape)
    {
        ReadOnlySpan<byte> octets = data.OctetSpan;
        if (octets.IsEmpty) return "empty";
        string? text = DataWords.Printable(data);
        if (shape?.Alias == "time" && octets.Length == 4) return $"{Field(octets[0])}:{Field(octets[1])}:{Field(octets[2])}";
        if (shape?.Alias == "date" && octets.Length == 5) return Date(octets);
        if (data.TryGetObisCode(out ObisCode code) && (shape?.Alias == "logical-name" || text is null || ObisNames.Describe(code) is not null))
            return ObisNames.Describe(code) is { } words ? $"{code} ({words})" : code.ToString();
        if (data.TryGetDateTime(out CosemDateTime moment) && (shape?.Alias == "date-time" || DataWords.Plausible(moment))) return moment.ToString();
        return text is null ? Convert.ToHexString(octets) : $"\"{text}\"";
    }

    private static string Field(byte value) => value == Any ? "*" : value.ToString("00", CultureInfo.InvariantCulture);

    private static string Date(ReadOnlySpan<byte> octets)
    {
        int year = (octets[0] << 8) | octets[1];
        return $"{(year == CosemDateTime.YearNotSpecified ? "*" : year.ToString(CultureInfo.InvariantCulture))}-{Field(octets[2])}-{Field(octets[3])}"
            + (octets[4] == Any ? "" : string.Create(CultureInfo.InvariantCulture, $", day {octets[4]} of the week"));
    }
}

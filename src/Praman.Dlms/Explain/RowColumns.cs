using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>
/// What stands in the columns of a profile's row. A row does not say it: the profile's capture objects do, or, for a row alone, a shape that one
/// published profile has and no other: how many values, where the moments stand among them, and which are signed.
/// </summary>
internal static class RowColumns
{
    /// <summary>What a value of a published column is.</summary>
    private enum Kind
    {
        Moment,
        Number,
        Signed,
        Flag,
    }

    /// <param name="Words">Of which profile the row is.</param>
    /// <param name="Least">Columns that each meter has; the rest came with later ones.</param>
    private sealed record Layout(string Words, int Least, (ObisCode Code, sbyte Attribute, Kind Kind)[] Columns);

    // IS 15959-2, categories D1 and D2; IS 15959-3. Profiles of numbers only are not here: their shape would fit anything.
    private static readonly Layout[] Published =
    [
        Of("the instantaneous profile of a single-phase meter (IS 15959-2)", 19,
            "0.0.1.0.0t 1.0.12.7.0 1.0.11.7.0 1.0.91.7.0 1.0.13.7.0s 1.0.14.7.0 1.0.9.7.0 1.0.1.7.0 1.0.1.8.0 1.0.9.8.0 1.0.1.6.0 1.0.1.6.0:5t 1.0.9.6.0 1.0.9.6.0:5t "
            + "0.0.94.91.14 0.0.94.91.0 0.0.0.1.0 0.0.96.2.0 1.0.2.8.0 1.0.10.8.0 0.0.96.3.10f 0.0.17.0.0:3"),
        Of("the instantaneous profile of a transformer-operated meter (IS 15959-3)", 40,
            "0.0.1.0.0t 1.0.31.7.0 1.0.51.7.0 1.0.71.7.0 1.0.32.7.0 1.0.52.7.0 1.0.72.7.0 1.0.33.7.0s 1.0.53.7.0s 1.0.73.7.0s 1.0.13.7.0s 1.0.14.7.0 1.0.9.7.0 1.0.1.7.0 1.0.3.7.0 "
            + "0.0.96.7.0 0.0.94.91.8 0.0.94.91.0 0.0.0.1.0 0.0.96.2.0 0.0.0.1.2t 1.0.1.8.0 1.0.2.8.0 1.0.5.8.0 1.0.6.8.0 1.0.7.8.0 1.0.8.8.0 1.0.9.8.0 1.0.10.8.0 "
            + "1.0.1.6.0 1.0.1.6.0:5t 1.0.9.6.0 1.0.9.6.0:5t 1.0.2.6.0 1.0.2.6.0:5t 1.0.10.6.0 1.0.10.6.0:5t 1.0.81.7.1 1.0.81.7.12 1.0.81.7.2"),
        Of("the daily load profile of a transformer-operated meter (IS 15959-3)", 13,
            "0.0.1.0.0t 1.0.1.8.0 1.0.2.8.0 1.0.9.8.0 1.0.10.8.0 1.0.5.8.0 1.0.6.8.0 1.0.7.8.0 1.0.8.8.0 1.0.1.6.0 1.0.1.6.0:5t 1.0.9.6.0 1.0.9.6.0:5t"),
    ];

    private static readonly FrozenSet<CosemDataType> SignedTypes = [CosemDataType.Integer, CosemDataType.Long];

    /// <summary>The columns as the vectors write them: the logical name without a last group of 255, with <c>:attribute</c> where it is not the value or where the object has several.</summary>
    public static JsonArray ToJson(IReadOnlyList<(ObisCode Code, sbyte Attribute)> columns)
    {
        ILookup<ObisCode, sbyte> attributes = columns.ToLookup(column => column.Code, column => column.Attribute);
        return [.. columns.Select(column => (JsonNode)(Name(column.Code) + (column.Attribute != 2 || attributes[column.Code].Count() > 1 ? $":{column.Attribute}" : "")))];
    }

    public static JsonArray ToJson(IReadOnlyList<CaptureObject> columns) => ToJson([.. columns.Select(column => (column.LogicalName, column.AttributeId))]);

    /// <summary>The columns of a row that stands alone, where its shape is that of one published profile.</summary>
    /// <param name="words">Of which.</param>
    public static JsonArray? Guess(in CosemData row, out string words)
    {
        words = "";
        if (row.Type != CosemDataType.Structure) return null;
        foreach (Layout layout in Published)
        {
            if (!Fits(row.Items, layout)) continue;
            words = layout.Words;
            return ToJson([.. layout.Columns.Take(row.Count).Select(column => (column.Code, column.Attribute))]);
        }
        return null;
    }

    /// <summary>True where every row of a profile's buffer has as many values as it has columns; a buffer without rows has none to name.</summary>
    public static bool Fit(in CosemData buffer, int columns)
    {
        if (buffer.Type != CosemDataType.Array || buffer.Count == 0) return false;
        foreach (CosemData row in buffer.Items)
        {
            if (row.Type != CosemDataType.Structure || row.Count != columns) return false;
        }
        return true;
    }

    private static bool Fits(ReadOnlySpan<CosemData> values, Layout layout)
    {
        if (values.Length < layout.Least || values.Length > layout.Columns.Length) return false;
        for (int index = 0; index < values.Length; index++)
        {
            CosemData value = values[index];
            bool fits = layout.Columns[index].Kind switch
            {
                // The row's own time is a real one; a maximum that has not come yet has a time of wildcards.
                Kind.Moment => value.TryGetDateTime(out CosemDateTime moment) && DataWords.Plausible(moment) && (index > 0 || moment.TryToLocal(out _)),
                Kind.Signed => SignedTypes.Contains(value.Type),
                Kind.Flag => value.Type == CosemDataType.Boolean,
                _ => value.Type is not (CosemDataType.Boolean or CosemDataType.Enum) && value.TryGetNumber(out _),
            };
            if (!fits) return false;
        }
        return true;
    }

    private static string Name(ObisCode code)
    {
        string name = code.ToDottedString();
        return code.F == 255 ? name[..name.LastIndexOf('.')] : name;
    }

    // Name, then :attribute where it is not the value, then t for a moment, s for a signed number, f for a flag.
    private static Layout Of(string words, int least, string columns) => new(words, least, [.. columns.Split(' ').Select(Column)]);

    private static (ObisCode Code, sbyte Attribute, Kind Kind) Column(string text)
    {
        Kind kind = text[^1] switch { 't' => Kind.Moment, 's' => Kind.Signed, 'f' => Kind.Flag, _ => Kind.Number };
        string[] parts = text.TrimEnd('t', 's', 'f').Split(':');
        return (ObisCode.Parse(parts[0] + ".255"), parts.Length > 1 ? sbyte.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : (sbyte)2, kind);
    }
}

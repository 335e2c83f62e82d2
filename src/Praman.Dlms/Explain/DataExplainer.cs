using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Explain;

/// <summary>Notes the octets of a Data value, element by element, with what each means where it stands.</summary>
internal static class DataExplainer
{
    private const string Clause = "IEC 62056-5-3 (Data)";

    /// <summary>Walks one value with its tag. <paramref name="value"/> was decoded from these octets.</summary>
    public static ExplainNode Walk(ExplainCursor cursor, in CosemData value, string field, string? meaning = null)
    {
        string words = DataWords.Meaning(value);
        meaning = meaning is null ? words : $"{meaning} ({words})";
        if (value.Type is CosemDataType.Array or CosemDataType.Structure)
        {
            ExplainNode list = cursor.Open(field, meaning, Clause);
            list.Value = DataWords.Value(value);
            cursor.Take(1 + LengthOctets(cursor, 1), "header", $"{value.Type.Name()} of {DataWords.Value(value)}");
            WalkItems(cursor, value);
            cursor.Close();
            return list;
        }
        return cursor.Take(EncodedLength(cursor, value), field, meaning, Clause, DataWords.Value(value));
    }

    private static void WalkItems(ExplainCursor cursor, in CosemData list)
    {
        ReadOnlySpan<CosemData> items = list.Items;
        string? code = null;
        for (int index = 0; index < items.Length; index++)
        {
            CosemData item = items[index];
            string? meaning = null;
            if (code is not null && item.Count == 0)
            {
                ScalerUnit? scalerUnit = index + 1 < items.Length && items[index + 1].TryGetScalerUnit(out ScalerUnit given) ? given : null;
                items[index - 1].TryGetObisCode(out ObisCode obis);
                meaning = $"{code}: {new DlmsReading(obis, item, scalerUnit).Text}";
                code = null;
            }
            else if (item.TryGetObisCode(out ObisCode named) && SelfDescribing.NamesAValue(named)) code = ObisNames.Describe(named) ?? named.ToString();
            else code = null;
            Walk(cursor, item, $"[{index + 1}]", meaning);
        }
    }

    private static int EncodedLength(ExplainCursor cursor, in CosemData value)
    {
        int size = value.Type.FixedSize();
        if (size >= 0) return 1 + size;
        if (value.Type == CosemDataType.CompactArray) return 1 + value.OctetSpan.Length;
        return 1 + LengthOctets(cursor, 1) + value.OctetSpan.Length;
    }

    private static int LengthOctets(ExplainCursor cursor, int ahead) => cursor.Peek(ahead) is var first && first < 0x80 ? 1 : 1 + (first & 0x7F);
}

using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// StatusMapping, class_id 63, version 0 (IEC 62056-6-2): a status word, and which entry of a reference table each of its bits stands for.
/// </summary>
public sealed class StatusMapping(Func<CosemContext, CosemData> statusWord)
{
    private readonly Func<CosemContext, CosemData> _statusWord = statusWord;
    private CosemData _mapping = CosemData.Structure(CosemData.Unsigned(0), CosemData.LongUnsigned(0));

    public static CosemClass<StatusMapping> Table { get; } = new(63, 0, "StatusMapping",
        [
            new(2, "status_word", "bit-string[0..128] | double-long-unsigned | octet-string[0..16] | visible-string[0..16] | utf8-string[0..16] | unsigned | long-unsigned | long64-unsigned",
                (s, c) => s._statusWord(c)),
            new(3, "mapping_table", "{ ref_table_id: unsigned, ref_table_mapping: long-unsigned | array[128] of long-unsigned }", (s, _) => s._mapping,
                (s, _, v) => s.SetMapping(v), IsStatic: true),
        ],
        []);

    /// <summary>
    /// The entries of the reference table that are set now: bit n, counted from the first (of a number from its lowest), is entry n of the list,
    /// or the first entry plus n.
    /// </summary>
    public IReadOnlyList<int> EntriesSet(CosemContext context)
    {
        CosemData word = _statusWord(context), mapping = _mapping[1];
        int bits = word.Type == CosemDataType.BitString ? word.BitCount : word.TryGetNumber(out _) ? 64 : word.OctetSpan.Length * 8;
        var entries = new List<int>();
        for (int bit = 0; bit < Math.Min(bits, 128); bit++)
        {
            if (!IsSet(word, bit)) continue;
            if (mapping.Type != CosemDataType.Array) entries.Add((int)mapping.ToNumber() + bit);
            else if (bit < mapping.Count) entries.Add((int)mapping[bit].ToNumber());
        }
        return entries;
    }

    private static bool IsSet(in CosemData word, int bit)
    {
        if (word.Type == CosemDataType.BitString) return word.Bit(bit);
        if (word.TryGetNumber(out decimal number)) return ((ulong)number >> bit & 1) != 0;
        return (word.OctetSpan[bit >> 3] >> (7 - (bit & 7)) & 1) != 0;
    }

    private DataAccessResult SetMapping(in CosemData value)
    {
        _mapping = value;
        return DataAccessResult.Success;
    }
}

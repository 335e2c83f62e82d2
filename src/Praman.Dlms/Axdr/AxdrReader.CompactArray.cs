using Praman.Metering;

namespace Praman.Dlms.Axdr;

// A compact-array is a type description (tags, a count of 16 bits for an array, a list for a structure), a length and the elements
// without their tags (IEC 62056-6-2, compact-array). It may claim more elements than it has octets (null-data takes none), so the
// elements that it stands for are limited by its length.
public ref partial struct AxdrReader
{
    private const string CompactArray = "IEC 62056-6-2 (compact-array)";

    private bool TrySkipCompactArray(int depth)
    {
        int start = _position;
        if (!TrySkipTypeDescription(depth + 1)) return false;
        ReadOnlySpan<byte> description = _source[start.._position];
        if (!TryReadLength(out int length)) return false;
        int contentsAt = _position;
        var contents = new AxdrReader(_source.Slice(_position, length), _position);
        int budget = CompactBudget(length), octetCount = 0;
        while (!contents.IsAtEnd)
        {
            int before = contents._position;
            var types = new AxdrReader(description);
            if (!contents.TrySkipUntagged(ref types, ref budget, ref octetCount)) return FailAt(contents._failedAt + contentsAt, contents._reason!, contents._clause);
            if (contents._position == before) return FailAt(contentsAt, "an element of no octets in a compact-array that has some", CompactArray);
        }
        _position = contentsAt + length;
        return true;
    }

    private static int CompactBudget(int length) => 2 * length + DepthMax;

    private bool TrySkipTypeDescription(int depth)
    {
        int start = _position;
        if (depth > DepthMax) return Fail($"nested deeper than {DepthMax}", CompactArray);
        if (!TryReadByte(out byte tag)) return false;
        switch ((CosemDataType)tag)
        {
            case CosemDataType.Array:
                return TryReadUInt16(out _) && TrySkipTypeDescription(depth + 1);
            case CosemDataType.Structure:
                if (!TryReadLength(out int count)) return false;
                for (; count > 0; count--)
                {
                    if (!TrySkipTypeDescription(depth + 1)) return false;
                }
                return true;
            case CosemDataType.CompactArray:
                return FailAt(start, "a compact-array inside a compact-array", CompactArray);
            default:
                return ((CosemDataType)tag).FixedSize() >= -1 || FailAt(start, $"unknown data type 0x{tag:X2}", CompactArray);
        }
    }

    private bool TrySkipUntagged(ref AxdrReader types, ref int budget, ref int octetCount)
    {
        if (budget-- <= 0) return Fail("a compact-array of more elements than its octets allow", CompactArray);
        types.TryReadByte(out byte tag);
        var type = (CosemDataType)tag;
        switch (type)
        {
            case CosemDataType.Array:
                types.TryReadUInt16(out ushort elements);
                int element = types._position;
                if (elements == 0) return TrySkipDescriptionOfNone(ref types, ref budget);
                for (; elements > 0; elements--)
                {
                    types._position = element;
                    if (!TrySkipUntagged(ref types, ref budget, ref octetCount)) return false;
                }
                return true;
            case CosemDataType.Structure:
                types.TryReadLength(out int count);
                for (; count > 0; count--)
                {
                    if (!TrySkipUntagged(ref types, ref budget, ref octetCount)) return false;
                }
                return true;
            case CosemDataType.BitString:
                if (!TryReadCount(out int bits)) return false;
                int packed = (int)((bits + 7L) / 8);
                octetCount += Math.Min(packed, Remaining);
                return packed <= Remaining ? TrySkip(packed) : Fail($"a bit-string of {Counted.Of(bits, "bit")} where {Left}", CompactArray);
            case CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String:
                if (!TryReadLength(out int length)) return false;
                octetCount += length;
                return TrySkip(length);
            default:
                int size = type.FixedSize();
                if (type.IsOctets()) octetCount += size;
                return TrySkip(size);
        }
    }

    // An array of no elements takes no octets and yet has a description to be passed over, each time it is met: that counts as elements do.
    private bool TrySkipDescriptionOfNone(ref AxdrReader types, ref int budget)
    {
        int start = types._position;
        types.TrySkipTypeDescription(0);
        budget -= types._position - start;
        return budget > 0 || Fail("a compact-array of more elements than its octets allow", CompactArray);
    }

    /// <summary>
    /// The elements of a checked compact-array, each as the Data it stands for. What is allocated is sixteen octets an element, nested ones counted,
    /// and one copy of what strings hold; there are at most two elements an octet and a few more.
    /// </summary>
    internal static CosemData[] ExpandCompactArray(ReadOnlySpan<byte> encoded)
    {
        var reader = new AxdrReader(encoded);
        if (!reader.TrySkipTypeDescription(0)) return [];
        ReadOnlySpan<byte> description = encoded[..reader._position];
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> contents)) return [];
        var values = new AxdrReader(contents);
        int budget = CompactBudget(contents.Length), octetCount = 0, elements = 0, nodes = 0;
        while (!values.IsAtEnd)
        {
            int before = budget;
            var types = new AxdrReader(description);
            if (!values.TrySkipUntagged(ref types, ref budget, ref octetCount)) return [];
            elements++;
            nodes += before - budget;
        }
        values._position = 0;
        var list = new CosemData[elements];
        var pool = new CosemData[nodes - elements];
        byte[] octets = octetCount > 0 ? new byte[octetCount] : [];
        int used = 0, kept = 0;
        for (int index = 0; index < elements; index++)
        {
            var types = new AxdrReader(description);
            list[index] = values.BuildUntagged(ref types, octets, ref kept, pool, ref used);
        }
        return list;
    }

    // Reads what TrySkipUntagged has checked; the same layout as Build gives.
    private CosemData BuildUntagged(ref AxdrReader types, byte[] octets, ref int kept, CosemData[] pool, ref int used)
    {
        types.TryReadByte(out byte tag);
        var type = (CosemDataType)tag;
        switch (type)
        {
            case CosemDataType.Array or CosemDataType.Structure:
                int count;
                if (type == CosemDataType.Structure) types.TryReadLength(out count);
                else count = types.TryReadUInt16(out ushort elements) ? elements : 0;
                int element = types._position;
                if (count == 0 && type == CosemDataType.Array) types.TrySkipTypeDescription(0);
                if (count == 0) return CosemData.Compound(type, [], 0, 0);
                int first = used;
                used += count;
                for (int index = first; index < first + count; index++)
                {
                    if (type == CosemDataType.Array) types._position = element;
                    pool[index] = BuildUntagged(ref types, octets, ref kept, pool, ref used);
                }
                return CosemData.Compound(type, pool, first, count);
            case CosemDataType.BitString:
                TryReadCount(out int bits);
                return Keep(type, (bits + 7) / 8, bits, octets, ref kept);
            case CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String:
                TryReadCount(out int length);
                return Keep(type, length, length, octets, ref kept);
            default:
                int size = type.FixedSize();
                if (type.IsOctets()) return Keep(type, size, size, octets, ref kept);
                int start = _position;
                _position += size;
                return CosemData.Scalar(type, ReadBits(_source.Slice(start, size), type.IsSigned()));
        }
    }
}

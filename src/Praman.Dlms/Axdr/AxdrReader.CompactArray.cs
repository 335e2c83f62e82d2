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
        int budget = CompactBudget(length);
        while (!contents.IsAtEnd)
        {
            int before = contents._position;
            var types = new AxdrReader(description);
            if (!contents.TrySkipUntagged(ref types, ref budget)) return FailAt(contents._failedAt + contentsAt, contents._reason!, contents._clause);
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

    private bool TrySkipUntagged(ref AxdrReader types, ref int budget)
    {
        if (budget-- <= 0) return Fail("a compact-array of more elements than its octets allow", CompactArray);
        types.TryReadByte(out byte tag);
        var type = (CosemDataType)tag;
        switch (type)
        {
            case CosemDataType.Array:
                types.TryReadUInt16(out ushort elements);
                int element = types._position;
                if (elements == 0) types.TrySkipTypeDescription(0);
                for (; elements > 0; elements--)
                {
                    types._position = element;
                    if (!TrySkipUntagged(ref types, ref budget)) return false;
                }
                return true;
            case CosemDataType.Structure:
                types.TryReadLength(out int count);
                for (; count > 0; count--)
                {
                    if (!TrySkipUntagged(ref types, ref budget)) return false;
                }
                return true;
            case CosemDataType.BitString:
                if (!TryReadCount(out int bits)) return false;
                return bits <= Remaining * 8L ? TrySkip((int)((bits + 7L) / 8)) : Fail($"a bit-string of {bits} bits where {Remaining} octets are left", CompactArray);
            case CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String:
                return TryReadLength(out int length) && TrySkip(length);
            default:
                return TrySkip(type.FixedSize());
        }
    }

    /// <summary>The elements of a checked compact-array, each as the Data it stands for.</summary>
    internal static CosemData[] ExpandCompactArray(ReadOnlySpan<byte> encoded)
    {
        var reader = new AxdrReader(encoded);
        if (!reader.TrySkipTypeDescription(0)) return [];
        ReadOnlySpan<byte> description = encoded[..reader._position];
        if (!reader.TryReadOctets(out ReadOnlySpan<byte> contents)) return [];
        var values = new AxdrReader(contents);
        var elements = new List<CosemData>();
        int budget = CompactBudget(contents.Length);
        while (!values.IsAtEnd)
        {
            var types = new AxdrReader(description);
            if (!values.TryReadUntagged(ref types, ref budget, out CosemData element)) break;
            elements.Add(element);
        }
        return [.. elements];
    }

    private bool TryReadUntagged(ref AxdrReader types, ref int budget, out CosemData value)
    {
        value = default;
        if (budget-- <= 0) return false;
        types.TryReadByte(out byte tag);
        var type = (CosemDataType)tag;
        switch (type)
        {
            case CosemDataType.Array or CosemDataType.Structure:
                int count;
                if (type == CosemDataType.Structure) types.TryReadLength(out count);
                else count = types.TryReadUInt16(out ushort elements) ? elements : 0;
                if (count > budget) return false;
                int element = types._position;
                if (count == 0 && type == CosemDataType.Array) types.TrySkipTypeDescription(0);
                var children = new CosemData[count];
                for (int index = 0; index < count; index++)
                {
                    if (type == CosemDataType.Array) types._position = element;
                    if (!TryReadUntagged(ref types, ref budget, out children[index])) return false;
                }
                value = CosemData.Compound(type, children, 0, count);
                return true;
            case CosemDataType.BitString:
                if (!TryReadCount(out int bits) || bits > Remaining * 8L || !TryReadBytes((bits + 7) / 8, out ReadOnlySpan<byte> packed))
                    return false;
                value = CosemData.Octets(type, packed.ToArray(), 0, bits);
                return true;
            case CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String:
                if (!TryReadOctets(out ReadOnlySpan<byte> octets)) return false;
                value = CosemData.Octets(type, octets.ToArray(), 0, octets.Length);
                return true;
            default:
                if (!TryReadBytes(type.FixedSize(), out ReadOnlySpan<byte> fixedOctets)) return false;
                value = type.IsOctets() ? CosemData.Octets(type, fixedOctets.ToArray(), 0, fixedOctets.Length)
                    : CosemData.Scalar(type, ReadBits(fixedOctets, type.IsSigned()));
                return true;
        }
    }
}

using System.Buffers.Binary;
using Praman.Metering;

namespace Praman.Dlms.Axdr;

public ref partial struct AxdrReader
{
    /// <summary>Reads the tag of a Data value and, for an array or a structure, its count; the elements follow, each with its own tag.</summary>
    public bool TryReadHeader(CosemDataType expected, out int count)
    {
        count = 0;
        int start = _position;
        if (!TryReadByte(out byte tag)) return false;
        if (tag == (byte)expected && TryReadLength(out count)) return true;
        _position = start;
        return Fail($"data type {tag} where {expected.Name()} was expected", Data);
    }

    public bool TryReadArrayHeader(out int count) => TryReadHeader(CosemDataType.Array, out count);

    public bool TryReadStructureHeader(out int count) => TryReadHeader(CosemDataType.Structure, out count);

    /// <summary>Reads a Data value that is a whole number of any size (also boolean, bcd, enum) without allocating.</summary>
    /// <returns>False, with nothing consumed, for another type or an unsigned number above <see cref="long.MaxValue"/>.</returns>
    public bool TryReadInteger(out long value)
    {
        value = 0;
        if (_position >= _source.Length) return Cut();
        var type = (CosemDataType)_source[_position];
        if (!type.IsInteger() && type != CosemDataType.Boolean) return Fail($"{type.Name()} where a whole number was expected", Data);
        int size = type.FixedSize();
        if (Remaining <= size) return Cut();
        ulong bits = ReadBits(_source.Slice(_position + 1, size), type.IsSigned());
        if (type == CosemDataType.Long64Unsigned && bits > long.MaxValue) return Fail("a number above 2^63 - 1", Data);
        _position += 1 + size;
        value = (long)bits;
        return true;
    }

    /// <summary>Reads a Data value that is a run of octets (octet-string, visible-string, utf8-string, date and time types) as a slice of the source.</summary>
    public bool TryReadOctetString(out ReadOnlySpan<byte> value)
    {
        value = default;
        int start = _position;
        if (!TryReadByte(out byte tag)) return false;
        var type = (CosemDataType)tag;
        bool read = type switch
        {
            CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String => TryReadOctets(out value),
            CosemDataType.DateTime or CosemDataType.Date or CosemDataType.Time => TryReadBytes(type.FixedSize(), out value),
            _ => FailAt(start, $"{type.Name()} where an octet-string was expected", Data),
        };
        if (!read) _position = start;
        return read;
    }

    /// <summary>Reads a Data value that is a date-time: twelve octets in an octet-string or a date-time.</summary>
    public bool TryReadDateTime(out CosemDateTime value)
    {
        value = default;
        int start = _position;
        if (!TryReadOctetString(out ReadOnlySpan<byte> octets)) return false;
        if (CosemDateTime.TryRead(octets, out value)) return true;
        _position = start;
        return Fail($"{octets.Length} octets where a date-time has 12", "IEC 62056-6-2 (date-time)");
    }

    /// <summary>Steps over one Data value of any type, nested ones included, checking it whole; allocates nothing.</summary>
    public bool TrySkipData() => TryMeasureData(out _, out _);

    /// <summary>Reads one Data value whole. What is allocated is sixteen octets an element and one copy of what strings hold.</summary>
    public bool TryReadData(out CosemData value)
    {
        value = default;
        int start = _position;
        if (!TryMeasureData(out int nodes, out int octetCount)) return false;
        _position = start;
        byte[] octets = octetCount > 0 ? new byte[octetCount] : [];
        CosemData[]? pool = nodes > 1 ? new CosemData[nodes - 1] : null;
        int used = 0, kept = 0;
        value = Build((CosemDataType)_source[_position++], octets, ref kept, pool, ref used);
        return true;
    }

    /// <summary>Reads <paramref name="count"/> Data values, one after another, into memory that they share; the caller has bounded the count.</summary>
    internal bool TryReadDataList(int count, out CosemData[] values)
    {
        values = [];
        int start = _position;
        int nodes = 0, octetCount = 0;
        for (int index = 0; index < count; index++)
        {
            if (TryMeasure(0, ref nodes, ref octetCount)) continue;
            _position = start;
            return false;
        }
        _position = start;
        byte[] octets = octetCount > 0 ? new byte[octetCount] : [];
        CosemData[]? pool = nodes > count ? new CosemData[nodes - count] : null;
        int used = 0, kept = 0;
        values = new CosemData[count];
        for (int index = 0; index < count; index++) values[index] = Build((CosemDataType)_source[_position++], octets, ref kept, pool, ref used);
        return true;
    }

    /// <summary>Walks one value. Counts it and all it holds, and the octets of its strings, so that the tree is built in pieces of exact size.</summary>
    private bool TryMeasureData(out int nodes, out int octetCount)
    {
        nodes = 0;
        octetCount = 0;
        int start = _position;
        if (TryMeasure(0, ref nodes, ref octetCount)) return true;
        _position = start;
        return false;
    }

    private bool TryMeasure(int depth, ref int nodes, ref int octetCount)
    {
        int start = _position;
        if (!TryReadByte(out byte tag)) return false;
        nodes++; // each element takes an octet at least, so the count never exceeds the octets
        var type = (CosemDataType)tag;
        int size = type.FixedSize();
        if (size >= 0)
        {
            if (type.IsOctets()) octetCount += size;
            return TrySkip(size);
        }
        switch (type)
        {
            case CosemDataType.Array or CosemDataType.Structure:
                if (depth == DepthMax) return FailAt(start, $"nested deeper than {DepthMax}", Data);
                if (!TryReadLength(out int count)) return false;
                for (; count > 0; count--)
                {
                    if (!TryMeasure(depth + 1, ref nodes, ref octetCount)) return false;
                }
                return true;
            case CosemDataType.BitString:
                if (!TryReadCount(out int bits)) return false;
                int packed = (int)((bits + 7L) / 8);
                octetCount += Math.Min(packed, Remaining);
                return packed <= Remaining ? TrySkip(packed) : FailAt(start, $"a bit-string of {Counted.Of(bits, "bit")} where {Left}", Data);
            case CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String:
                if (!TryReadLength(out int length)) return false;
                octetCount += length;
                return TrySkip(length);
            case CosemDataType.CompactArray:
                if (!TrySkipCompactArray(depth)) return false;
                octetCount += _position - start - 1;
                return true;
            default:
                return FailAt(start, $"unknown data type 0x{tag:X2}", Data);
        }
    }

    // Reads what TryMeasure has checked; children take consecutive places in the pool, grandchildren follow; strings follow one another too.
    private CosemData Build(CosemDataType type, byte[] octets, ref int kept, CosemData[]? pool, ref int used)
    {
        int size = type.FixedSize();
        int start = _position;
        switch (type)
        {
            case CosemDataType.Array or CosemDataType.Structure:
                TryReadCount(out int count);
                if (count == 0) return CosemData.Compound(type, [], 0, 0);
                int first = used;
                used += count;
                for (int index = first; index < first + count; index++)
                {
                    var child = (CosemDataType)_source[_position++];
                    pool![index] = Build(child, octets, ref kept, pool, ref used);
                }
                return CosemData.Compound(type, pool!, first, count);
            case CosemDataType.BitString:
                TryReadCount(out int bits);
                return Keep(type, (bits + 7) / 8, bits, octets, ref kept);
            case CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String:
                TryReadCount(out int length);
                return Keep(type, length, length, octets, ref kept);
            case CosemDataType.DateTime or CosemDataType.Date or CosemDataType.Time:
                return Keep(type, size, size, octets, ref kept);
            case CosemDataType.CompactArray:
                TrySkipCompactArray(0);
                size = _position - start;
                _position = start;
                return Keep(type, size, size, octets, ref kept);
            default:
                _position += size;
                return CosemData.Scalar(type, ReadBits(_source.Slice(start, size), type.IsSigned()));
        }
    }

    // Copies the next octets behind those that are kept already.
    private CosemData Keep(CosemDataType type, int count, int extent, byte[] octets, ref int kept)
    {
        int place = count == 0 ? 0 : kept;
        _source.Slice(_position, count).CopyTo(octets.AsSpan(place));
        _position += count;
        kept += count;
        return CosemData.Octets(type, octets, place, extent);
    }

    internal static ulong ReadBits(ReadOnlySpan<byte> octets, bool signed) => octets.Length switch
    {
        0 => 0,
        1 => signed ? (ulong)(sbyte)octets[0] : octets[0],
        2 => signed ? (ulong)BinaryPrimitives.ReadInt16BigEndian(octets) : BinaryPrimitives.ReadUInt16BigEndian(octets),
        4 => signed ? (ulong)BinaryPrimitives.ReadInt32BigEndian(octets) : BinaryPrimitives.ReadUInt32BigEndian(octets),
        _ => BinaryPrimitives.ReadUInt64BigEndian(octets),
    };
}

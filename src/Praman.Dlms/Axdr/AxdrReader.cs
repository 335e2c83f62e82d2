using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Praman.Metering;

namespace Praman.Dlms.Axdr;

/// <summary>
/// Reads A-XDR (IEC 61334-6) from a span, front to back, without allocating. Each Try… checks every length before it is used; on
/// failure nothing is consumed and the first failure is kept in <see cref="Error"/>.
/// </summary>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct is never compared.")]
public ref partial struct AxdrReader
{
    /// <summary>Deepest nesting of arrays and structures that is read; real meters stay below ten.</summary>
    public const int DepthMax = 32;

    internal const string Axdr = "IEC 61334-6";
    internal const string Data = "IEC 62056-5-3 (Data)";

    private readonly ReadOnlySpan<byte> _source;
    private readonly int _origin;
    private int _position;
    private string? _reason;
    private string? _clause;
    private int _failedAt;

    /// <param name="source">The octets.</param>
    /// <param name="origin">Where they start in the whole message; added to the offset of an error.</param>
    public AxdrReader(ReadOnlySpan<byte> source, int origin = 0)
    {
        _source = source;
        _origin = origin;
    }

    /// <summary>Octets consumed.</summary>
    public readonly int Position => _position;

    /// <summary>Octets left.</summary>
    public readonly int Remaining => _source.Length - _position;

    /// <summary>Octets left, in words.</summary>
    internal readonly string Left => Counted.Of(Remaining, "octet is left", "octets are left");

    public readonly bool IsAtEnd => _position == _source.Length;

    /// <summary>What is left, not consumed.</summary>
    public readonly ReadOnlySpan<byte> Rest => _source[_position..];

    public readonly bool HasFailed => _reason is not null;

    /// <summary>The first failure; meaningful when <see cref="HasFailed"/>.</summary>
    public readonly DecodeError Error => new(_failedAt + _origin, _reason ?? "unreadable", _clause);

    /// <summary>The octets from <paramref name="start"/> to the present position.</summary>
    public readonly ReadOnlySpan<byte> ConsumedSince(int start) => _source[start.._position];

    /// <summary>Records a failure at the present position (the first one stays) and returns false.</summary>
    public bool Fail(string reason, string? clause = null) => FailAt(_position, reason, clause);

    /// <summary>Records a failure at <paramref name="position"/> (the first one stays) and returns false.</summary>
    public bool FailAt(int position, string reason, string? clause = null)
    {
        if (_reason is not null) return false;
        _reason = reason;
        _clause = clause;
        _failedAt = position;
        return false;
    }

    /// <summary>Consumes <paramref name="count"/> octets unread.</summary>
    public bool TrySkip(int count)
    {
        if ((uint)count > (uint)Remaining) return Cut();
        _position += count;
        return true;
    }

    public bool TryReadByte(out byte value)
    {
        if (_position >= _source.Length)
        {
            value = 0;
            return Cut();
        }
        value = _source[_position++];
        return true;
    }

    /// <summary>The next octet, not consumed.</summary>
    public readonly bool TryPeekByte(out byte value)
    {
        value = _position < _source.Length ? _source[_position] : (byte)0;
        return _position < _source.Length;
    }

    public bool TryReadUInt16(out ushort value)
    {
        if (Remaining < 2)
        {
            value = 0;
            return Cut();
        }
        value = BinaryPrimitives.ReadUInt16BigEndian(_source[_position..]);
        _position += 2;
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        if (Remaining < 4)
        {
            value = 0;
            return Cut();
        }
        value = BinaryPrimitives.ReadUInt32BigEndian(_source[_position..]);
        _position += 4;
        return true;
    }

    public bool TryReadUInt64(out ulong value)
    {
        if (Remaining < 8)
        {
            value = 0;
            return Cut();
        }
        value = BinaryPrimitives.ReadUInt64BigEndian(_source[_position..]);
        _position += 8;
        return true;
    }

    /// <summary>Reads <paramref name="count"/> octets as a slice of the source.</summary>
    public bool TryReadBytes(int count, out ReadOnlySpan<byte> value)
    {
        if ((uint)count > (uint)Remaining)
        {
            value = default;
            return Cut();
        }
        value = _source.Slice(_position, count);
        _position += count;
        return true;
    }

    /// <summary>Reads a length: one octet below 0x80, else 0x80 + n and n octets (n is 1 to 4), big-endian (IEC 61334-6).</summary>
    /// <returns>False, with nothing consumed, when octets are missing or the length exceeds what is left.</returns>
    public bool TryReadLength(out int length)
    {
        int start = _position;
        if (!TryReadCount(out length)) return false;
        if (length <= Remaining) return true;
        _position = start;
        string reason = $"a length of {length} where {Left}";
        length = 0;
        return Fail(reason, Axdr);
    }

    /// <summary>As <see cref="TryReadLength"/>, for a count that is not in octets (bits of a bit-string): not compared with what is left.</summary>
    public bool TryReadCount(out int count)
    {
        count = 0;
        if (_position >= _source.Length) return Cut();
        byte first = _source[_position];
        if (first < 0x80)
        {
            _position++;
            count = first;
            return true;
        }
        if (first is 0x80 or > 0x84) return Fail($"a length of length octet 0x{first:X2}: expected 0x81 to 0x84", Axdr);
        int octets = first & 0x7F;
        if (Remaining <= octets) return Cut();
        uint value = 0;
        foreach (byte octet in _source.Slice(_position + 1, octets)) value = (value << 8) | octet;
        if (value > int.MaxValue) return Fail($"a length of {value}", Axdr);
        _position += 1 + octets;
        count = (int)value;
        return true;
    }

    /// <summary>Reads a length and so many octets.</summary>
    public bool TryReadOctets(out ReadOnlySpan<byte> value)
    {
        int start = _position;
        value = default;
        if (!TryReadLength(out int length)) return false;
        if (TryReadBytes(length, out value)) return true;
        _position = start;
        return false;
    }

    /// <summary>Reads a BOOLEAN or the presence flag of an OPTIONAL: 0 is false, all else true (IEC 61334-6).</summary>
    public bool TryReadBoolean(out bool value)
    {
        bool read = TryReadByte(out byte octet);
        value = octet != 0;
        return read;
    }

    /// <summary>Reads six octets of a logical name.</summary>
    public bool TryReadObisCode(out ObisCode code)
    {
        code = default;
        if (!TryReadBytes(ObisCode.Length, out ReadOnlySpan<byte> octets)) return false;
        code = ObisCode.FromOctets(octets)!.Value;
        return true;
    }

    /// <summary>Reads class id, logical name and attribute id (IEC 62056-5-3, Cosem-Attribute-Descriptor).</summary>
    public bool TryReadDescriptor(out AttributeDescriptor attribute)
    {
        attribute = default;
        if (Remaining < AttributeDescriptor.Length) return Cut();
        TryReadUInt16(out ushort classId);
        TryReadObisCode(out ObisCode name);
        TryReadByte(out byte id);
        attribute = new(classId, name, (sbyte)id);
        return true;
    }

    /// <summary>Reads class id, logical name and method id (IEC 62056-5-3, Cosem-Method-Descriptor).</summary>
    public bool TryReadMethod(out MethodDescriptor method)
    {
        bool read = TryReadDescriptor(out AttributeDescriptor same);
        method = new(same.ClassId, same.LogicalName, same.AttributeId);
        return read;
    }

    /// <summary>Reads the presence flag and, where set, selector and parameters (IEC 62056-5-3, Selective-Access-Descriptor).</summary>
    public bool TryReadSelectiveAccess(out SelectiveAccess? access)
    {
        access = null;
        if (!TryReadBoolean(out bool present)) return false;
        if (!present) return true;
        if (!TryReadByte(out byte selector) || !TryReadData(out CosemData parameters)) return false;
        access = new SelectiveAccess(selector, parameters);
        return true;
    }

    private bool Cut() => FailAt(_source.Length, "the octets end here: more were announced", Axdr);
}

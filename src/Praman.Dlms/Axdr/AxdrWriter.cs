using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Praman.Metering;

namespace Praman.Dlms.Axdr;

/// <summary>
/// Writes A-XDR (IEC 61334-6) into a caller's span, or into an <see cref="IBufferWriter{T}"/> that grows; allocates nothing itself.
/// With a buffer writer, call <see cref="Flush"/> when done.
/// </summary>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct is never compared.")]
public ref partial struct AxdrWriter
{
    private const int GrowthMin = 256;

    private readonly IBufferWriter<byte>? _sink;
    private Span<byte> _buffer;
    private int _position;
    private int _flushed;

    /// <summary>Writes into <paramref name="destination"/>; writing past its end is the caller's error.</summary>
    public AxdrWriter(Span<byte> destination) => _buffer = destination;

    /// <summary>Writes into <paramref name="sink"/>, which grows as needed.</summary>
    public AxdrWriter(IBufferWriter<byte> sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        _sink = sink;
    }

    /// <summary>Octets written so far, flushed ones included.</summary>
    public readonly int Length => _flushed + _position;

    /// <summary>What was written; only for a writer over a span.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._position];

    /// <summary>Hands what was written to the buffer writer. No effect on a writer over a span.</summary>
    public void Flush()
    {
        if (_sink is null || _position == 0) return;
        _sink.Advance(_position);
        _flushed += _position;
        _position = 0;
        _buffer = default;
    }

    public void WriteByte(byte value) => Take(1)[0] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);

    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    public void WriteBytes(scoped ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>Writes a length or a count in the fewest octets.</summary>
    public void WriteLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int octets = LengthOctets(length);
        Span<byte> place = Take(octets);
        if (octets == 1)
        {
            place[0] = (byte)length;
            return;
        }
        place[0] = (byte)(0x80 | (octets - 1));
        for (int index = octets - 1; index > 0; index--, length >>= 8) place[index] = (byte)length;
    }

    /// <summary>Octets that <see cref="WriteLength"/> takes for a length.</summary>
    public static int LengthOctets(int length) => length switch { < 0x80 => 1, < 0x100 => 2, < 0x1_0000 => 3, < 0x100_0000 => 4, _ => 5 };

    /// <summary>Writes a length and the octets.</summary>
    public void WriteOctets(scoped ReadOnlySpan<byte> value)
    {
        WriteLength(value.Length);
        WriteBytes(value);
    }

    public void WriteObisCode(ObisCode code) => code.CopyTo(Take(ObisCode.Length));

    /// <summary>Writes class id, logical name and attribute id.</summary>
    public void WriteDescriptor(AttributeDescriptor attribute)
    {
        WriteUInt16(attribute.ClassId);
        WriteObisCode(attribute.LogicalName);
        WriteByte((byte)attribute.AttributeId);
    }

    /// <summary>Writes class id, logical name and method id.</summary>
    public void WriteMethod(MethodDescriptor method) => WriteDescriptor(new(method.ClassId, method.LogicalName, method.MethodId));

    /// <summary>Writes the presence flag and, where given, selector and parameters.</summary>
    public void WriteSelectiveAccess(SelectiveAccess? access)
    {
        WriteBoolean(access is not null);
        if (access is null) return;
        WriteByte(access.Selector);
        WriteData(access.Parameters);
    }

    /// <summary>Room for <paramref name="count"/> octets that the caller fills at once.</summary>
    internal Span<byte> Reserve(int count) => Take(count);

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - _position < count) Grow(count);
        Span<byte> place = _buffer.Slice(_position, count);
        _position += count;
        return place;
    }

    private void Grow(int count)
    {
        if (_sink is null) throw new InvalidOperationException($"The destination of {_buffer.Length} octets is too small.");
        Flush();
        _buffer = _sink.GetSpan(Math.Max(count, GrowthMin));
    }
}

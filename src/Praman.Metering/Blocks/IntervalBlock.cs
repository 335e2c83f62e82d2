using System.Diagnostics.CodeAnalysis;
using NodaTime;

namespace Praman.Metering;

/// <summary>
/// The day block: one channel of one usage point for one local day, packed. It is the unit of transfer, validation, storage, settlement
/// and proof; its <see cref="Bytes"/> are canonical and are hashed as they are stored (docs/reference/interval-block.md).
/// </summary>
public sealed class IntervalBlock : IEquatable<IntervalBlock>
{
    private IntervalBlock(in IntervalBlockHeader header, sbyte scaler, ReadOnlyMemory<byte> bytes)
    {
        Header = header;
        Scaler = scaler;
        Bytes = bytes;
    }

    public IntervalBlockHeader Header { get; }

    /// <summary>Engineering value = value × 10^scaler, in the unit of the reading type; 0 for energy in Wh.</summary>
    public sbyte Scaler { get; }

    /// <summary>The canonical octets.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public UsagePointId UsagePoint => Header.UsagePoint;

    public ReadingType Type => Header.Type;

    public Instant Start => Header.Start;

    public int Count => Header.Count;

    public int Version => Header.Version;

    /// <summary>Packs values and qualities; both spans hold <see cref="IntervalBlockHeader.Count"/> elements, and a missing interval's value is dropped.</summary>
    /// <exception cref="ArgumentException">The header or a value is outside what a block can hold.</exception>
    public static IntervalBlock Create(
        in IntervalBlockHeader header, ReadOnlySpan<long> values, ReadOnlySpan<IntervalQuality> qualities, sbyte scaler = 0)
    {
        const int OnStackMax = 1_024; // the half-hours of a day
        int lengthMax = IntervalBlockCodec.EncodedLengthMax(header.Count);
        Span<byte> buffer = lengthMax is > 0 and <= OnStackMax ? stackalloc byte[lengthMax] : new byte[lengthMax];
        int length = IntervalBlockCodec.Encode(header, scaler, values, qualities, buffer);
        return new IntervalBlock(header, scaler, buffer[..length].ToArray());
    }

    /// <summary>One register value at an instant, in Wh, VAh or varh.</summary>
    public static IntervalBlock CreateRegister(UsagePointId usagePoint, ReadingType type, Instant at, long value, IntervalQuality quality, int version = 0) =>
        Create(new IntervalBlockHeader(usagePoint, type, at, 0, 1, version, BlockCause.Received), [value], [quality]);

    /// <summary>Takes canonical octets as they are; refuses what <see cref="Create"/> would not write.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out IntervalBlock? block, out DecodeError error)
    {
        block = null;
        if (!IntervalBlockCodec.TryReadHeader(bytes.Span, out IntervalBlockHeader header, out sbyte scaler, out error)) return false;
        if (!IntervalBlockCodec.TryCheck(bytes.Span, out error)) return false;
        block = new IntervalBlock(header, scaler, bytes);
        return true;
    }

    /// <summary>Unpacks into spans of at least <see cref="Count"/> elements; a missing interval reads 0.</summary>
    public void Decode(Span<long> values, Span<IntervalQuality> qualities)
    {
        if (!IntervalBlockCodec.TryDecode(Bytes.Span, values, qualities, isChecked: true, out DecodeError error))
        {
            throw Damaged(error);
        }
    }

    /// <summary>Unpacks into new arrays.</summary>
    public (long[] Values, IntervalQuality[] Qualities) Decode()
    {
        var values = new long[Count];
        var qualities = new IntervalQuality[Count];
        Decode(values, qualities);
        return (values, qualities);
    }

    /// <summary>Sum of the values that are there, in the unit of the type × 10^scaler.</summary>
    public long Sum()
    {
        if (!IntervalBlockCodec.TrySum(Bytes.Span, out long sum, out DecodeError error)) throw Damaged(error);
        return sum;
    }

    private static InvalidOperationException Damaged(in DecodeError error) => new($"the block was damaged after it was checked: {error}");

    public bool Equals(IntervalBlock? other) => other is not null && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override bool Equals(object? obj) => Equals(obj as IntervalBlock);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }
}

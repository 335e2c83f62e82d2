using System.Buffers;

namespace Praman.Dlms.Server;

/// <summary>Octets that are written front to back and may be changed where they stand, as a frame's length is once its content is known.</summary>
internal sealed class GrowingBuffer : IBufferWriter<byte>
{
    private const int SizeMin = 256;

    private byte[] _octets = [];

    public int Length { get; private set; }

    public Span<byte> Span => _octets.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _octets.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Forgets what was written, and leaves nothing of it in memory.</summary>
    public void Erase()
    {
        _octets.AsSpan().Clear();
        Length = 0;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_octets.Length - Length), nameof(count));
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _octets.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _octets.AsSpan(Length);
    }

    public void Append(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(GetSpan(octets.Length));
        Length += octets.Length;
    }

    /// <summary>Makes room for so many octets more.</summary>
    public void Reserve(int count) => Ensure(count);

    /// <summary>Drops octets from the front.</summary>
    public void Consume(int count)
    {
        _octets.AsSpan(count, Length - count).CopyTo(_octets);
        Length -= count;
    }

    /// <summary>Drops octets from the end.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    private void Ensure(int sizeHint)
    {
        int needed = Length + Math.Max(sizeHint, 1);
        if (needed > _octets.Length) Array.Resize(ref _octets, Math.Max(Math.Max(needed, SizeMin), _octets.Length * 2));
    }
}

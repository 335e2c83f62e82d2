using System.Buffers;

namespace Praman.Dlms.Server;

/// <summary>
/// An answer while it is put together: what goes beyond its greatest length is counted and not kept, so that no request makes more memory needed
/// than that. It grows fourfold, as what it grew out of counts too.
/// </summary>
internal sealed class AnswerBuffer : IBufferWriter<byte>
{
    private const int SizeMin = 256, Growth = 4;

    private byte[] _octets = [];
    private byte[] _beyond = [];
    private bool _isBeyond;

    /// <summary>Octets that are kept at most.</summary>
    public required int LengthMax { get; set; }

    /// <summary>Octets written, those beyond included.</summary>
    public int WrittenCount { get; private set; }

    /// <summary>True where more was written than is kept: then there is nothing to be read.</summary>
    public bool IsOverfull { get; private set; }

    public ReadOnlySpan<byte> WrittenSpan => IsOverfull ? default : _octets.AsSpan(0, WrittenCount);

    public void ResetWrittenCount() => (WrittenCount, IsOverfull) = (0, false);

    /// <summary>Forgets what was written, and leaves nothing of it in memory.</summary>
    public void Erase()
    {
        _octets.AsSpan().Clear();
        _beyond.AsSpan().Clear();
        ResetWrittenCount();
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_isBeyond ? _beyond.Length : _octets.Length - WrittenCount), nameof(count));
        IsOverfull |= _isBeyond && count > 0;
        WrittenCount = (int)Math.Min(int.MaxValue, (long)WrittenCount + count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => Room(Math.Max(sizeHint, 1));

    public Span<byte> GetSpan(int sizeHint = 0) => Room(Math.Max(sizeHint, 1)).Span;

    private Memory<byte> Room(int size)
    {
        _isBeyond = IsOverfull || (long)WrittenCount + size > LengthMax;
        if (_isBeyond)
        {
            if (_beyond.Length < size) _beyond = new byte[Math.Max(size, SizeMin)];
            return _beyond;
        }
        int needed = WrittenCount + size;
        if (needed > _octets.Length) Array.Resize(ref _octets, (int)Math.Min(LengthMax, Math.Max(Math.Max(needed, SizeMin), (long)_octets.Length * Growth)));
        return _octets.AsMemory(WrittenCount);
    }
}

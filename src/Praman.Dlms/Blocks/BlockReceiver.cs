using System.Buffers;
using Praman.Dlms.Server;

namespace Praman.Dlms.Blocks;

/// <summary>What became of a block that came in.</summary>
public enum BlockOutcome
{
    /// <summary>It is new; it was joined, or is held until those before it are in.</summary>
    Taken,

    /// <summary>It was there already.</summary>
    Repeated,

    /// <summary>Its number is beyond the window: it was dropped.</summary>
    BeyondWindow,

    /// <summary>With it the APDU is longer than allowed.</summary>
    TooLong,
}

/// <summary>
/// Joins the blocks of a general block transfer (IEC 62056-5-3), in whatever order they come. What it holds is limited by the window and by the
/// longest APDU; blocks that come in order cost no memory but their own.
/// </summary>
public sealed class BlockReceiver
{
    private readonly int _lengthMax;
    private readonly Held[] _held;
    private readonly GrowingBuffer _joined = new();
    private int _heldOctets, _heldCount;
    private int _last = int.MaxValue, _streamEnd;

    /// <param name="lengthMax">Octets of the longest APDU.</param>
    /// <param name="window">Blocks taken at once, 1 to 63.</param>
    public BlockReceiver(int lengthMax, int window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, GeneralBlock.WindowMax);
        _lengthMax = lengthMax;
        _held = new Held[window];
    }

    /// <summary>Blocks taken at once.</summary>
    public int Window => _held.Length;

    /// <summary>The last block received in order; 0 before the first.</summary>
    public ushort Received { get; private set; }

    /// <summary>True once the last block and all before it are in.</summary>
    public bool IsComplete => Received >= _last;

    /// <summary>True where the block last taken ends a stream, so that an answer is due.</summary>
    public bool IsAnswerDue { get; private set; }

    /// <summary>Blocks that lack before the first that is held; 0 where there is no gap.</summary>
    public int Missing
    {
        get
        {
            if (_heldCount == 0) return 0;
            int missing = 0;
            while (!_held[(Received + 1 + missing) % Window].IsUsed) missing++;
            return missing;
        }
    }

    /// <summary>The octets that are in, in order; the whole APDU once complete. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Joined => _joined.Span;

    /// <summary>Takes a block in.</summary>
    public BlockOutcome Take(in GeneralBlock block)
    {
        IsAnswerDue = false;
        int ahead = block.Number - Received;
        if (ahead <= 0 || block.Number > _last) return BlockOutcome.Repeated;
        if (ahead > Window) return BlockOutcome.BeyondWindow;
        if (_held[block.Number % Window].IsUsed) return BlockOutcome.Repeated;
        if (_joined.Length + (long)_heldOctets + block.Data.Length > _lengthMax) return BlockOutcome.TooLong;
        if (block.IsLast) _last = block.Number;
        bool endsStream = block.IsLast || !block.IsStreaming;
        if (endsStream) _streamEnd = Math.Max(_streamEnd, block.Number);
        ushort before = Received;
        if (ahead > 1) Hold(block);
        else
        {
            _joined.Append(block.Data);
            Received = block.Number;
            JoinHeld();
        }
        IsAnswerDue = endsStream || (before < _streamEnd && Received >= _streamEnd);
        return BlockOutcome.Taken;
    }

    /// <summary>Takes an empty block that only acknowledges for received, with those before it, which can only have done the same.</summary>
    public bool Skip(ushort number)
    {
        if (number <= Received || _heldCount > 0) return false;
        Received = number;
        return true;
    }

    /// <summary>Forgets all blocks.</summary>
    public void Reset()
    {
        foreach (ref Held held in _held.AsSpan()) held.Release();
        if (_joined.Length > 0) _joined.Erase();
        (_heldOctets, _heldCount, _last, _streamEnd, Received, IsAnswerDue) = (0, 0, int.MaxValue, 0, 0, false);
    }

    private void Hold(in GeneralBlock block)
    {
        _held[block.Number % Window].Fill(block.Data);
        _heldOctets += block.Data.Length;
        _heldCount++;
    }

    private void JoinHeld()
    {
        while (_heldCount > 0 && Received < _last)
        {
            ref Held next = ref _held[(Received + 1) % Window];
            if (!next.IsUsed) return;
            _joined.Append(next.Octets);
            _heldOctets -= next.Octets.Length;
            _heldCount--;
            next.Release();
            Received++;
        }
    }

    private struct Held
    {
        private byte[]? _octets;
        private int _length;

        public readonly bool IsUsed => _octets is not null;

        public readonly ReadOnlySpan<byte> Octets => _octets.AsSpan(0, _length);

        public void Fill(ReadOnlySpan<byte> data)
        {
            _octets = ArrayPool<byte>.Shared.Rent(Math.Max(1, data.Length));
            data.CopyTo(_octets);
            _length = data.Length;
        }

        public void Release()
        {
            if (_octets is not null) ArrayPool<byte>.Shared.Return(_octets, clearArray: true);
            (_octets, _length) = (null, 0);
        }
    }
}

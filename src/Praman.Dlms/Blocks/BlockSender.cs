using Praman.Dlms.Server;

namespace Praman.Dlms.Blocks;

/// <summary>
/// What one side of a general block transfer has to send (IEC 62056-5-3): one APDU cut into numbered blocks, kept until the transfer ends so that
/// any of them can be sent again.
/// </summary>
public sealed class BlockSender
{
    private readonly GrowingBuffer _octets = new();
    private int _first = 1;
    private int _size;

    /// <summary>The number of the last block; 0 where there is none.</summary>
    public int Last { get; private set; }

    /// <summary>The last block that the other side has in order.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>The octets that are sent.</summary>
    public ReadOnlySpan<byte> Octets => _octets.Span;

    /// <summary>Takes over an APDU. False where it needs more blocks than there are numbers, or a block holds nothing.</summary>
    /// <param name="octets">The APDU; copied.</param>
    /// <param name="apduLength">Longest block, as an APDU.</param>
    /// <param name="first">The number of the first block with data: blocks below it were empty.</param>
    public bool TryBegin(ReadOnlySpan<byte> octets, int apduLength, int first = 1)
    {
        Empty().Append(octets);
        return TryBegin(apduLength, first);
    }

    /// <summary>The buffer itself, emptied, for an APDU that is written straight into it.</summary>
    internal GrowingBuffer Empty()
    {
        Reset();
        return _octets;
    }

    /// <summary>The same as with octets, for those that were written into <see cref="Empty"/>.</summary>
    internal bool TryBegin(int apduLength, int first)
    {
        _size = GeneralBlock.DataLengthMax(apduLength);
        long last = _size <= 0 ? long.MaxValue : first - 1L + ((_octets.Length + (long)_size - 1) / _size);
        if (last > ushort.MaxValue)
        {
            Reset();
            return false;
        }
        (_first, Last) = (first, (int)last);
        return true;
    }

    /// <summary>Notes what the other side acknowledges; true where it is more than before.</summary>
    public bool Acknowledge(ushort number)
    {
        if (number <= Acknowledged) return false;
        Acknowledged = number;
        return true;
    }

    /// <summary>The data of a block from 1 to <see cref="Last"/>; empty for one below the first with data.</summary>
    public ReadOnlySpan<byte> Data(int number)
    {
        if (number < _first || number > Last) return default;
        int start = (number - _first) * _size;
        return _octets.Span.Slice(start, Math.Min(_size, _octets.Length - start));
    }

    /// <summary>Forgets the APDU.</summary>
    public void Reset()
    {
        _octets.Clear();
        (_first, _size, Last, Acknowledged) = (1, 0, 0, 0);
    }
}

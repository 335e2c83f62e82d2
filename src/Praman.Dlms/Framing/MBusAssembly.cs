using Praman.Dlms.Server;

namespace Praman.Dlms.Framing;

/// <summary>What became of a piece of an APDU.</summary>
internal enum MBusPiece
{
    Joined,

    /// <summary>With it the APDU is whole.</summary>
    Whole,

    /// <summary>It does not follow what came before it, which is dropped; or it holds nothing and more is to come.</summary>
    OutOfOrder,

    /// <summary>With it the APDU is longer than allowed; it is dropped.</summary>
    TooLong,
}

/// <summary>An APDU from the pieces that CI numbers (EN 13757-1).</summary>
internal sealed class MBusAssembly(int lengthMax)
{
    private readonly GrowingBuffer _octets = new();
    private int _next;

    /// <summary>The whole APDU; valid until the next piece.</summary>
    public ReadOnlySpan<byte> Octets => _octets.Span;

    /// <summary>Takes the piece behind CI and both SAPs.</summary>
    public MBusPiece Take(byte controlInformation, ReadOnlySpan<byte> payload)
    {
        int sequence = controlInformation & 0x0F;
        // The first piece of an APDU begins it, whatever came of the one before. A sixteenth has its number, and continues one that is long enough.
        if (sequence == 0 && _next % 16 != 0) Reset();
        bool isLast = (controlInformation & 0x10) != 0;
        if (sequence != _next % 16 || (payload.IsEmpty && !isLast))
        {
            Reset();
            return MBusPiece.OutOfOrder;
        }
        if (_next == 0) _octets.Clear();
        if (_octets.Length + payload.Length > lengthMax)
        {
            Reset();
            return MBusPiece.TooLong;
        }
        _octets.Append(payload);
        _next++;
        if (!isLast) return MBusPiece.Joined;
        _next = 0;
        return MBusPiece.Whole;
    }

    public void Reset()
    {
        _octets.Clear();
        _next = 0;
    }
}

using NodaTime;
using Praman.Dlms.Server;

namespace Praman.Dlms.Framing;

/// <summary>What a frame of the link layer is.</summary>
internal enum MBusFrameKind
{
    /// <summary>The single character 0xE5.</summary>
    Acknowledgement,

    /// <summary>10 C A, checksum, 16.</summary>
    Short,

    /// <summary>68 L L 68 and what it holds.</summary>
    Long,
}

/// <summary>A frame of the link layer; of an acknowledgement all else is 0.</summary>
internal readonly ref struct MBusLinkFrame(MBusFrameKind kind, byte control, byte address, ReadOnlySpan<byte> body)
{
    public MBusFrameKind Kind { get; } = kind;

    public byte Control { get; } = control;

    public byte Address { get; } = address;

    /// <summary>CI and what follows it.</summary>
    public ReadOnlySpan<byte> Body { get; } = body;
}

/// <summary>
/// Frames of the link layer out of octets that come in pieces (EN 13757-2). After a fault nothing is read until the line has been silent: within what is
/// left of a frame any octet may look like an acknowledgement.
/// </summary>
internal sealed class MBusStream(Duration interOctetTimeout)
{
    public const byte Acknowledgement = 0xE5;

    /// <summary>Octets of the longest frame.</summary>
    public const int FrameLengthMax = 255 + MBusFrame.Head + MBusFrame.Tail;

    private const byte ShortStart = 0x10;
    private const int ShortLength = 5;

    private readonly GrowingBuffer _octets = new();
    private int _start;
    private bool _isSpoiled;
    private Instant _last;

    /// <summary>Writes a short frame.</summary>
    public static void WriteShort(byte control, byte address, GrowingBuffer sink) =>
        sink.Append([ShortStart, control, address, (byte)(control + address), MBusFrame.Stop]);

    public void Append(ReadOnlySpan<byte> octets, Instant now)
    {
        _octets.Consume(_start);
        _start = 0;
        if (now - _last >= interOctetTimeout) Reset();
        if (octets.IsEmpty) return;
        _last = now;
        if (!_isSpoiled) _octets.Append(octets);
    }

    /// <summary>Takes the next whole frame; it is valid until the next call.</summary>
    public bool TryRead(out MBusLinkFrame frame)
    {
        frame = default;
        ReadOnlySpan<byte> rest = _octets.Span[_start..];
        if (rest.IsEmpty || _isSpoiled) return false;
        switch (rest[0])
        {
            case Acknowledgement:
                _start++;
                frame = new(MBusFrameKind.Acknowledgement, 0, 0, default);
                return true;
            case ShortStart when rest.Length < ShortLength:
                return false;
            case ShortStart when (byte)(rest[1] + rest[2]) == rest[3] && rest[4] == MBusFrame.Stop:
                _start += ShortLength;
                frame = new(MBusFrameKind.Short, rest[1], rest[2], default);
                return true;
            case MBusFrame.Start when rest.Length < MBusFrame.Head || (rest[1] == rest[2] && rest.Length < rest[1] + MBusFrame.Head + MBusFrame.Tail):
                return false;
            case MBusFrame.Start when MBusFrame.TryReadBody(rest, 3, out ReadOnlySpan<byte> body, out _):
                _start += body.Length + MBusFrame.Head + MBusFrame.Tail;
                frame = new(MBusFrameKind.Long, body[0], body[1], body[2..]);
                return true;
            default:
                Reset();
                _isSpoiled = true;
                return false;
        }
    }

    /// <summary>Forgets what came: on a bus where one speaks at a time it is no answer to what is sent next.</summary>
    public void Reset()
    {
        _octets.Clear();
        (_start, _isSpoiled) = (0, false);
    }
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using NodaTime;
using Praman.Metering;

namespace Praman.Dlms.Explain.Captures;

/// <summary>What came of asking for the next packet.</summary>
public enum CaptureRead
{
    Packet,

    /// <summary>The file ends where a packet would begin.</summary>
    End,

    /// <summary>What stands there cannot be read; nothing after it can.</summary>
    Faulty,
}

/// <summary>
/// Reads the packets of a capture file: pcap with microseconds or nanoseconds, and pcapng, in either byte order
/// (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng). Packets are slices of the file; a hostile file ends in an error.
/// </summary>
public sealed partial class CaptureFileReader
{
    /// <summary>Octets of the longest packet.</summary>
    public const int PacketLengthMax = 1 << 18;

    internal const string PcapClause = "pcap file format";

    private const uint MagicMicroseconds = 0xA1B2C3D4, MagicNanoseconds = 0xA1B23C4D, MagicNg = 0x0A0D0D0A;
    private const int FileHeaderLength = 24, RecordHeaderLength = 16;

    private readonly ReadOnlyMemory<byte> _file;
    private readonly bool _isNg;
    private readonly bool _nanoseconds;
    private readonly LinkType _linkType;
    private bool _bigEndian;
    private int _position;
    private long _number;

    private CaptureFileReader(ReadOnlyMemory<byte> file, bool isNg, bool bigEndian, bool nanoseconds, LinkType linkType)
    {
        (_file, _isNg, _bigEndian, _nanoseconds, _linkType) = (file, isNg, bigEndian, nanoseconds, linkType);
        _position = isNg ? 0 : FileHeaderLength;
    }

    /// <summary>True where a file begins as one of the two formats does.</summary>
    public static bool IsCapture(ReadOnlySpan<byte> head) =>
        head.Length >= 4 && (BinaryPrimitives.ReadUInt32BigEndian(head) == MagicNg || TryMagic(head, out _, out _));

    /// <summary>Opens a file that is in memory.</summary>
    public static bool TryOpen(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out CaptureFileReader? reader, out DecodeError error)
    {
        reader = null;
        error = default;
        ReadOnlySpan<byte> head = file.Span;
        if (head.Length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(head) == MagicNg)
        {
            reader = new(file, true, false, false, default);
            return true;
        }
        if (head.Length < 4 || !TryMagic(head, out bool bigEndian, out bool nanoseconds))
        {
            error = new(0, "no capture file: expected the first octets of pcap or pcapng", PcapClause);
            return false;
        }
        if (head.Length < FileHeaderLength)
        {
            error = new(head.Length, $"the file ends inside its header: expected {FileHeaderLength} octets", PcapClause);
            return false;
        }
        uint link = Number32(head[20..], bigEndian) & 0xFFFF; // the upper half tells of a frame check sequence
        reader = new(file, false, bigEndian, nanoseconds, (LinkType)link);
        return true;
    }

    /// <summary>Takes the next packet.</summary>
    public CaptureRead TryRead(out CapturedPacket packet, out DecodeError error)
    {
        packet = default;
        error = default;
        if (_position < 0) return CaptureRead.End;
        CaptureRead read = _isNg ? ReadBlock(out packet, out error) : ReadRecord(out packet, out error);
        if (read != CaptureRead.Packet) _position = -1;
        return read;
    }

    private CaptureRead ReadRecord(out CapturedPacket packet, out DecodeError error)
    {
        packet = default;
        error = default;
        ReadOnlySpan<byte> rest = _file.Span[_position..];
        if (rest.IsEmpty) return CaptureRead.End;
        if (rest.Length < RecordHeaderLength) return Fault(_file.Length, $"the file ends inside the head of packet {_number + 1}", PcapClause, out error);
        uint seconds = Number32(rest, _bigEndian), fraction = Number32(rest[4..], _bigEndian), length = Number32(rest[8..], _bigEndian);
        if (length > PacketLengthMax) return Fault(_position + 8, $"packet {_number + 1} of {length} octets: expected {PacketLengthMax} at most", PcapClause, out error);
        if (length > rest.Length - RecordHeaderLength)
            return Fault(_file.Length, $"the file ends inside packet {_number + 1}: expected {length} octets of it", PcapClause, out error);
        long nanoseconds = _nanoseconds ? fraction : fraction * 1000L;
        Instant at = Instant.FromUnixTimeSeconds(seconds).PlusNanoseconds(nanoseconds);
        packet = new(++_number, at, _linkType, _file.Slice(_position + RecordHeaderLength, (int)length), Number32(rest[12..], _bigEndian));
        _position += RecordHeaderLength + (int)length;
        return CaptureRead.Packet;
    }

    private static bool TryMagic(ReadOnlySpan<byte> head, out bool bigEndian, out bool nanoseconds)
    {
        uint big = BinaryPrimitives.ReadUInt32BigEndian(head), little = BinaryPrimitives.ReadUInt32LittleEndian(head);
        bigEndian = big is MagicMicroseconds or MagicNanoseconds;
        nanoseconds = (bigEndian ? big : little) == MagicNanoseconds;
        return bigEndian || little is MagicMicroseconds or MagicNanoseconds;
    }

    private static CaptureRead Fault(int offset, string reason, string clause, out DecodeError error)
    {
        error = new(offset, reason, clause);
        return CaptureRead.Faulty;
    }

    private static uint Number32(ReadOnlySpan<byte> octets, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(octets) : BinaryPrimitives.ReadUInt32LittleEndian(octets);

    private static ushort Number16(ReadOnlySpan<byte> octets, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(octets) : BinaryPrimitives.ReadUInt16LittleEndian(octets);
}

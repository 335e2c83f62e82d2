using System.Buffers.Binary;
using NodaTime;
using Praman.Metering;

namespace Praman.Dlms.Explain.Captures;

// pcapng: a file of blocks. Those that hold packets are read, the others are stepped over.
public sealed partial class CaptureFileReader
{
    private const string NgClause = "pcapng file format";
    private const uint InterfaceBlock = 1, ObsoletePacketBlock = 2, SimplePacketBlock = 3, EnhancedPacketBlock = 6;
    private const uint ByteOrderMagic = 0x1A2B3C4D;
    private const ushort OptionEnd = 0, OptionResolution = 9, OptionOffset = 14;
    private const int BlockOverhead = 12, BlockLengthMax = 1 << 24, InterfaceCountMax = 1024;

    private readonly record struct Interface(LinkType LinkType, uint SnapLength, ulong UnitsPerSecond, long OffsetSeconds);

    private readonly List<Interface> _interfaces = [];

    private CaptureRead ReadBlock(out CapturedPacket packet, out DecodeError error)
    {
        packet = default;
        error = default;
        while (_position < _file.Length)
        {
            int at = _position;
            ReadOnlySpan<byte> rest = _file.Span[at..];
            if (rest.Length < BlockOverhead) return Fault(_file.Length, "the file ends inside the head of a block", NgClause, out error);
            bool section = BinaryPrimitives.ReadUInt32BigEndian(rest) == MagicNg;
            if (section && !TryBeginSection(rest[8..])) return Fault(at + 8, "no byte-order magic 1A2B3C4D in the section header", NgClause, out error);
            uint length = Number32(rest[4..], _bigEndian);
            if (length is < BlockOverhead or > BlockLengthMax || length % 4 != 0)
                return Fault(at + 4, $"a block of {length} octets: expected {BlockOverhead} to {BlockLengthMax}, a multiple of 4", NgClause, out error);
            if (length > rest.Length) return Fault(_file.Length, $"the file ends inside a block: expected {length} octets of it", NgClause, out error);
            if (Number32(rest[((int)length - 4)..], _bigEndian) != length)
                return Fault(at + (int)length - 4, $"the length after a block differs from the {length} before it", NgClause, out error);
            _position = at + (int)length;
            if (section) continue;
            ReadOnlyMemory<byte> body = _file.Slice(at + 8, (int)length - BlockOverhead);
            CaptureRead? read = Number32(rest, _bigEndian) switch
            {
                InterfaceBlock => AddInterface(body.Span, at, out error),
                EnhancedPacketBlock => ReadPacket(body, at, isObsolete: false, out packet, out error),
                ObsoletePacketBlock => ReadPacket(body, at, isObsolete: true, out packet, out error),
                SimplePacketBlock => ReadSimplePacket(body, at, out packet, out error),
                _ => null,
            };
            if (read is { } done) return done;
        }
        return CaptureRead.End;
    }

    // A file may hold several sections, each with its own byte order and interfaces.
    private bool TryBeginSection(ReadOnlySpan<byte> body)
    {
        if (body.Length < 4) return false;
        _bigEndian = BinaryPrimitives.ReadUInt32BigEndian(body) == ByteOrderMagic;
        _interfaces.Clear();
        return _bigEndian || BinaryPrimitives.ReadUInt32LittleEndian(body) == ByteOrderMagic;
    }

    private CaptureRead? AddInterface(ReadOnlySpan<byte> body, int at, out DecodeError error)
    {
        error = default;
        if (body.Length < 8) return Fault(at, "an interface description of less than 8 octets", NgClause, out error);
        if (_interfaces.Count == InterfaceCountMax) return Fault(at, $"more than {InterfaceCountMax} interfaces", NgClause, out error);
        ulong units = 1_000_000;
        long offset = 0;
        int position = 8;
        while (position + 4 <= body.Length)
        {
            ushort code = Number16(body[position..], _bigEndian);
            int length = Number16(body[(position + 2)..], _bigEndian);
            position += 4;
            if (code == OptionEnd) break;
            if (length > body.Length - position) return Fault(at + 8 + position, "an option runs past the end of its block", NgClause, out error);
            if (code == OptionResolution && length == 1 && !TryResolution(body[position], out units))
                return Fault(at + 8 + position, $"a time resolution of 0x{body[position]:X2}: expected up to 10^-19 or 2^-63 seconds", NgClause, out error);
            if (code == OptionOffset && length == 8)
                offset = _bigEndian ? BinaryPrimitives.ReadInt64BigEndian(body[position..]) : BinaryPrimitives.ReadInt64LittleEndian(body[position..]);
            position += (length + 3) & ~3;
        }
        _interfaces.Add(new((LinkType)Number16(body, _bigEndian), Number32(body[4..], _bigEndian), units, offset));
        return null;
    }

    private CaptureRead? ReadPacket(ReadOnlyMemory<byte> block, int at, bool isObsolete, out CapturedPacket packet, out DecodeError error)
    {
        packet = default;
        error = default;
        ReadOnlySpan<byte> body = block.Span;
        if (body.Length < 20) return Fault(at, $"packet {_number + 1} in a block of less than 20 octets", NgClause, out error);
        uint of = isObsolete ? Number16(body, _bigEndian) : Number32(body, _bigEndian);
        if (of >= (uint)_interfaces.Count) return Fault(at + 8, $"packet {_number + 1} names interface {of}: {_interfaces.Count} are described", NgClause, out error);
        uint length = Number32(body[12..], _bigEndian);
        if (length > body.Length - 20 || length > PacketLengthMax) return Fault(at + 20, $"packet {_number + 1} of {length} octets in a block with {body.Length - 20}", NgClause, out error);
        Interface known = _interfaces[(int)of];
        ulong units = ((ulong)Number32(body[4..], _bigEndian) << 32) | Number32(body[8..], _bigEndian);
        packet = new(++_number, TimeOf(units, known), known.LinkType, block.Slice(20, (int)length), Number32(body[16..], _bigEndian));
        return CaptureRead.Packet;
    }

    private CaptureRead? ReadSimplePacket(ReadOnlyMemory<byte> block, int at, out CapturedPacket packet, out DecodeError error)
    {
        packet = default;
        error = default;
        if (block.Length < 4) return Fault(at, $"packet {_number + 1} in a block of less than 4 octets", NgClause, out error);
        if (_interfaces.Count == 0) return Fault(at, $"packet {_number + 1} before any interface is described", NgClause, out error);
        uint original = Number32(block.Span, _bigEndian), snap = _interfaces[0].SnapLength == 0 ? uint.MaxValue : _interfaces[0].SnapLength;
        int length = (int)Math.Min(Math.Min(original, snap), (uint)(block.Length - 4));
        if (length > PacketLengthMax) return Fault(at + 8, $"packet {_number + 1} of {length} octets: expected {PacketLengthMax} at most", NgClause, out error);
        packet = new(++_number, null, _interfaces[0].LinkType, block.Slice(4, length), original);
        return CaptureRead.Packet;
    }

    private static bool TryResolution(byte octet, out ulong unitsPerSecond)
    {
        int power = octet & 0x7F;
        unitsPerSecond = 1;
        if ((octet & 0x80) != 0)
        {
            if (power > 63) return false;
            unitsPerSecond = 1UL << power;
            return true;
        }
        if (power > 19) return false;
        for (int i = 0; i < power; i++) unitsPerSecond *= 10;
        return true;
    }

    private static Instant? TimeOf(ulong units, Interface known)
    {
        Int128 seconds = (Int128)(units / known.UnitsPerSecond) + known.OffsetSeconds;
        if (seconds < Instant.MinValue.ToUnixTimeSeconds() || seconds >= Instant.MaxValue.ToUnixTimeSeconds()) return null;
        long nanoseconds = (long)((UInt128)(units % known.UnitsPerSecond) * NodaConstants.NanosecondsPerSecond / known.UnitsPerSecond);
        return Instant.FromUnixTimeSeconds((long)seconds).PlusNanoseconds(nanoseconds);
    }
}

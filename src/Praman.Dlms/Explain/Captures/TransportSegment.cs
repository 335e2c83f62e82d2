using System.Buffers.Binary;

namespace Praman.Dlms.Explain.Captures;

/// <summary>What a packet carries.</summary>
internal enum SegmentKind
{
    /// <summary>Neither TCP nor UDP over IP.</summary>
    Other,
    Tcp,
    Udp,

    /// <summary>A piece of an IP datagram: it has no ports, or not all of its octets.</summary>
    Fragment,

    /// <summary>Its headers are cut or do not fit one another.</summary>
    Faulty,

    /// <summary>A link type that is not read.</summary>
    UnknownLink,
}

[Flags]
internal enum TcpFlags : byte
{
    None = 0,
    Fin = 1,
    Syn = 2,
    Reset = 4,
    Acknowledge = 16,
}

/// <summary>A TCP segment or UDP datagram, found below the link and IP headers of a packet (RFC 791, 8200, 9293, 768).</summary>
internal readonly record struct TransportSegment(
    SegmentKind Kind, CaptureEndpoint Source, CaptureEndpoint Destination, ReadOnlyMemory<byte> Payload, uint Sequence = 0, uint Acknowledged = 0, TcpFlags Flags = TcpFlags.None)
{
    private const int VlanTagsMax = 4, ExtensionHeadersMax = 8;
    private const ushort EtherIpv4 = 0x0800, EtherIpv6 = 0x86DD;
    private const byte ProtocolTcp = 6, ProtocolUdp = 17;

    private static TransportSegment Not(SegmentKind kind) => new(kind, default, default, default);

    public static TransportSegment Of(in CapturedPacket packet)
    {
        ReadOnlyMemory<byte> octets = packet.Octets;
        ReadOnlySpan<byte> head = octets.Span;
        switch (packet.LinkType)
        {
            case LinkType.Ethernet:
                return head.Length < 14 ? Not(SegmentKind.Faulty) : OfEther(octets, 12);
            case LinkType.LinuxCooked:
                return head.Length < 16 ? Not(SegmentKind.Faulty) : OfEther(octets, 14);
            case LinkType.LinuxCooked2:
                return head.Length < 20 ? Not(SegmentKind.Faulty) : OfNetwork(octets[20..], BinaryPrimitives.ReadUInt16BigEndian(head));
            case LinkType.Null or LinkType.Loop:
                return head.Length < 4 ? Not(SegmentKind.Faulty) : OfIp(octets[4..]); // the family only repeats what the IP version says
            case LinkType.Raw or LinkType.RawBsd or LinkType.RawOpenBsd or LinkType.Ipv4 or LinkType.Ipv6:
                return OfIp(octets);
            default:
                return Not(SegmentKind.UnknownLink);
        }
    }

    private static TransportSegment OfEther(ReadOnlyMemory<byte> octets, int typeAt)
    {
        ReadOnlySpan<byte> head = octets.Span;
        for (int tags = 0; tags <= VlanTagsMax; tags++)
        {
            if (head.Length < typeAt + 2) return Not(SegmentKind.Faulty);
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(head[typeAt..]);
            if (type is not (0x8100 or 0x88A8)) return OfNetwork(octets[(typeAt + 2)..], type);
            typeAt += 4;
        }
        return Not(SegmentKind.Faulty);
    }

    private static TransportSegment OfNetwork(ReadOnlyMemory<byte> octets, ushort type) => type is EtherIpv4 or EtherIpv6 ? OfIp(octets) : Not(SegmentKind.Other);

    private static TransportSegment OfIp(ReadOnlyMemory<byte> octets) => octets.IsEmpty ? Not(SegmentKind.Faulty) : (octets.Span[0] >> 4) switch
    {
        4 => OfIpv4(octets),
        6 => OfIpv6(octets),
        _ => Not(SegmentKind.Other),
    };

    private static TransportSegment OfIpv4(ReadOnlyMemory<byte> octets)
    {
        ReadOnlySpan<byte> head = octets.Span;
        int headLength = (head[0] & 0x0F) * 4;
        if (headLength < 20 || head.Length < headLength) return Not(SegmentKind.Faulty);
        int total = BinaryPrimitives.ReadUInt16BigEndian(head[2..]);
        // Zero where the network card was left to cut the segment; what is over is padding of the link.
        if (total >= headLength && total < octets.Length) octets = octets[..total];
        else if (total != 0 && total < headLength) return Not(SegmentKind.Faulty);
        byte protocol = head[9];
        if (protocol is not (ProtocolTcp or ProtocolUdp)) return Not(SegmentKind.Other);
        if ((BinaryPrimitives.ReadUInt16BigEndian(head[6..]) & 0x3FFF) != 0) return Not(SegmentKind.Fragment);
        return OfTransport(octets[headLength..], protocol, head.Slice(12, 4), head.Slice(16, 4));
    }

    private static TransportSegment OfIpv6(ReadOnlyMemory<byte> octets)
    {
        ReadOnlySpan<byte> head = octets.Span;
        if (head.Length < 40) return Not(SegmentKind.Faulty);
        int length = BinaryPrimitives.ReadUInt16BigEndian(head[4..]);
        if (length != 0 && 40 + length < octets.Length) octets = octets[..(40 + length)];
        byte next = head[6];
        int at = 40;
        for (int count = 0; count <= ExtensionHeadersMax; count++)
        {
            if (next is ProtocolTcp or ProtocolUdp) return OfTransport(octets[at..], next, head.Slice(8, 16), head.Slice(24, 16));
            if (next == 44) return Not(SegmentKind.Fragment);
            if (next is not (0 or 43 or 60 or 51)) return Not(SegmentKind.Other);
            if (octets.Length < at + 8) return Not(SegmentKind.Faulty);
            int step = next == 51 ? (octets.Span[at + 1] + 2) * 4 : (octets.Span[at + 1] + 1) * 8;
            next = octets.Span[at];
            at += step;
            if (at > octets.Length) return Not(SegmentKind.Faulty);
        }
        return Not(SegmentKind.Faulty);
    }

    private static TransportSegment OfTransport(ReadOnlyMemory<byte> octets, byte protocol, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination)
    {
        ReadOnlySpan<byte> head = octets.Span;
        if (head.Length < 8) return Not(SegmentKind.Faulty);
        CaptureEndpoint from = CaptureEndpoint.From(source, BinaryPrimitives.ReadUInt16BigEndian(head));
        CaptureEndpoint to = CaptureEndpoint.From(destination, BinaryPrimitives.ReadUInt16BigEndian(head[2..]));
        if (protocol == ProtocolUdp)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(head[4..]);
            if (length is > 0 and < 8) return Not(SegmentKind.Faulty);
            return new(SegmentKind.Udp, from, to, length >= 8 && length < octets.Length ? octets[8..length] : octets[8..]);
        }
        if (head.Length < 20) return Not(SegmentKind.Faulty);
        int headLength = (head[12] >> 4) * 4;
        if (headLength < 20 || headLength > head.Length) return Not(SegmentKind.Faulty);
        return new(SegmentKind.Tcp, from, to, octets[headLength..], BinaryPrimitives.ReadUInt32BigEndian(head[4..]), BinaryPrimitives.ReadUInt32BigEndian(head[8..]), (TcpFlags)(head[13] & 0x17));
    }
}

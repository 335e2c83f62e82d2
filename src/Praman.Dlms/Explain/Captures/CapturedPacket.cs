using NodaTime;

namespace Praman.Dlms.Explain.Captures;

/// <summary>A packet of a capture file.</summary>
/// <param name="Number">Its place among the packets, from 1, as other tools count them.</param>
/// <param name="At">When it was captured; null where the file does not say.</param>
/// <param name="LinkType">What its octets begin with (the registry of link types of pcap).</param>
/// <param name="Octets">What was kept of it.</param>
/// <param name="OriginalLength">Octets that it had on the wire.</param>
public readonly record struct CapturedPacket(long Number, Instant? At, LinkType LinkType, ReadOnlyMemory<byte> Octets, uint OriginalLength);

/// <summary>Link types that are read; the numbers are those of the pcap registry.</summary>
public enum LinkType
{
    /// <summary>BSD loopback: an address family in the byte order of the machine that captured.</summary>
    Null = 0,
    Ethernet = 1,

    /// <summary>Raw IP under the numbers that two systems gave it before it had its own.</summary>
    RawBsd = 12,
    RawOpenBsd = 14,
    Raw = 101,

    /// <summary>OpenBSD loopback: an address family in network byte order.</summary>
    Loop = 108,
    LinuxCooked = 113,
    Ipv4 = 228,
    Ipv6 = 229,
    LinuxCooked2 = 276,
}

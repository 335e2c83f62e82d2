using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Praman.Dlms.Explain.Captures;

/// <summary>An address and a port, as a capture shows them.</summary>
/// <param name="Address">The address as a number: 32 bits of IPv4, 128 of IPv6.</param>
/// <param name="IsIpv6">True for IPv6.</param>
/// <param name="Port">TCP or UDP port.</param>
public readonly record struct CaptureEndpoint(UInt128 Address, bool IsIpv6, ushort Port)
{
    /// <summary><c>192.0.2.1:4059</c> or <c>[2001:db8::1]:4059</c>.</summary>
    public override string ToString()
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, Address);
        string address = new IPAddress(IsIpv6 ? octets : octets[12..]).ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{(IsIpv6 ? $"[{address}]" : address)}:{Port}");
    }

    internal static CaptureEndpoint From(ReadOnlySpan<byte> address, ushort port) => address.Length == 16
        ? new(BinaryPrimitives.ReadUInt128BigEndian(address), true, port)
        : new(BinaryPrimitives.ReadUInt32BigEndian(address), false, port);
}

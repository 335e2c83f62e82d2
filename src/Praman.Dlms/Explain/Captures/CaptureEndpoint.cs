using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Praman.Dlms.Explain.Captures;

/// <summary>An address and a port, as a capture shows them.</summary>
/// <param name="Address">The address as a number: 32 bits of IPv4, 128 of IPv6.</param>
/// <param name="IsIpv6">True for IPv6.</param>
/// <param name="Port">TCP or UDP port.</param>
public readonly record struct CaptureEndpoint(UInt128 Address, bool IsIpv6, ushort Port)
{
    private const int GroupCount = 8;

    /// <summary><c>192.0.2.1:4059</c> or <c>[2001:db8::1]:4059</c>, IPv6 in the canonical form of RFC 5952.</summary>
    public override string ToString()
    {
        if (IsIpv6) return string.Create(CultureInfo.InvariantCulture, $"[{Ipv6Text()}]:{Port}");
        uint address = (uint)Address;
        return string.Create(CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 0xFF}.{(address >> 8) & 0xFF}.{address & 0xFF}:{Port}");
    }

    internal static CaptureEndpoint From(ReadOnlySpan<byte> address, ushort port) => address.Length == 16
        ? new(BinaryPrimitives.ReadUInt128BigEndian(address), true, port)
        : new(BinaryPrimitives.ReadUInt32BigEndian(address), false, port);

    // The longest run of zero groups, of two at least and the first of equals, is written as two colons.
    private string Ipv6Text()
    {
        Span<ushort> groups = stackalloc ushort[GroupCount];
        for (int i = 0; i < GroupCount; i++) groups[i] = (ushort)(Address >> (16 * (GroupCount - 1 - i)));
        int from = GroupCount, length = 1;
        for (int start = 0; start < GroupCount; start++)
        {
            int end = start;
            while (end < GroupCount && groups[end] == 0) end++;
            if (end - start > length) (from, length) = (start, end - start);
        }
        var text = new StringBuilder();
        for (int i = 0; i < GroupCount; i++)
        {
            if (i == from)
            {
                text.Append("::");
                i += length - 1;
                continue;
            }
            if (text.Length > 0 && text[^1] != ':') text.Append(':');
            text.Append(CultureInfo.InvariantCulture, $"{groups[i]:x}");
        }
        return text.ToString();
    }
}

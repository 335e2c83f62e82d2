using Praman.Metering;

namespace Praman.Dlms.Framing;

/// <summary>
/// The header before an APDU to or from a meter behind a gateway (gateway protocol of the DLMS UA Green Book): E6 towards the meter, or before
/// what a meter sends unasked; E7 before an answer. Then the network, the length of the address, and the address of the physical device.
/// </summary>
/// <param name="IsResponse">True for E7.</param>
/// <param name="Address">Which meter, in which network.</param>
/// <param name="Length">Octets of the header.</param>
public readonly record struct GatewayHeader(bool IsResponse, GatewayAddress Address, int Length)
{
    public const byte Request = 0xE6, Response = 0xE7;

    /// <summary>Octets before the address.</summary>
    public const int FixedLength = 3;

    internal const string Clause = "DLMS UA 1000-2 (gateway protocol)";

    /// <summary>True where octets begin with such a header; an LLC header, which begins alike, would name an address of no octets.</summary>
    public static bool Stands(ReadOnlySpan<byte> octets) =>
        octets.Length > FixedLength && octets[0] is Request or Response && octets[2] > 0 && LlcHeader.LengthIn(octets) == 0;

    /// <summary>Reads a header at the head of <paramref name="octets"/>, behind which an APDU must follow.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out GatewayHeader header, out DecodeError error)
    {
        header = default;
        error = default;
        if (octets.IsEmpty || octets[0] is not (Request or Response)) return Fail(0, "no gateway header: expected E6 or E7", out error);
        if (octets.Length < FixedLength) return Fail(octets.Length, "the octets end inside the gateway header", out error);
        int length = octets[2];
        if (length == 0) return Fail(2, "a physical device address of no octets: expected 1 to 255", out error);
        if (octets.Length - FixedLength < length) return Fail(octets.Length, $"the octets end inside the physical device address: expected {length} octets", out error);
        if (octets.Length - FixedLength == length) return Fail(octets.Length, "no APDU behind the gateway header", out error);
        header = new(octets[0] == Response, new GatewayAddress(octets[1], octets.Slice(FixedLength, length)), FixedLength + length);
        return true;
    }

    /// <summary>Writes the header of a meter; <paramref name="destination"/> must hold <see cref="LengthOf"/> octets.</summary>
    public static void Write(Span<byte> destination, GatewayAddress address, bool isResponse)
    {
        ArgumentNullException.ThrowIfNull(address);
        address.Physical.Span.CopyTo(destination[FixedLength..]);
        destination[0] = isResponse ? Response : Request;
        destination[1] = address.Network;
        destination[2] = (byte)address.Physical.Length;
    }

    /// <summary>Octets of the header of a meter.</summary>
    public static int LengthOf(GatewayAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return FixedLength + address.Physical.Length;
    }

    private static bool Fail(int offset, string reason, out DecodeError error)
    {
        error = new(offset, reason, Clause);
        return false;
    }
}

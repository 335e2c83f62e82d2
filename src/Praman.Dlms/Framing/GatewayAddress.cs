using System.Globalization;
using System.Text;

namespace Praman.Dlms.Framing;

/// <summary>A meter behind a gateway: the network that the gateway has it on, and its address there, as a rule its serial number in letters.</summary>
public sealed class GatewayAddress : IEquatable<GatewayAddress>
{
    /// <summary>Octets of the longest physical device address.</summary>
    public const int LengthMax = byte.MaxValue;

    private readonly byte[] _physical;

    /// <param name="network">0 to 255; 0 where a gateway has one network.</param>
    /// <param name="physical">1 to 255 octets.</param>
    public GatewayAddress(byte network, ReadOnlySpan<byte> physical)
    {
        if (physical.Length is 0 or > LengthMax) throw new ArgumentException($"a physical device address has 1 to {LengthMax} octets", nameof(physical));
        Network = network;
        _physical = physical.ToArray();
    }

    public byte Network { get; }

    public ReadOnlyMemory<byte> Physical => _physical;

    public bool Equals(GatewayAddress? other) => other is not null && other.Network == Network && other._physical.AsSpan().SequenceEqual(_physical);

    public override bool Equals(object? obj) => Equals(obj as GatewayAddress);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Network);
        hash.AddBytes(_physical);
        return hash.ToHashCode();
    }

    /// <summary>The network, then the address as text where it is text, else in hex: <c>0:@PRM0000001</c>, <c>1:0A00000B</c>.</summary>
    public override string ToString()
    {
        bool isText = !_physical.AsSpan().ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);
        return string.Create(CultureInfo.InvariantCulture, $"{Network}:{(isText ? "@" + Encoding.ASCII.GetString(_physical) : Convert.ToHexString(_physical))}");
    }
}

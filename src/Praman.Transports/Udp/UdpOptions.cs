namespace Praman.Transports.Udp;

/// <summary>How datagrams are sent and taken.</summary>
public sealed record UdpOptions
{
    /// <summary>Octets of the longest datagram that UDP over IPv4 can carry.</summary>
    public const int DatagramBytesLimit = 65_507;

    public static UdpOptions Default { get; } = new();

    /// <summary>Longest datagram that is sent and taken; a read buffer of that size stands behind each link.</summary>
    public int DatagramBytesMax { get; init; } = DatagramBytesLimit;
}

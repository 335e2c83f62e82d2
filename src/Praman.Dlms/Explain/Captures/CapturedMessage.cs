using NodaTime;

namespace Praman.Dlms.Explain.Captures;

/// <summary>Where in a capture something stands, and when it was.</summary>
/// <param name="Number">Packet, or line of a log, from 1.</param>
/// <param name="At">The time, where it is one of a known zone.</param>
/// <param name="Text">The time as a log writes it, where its zone is not known.</param>
public readonly record struct CaptureMoment(long Number, Instant? At, string? Text = null);

/// <summary>A message of a capture: whole, or octets that are none.</summary>
/// <param name="Moment">Where its last octet stands.</param>
/// <param name="Carrier">TCP, UDP or serial.</param>
/// <param name="From">Who sent it; null where the capture does not say.</param>
/// <param name="To">Whom to.</param>
/// <param name="IsToServer">True towards the port that is listened on, or sent by the side that kept the log; null where not known.</param>
/// <param name="Octets">The message.</param>
/// <param name="Fault">Why these octets are no message; null where they are one.</param>
/// <param name="Notes">What happened on the way: segments that were lost, sent again, or out of order.</param>
/// <param name="Conversation">Decodes the messages of one pair of peers, in their order.</param>
public sealed record CapturedMessage(
    CaptureMoment Moment, string Carrier, string? From, string? To, bool? IsToServer, ReadOnlyMemory<byte> Octets, string? Fault,
    IReadOnlyList<string> Notes, DlmsDecoder Conversation);

/// <summary>What was counted in a capture.</summary>
public sealed class CaptureCounts
{
    /// <summary>Ports that are remembered to be named.</summary>
    public const int PortsNamedMax = 16;

    private readonly SortedDictionary<ushort, long> _ports = [];

    public long Packets { get; internal set; }

    /// <summary>TCP segments and UDP datagrams of the ports that are followed.</summary>
    public long Followed { get; internal set; }

    public long Retransmitted { get; internal set; }

    public long OutOfOrder { get; internal set; }

    /// <summary>Octets that are missing.</summary>
    public long LostOctets { get; internal set; }

    /// <summary>Fragments of IP datagrams: they are not joined.</summary>
    public long Fragments { get; internal set; }

    /// <summary>Packets whose headers are cut or contradict themselves.</summary>
    public long Faulty { get; internal set; }

    /// <summary>A link type that is not read; null where there was none.</summary>
    public LinkType? UnknownLink { get; internal set; }

    /// <summary>The lower port of segments that are not followed, and how often.</summary>
    public IReadOnlyDictionary<ushort, long> OtherPorts => _ports;

    internal void SeePort(ushort port)
    {
        if (_ports.TryGetValue(port, out long count) || _ports.Count < PortsNamedMax) _ports[port] = count + 1;
    }
}

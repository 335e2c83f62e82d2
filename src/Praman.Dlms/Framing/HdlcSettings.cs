using NodaTime;

namespace Praman.Dlms.Framing;

/// <summary>An HDLC link of a client or a server (IEC 62056-46; the times are those of class 23 where it has them).</summary>
public sealed record HdlcSettings
{
    /// <summary>
    /// Where the server is: the size too, since a client calls with it and a server answers to it. A server with a 4-octet address also answers to
    /// the same numbers in 2 octets and the other way round, never to 1 octet, which would say nothing of the physical device.
    /// </summary>
    public HdlcAddress Server { get; init; } = HdlcAddress.Short(1);

    /// <summary>What this side offers; the link has the lower of both sides.</summary>
    public HdlcParameters Offer { get; init; } = HdlcParameters.Default;

    /// <summary>Silence within a frame after which what came of it is dropped. The standard says 25 ms; USB adapters and networks pause longer.</summary>
    public Duration InterOctetTimeout { get; init; } = Duration.FromMilliseconds(500);

    /// <summary>Silence after which a server takes the link for closed.</summary>
    public Duration InactivityTimeout { get; init; } = Duration.FromSeconds(120);

    /// <summary>Client: longest wait for the server's turn to end before it is asked again.</summary>
    public Duration ReplyTimeout { get; init; } = Duration.FromSeconds(3);

    /// <summary>Client: how often it is asked again before the link is given up.</summary>
    public int RepeatCountMax { get; init; } = 3;

    /// <summary>Client: wait before a server that is busy, or has no answer yet, is polled again.</summary>
    public Duration PollInterval { get; init; } = Duration.FromMilliseconds(200);

    /// <summary>Client: most polls for one answer.</summary>
    public int PollCountMax { get; init; } = 500;

    /// <summary>Answers a gap in sequence numbers with REJ instead of RR, both of which have the missing frames sent again.</summary>
    public bool UsesReject { get; init; }

    /// <summary>Longest APDU put together from segments, in octets, LLC header included.</summary>
    public int ApduLengthMax { get; init; } = 1 << 17;
}

namespace Praman.Dlms.Framing;

/// <summary>What a framing found in what was received, wrapper and HDLC alike.</summary>
internal enum FramingEvent
{
    /// <summary>More octets are needed.</summary>
    NeedMore,

    /// <summary>An APDU for this side.</summary>
    Apdu,

    /// <summary>The link below is open.</summary>
    Opened,

    /// <summary>The link below is closed.</summary>
    Closed,

    /// <summary>The octets, or the link, are of no further use.</summary>
    Faulty,
}

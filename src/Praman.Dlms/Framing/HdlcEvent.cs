namespace Praman.Dlms.Framing;

/// <summary>What a link has to say.</summary>
public enum HdlcEvent
{
    /// <summary>Nothing until more comes in.</summary>
    None,

    /// <summary>The link is open; on a server, also where a client opened it anew.</summary>
    Connected,

    /// <summary>A whole APDU has arrived.</summary>
    Apdu,

    /// <summary>An APDU has arrived by UI, without a link: nothing says that it is in order, or not a repetition.</summary>
    Unnumbered,

    /// <summary>The link is closed.</summary>
    Disconnected,

    /// <summary>The link failed; it may be opened again.</summary>
    Failed,
}

/// <summary>Why a link failed.</summary>
public enum HdlcFault
{
    None,

    /// <summary>The server did not answer, however often it was asked.</summary>
    TimedOut,

    /// <summary>The server answered DM: it does not open this link, or has closed it.</summary>
    Refused,

    /// <summary>The server answered FRMR: it cannot take what was sent.</summary>
    FrameRejected,

    /// <summary>The parameters in UA cannot be read.</summary>
    Malformed,

    /// <summary>An APDU is longer than allowed.</summary>
    TooLong,

    /// <summary>The server stayed busy, or without an answer, however often it was polled.</summary>
    Busy,
}

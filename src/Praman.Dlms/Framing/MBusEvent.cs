namespace Praman.Dlms.Framing;

/// <summary>What an M-Bus link has to say.</summary>
public enum MBusEvent
{
    /// <summary>Nothing until more comes in.</summary>
    None,

    /// <summary>The link is open; on a server, where a client reset or selected it.</summary>
    Connected,

    /// <summary>A whole APDU has arrived.</summary>
    Apdu,

    /// <summary>The link is closed.</summary>
    Disconnected,

    /// <summary>The link failed; it may be opened again.</summary>
    Failed,
}

/// <summary>C fields of the link layer (EN 13757-2): the frame count bit is 0x20, the bit that says that it counts is 0x10.</summary>
internal static class MBusControl
{
    public const byte FrameCount = 0x20, FrameCountValid = 0x10;

    /// <summary>SND_NKE: the link begins anew.</summary>
    public const byte Reset = 0x40;

    /// <summary>SND_UD, without its frame count bits.</summary>
    public const byte SendUserData = 0x43;

    /// <summary>REQ_UD2, without its frame count bits.</summary>
    public const byte RequestData = 0x4B;

    /// <summary>REQ_UD1, for alarms, without its frame count bits.</summary>
    public const byte RequestAlarm = 0x4A;

    /// <summary>RSP_UD.</summary>
    public const byte Respond = 0x08;

    /// <summary>CI of the choice of a slave by its secondary address.</summary>
    public const byte SelectSlave = 0x52;

    public static byte ServiceOf(byte control) => (byte)(control & ~(FrameCount | FrameCountValid));
}

using Praman.Dlms.Axdr;

namespace Praman.Dlms.Framing;

/// <summary>Why a frame was refused for good (ISO/IEC 13239, FRMR information field): bits W, X, Y and Z.</summary>
[Flags]
public enum HdlcRejectReasons
{
    None = 0,

    /// <summary>W: the control field is not known or not built.</summary>
    UnknownControl = 1,

    /// <summary>X: an information field stands where none may.</summary>
    InformationNotAllowed = 2,

    /// <summary>Y: the information field is longer than agreed.</summary>
    InformationTooLong = 4,

    /// <summary>Z: N(R) acknowledges what was never sent, or was acknowledged before.</summary>
    InvalidReceiveSequence = 8,
}

/// <summary>What an FRMR frame says: the refused control field, the sender's own sequence numbers, and why (ISO/IEC 13239).</summary>
/// <param name="Control">Control field of the refused frame.</param>
/// <param name="SendSequence">V(S) of the side that refuses.</param>
/// <param name="ReceiveSequence">V(R) of the side that refuses.</param>
/// <param name="Reasons">Why.</param>
public readonly record struct HdlcFrameReject(byte Control, int SendSequence, int ReceiveSequence, HdlcRejectReasons Reasons)
{
    /// <summary>Octets of the information field.</summary>
    public const int Length = 3;

    public static bool TryRead(ReadOnlySpan<byte> information, out HdlcFrameReject reject)
    {
        reject = default;
        if (information.Length < Length) return false;
        reject = new(information[0], (information[1] >> 1) & 7, information[1] >> 5, (HdlcRejectReasons)(information[2] & 0x0F));
        return true;
    }

    internal void Write(ref AxdrWriter writer)
    {
        writer.WriteByte(Control);
        writer.WriteByte((byte)((ReceiveSequence << 5) | (SendSequence << 1)));
        writer.WriteByte((byte)Reasons);
    }

    public override string ToString() => $"control 0x{Control:X2} was refused: {Reasons}";
}

namespace Praman.Dlms.Framing;

/// <summary>The LLC header before an APDU in HDLC: E6 E6 00 of a command, E6 E7 00 of a response (IEC 62056-46).</summary>
public static class LlcHeader
{
    /// <summary>Octets of a header.</summary>
    public const int Length = 3;

    public static ReadOnlySpan<byte> Command => [0xE6, 0xE6, 0x00];

    public static ReadOnlySpan<byte> Response => [0xE6, 0xE7, 0x00];

    /// <summary>Octets of the header(s) before the APDU: 0, 3, or 6 where a meter sends it twice.</summary>
    public static int LengthIn(ReadOnlySpan<byte> information)
    {
        int length = 0;
        while (length < 2 * Length && (information[length..].StartsWith(Command) || information[length..].StartsWith(Response))) length += Length;
        return length;
    }
}

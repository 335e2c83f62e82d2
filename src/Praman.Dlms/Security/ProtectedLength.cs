using Praman.Dlms.Axdr;

namespace Praman.Dlms.Security;

/// <summary>How much plain text a protected APDU of a given length holds: what keeps an answer to the octet within the other side's limit.</summary>
internal static class ProtectedLength
{
    private const int TitleWithLength = 1 + GcmCipher.SystemTitleLength;

    /// <summary>Most octets of an APDU that, protected so, is no longer than <paramref name="apduLength"/>; 0 where none is left.</summary>
    public static int PlainMax(int apduLength, Protection envelope, SecurityControl control)
    {
        int head = 1 + (envelope is Protection.GeneralGlobal or Protection.GeneralDedicated ? TitleWithLength : 0);
        return Math.Max(0, RunMax(apduLength - head) - control.Overhead);
    }

    /// <summary>Most octets that fit <paramref name="place"/> together with their length.</summary>
    public static int RunMax(int place)
    {
        int length = Math.Max(0, place - 1);
        while (length > 0 && AxdrWriter.LengthOctets(length) + length > place) length--;
        return length;
    }
}

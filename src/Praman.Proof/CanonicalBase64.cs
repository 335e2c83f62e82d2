using System.Buffers;
using System.Buffers.Text;

namespace Praman.Proof;

/// <summary>Base64 (RFC 4648 section 4) with one text for one value: padded, no white space, unused bits zero.</summary>
public static class CanonicalBase64
{
    private static ReadOnlySpan<byte> Alphabet => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;

    /// <summary>Octets that text of this length decodes to, at most.</summary>
    public static int MaxDecodedLength(int textLength) => textLength / 4 * 3;

    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> octets, out int written)
    {
        written = 0;
        if (text.Length % 4 != 0 || text.IsEmpty) return false;
        if (Base64.DecodeFromUtf8(text, octets, out int consumed, out written) != OperationStatus.Done || consumed != text.Length) return false;
        // The decoder passes over white space; with any of it there are fewer octets than so many characters stand for.
        if ((written + 2) / 3 * 4 != text.Length) return false;
        // Stray bits in the last group are another text for the same octets.
        return (written % 3) switch
        {
            1 => text[^3] == Alphabet[(octets[written - 1] & 0x03) << 4],
            2 => text[^2] == Alphabet[(octets[written - 1] & 0x0F) << 2],
            _ => true,
        };
    }

    /// <summary>Decodes into a new array; null where the text is not strict base64 or decodes to more than <paramref name="lengthMax"/> octets.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text, int lengthMax)
    {
        if (text.Length > (lengthMax + 2) / 3 * 4) return null;
        byte[] octets = new byte[MaxDecodedLength(text.Length)];
        if (!TryDecode(text, octets, out int written) || written > lengthMax) return null;
        return written == octets.Length ? octets : octets[..written];
    }
}

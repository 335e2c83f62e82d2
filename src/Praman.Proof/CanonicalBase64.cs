using System.Buffers;
using System.Buffers.Text;

namespace Praman.Proof;

/// <summary>Base64 (RFC 4648 section 4) with one text for one value: padded, no white space, unused bits zero.</summary>
public static class CanonicalBase64
{
    /// <summary>Octets that text of this length decodes to, at most.</summary>
    public static int MaxDecodedLength(int textLength) => textLength / 4 * 3;

    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> octets, out int written)
    {
        written = 0;
        if (text.Length % 4 != 0 || text.IsEmpty) return false;
        if (Base64.DecodeFromUtf8(text, octets, out int consumed, out written) != OperationStatus.Done || consumed != text.Length) return false;
        // The decoder passes over white space, and stray bits in the last group are another text for the same octets.
        if (Base64.GetMaxEncodedToUtf8Length(written) != text.Length) return false;
        Span<byte> last = stackalloc byte[4];
        int tail = written % 3 == 0 ? 3 : written % 3;
        Base64.EncodeToUtf8(octets.Slice(written - tail, tail), last, out _, out _);
        return text[^4..].SequenceEqual(last) && text.IndexOfAny(" \t\r\n"u8) < 0;
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

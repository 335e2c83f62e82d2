using System.Diagnostics.CodeAnalysis;
using Praman.Metering;

namespace Praman.Proof.Canonical;

/// <summary>
/// The one text that a JSON value has: members sorted by UTF-16 code units, no white space, UTF-8, the shortest escapes
/// (RFC 8785), narrowed to integers of at most 2^53 − 1 in size, strings, true, false, null, arrays and objects.
/// A fraction or an exponent is refused, so that no program has to agree with another about floating point.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Objects and arrays within one another, at most.</summary>
    public const int DepthMax = 64;

    /// <summary>The largest integer either way of zero: above it, programs that read numbers as doubles see another one (RFC 8785, appendix D).</summary>
    public const long IntegerMax = 9_007_199_254_740_991;

    /// <summary>Rewrites JSON in its canonical form.</summary>
    /// <returns>False, with the place and the reason, where <paramref name="json"/> is not JSON of the subset or a key stands twice in an object.</returns>
    public static bool TryCanonicalize(ReadOnlySpan<byte> json, [NotNullWhen(true)] out byte[]? canonical, out DecodeError error)
    {
        var canonicalizer = new Canonicalizer(json);
        return canonicalizer.TryRun(out canonical, out error);
    }

    /// <summary>Rewrites JSON that the caller knows to be of the subset.</summary>
    /// <exception cref="FormatException">It is not; the message says where and why.</exception>
    public static byte[] Canonicalize(ReadOnlySpan<byte> json) =>
        TryCanonicalize(json, out byte[]? canonical, out DecodeError error) ? canonical : throw new FormatException(error.ToString());

    /// <summary>Whether the bytes are exactly the canonical form of one JSON value. Nothing is allocated.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> json) => TryCheck(json, out _);

    /// <summary>As <see cref="IsCanonical"/>, with the place and the reason of the first departure.</summary>
    public static bool TryCheck(ReadOnlySpan<byte> json, out DecodeError error)
    {
        var reader = new CanonicalJsonReader(json);
        while (reader.Read())
        {
        }
        error = reader.Error;
        return reader.Token == CanonicalJsonToken.End;
    }

    /// <summary>
    /// Orders two keys, given as UTF-8, by their UTF-16 code units (RFC 8785 section 3.2.3): byte order but for U+E000–U+FFFF,
    /// which come after every character beyond U+FFFF.
    /// </summary>
    public static int CompareKeys(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length) return left.Length.CompareTo(right.Length);
        byte a = left[common], b = right[common];
        if (a >= 0xEE && b >= 0xEE)
        {
            // First octets of U+E000–U+FFFF are EE and EF; those of pairs of surrogates are F0 and above, and D800 < E000.
            bool pairA = a >= 0xF0, pairB = b >= 0xF0;
            if (pairA != pairB) return pairA ? -1 : 1;
        }
        return a.CompareTo(b);
    }
}

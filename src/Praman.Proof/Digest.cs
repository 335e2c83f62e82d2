using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Praman.Proof;

/// <summary>A SHA-256 value, 32 octets (FIPS 180-4); text form is lower-case hex. The default value is 32 zero octets.</summary>
public readonly struct Digest : IEquatable<Digest>, IComparable<Digest>
{
    /// <summary>Octets of a digest.</summary>
    public const int Length = 32;

    private readonly ulong _a, _b, _c, _d;

    /// <summary>Takes 32 octets.</summary>
    public Digest(ReadOnlySpan<byte> octets)
    {
        if (octets.Length != Length) throw new ArgumentException($"A digest has {Length} octets, not {octets.Length}.", nameof(octets));
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(octets);
        (_a, _b, _c, _d) = (words[0], words[1], words[2], words[3]);
    }

    /// <summary>The 32 octets in place; valid as long as the value that it is asked of.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Octets => MemoryMarshal.AsBytes(new ReadOnlySpan<Digest>(in this));

    /// <summary>SHA-256 of <paramref name="data"/>.</summary>
    public static Digest Sha256(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Length];
        ShortSha256.Hash(data, hash);
        return new(hash);
    }

    /// <summary>Writes the 32 octets.</summary>
    public void CopyTo(Span<byte> target) => Octets.CopyTo(target);

    /// <summary>Reads 64 hex digits in lower case, the only form that Praman writes.</summary>
    public static bool TryParseHex(ReadOnlySpan<byte> hex, out Digest digest)
    {
        digest = default;
        if (hex.Length != 2 * Length) return false;
        Span<byte> octets = stackalloc byte[Length];
        for (int i = 0; i < Length; i++)
        {
            int high = Nibble(hex[2 * i]), low = Nibble(hex[2 * i + 1]);
            if ((high | low) < 0) return false;
            octets[i] = (byte)(high << 4 | low);
        }
        digest = new(octets);
        return true;
    }

    /// <inheritdoc cref="TryParseHex(ReadOnlySpan{byte}, out Digest)"/>
    public static bool TryParseHex(string? hex, out Digest digest)
    {
        digest = default;
        if (hex is null || hex.Length != 2 * Length) return false;
        Span<byte> octets = stackalloc byte[2 * Length];
        for (int i = 0; i < octets.Length; i++)
        {
            if (hex[i] > 0x7F) return false;
            octets[i] = (byte)hex[i];
        }
        return TryParseHex(octets, out digest);
    }

    /// <summary>Reads 44 characters of base64 (RFC 4648 section 4), padded, no white space, no stray bits.</summary>
    public static bool TryParseBase64(ReadOnlySpan<byte> text, out Digest digest)
    {
        digest = default;
        Span<byte> octets = stackalloc byte[Length];
        if (text.Length != 44 || !CanonicalBase64.TryDecode(text, octets, out int written) || written != Length) return false;
        digest = new(octets);
        return true;
    }

    /// <summary>44 characters of base64 (RFC 4648 section 4).</summary>
    public string ToBase64() => Convert.ToBase64String(Octets);

    /// <summary>Writes 44 octets of base64.</summary>
    public int WriteBase64(Span<byte> target)
    {
        Base64.EncodeToUtf8(Octets, target, out _, out int written);
        return written;
    }

    public bool Equals(Digest other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    public override int GetHashCode() => _a.GetHashCode();

    public int CompareTo(Digest other) => Octets.SequenceCompareTo(other.Octets);

    public override string ToString() => Convert.ToHexStringLower(Octets);

    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;

    private static int Nibble(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        _ => -1,
    };
}

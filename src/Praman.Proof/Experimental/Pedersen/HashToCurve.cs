using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Praman.Proof.Experimental.Pedersen;

/// <summary>
/// Octets to a point of P-256 whose logarithm nobody knows: the suite P256_XMD:SHA-256_SSWU_RO_ (RFC 9380, Hashing to Elliptic Curves, 8.2). For public
/// inputs: its steps differ by what is hashed.
/// </summary>
internal static class HashToCurve
{
    private const int ElementLength = 48, BlockLength = 64, TagLengthMax = 255;

    private static readonly FieldElement A = FieldElement.Negate(FieldElement.Of(3)), Z = FieldElement.Negate(FieldElement.Of(10));

    /// <summary>The point of a message under a domain separation tag of 1 to 255 octets.</summary>
    public static AffinePoint Hash(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        (FieldElement first, FieldElement second) = HashToField(message, tag);
        ProjectivePoint sum = ProjectivePoint.Add(ProjectivePoint.Of(Map(first)), Map(second));
        if (sum.IsInfinity) throw new CryptographicException("The message hashes to the point at infinity.");
        Span<AffinePoint> point = stackalloc AffinePoint[1];
        ProjectivePoint.Normalize([sum], point, stackalloc FieldElement[2]);
        return point[0];
    }

    /// <summary>Two elements of the field (RFC 9380, 5.2, count 2).</summary>
    public static (FieldElement First, FieldElement Second) HashToField(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        Span<byte> octets = stackalloc byte[2 * ElementLength];
        Expand(message, tag, octets);
        return (FieldElement.Reduce(octets[..ElementLength]), FieldElement.Reduce(octets[ElementLength..]));
    }

    /// <summary>expand_message_xmd with SHA-256 (RFC 9380, 5.3.1).</summary>
    public static void Expand(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag, Span<byte> target)
    {
        if (tag.IsEmpty || tag.Length > TagLengthMax) throw new ArgumentException($"A tag has 1 to {TagLengthMax} octets, not {tag.Length}.", nameof(tag));
        if (target.Length > TagLengthMax * Digest.Length) throw new ArgumentException($"At most {TagLengthMax * Digest.Length} octets are made.", nameof(target));
        byte[] suffix = [.. tag, (byte)tag.Length];
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)target.Length);
        byte[] seed = SHA256.HashData([.. new byte[BlockLength], .. message, .. length, 0, .. suffix]);
        byte[] last = new byte[Digest.Length];
        for (int at = 0, block = 1; at < target.Length; at += Digest.Length, block++)
        {
            for (int i = 0; i < last.Length; i++) last[i] ^= seed[i];
            last = SHA256.HashData([.. last, (byte)block, .. suffix]);
            last.AsSpan(0, Math.Min(last.Length, target.Length - at)).CopyTo(target[at..]);
        }
    }

    /// <summary>The simplified map of Shallue, van de Woestijne and Ulas (RFC 9380, 6.6.2).</summary>
    public static AffinePoint Map(in FieldElement u)
    {
        FieldElement zu = FieldElement.Multiply(Z, FieldElement.Square(u));
        FieldElement t = FieldElement.Add(FieldElement.Square(zu), zu);
        FieldElement x = t.IsZero
            ? FieldElement.Multiply(AffinePoint.B, FieldElement.Multiply(Z, A).Invert())
            : FieldElement.Multiply(FieldElement.Multiply(FieldElement.Negate(AffinePoint.B), A.Invert()), FieldElement.Add(FieldElement.One, t.Invert()));
        FieldElement square = AffinePoint.RightSide(x), y = square.RootCandidate();
        if (!FieldElement.Square(y).Equals(square))
        {
            x = FieldElement.Multiply(zu, x);
            y = AffinePoint.RightSide(x).RootCandidate();
        }
        return new(x, y.IsOdd == u.IsOdd ? y : FieldElement.Negate(y));
    }
}

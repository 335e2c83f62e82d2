using System.Buffers;

namespace Praman.Proof.Merkle;

/// <summary>Hashes of the tree: a leaf and a node never share one, by their first octet (RFC 9162 section 2.1.1).</summary>
public static class MerkleHash
{
    /// <summary>First octet of what is hashed for a leaf.</summary>
    public const byte LeafPrefix = 0x00;

    /// <summary>First octet of what is hashed for a node.</summary>
    public const byte NodePrefix = 0x01;

    /// <summary>The root of the tree without leaves: SHA-256 of nothing.</summary>
    public static Digest Empty { get; } = Digest.Sha256([]);

    /// <summary>SHA-256(0x00 ‖ entry). Nothing is allocated.</summary>
    public static Digest Leaf(ReadOnlySpan<byte> entry)
    {
        byte[]? rented = null;
        Span<byte> input = entry.Length < 512 ? stackalloc byte[entry.Length + 1] : rented = ArrayPool<byte>.Shared.Rent(entry.Length + 1);
        input[0] = LeafPrefix;
        entry.CopyTo(input[1..]);
        Digest hash = Digest.Sha256(input[..(entry.Length + 1)]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right). Nothing is allocated.</summary>
    public static Digest Node(in Digest left, in Digest right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * Digest.Length];
        input[0] = NodePrefix;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Digest.Length)..]);
        return Digest.Sha256(input);
    }
}

using System.Numerics;

namespace Praman.Proof.Merkle;

/// <summary>
/// A whole tree in memory (64 octets a leaf) for a batch that is closed once: a night's day blocks. Root and proofs are those of RFC 9162
/// section 2.1: a level pairs its hashes and an odd one at the end rises unchanged, which is the same tree. A proof is a walk of look-ups.
/// </summary>
public sealed class BatchTree
{
    private readonly Digest[][] _levels;

    private BatchTree(Digest[][] levels) => _levels = levels;

    /// <summary>Leaves.</summary>
    public int Size => _levels[0].Length;

    /// <summary>The root; of no leaves, SHA-256 of nothing.</summary>
    public Digest Root => Size == 0 ? MerkleHash.Empty : _levels[^1][0];

    /// <summary>The leaf hashes in order.</summary>
    public ReadOnlySpan<Digest> Leaves => _levels[0];

    /// <summary>The hashes of the full subtrees of 2^<paramref name="level"/> leaves, from the first: what a tile of that level holds.</summary>
    public ReadOnlySpan<Digest> FullSubtrees(int level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        return level < _levels.Length ? _levels[level].AsSpan(0, Size >> level) : [];
    }

    /// <summary>Builds the tree over leaf hashes, which are copied.</summary>
    public static BatchTree Build(ReadOnlySpan<Digest> leafHashes) => Adopt(leafHashes.ToArray());

    /// <summary>Builds the tree over leaf hashes that the caller hands over and changes no more.</summary>
    public static BatchTree Adopt(Digest[] leafHashes)
    {
        ArgumentNullException.ThrowIfNull(leafHashes);
        int depth = leafHashes.Length <= 1 ? 0 : 32 - BitOperations.LeadingZeroCount((uint)(leafHashes.Length - 1));
        var levels = new Digest[depth + 1][];
        levels[0] = leafHashes;
        for (int level = 1; level <= depth; level++)
        {
            Digest[] below = levels[level - 1];
            var hashes = GC.AllocateUninitializedArray<Digest>((below.Length + 1) / 2);
            NodeHashing.Pairs(below, hashes);
            if ((below.Length & 1) != 0) hashes[^1] = below[^1];
            levels[level] = hashes;
        }
        return new(levels);
    }

    /// <summary>Hashes in the proof of a leaf.</summary>
    public int ProofLength(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Size);
        int count = 0;
        for (int level = 0; level < _levels.Length - 1; level++, index >>= 1)
        {
            if ((index ^ 1) < _levels[level].Length) count++;
        }
        return count;
    }

    /// <summary>Writes the proof of inclusion of a leaf (RFC 9162 section 2.1.3.1), from the leaf's neighbour up.</summary>
    /// <returns>The hashes written; at most 31.</returns>
    public int WriteProof(int index, Span<Digest> proof)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Size);
        int count = 0;
        for (int level = 0; level < _levels.Length - 1; level++, index >>= 1)
        {
            Digest[] hashes = _levels[level];
            if ((index ^ 1) < hashes.Length) proof[count++] = hashes[index ^ 1];
        }
        return count;
    }

    /// <summary>The proof of inclusion of a leaf.</summary>
    public Digest[] Proof(int index)
    {
        var proof = new Digest[ProofLength(index)];
        WriteProof(index, proof);
        return proof;
    }
}

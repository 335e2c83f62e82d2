using System.Numerics;

namespace Praman.Proof.Merkle;

/// <summary>
/// Roots and proofs of the tree of RFC 9162 section 2.1 from the hashes of its full subtrees, at any size the source reaches: nothing else
/// has to be kept. Each answer is null where the source misses a node.
/// </summary>
public static class MerkleTree
{
    /// <summary>The root of the first <paramref name="size"/> leaves (RFC 9162 section 2.1.1).</summary>
    public static Digest? Root(IMerkleNodes nodes, long size)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? MerkleHash.Empty : TryRange(nodes, 0, size, out Digest root) ? root : null;
    }

    /// <summary>The proof that leaf <paramref name="index"/> is in the tree of <paramref name="size"/> leaves (RFC 9162 section 2.1.3.1).</summary>
    public static Digest[]? InclusionProof(IMerkleNodes nodes, long index, long size)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<Digest>();
        long start = 0, end = size;
        while (end - start > 1)
        {
            long middle = start + Split(end - start);
            bool left = index < middle;
            if (!TryRange(nodes, left ? middle : start, left ? end : middle, out Digest hash)) return null;
            proof.Add(hash);
            if (left) end = middle;
            else start = middle;
        }
        proof.Reverse();
        return [.. proof];
    }

    /// <summary>
    /// The proof that the tree of <paramref name="newSize"/> leaves continues that of <paramref name="oldSize"/> (RFC 9162 section 2.1.4.1); empty
    /// from 0 and between equal sizes.
    /// </summary>
    public static Digest[]? ConsistencyProof(IMerkleNodes nodes, long oldSize, long newSize)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        if (oldSize == 0 || oldSize == newSize) return [];
        var proof = new List<Digest>();
        long start = 0, end = newSize;
        while (end != oldSize)
        {
            long middle = start + Split(end - start);
            bool left = oldSize <= middle;
            if (!TryRange(nodes, left ? middle : start, left ? end : middle, out Digest hash)) return null;
            proof.Add(hash);
            if (left) end = middle;
            else start = middle;
        }
        if (start != 0)
        {
            if (!TryRange(nodes, start, end, out Digest hash)) return null;
            proof.Add(hash);
        }
        proof.Reverse();
        return [.. proof];
    }

    /// <summary>The largest power of two below <paramref name="count"/> (at least 2).</summary>
    private static long Split(long count) => 1L << (63 - BitOperations.LeadingZeroCount((ulong)(count - 1)));

    /// <summary>The hash of the leaves [start, end), where start is a multiple of the largest power of two within.</summary>
    private static bool TryRange(IMerkleNodes nodes, long start, long end, out Digest hash)
    {
        hash = default;
        Span<Digest> pieces = stackalloc Digest[64];
        int count = 0;
        while (start < end)
        {
            int level = 63 - BitOperations.LeadingZeroCount((ulong)(end - start));
            if (!nodes.TryGetNode(level, start >> level, out pieces[count++])) return false;
            start += 1L << level;
        }
        hash = pieces[--count];
        while (count > 0) hash = MerkleHash.Node(pieces[--count], hash);
        return true;
    }
}

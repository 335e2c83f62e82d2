using System.Numerics;

namespace Praman.Proof.Merkle;

/// <summary>
/// The state to append to a tree: the hashes of its full subtrees from the left, one for each bit set in its size. At most 63 of them, whatever
/// the size.
/// </summary>
public sealed class CompactRange
{
    private readonly Digest[] _subtrees = new Digest[64]; // by level; the one of level l counts where bit l of the size is set

    /// <summary>An empty tree.</summary>
    public CompactRange()
    {
    }

    /// <summary>Goes on from a tree of <paramref name="size"/> leaves, whose subtrees come from the source.</summary>
    /// <returns>Null where the source misses one.</returns>
    public static CompactRange? Resume(IMerkleNodes nodes, long size)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var range = new CompactRange { Size = size };
        for (int level = 0; level < 63; level++)
        {
            if ((size >> level & 1) == 0) continue;
            long index = (size >> level) - 1;
            if (!nodes.TryGetNode(level, index, out range._subtrees[level])) return null;
        }
        return range;
    }

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>Adds a leaf. Each subtree that becomes full by it, the leaf itself first, is told to <paramref name="nodes"/>, if any.</summary>
    public void Append(in Digest leafHash, ICollectNodes? nodes = null)
    {
        Digest hash = leafHash;
        long index = Size;
        int level = 0;
        nodes?.Collect(0, index, hash);
        for (; (Size >> level & 1) != 0; level++)
        {
            hash = MerkleHash.Node(_subtrees[level], hash);
            nodes?.Collect(level + 1, index >> (level + 1), hash);
        }
        _subtrees[level] = hash;
        Size++;
    }

    /// <summary>The root of the leaves so far.</summary>
    public Digest Root()
    {
        if (Size == 0) return MerkleHash.Empty;
        int level = BitOperations.TrailingZeroCount(Size);
        Digest root = _subtrees[level];
        for (level++; level < 63; level++)
        {
            if ((Size >> level & 1) != 0) root = MerkleHash.Node(_subtrees[level], root);
        }
        return root;
    }
}

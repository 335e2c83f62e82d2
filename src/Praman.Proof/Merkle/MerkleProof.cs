using System.Numerics;

namespace Praman.Proof.Merkle;

/// <summary>Checks of inclusion and consistency, step by step as RFC 9162 sections 2.1.3.2 and 2.1.4.2 give them. Nothing is allocated.</summary>
public static class MerkleProof
{
    /// <summary>Hashes in the longest proof of a tree below 2^63 leaves, and so the most that a file may carry.</summary>
    public const int HashCountMax = 64;

    /// <summary>Whether the leaf stands at <paramref name="index"/> in the tree of <paramref name="size"/> leaves with that root.</summary>
    public static bool VerifyInclusion(in Digest leafHash, long index, long size, ReadOnlySpan<Digest> proof, in Digest root) =>
        TryComputeRoot(leafHash, index, size, proof, out Digest computed) && computed == root;

    /// <summary>The root to which a proof of inclusion leads; false where the proof has not the length that index and size ask for.</summary>
    public static bool TryComputeRoot(in Digest leafHash, long index, long size, ReadOnlySpan<Digest> proof, out Digest root)
    {
        root = leafHash;
        if (index < 0 || index >= size) return false;
        long fn = index, sn = size - 1;
        foreach (ref readonly Digest hash in proof)
        {
            if (sn == 0) return false;
            if ((fn & 1) != 0 || fn == sn)
            {
                root = MerkleHash.Node(hash, root);
                while ((fn & 1) == 0 && fn != 0)
                {
                    fn >>= 1;
                    sn >>= 1;
                }
            }
            else
            {
                root = MerkleHash.Node(root, hash);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0;
    }

    /// <summary>Whether the tree of <paramref name="newSize"/> leaves begins with the leaves of the tree of <paramref name="oldSize"/>.</summary>
    /// <remarks>Between equal sizes, and from the empty tree, the proof is empty: the roots alone decide.</remarks>
    public static bool VerifyConsistency(long oldSize, in Digest oldRoot, long newSize, in Digest newRoot, ReadOnlySpan<Digest> proof)
    {
        if (oldSize < 0 || newSize < oldSize) return false;
        if (oldSize == newSize) return proof.IsEmpty && oldRoot == newRoot;
        if (oldSize == 0) return proof.IsEmpty && oldRoot == MerkleHash.Empty;

        long fn = oldSize - 1, sn = newSize - 1;
        int trailingOnes = BitOperations.TrailingZeroCount(~fn);
        fn >>= trailingOnes;
        sn >>= trailingOnes;
        Digest oldHash, newHash;
        if (BitOperations.IsPow2(oldSize))
        {
            oldHash = newHash = oldRoot; // the old tree is one full subtree of the new one, so the proof leaves its root out
        }
        else
        {
            if (proof.IsEmpty) return false;
            oldHash = newHash = proof[0];
            proof = proof[1..];
        }
        if (proof.IsEmpty) return false;
        foreach (ref readonly Digest hash in proof)
        {
            if (sn == 0) return false;
            if ((fn & 1) != 0 || fn == sn)
            {
                oldHash = MerkleHash.Node(hash, oldHash);
                newHash = MerkleHash.Node(hash, newHash);
                while ((fn & 1) == 0 && fn != 0)
                {
                    fn >>= 1;
                    sn >>= 1;
                }
            }
            else
            {
                newHash = MerkleHash.Node(newHash, hash);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && oldHash == oldRoot && newHash == newRoot;
    }
}

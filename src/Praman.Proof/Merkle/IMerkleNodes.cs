namespace Praman.Proof.Merkle;

/// <summary>Where the hashes of full subtrees come from: an array in memory, tiles on a disk or from a server.</summary>
public interface IMerkleNodes
{
    /// <summary>The hash of the leaves [index × 2^level, (index + 1) × 2^level), all of which are in the tree.</summary>
    /// <returns>False where the source has it not.</returns>
    bool TryGetNode(int level, long index, out Digest hash);
}

namespace Praman.Proof.Merkle;

/// <summary>Takes the hashes of subtrees as they become full.</summary>
public interface ICollectNodes
{
    /// <summary>The subtree over the leaves [index × 2^level, (index + 1) × 2^level) has this hash, for ever.</summary>
    void Collect(int level, long index, in Digest hash);
}

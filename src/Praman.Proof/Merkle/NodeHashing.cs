namespace Praman.Proof.Merkle;

/// <summary>Many node hashes at once.</summary>
internal static class NodeHashing
{
    /// <summary>Hashes neighbours: parents[i] = node(children[2i], children[2i + 1]) for each whole pair.</summary>
    public static void Pairs(ReadOnlySpan<Digest> children, Span<Digest> parents)
    {
        for (int i = 0; i < children.Length / 2; i++) parents[i] = MerkleHash.Node(children[2 * i], children[2 * i + 1]);
    }
}

using Praman.Proof.Merkle;

namespace Praman.Proof.Tests.Merkle;

/// <summary>The tree as RFC 9162 section 2.1 defines it, by recursion over the leaf hashes: slow, and plainly the definition.</summary>
internal static class NaiveTree
{
    public static Digest Root(ReadOnlySpan<Digest> leaves) => leaves.Length switch
    {
        0 => Digest.Sha256([]),
        1 => leaves[0],
        _ => Digest.Sha256([1, .. Root(leaves[..Split(leaves.Length)]).Octets, .. Root(leaves[Split(leaves.Length)..]).Octets]),
    };

    public static List<Digest> Inclusion(int index, ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length <= 1) return [];
        int k = Split(leaves.Length);
        return index < k ? [.. Inclusion(index, leaves[..k]), Root(leaves[k..])] : [.. Inclusion(index - k, leaves[k..]), Root(leaves[..k])];
    }

    public static List<Digest> Consistency(int old, ReadOnlySpan<Digest> leaves) => old == 0 || old == leaves.Length ? [] : SubProof(old, leaves, true);

    private static List<Digest> SubProof(int m, ReadOnlySpan<Digest> leaves, bool whole)
    {
        if (m == leaves.Length) return whole ? [] : [Root(leaves)];
        int k = Split(leaves.Length);
        return m <= k ? [.. SubProof(m, leaves[..k], whole), Root(leaves[k..])] : [.. SubProof(m - k, leaves[k..], false), Root(leaves[..k])];
    }

    private static int Split(int n)
    {
        int k = 1;
        while (k * 2 < n) k *= 2;
        return k;
    }

    public static Digest[] Leaves(int count, int seed = 1) => [.. Enumerable.Range(0, count).Select(i => MerkleHash.Leaf(BitConverter.GetBytes(((long)seed << 32) + i)))];
}

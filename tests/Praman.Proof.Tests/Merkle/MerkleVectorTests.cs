using System.Text.Json;
using Praman.Proof.Merkle;
using Praman.Testing;

namespace Praman.Proof.Tests.Merkle;

/// <summary>The rows of <c>vectors/tlog/rfc6962-tree.json</c>.</summary>
public class MerkleVectorTests
{
    private static JsonElement Vectors() => JsonDocument.Parse(File.ReadAllBytes(TestFiles.SharedOrSkip("vectors/tlog/rfc6962-tree.json"))).RootElement;

    private static Digest Hash(JsonElement element)
    {
        Assert.True(Digest.TryParseHex(element.GetString(), out Digest digest));
        return digest;
    }

    private static Digest[] Hashes(JsonElement array) => [.. array.EnumerateArray().Select(Hash)];

    private static Digest[] Leaves(JsonElement vectors) => [.. vectors.GetProperty("leaves_hex").EnumerateArray().Select(hex => MerkleHash.Leaf(Convert.FromHexString(hex.GetString()!)))];

    [Fact]
    public void LeavesAndRootsAreThePublishedOnes()
    {
        JsonElement vectors = Vectors();
        Digest[] leaves = Leaves(vectors);
        Assert.Equal(Hashes(vectors.GetProperty("leaf_hashes")), leaves);
        Assert.Equal(Hash(vectors.GetProperty("empty_root")), MerkleHash.Empty);
        var range = new CompactRange();
        Assert.Equal(MerkleHash.Empty, range.Root());
        int checkedRoots = 0;
        for (int size = 1; size <= leaves.Length; size++)
        {
            range.Append(leaves[size - 1]);
            Digest expected = Hash(vectors.GetProperty("roots").GetProperty($"{size}"));
            Assert.Equal(expected, range.Root());
            Assert.Equal(expected, BatchTree.Build(leaves.AsSpan(0, size)).Root);
            checkedRoots++;
        }
        Assert.Equal(8, checkedRoots);
    }

    [Fact]
    public void InclusionRowsPassAndFailAsTheySay()
    {
        JsonElement vectors = Vectors();
        Digest[] leaves = Leaves(vectors);
        int valid = 0, refused = 0;
        foreach (JsonElement row in vectors.GetProperty("inclusion").EnumerateArray())
        {
            long index = row.GetProperty("index").GetInt64(), size = row.GetProperty("size").GetInt64();
            Digest[] proof = Hashes(row.GetProperty("proof"));
            Digest leaf = row.TryGetProperty("leaf_hash", out JsonElement given) ? Hash(given) : index < leaves.Length ? leaves[index] : leaves[^1];
            Digest root = row.TryGetProperty("root", out given) ? Hash(given) : Hash(vectors.GetProperty("roots").GetProperty($"{Math.Min(size, 8)}"));
            bool expected = row.GetProperty("valid").GetBoolean();
            Assert.True(expected == MerkleProof.VerifyInclusion(leaf, index, size, proof, root), row.ToString());
            if (expected)
            {
                valid++;
                Assert.Equal(proof, BatchTree.Build(leaves.AsSpan(0, (int)size)).Proof((int)index));
            }
            else
            {
                refused++;
            }
        }
        Assert.Equal((36, 8), (valid, refused));
    }

    [Fact]
    public void ConsistencyRowsPassAndFailAsTheySay()
    {
        JsonElement vectors = Vectors();
        JsonElement roots = vectors.GetProperty("roots");
        int valid = 0, refused = 0;
        foreach (JsonElement row in vectors.GetProperty("consistency").EnumerateArray())
        {
            long from = row.GetProperty("from").GetInt64(), to = row.GetProperty("to").GetInt64();
            Digest[] proof = Hashes(row.GetProperty("proof"));
            Digest oldRoot = row.TryGetProperty("old_root", out JsonElement given) ? Hash(given) : Hash(roots.GetProperty($"{from}"));
            Digest newRoot = row.TryGetProperty("new_root", out given) ? Hash(given) : Hash(roots.GetProperty($"{to}"));
            bool expected = row.GetProperty("valid").GetBoolean();
            Assert.True(expected == MerkleProof.VerifyConsistency(from, oldRoot, to, newRoot, proof), row.ToString());
            if (expected) valid++;
            else refused++;
        }
        Assert.Equal((36, 2), (valid, refused));
    }
}

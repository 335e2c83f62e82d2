using CsCheck;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;

namespace Praman.Proof.Tests.Merkle;

public class MerkleTreeTests
{
    private static readonly Gen<int> Sizes = Gen.OneOf(Gen.Int[1, 40], Gen.Int[250, 265], Gen.Int[500, 700], Gen.Int[0, 8].Select(i => new[] { 1, 2, 255, 256, 257, 511, 512, 513, 1024 }[i]));

    /// <summary>All full subtrees, by level: the plainest source.</summary>
    private sealed class ArrayNodes(Digest[] leaves) : IMerkleNodes
    {
        public bool TryGetNode(int level, long index, out Digest hash)
        {
            long start = index << level, end = (index + 1) << level;
            hash = end <= leaves.Length ? NaiveTree.Root(leaves.AsSpan((int)start, 1 << level)) : default;
            return end <= leaves.Length;
        }
    }

    [Fact]
    public void RootsAndProofsAreThoseOfTheDefinition() =>
        Gen.Select(Sizes, Gen.Int[0, 100_000], Gen.Int[0, 100_000]).Sample((size, a, b) =>
        {
            Digest[] leaves = NaiveTree.Leaves(size, a);
            int index = a % size, old = b % (size + 1);
            Digest root = NaiveTree.Root(leaves);
            var nodes = new ArrayNodes(leaves);
            var batch = BatchTree.Build(leaves);
            var range = new CompactRange();
            foreach (Digest leaf in leaves) range.Append(leaf);

            Assert.Equal(root, MerkleTree.Root(nodes, size));
            Assert.Equal(root, batch.Root);
            Assert.Equal(root, range.Root());
            Assert.Equal(root, CompactRange.Resume(nodes, size)!.Root());

            List<Digest> inclusion = NaiveTree.Inclusion(index, leaves);
            Assert.Equal(inclusion, MerkleTree.InclusionProof(nodes, index, size));
            Assert.Equal(inclusion, batch.Proof(index));
            Assert.Equal(inclusion.Count, batch.ProofLength(index));
            Assert.True(MerkleProof.VerifyInclusion(leaves[index], index, size, [.. inclusion], root));

            Digest oldRoot = NaiveTree.Root(leaves.AsSpan(0, old));
            List<Digest> consistency = NaiveTree.Consistency(old, leaves);
            Assert.Equal(consistency, MerkleTree.ConsistencyProof(nodes, old, size));
            Assert.True(MerkleProof.VerifyConsistency(old, oldRoot, size, root, [.. consistency]));
        }, iter: 300);

    [Fact]
    public void AChangedProofIsRefused() =>
        Gen.Select(Sizes, Gen.Int[0, 100_000], Gen.Int[0, 100_000], Gen.Int[0, 6]).Sample((size, a, b, kind) =>
        {
            Digest[] leaves = NaiveTree.Leaves(size, a);
            int index = a % size, old = 1 + b % size;
            Digest root = NaiveTree.Root(leaves), oldRoot = NaiveTree.Root(leaves.AsSpan(0, old));
            foreach (bool inclusion in (bool[])[true, false])
            {
                List<Digest> proof = inclusion ? NaiveTree.Inclusion(index, leaves) : NaiveTree.Consistency(old, leaves);
                long at = inclusion ? index : old, of = size;
                Digest head = root;
                switch (kind)
                {
                    case 0: proof.Add(root); break;
                    case 1 when proof.Count > 0: proof.RemoveAt(b % proof.Count); break;
                    case 2 when proof.Count > 0: proof[b % proof.Count] = Flip(proof[b % proof.Count], b); break;
                    case 3 when proof.Count > 1 && proof[0] != proof[^1]: (proof[0], proof[^1]) = (proof[^1], proof[0]); break;
                    case 4: head = Flip(head, b); break;
                    case 5 when size > 1: at = inclusion ? (at + 1) % size : at == 1 ? 2 : at - 1; break;
                    case 6 when proof.Count > 0: proof.Insert(0, default); break;
                    default: continue;
                }
                bool accepted = inclusion
                    ? MerkleProof.VerifyInclusion(leaves[index], at, of, [.. proof], head)
                    : MerkleProof.VerifyConsistency(at, oldRoot, of, head, [.. proof]);
                Assert.False(accepted);
            }
        }, iter: 2000);

    private static Digest Flip(Digest digest, int bit)
    {
        byte[] octets = digest.Octets.ToArray();
        octets[bit / 8 % 32] ^= (byte)(1 << (bit % 8));
        return new(octets);
    }

    [Fact]
    public void SizesAndIndexesOutsideTheTreeAreRefused()
    {
        Digest[] leaves = NaiveTree.Leaves(5);
        Digest root = NaiveTree.Root(leaves);
        Digest[] proof = [.. NaiveTree.Inclusion(4, leaves)];
        Assert.True(MerkleProof.VerifyInclusion(leaves[4], 4, 5, proof, root));
        foreach ((long index, long size) in (ReadOnlySpan<(long, long)>)[(-1, 5), (5, 5), (4, 0), (4, -1), (4, 4), (long.MaxValue, long.MaxValue), (0, long.MaxValue)])
            Assert.False(MerkleProof.VerifyInclusion(leaves[4], index, size, proof, root));
        foreach ((long old, long size) in (ReadOnlySpan<(long, long)>)[(-1, 5), (6, 5), (long.MinValue, long.MaxValue), (3, long.MaxValue), (1L << 62, long.MaxValue)])
            Assert.False(MerkleProof.VerifyConsistency(old, root, size, root, proof));
        Assert.True(MerkleProof.VerifyConsistency(0, MerkleHash.Empty, 5, root, []));
        Assert.False(MerkleProof.VerifyConsistency(0, root, 5, root, []));
        Assert.False(MerkleProof.VerifyConsistency(0, MerkleHash.Empty, 5, root, proof));
        Assert.False(MerkleProof.VerifyConsistency(5, root, 5, root, proof));
        Assert.False(MerkleProof.VerifyConsistency(4, NaiveTree.Root(leaves.AsSpan(0, 4)), 5, root, []));
    }

    [Fact]
    public void AnEmptyBatchHasTheEmptyRoot()
    {
        Assert.Equal(MerkleHash.Empty, BatchTree.Build([]).Root);
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchTree.Build([]).Proof(0));
        Digest[] one = NaiveTree.Leaves(1);
        Assert.Equal(one[0], BatchTree.Build(one).Root);
        Assert.Empty(BatchTree.Build(one).Proof(0));
    }

    [Fact]
    public void AProofOfALargeBatchIsALookUpThatAllocatesNothing()
    {
        var batch = BatchTree.Adopt(NaiveTree.Leaves(100_003));
        var proof = new Digest[32];
        int count = batch.WriteProof(77_777, proof);
        Assert.True(MerkleProof.VerifyInclusion(batch.Leaves[77_777], 77_777, batch.Size, proof.AsSpan(0, count), batch.Root));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < batch.Size; i += 1000)
        {
            count = batch.WriteProof(i, proof);
            if (!MerkleProof.VerifyInclusion(batch.Leaves[i], i, batch.Size, proof.AsSpan(0, count), batch.Root)) Assert.Fail($"leaf {i}");
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void TilesGiveTheSameTreeAtEverySignedSize()
    {
        using var key = new NoteSigningKey("log.example/a", NoteKeyType.Ed25519, new byte[32]);
        var store = new MemoryTileStore();
        var log = Log.Create(key, store);
        var leaves = new List<Digest>();
        var random = new Random(7);
        foreach (int target in (int[])[1, 2, 255, 256, 257, 700, 65_535, 65_536, 65_537, 66_000])
        {
            while (leaves.Count < target)
            {
                var entry = new LogEntry(LogEntryKind.Bill, Digest.Sha256(BitConverter.GetBytes(leaves.Count)));
                Assert.Equal(leaves.Count, log.Append(entry));
                leaves.Add(entry.LeafHash());
            }
            SignedCheckpoint head = log.Sign();
            Digest[] all = [.. leaves];
            Assert.Equal(BatchTree.Build(all).Root, head.Root);
            var nodes = new TileNodes(store, target);
            Assert.Equal(head.Root, MerkleTree.Root(nodes, target));
            Assert.Equal(head.Root, CompactRange.Resume(nodes, target)!.Root());
            for (int i = 0; i < 20; i++)
            {
                int index = random.Next(target), old = random.Next(1, target + 1);
                Digest[] proof = MerkleTree.InclusionProof(nodes, index, target)!;
                Assert.Equal(proof, log.InclusionProof(index, target));
                Assert.True(MerkleProof.VerifyInclusion(all[index], index, target, proof, head.Root));
                Digest[] consistency = MerkleTree.ConsistencyProof(nodes, old, target)!;
                Assert.Equal(consistency, log.ConsistencyProof(old, target));
                Assert.True(MerkleProof.VerifyConsistency(old, BatchTree.Build(all.AsSpan(0, old)).Root, target, head.Root, consistency));
            }
        }
    }
}

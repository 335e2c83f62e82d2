using NodaTime;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;

namespace Praman.Proof.Tests.Logs;

public class LogAndWitnessTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 4, 2, 12, 0);

    private static NoteSigningKey LogKey() => new("log.example/a", NoteKeyType.Ed25519, new byte[32]);

    private static NoteSigningKey WitnessKey() => new("witness.example/w", NoteKeyType.CosignatureV1, new byte[32]);

    private static void AppendMany(Log log, int count, int seed = 0)
    {
        for (int i = 0; i < count; i++) log.Append(new LogEntry(LogEntryKind.Bill, Digest.Sha256(BitConverter.GetBytes((long)seed << 32 | log.Size))));
    }

    [Fact]
    public void ABillIsProvenUnderACosignedHead()
    {
        var log = Log.Create(LogKey(), new MemoryTileStore());
        AppendMany(log, 1000);
        byte[] bill = "{}"u8.ToArray(), salt = new byte[32];
        var entry = new LogEntry(LogEntryKind.Bill, Commitment.Compute(salt, bill));
        long index = log.Append(entry);
        AppendMany(log, 500);
        SignedCheckpoint head = log.Sign();
        var witness = new Witness(WitnessKey(), [log.VerifierKey]);
        WitnessAnswer answer = witness.Cosign(head, 0, [], Noon);
        Assert.Equal(WitnessVerdict.Cosigned, answer.Verdict);
        TlogProof proof = log.Prove(index, head.With(answer.Cosignature!), salt)!;
        Assert.True(TlogProof.TryParse(proof.ToBytes(), out TlogProof? back, out _));
        Assert.True(back.Includes(entry.LeafHash()));
        Assert.True(new CheckpointPolicy([log.VerifierKey], [witness.VerifierKey], 1).Check(back.Checkpoint).IsTrusted);
    }

    [Fact]
    public void AWitnessFollowsAGrowingLog()
    {
        var log = Log.Create(LogKey(), new MemoryTileStore());
        var witness = new Witness(WitnessKey(), [log.VerifierKey]);
        long last = 0;
        foreach (int more in (int[])[0, 1, 1, 5, 250, 0, 1000])
        {
            AppendMany(log, more);
            SignedCheckpoint head = log.Sign();
            WitnessAnswer answer = witness.Cosign(head, last, log.ConsistencyProof(last, head.Size)!, Noon);
            Assert.Equal(WitnessVerdict.Cosigned, answer.Verdict);
            Assert.Equal(new WitnessHead("log.example/a", head.Size, head.Root), answer.Head);
            Assert.Equal(answer.Head, witness.HeadOf("log.example/a"));
            last = head.Size;
        }
    }

    [Fact]
    public void ARollbackAForkAndAFalseProofAreRefusedAndChangeNothing()
    {
        var log = Log.Create(LogKey(), new MemoryTileStore());
        AppendMany(log, 100);
        SignedCheckpoint at100 = log.Sign();
        AppendMany(log, 100);
        SignedCheckpoint at200 = log.Sign();
        AppendMany(log, 100);
        SignedCheckpoint at300 = log.Sign();
        var witness = new Witness(WitnessKey(), [log.VerifierKey]);
        Assert.Equal(WitnessVerdict.Cosigned, witness.Cosign(at200, 0, [], Noon).Verdict);
        WitnessHead held = witness.HeadOf("log.example/a")!;

        var other = Log.Create(LogKey(), new MemoryTileStore());
        AppendMany(other, 100);
        AppendMany(other, 100, seed: 1);
        SignedCheckpoint fork200 = other.Sign();
        AppendMany(other, 100, seed: 1);
        SignedCheckpoint fork300 = other.Sign();

        Assert.Equal(WitnessVerdict.Rollback, witness.Cosign(at100, 200, [], Noon).Verdict);
        Assert.Equal(WitnessVerdict.Rollback, witness.Cosign(at100, 100, [], Noon).Verdict);
        Assert.Equal(WitnessVerdict.Fork, witness.Cosign(fork200, 200, [], Noon).Verdict);
        Assert.Equal(WitnessVerdict.Inconsistent, witness.Cosign(fork300, 200, other.ConsistencyProof(200, 300), Noon).Verdict);
        Assert.Equal(WitnessVerdict.Inconsistent, witness.Cosign(at300, 200, [], Noon).Verdict);
        WitnessAnswer answer = witness.Cosign(at300, 100, log.ConsistencyProof(100, 300), Noon);
        Assert.Equal((WitnessVerdict.OtherOldSize, held), (answer.Verdict, answer.Head));
        Assert.Null(answer.Cosignature);

        using var strangerKey = new NoteSigningKey("log.example/b", NoteKeyType.Ed25519, Digest.Sha256("b"u8).Octets);
        var stranger = Log.Create(strangerKey, new MemoryTileStore());
        AppendMany(stranger, 1);
        Assert.Equal(WitnessVerdict.UnknownLog, witness.Cosign(stranger.Sign(), 0, [], Noon).Verdict);
        using var thief = new NoteSigningKey("log.example/a", NoteKeyType.Ed25519, Digest.Sha256("thief"u8).Octets);
        SignedCheckpoint forged = SignedCheckpoint.Sign(at300.Checkpoint, thief);
        Assert.Equal(WitnessVerdict.BadLogSignature, witness.Cosign(forged, 200, log.ConsistencyProof(200, 300), Noon).Verdict);

        Assert.Equal(held, witness.HeadOf("log.example/a"));
        Assert.Equal(WitnessVerdict.Cosigned, witness.Cosign(at300, 200, log.ConsistencyProof(200, 300), Noon).Verdict);
    }

    [Fact]
    public void AWitnessGoesOnFromTheHeadsThatItKept()
    {
        var log = Log.Create(LogKey(), new MemoryTileStore());
        AppendMany(log, 10);
        SignedCheckpoint at10 = log.Sign();
        WitnessHead kept = new Witness(WitnessKey(), [log.VerifierKey]).Cosign(at10, 0, [], Noon).Head!;
        AppendMany(log, 10);
        SignedCheckpoint at20 = log.Sign();
        var restarted = new Witness(WitnessKey(), [log.VerifierKey], [kept]);
        Assert.Equal(WitnessVerdict.OtherOldSize, restarted.Cosign(at20, 0, [], Noon).Verdict);
        Assert.Equal(WitnessVerdict.Rollback, restarted.Cosign(SignedCheckpoint.Sign(new("log.example/a", 5, default), LogKey()), 10, [], Noon).Verdict);
        Assert.Equal(WitnessVerdict.Cosigned, restarted.Cosign(at20, 10, log.ConsistencyProof(10, 20), Noon).Verdict);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(65_536)]
    [InlineData(66_000)]
    public void ALogGoesOnFromItsTilesAsIfItHadNeverStopped(int size)
    {
        var store = new MemoryTileStore();
        var log = Log.Create(LogKey(), store);
        AppendMany(log, size);
        SignedCheckpoint head = log.Sign();
        Log? resumed = Log.Resume(LogKey(), store, head, out string? fault);
        Assert.True(resumed is not null, fault);
        Assert.Equal(size, resumed.Size);
        AppendMany(log, 300);
        AppendMany(resumed, 300);
        SignedCheckpoint straight = log.Sign(), after = resumed.Sign();
        Assert.Equal(straight.Checkpoint, after.Checkpoint);
        Assert.Equal(straight.Note.Octets.ToArray(), after.Note.Octets.ToArray());
        Assert.Equal(log.InclusionProof(size / 2, size + 300), resumed.InclusionProof(size / 2, size + 300));
    }

    [Fact]
    public void ALogDoesNotGoOnFromWhatIsNotItsOwn()
    {
        var store = new MemoryTileStore();
        var log = Log.Create(LogKey(), store);
        AppendMany(log, 700);
        SignedCheckpoint head = log.Sign();

        using var other = new NoteSigningKey("log.example/a", NoteKeyType.Ed25519, Digest.Sha256("x"u8).Octets);
        Assert.Null(Log.Resume(other, store, head, out string? fault));
        Assert.Contains("not signed", fault, StringComparison.Ordinal);
        Assert.Null(Log.Resume(LogKey(), new MemoryTileStore(), head, out fault));
        Assert.Contains("missing", fault, StringComparison.Ordinal);

        foreach (TilePath path in store.Paths.Where(path => !path.IsEntries).ToList())
        {
            Assert.True(store.TryRead(path, out ReadOnlyMemory<byte> octets));
            byte[] good = octets.ToArray(), bad = octets.ToArray();
            bad[^1] ^= 1;
            store.Write(path, bad);
            Log? resumed = Log.Resume(LogKey(), store, head, out fault);
            // Full tiles of level 0 stand below the hashes of level 1, which are what a log goes on from.
            Assert.Equal(path is { Level: 0, IsFull: true }, resumed is not null);
            store.Write(path, good.AsSpan(..^1));
            Assert.Equal(path is { Level: 0, IsFull: true }, Log.Resume(LogKey(), store, head, out _) is not null);
            store.Write(path, good);
        }
        Assert.NotNull(Log.Resume(LogKey(), store, head, out _));
    }

    /// <summary>Records the order of writes and commits.</summary>
    private sealed class OrderedStore : ITileStore
    {
        private readonly MemoryTileStore _inner = new();
        public HashSet<TilePath> Durable { get; } = [];
        private readonly List<TilePath> _pending = [];

        public bool TryRead(TilePath path, out ReadOnlyMemory<byte> octets) => _inner.TryRead(path, out octets);

        public void Write(TilePath path, ReadOnlySpan<byte> octets)
        {
            Assert.False(Durable.Contains(path) && _inner.TryRead(path, out ReadOnlyMemory<byte> old) && !octets.SequenceEqual(old.Span), $"{path} was changed");
            _inner.Write(path, octets);
            _pending.Add(path);
        }

        public void Commit()
        {
            Durable.UnionWith(_pending);
            _pending.Clear();
        }
    }

    [Fact]
    public void AHeadIsSignedOnlyOverTilesThatAreDurableAndNoneEverChanges()
    {
        var store = new OrderedStore();
        var log = Log.Create(LogKey(), store);
        foreach (int more in (int[])[3, 200, 100, 300, 1])
        {
            AppendMany(log, more);
            SignedCheckpoint head = log.Sign();
            for (int level = TilePath.EntriesLevel; level < 2; level++)
            {
                long count = head.Size >> (8 * Math.Max(level, 0));
                for (long tile = 0; tile * 256 < count; tile++) Assert.Contains(TilePath.At(level, tile, head.Size), store.Durable);
            }
        }
    }
}

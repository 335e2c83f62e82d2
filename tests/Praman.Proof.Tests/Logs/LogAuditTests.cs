using NodaTime;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;

namespace Praman.Proof.Tests.Logs;

/// <summary>A log checked from its files alone, and followed from head to head.</summary>
public class LogAuditTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 4, 2, 12, 0);

    private static readonly NoteSigningKey Key = new("log.example/a", NoteKeyType.Ed25519, new byte[32]);

    private static readonly NoteSigningKey WitnessKey = new("witness.example/w", NoteKeyType.CosignatureV1, new byte[32]);

    private static readonly CheckpointPolicy Policy = new([Key.VerifierKey], [WitnessKey.VerifierKey], 0);

    private static (Log Log, MemoryTileStore Tiles) Make(int count, int seed = 0)
    {
        var tiles = new MemoryTileStore();
        var log = Log.Create(Key, tiles);
        Grow(log, count, seed);
        return (log, tiles);
    }

    private static SignedCheckpoint Grow(Log log, int count, int seed = 0)
    {
        for (int i = 0; i < count; i++)
            log.Append(new LogEntry((LogEntryKind)(log.Size % 3), Digest.Sha256(BitConverter.GetBytes((long)seed << 32 | log.Size))));
        return log.Sign();
    }

    private static LogAudit Whole(ITileReader tiles, Checkpoint head, params Checkpoint[] kept) =>
        LogAudit.Whole(tiles, head, kept, null, TestContext.Current.CancellationToken);

    private static MonitorStep Look(SignedCheckpoint head, SignedCheckpoint? last, ITileReader tiles, CheckpointPolicy? policy = null) =>
        LogMonitor.Look(head.Note.Octets, last, policy ?? Policy, tiles, Noon, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1_000)]
    [InlineData(66_000)]
    public void AWholeLogIsWhole(int size)
    {
        (Log log, MemoryTileStore tiles) = Make(size);
        var seen = new List<long>();
        LogAudit audit = LogAudit.Whole(tiles, log.Head!.Checkpoint, [], (index, _) => seen.Add(index), TestContext.Current.CancellationToken);
        Assert.Empty(audit.Faults);
        Assert.Equal(size, audit.Size);
        Assert.Equal(size, audit.Entries.Values.Sum());
        Assert.Equal(Enumerable.Range(0, size).Select(i => (long)i), seen);
    }

    [Fact]
    public void EveryTileThatIsChangedCutOrMissingIsNamed()
    {
        (Log log, MemoryTileStore tiles) = Make(66_000);
        Checkpoint head = log.Head!.Checkpoint;
        TilePath[] paths = [.. tiles.Paths.Where(path => path.Level != 0 && !path.IsEntries || path.Index is 0 or 100 or 257)];
        Assert.Contains(paths, path => path.Level == 2);
        foreach (TilePath path in paths)
        {
            Assert.True(tiles.TryRead(path, out ReadOnlyMemory<byte> octets));
            byte[] good = octets.ToArray();
            byte[] changed = [.. good];
            changed[^1] ^= 1;
            foreach (byte[] bad in (byte[][])[changed, good[..^1], [.. good, 0], []])
            {
                tiles.Write(path, bad);
                LogAudit audit = Whole(tiles, head);
                Assert.Contains(audit.Faults, fault => fault.Place.StartsWith(path.ToString(), StringComparison.Ordinal) || fault.Reason.Contains(path.ToString(), StringComparison.Ordinal));
            }
            tiles.Write(path, good);
        }
        Assert.Empty(Whole(tiles, head).Faults);
    }

    [Fact]
    public void ATileThatHasGrownStandsForTheNarrowerOne()
    {
        (Log log, MemoryTileStore tiles) = Make(100);
        Checkpoint at100 = log.Head!.Checkpoint;
        Grow(log, 200);
        var full = new MemoryTileStore();
        foreach (TilePath path in tiles.Paths.Where(path => path.IsFull))
        {
            Assert.True(tiles.TryRead(path, out ReadOnlyMemory<byte> octets));
            full.Write(path, octets.Span);
        }
        LogAudit audit = Whole(full, at100);
        Assert.Empty(audit.Faults);
        Assert.Equal(100, audit.Size);
    }

    [Fact]
    public void AHeadOfAStrangeSizeEndsAtTheFirstMissingTile()
    {
        (_, MemoryTileStore tiles) = Make(300);
        LogAudit audit = Whole(tiles, new Checkpoint("log.example/a", long.MaxValue, Digest.Sha256("x"u8)));
        Assert.False(audit.IsWhole);
        Assert.True(audit.Size <= 256);
    }

    [Fact]
    public void AnEntryThatIsNoneOfTheKindsIsNamedByItsIndex()
    {
        (Log log, MemoryTileStore tiles) = Make(10);
        log.Append("something else"u8);
        LogAudit audit = Whole(tiles, log.Sign().Checkpoint);
        Assert.Equal("tile/entries/000.p/11, entry 10", Assert.Single(audit.Faults).Place);
    }

    [Fact]
    public void HeadsThatWereKeptMustBeBeginnings()
    {
        (Log log, MemoryTileStore tiles) = Make(0);
        Checkpoint[] heads = [.. new[] { 0, 3, 300, 1, 500 }.Select(more => Grow(log, more).Checkpoint)];
        Assert.Empty(Whole(tiles, heads[^1], heads).Faults);

        (Log other, _) = Make(303, seed: 1);
        Assert.Equal("kept head of size 303", Assert.Single(Whole(tiles, heads[^1], other.Head!.Checkpoint).Faults).Place);
        Assert.Contains("rolled back", Assert.Single(Whole(tiles, heads[2], heads[^1]).Faults).Reason, StringComparison.Ordinal);
        Assert.Contains("another log", Assert.Single(Whole(tiles, heads[^1], heads[1] with { Origin = "log.example/b" }).Faults).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AMonitorFollowsALogThatGrows()
    {
        (Log log, MemoryTileStore tiles) = Make(5);
        MonitorStep step = Look(log.Head!, null, tiles);
        Assert.Equal((MonitorVerdict.First, 5L), (step.Verdict, step.Audit!.Size));
        foreach (int more in (int[])[1, 250, 256, 3, 700])
        {
            SignedCheckpoint last = step.Head!, head = Grow(log, more);
            step = Look(head, last, tiles);
            Assert.True(step.Verdict == MonitorVerdict.Grown, step.Detail);
            Assert.Equal(more, step.Audit!.Size);
            Assert.Equal(MonitorVerdict.Unchanged, Look(head, head, tiles).Verdict);
        }
    }

    [Fact]
    public void ASplitViewAndARollbackAreAlarmsWithEvidence()
    {
        (Log log, MemoryTileStore tiles) = Make(300);
        SignedCheckpoint at300 = log.Head!, at400 = Grow(log, 100);
        (Log other, MemoryTileStore otherTiles) = Make(300, seed: 1);
        SignedCheckpoint fork300 = other.Head!, fork400 = Grow(other, 100, seed: 1);

        foreach (MonitorStep split in (MonitorStep[])[Look(fork300, at300, otherTiles), Look(fork400, at300, otherTiles)])
        {
            Assert.Equal(MonitorVerdict.SplitView, split.Verdict);
            Assert.True(split.IsAlarm && split.IsEvidence);
        }
        MonitorStep back = Look(at300, at400, tiles);
        Assert.Equal(MonitorVerdict.Rollback, back.Verdict);
        Assert.True(back.IsAlarm && back.IsEvidence);
    }

    [Fact]
    public void TilesThatAreMissingOrFalseAreAlarmsAndNoEvidence()
    {
        (Log log, MemoryTileStore tiles) = Make(300);
        SignedCheckpoint at300 = log.Head!, at700 = Grow(log, 400);
        foreach (TilePath path in (TilePath[])[new(0, 1, 256), new(0, 2, 188), new(1, 0, 2), new(TilePath.EntriesLevel, 2, 188), new(TilePath.EntriesLevel, 1, 256)])
        {
            Assert.True(tiles.TryRead(path, out ReadOnlyMemory<byte> octets));
            byte[] good = octets.ToArray();
            foreach (byte[] bad in (byte[][])[[.. good[..^1], (byte)(good[^1] ^ 1)], good[..^1]])
            {
                tiles.Write(path, bad);
                MonitorStep step = Look(at700, at300, tiles);
                Assert.True(step.Verdict == MonitorVerdict.Damaged, $"{path}: {step.Verdict}, {step.Detail}");
                Assert.True(step.IsAlarm && !step.IsEvidence);
            }
            tiles.Write(path, good);
        }
        Assert.Equal(MonitorVerdict.Grown, Look(at700, at300, tiles).Verdict);
    }

    [Fact]
    public void OnlyAHeadThatIsSignedAndCosignedIsFollowed()
    {
        (Log log, MemoryTileStore tiles) = Make(5);
        SignedCheckpoint head = log.Head!;
        CheckpointPolicy one = Policy with { WitnessesMin = 1 };
        Assert.Equal(MonitorVerdict.TooFewWitnesses, Look(head, null, tiles, one).Verdict);
        SignedCheckpoint cosigned = head.With(WitnessKey.Cosign(head.Note.Text, Noon));
        Assert.Equal(MonitorVerdict.First, Look(cosigned, null, tiles, one).Verdict);
        Assert.Equal(MonitorVerdict.BadSignature, Look(head.With(WitnessKey.Cosign(head.Note.Text, Noon + Duration.FromHours(1))), null, tiles, one).Verdict);

        using var thief = new NoteSigningKey("log.example/a", NoteKeyType.Ed25519, Digest.Sha256("thief"u8).Octets);
        Assert.Equal(MonitorVerdict.BadSignature, Look(SignedCheckpoint.Sign(head.Checkpoint, thief), null, tiles).Verdict);
        Assert.Equal(MonitorVerdict.Unreadable, LogMonitor.Look("x"u8, null, Policy, tiles, null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(MonitorVerdict.Unreadable, Look(head, null, tiles, new([], [], 0)).Verdict);
    }
}

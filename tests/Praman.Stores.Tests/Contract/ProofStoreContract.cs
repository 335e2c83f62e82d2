using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;
using Praman.Proof.Stores;

namespace Praman.Stores.Tests.Contract;

/// <summary>Salts, batches of leaves, and the index of the log.</summary>
public abstract class ProofStoreContract(Func<Task<IStores>> open) : StoreContract(open)
{
    private static readonly LocalDate Night = new(2026, 4, 2);
    private static readonly UsagePointId One = new(1), Two = new(2);

    [Fact]
    public async Task AMasterIsMadeOnceAndKept()
    {
        IReadOnlyList<MasterSalt> made = await Stores.Salts.GetAsync([One, Two, One], Stop);
        string[] octets = [.. made.Select(Hex)];
        await Stores.ReopenAsync();

        Assert.Equal(octets, (await Stores.Salts.GetAsync([One, Two, One], Stop)).Select(Hex));
        Assert.Equal(octets[0], octets[2]);
        Assert.NotEqual(octets[0], octets[1]);
        Assert.Equal(octets[0], Hex((await Stores.Salts.FindAsync(One, Stop))!));
        Assert.Null(await Stores.Salts.FindAsync(new UsagePointId(3), Stop));
    }

    [Fact]
    public async Task AGivenMasterIsTakenOnlyWhereThereIsNone()
    {
        byte[] given = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        Assert.True(await Stores.Salts.AddAsync(One, given, Stop));
        Assert.False(await Stores.Salts.AddAsync(One, new byte[32], Stop));
        Assert.Equal(Convert.ToHexString(given), Hex((await Stores.Salts.GetAsync([One], Stop))[0]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Stores.Salts.AddAsync(Two, new byte[31], Stop));
    }

    [Fact]
    public async Task EveryStoredBlockAndRegisterHasEvidenceThatChecks()
    {
        await AppendAsync(0, 1, 2, 3);
        RegisterBlock register = Samples.Register(1, 0, "A1", 1_000), twin = Samples.Register(1, 0, "B2", 2_000);
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { Registers = [register, twin] }, Stop);
        StoredBatch? batch = await Stores.Batches.CloseAsync(Night, Stop);
        await Stores.ReopenAsync();

        IntervalBlock[] blocks = [register.Block, Samples.Block(2, 0), twin.Block, Samples.Block(9, 0), Samples.Block(2, 0, seed: 5)];
        IReadOnlyList<BlockEvidence?> evidence = await Stores.Batches.FindEvidenceAsync(blocks, Stop);
        BatchTree tree = await Stores.Batches.ReadTreeAsync(batch!.Number, Stop);

        Assert.Equal(new BatchHead(Night, 5, tree.Root), batch.Head);
        Assert.Equal([null, null], evidence.Skip(3));
        for (int i = 0; i < 3; i++)
        {
            BlockEvidence found = evidence[i]!;
            Assert.Equal(batch.Number, found.Batch);
            Assert.True(Commitment.Opens(Commitment.Compute(found.Salt!.Value.Span, blocks[i].Bytes.Span), found.Salt.Value.Span, blocks[i].Bytes.Span));
            Assert.Equal(BatchHead.LeafHash(Commitment.Compute(found.Salt.Value.Span, blocks[i].Bytes.Span)), found.Leaf);
            Assert.Equal(found.Leaf, tree.Leaves[found.Index]);
        }
        Assert.Equal(3, evidence.Take(3).Select(found => Convert.ToHexString(found!.Salt!.Value.Span)).Distinct().Count() + (SameHeader(register, twin) ? 1 : 0));
    }

    [Fact]
    public async Task ABatchTakesWhatWaitsInTheOrderOfRecordingAndTheNextGoesOn()
    {
        Assert.Null(await Stores.Batches.CloseAsync(Night, Stop));
        await AppendAsync(0, 3, 1);
        await AppendAsync(1, 3);
        StoredBatch first = (await Stores.Batches.CloseAsync(Night, Stop))!;
        Assert.Null(await Stores.Batches.CloseAsync(Night, Stop));
        await AppendAsync(0, 3, 1); // again: nothing new
        Assert.Null(await Stores.Batches.CloseAsync(Night, Stop));
        await AppendAsync(2, 3);
        StoredBatch second = (await Stores.Batches.CloseAsync(Night.PlusDays(1), Stop))!;
        await Stores.ReopenAsync();

        Assert.Equal((1L, 3L, 2L, 1L), (first.Number, first.Head.Size, second.Number, second.Head.Size));
        Assert.Equal([first, second], await Stores.Batches.ReadAsync(null, Stop));
        Assert.Equal([second], await Stores.Batches.ReadAsync(Night.PlusDays(1), Stop));
        Assert.Equal(first, await Stores.Batches.FindAsync(1, Stop));
        Assert.Null(await Stores.Batches.FindAsync(3, Stop));
        IReadOnlyList<BlockEvidence?> evidence = await Stores.Batches.FindEvidenceAsync([Samples.Block(3, 1), Samples.Block(3, 2)], Stop);
        Assert.Equal([(1L, 2), (2L, 0)], evidence.Select(found => (found!.Batch!.Value, found.Index)));
    }

    [Fact]
    public async Task ABlockThatWaitsForItsBatchHasALeafAndNoPlace()
    {
        await AppendAsync(0, 1);
        BlockEvidence evidence = (await Stores.Batches.FindEvidenceAsync([Samples.Block(1, 0)], Stop))[0]!;
        Assert.Null(evidence.Batch);
        Assert.Equal(BatchHead.LeafHash(Commitment.Compute(evidence.Salt!.Value.Span, Samples.Block(1, 0).Bytes.Span)), evidence.Leaf);
    }

    /// <summary>The path of each leaf is that of the whole tree, whatever the sizes of tiles, of receipts and of the batch before.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(255), InlineData(256), InlineData(257), InlineData(1_300)]
    public async Task PathsOfLeavesAreThoseOfTheTree(int size)
    {
        await AppendAsync(0, 9_001, 9_002, 9_003);
        await Stores.Batches.CloseAsync(Night, Stop);
        for (int first = 0; first < size; first += 100) await AppendAsync(1, [.. Enumerable.Range(first, Math.Min(100, size - first)).Select(i => (ulong)i + 1)]);
        StoredBatch batch = (await Stores.Batches.CloseAsync(Night, Stop))!;
        await Stores.ReopenAsync();

        BatchTree tree = await Stores.Batches.ReadTreeAsync(batch.Number, Stop);
        int[] indexes = [.. Enumerable.Range(0, size).Reverse()];
        IReadOnlyList<Digest[]> paths = await Stores.Batches.ReadPathsAsync(batch.Number, indexes, Stop);

        Assert.Equal(size, batch.Head.Size);
        for (int i = 0; i < size; i++) Assert.Equal(tree.Proof(indexes[i]), paths[i]);
        Assert.Equal(tree.Proof(size / 2), Assert.Single(await Stores.Batches.ReadPathsAsync(batch.Number, [size / 2], Stop)));
        Assert.Empty(await Stores.Batches.ReadPathsAsync(batch.Number, [], Stop));
    }

    [Fact]
    public async Task TheEntryOfABatchIsSetOnce()
    {
        await AppendAsync(0, 1);
        StoredBatch batch = (await Stores.Batches.CloseAsync(Night, Stop))!;
        await Stores.Batches.SetEntryAsync(batch.Number, 41, Stop);
        await Stores.Batches.SetEntryAsync(batch.Number, 41, Stop);
        await Assert.ThrowsAnyAsync<IOException>(async () => await Stores.Batches.SetEntryAsync(batch.Number, 42, Stop));
        Assert.Equal(41, (await Stores.Batches.FindAsync(batch.Number, Stop))!.Entry);
    }

    [Fact]
    public async Task AnErasedMasterLeavesTheTreeAndTakesTheSalts()
    {
        await AppendAsync(0, 1, 2);
        StoredBatch batch = (await Stores.Batches.CloseAsync(Night, Stop))!;
        string before = Hex((await Stores.Salts.GetAsync([One], Stop))[0]);

        Assert.True(await Stores.Salts.EraseAsync(One, Stop));
        Assert.False(await Stores.Salts.EraseAsync(One, Stop));
        await Stores.ReopenAsync();

        Assert.Null(await Stores.Salts.FindAsync(One, Stop));
        IReadOnlyList<BlockEvidence?> evidence = await Stores.Batches.FindEvidenceAsync([Samples.Block(1, 0), Samples.Block(2, 0)], Stop);
        Assert.Null(evidence[0]!.Salt);
        Assert.NotNull(evidence[1]!.Salt);
        Assert.Equal(batch.Head.Root, (await Stores.Batches.ReadTreeAsync(batch.Number, Stop)).Root);

        await AppendAsync(1, 1); // life goes on under a new master, which does not open what was before
        Assert.NotEqual(before, Hex((await Stores.Salts.GetAsync([One], Stop))[0]));
        evidence = await Stores.Batches.FindEvidenceAsync([Samples.Block(1, 0), Samples.Block(1, 1)], Stop);
        Assert.Null(evidence[0]!.Salt);
        Assert.NotNull(evidence[1]!.Salt);
    }

    [Fact]
    public async Task TheLogsIndexFindsEntriesBySubject()
    {
        LogIndexEntry[] entries =
        [
            new(0, new LogEntry(LogEntryKind.Tariff, Digest.Sha256("t"u8)), "delhi-brpl"), new(1, new LogEntry(LogEntryKind.Bill, Digest.Sha256("a"u8)), "B-1"),
            new(2, new LogEntry(LogEntryKind.Tariff, Digest.Sha256("u"u8)), "delhi-brpl"),
        ];
        await Stores.LogIndex.AppendAsync(entries, Stop);
        await Stores.LogIndex.AppendAsync(entries[1..2], Stop);
        await Assert.ThrowsAnyAsync<IOException>(async () => await Stores.LogIndex.AppendAsync([entries[1] with { Subject = "B-2" }], Stop));
        await Stores.ReopenAsync();

        Assert.Equal([entries[0], entries[2]], await Stores.LogIndex.FindAsync(LogEntryKind.Tariff, "delhi-brpl", Stop));
        Assert.Equal([entries[1]], await Stores.LogIndex.FindAsync(LogEntryKind.Bill, "B-1", Stop));
        Assert.Empty(await Stores.LogIndex.FindAsync(LogEntryKind.Bill, "B-2", Stop));
        Assert.Equal(entries[1..], await Stores.LogIndex.ReadAsync(1, 10, Stop));
        Assert.Equal(entries[..1], await Stores.LogIndex.ReadAsync(0, 1, Stop));
    }

    private static string Hex(MasterSalt master)
    {
        Span<byte> octets = stackalloc byte[32];
        Assert.True(master.TryExport(octets));
        return Convert.ToHexString(octets);
    }

    /// <summary>Two meters' registers at one instant share their header, so their salt.</summary>
    private static bool SameHeader(RegisterBlock a, RegisterBlock b) => a.Block.Header == b.Block.Header;

    private async Task AppendAsync(int day, params ulong[] usagePoints) =>
        await Stores.Readings.AppendAsync(Samples.Batch([.. usagePoints.Select(usagePoint => Samples.Block(usagePoint, day))]), Stop);
}

using CsCheck;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.Stores.Tests.Contract;

/// <summary>Day blocks and registers: appended all or none, idempotent, found by channel, by version and over the fleet.</summary>
public abstract class ReadingStoreContract(Func<Task<IStores>> open) : StoreContract(open)
{
    private static readonly Instant Later = Samples.Recorded + Duration.FromDays(3);

    [Fact]
    public async Task AMonthComesBackByStartAndOctetForOctetAfterReopening()
    {
        IntervalBlock[] month = [.. Enumerable.Range(0, 30).Select(day => Samples.Block(7, day))];
        IntervalBlock[] shuffled = [.. month];
        new Random(1).Shuffle(shuffled);
        IntervalBlock[] others = [Samples.Block(6, 3), Samples.Block(8, 3), Samples.Block(7, 3, type: ReadingType.ExportEnergy), Samples.Block(7, 30), Samples.Block(7, -1)];

        AppendResult result = await Stores.Readings.AppendAsync(Samples.Batch([.. others, .. shuffled]), Stop);
        await Stores.ReopenAsync();
        List<StoredBlock> read = await ListAsync(Stores.Readings.ReadAsync(Samples.Import(7), Samples.Days(0, 30), Instant.MaxValue, Stop));

        Assert.Equal(new AppendResult(35, 0), result);
        Assert.Equal(month, read.Select(stored => stored.Block));
        Assert.All(read, stored => Assert.Equal(Samples.Recorded, stored.RecordedAt));
    }

    [Fact]
    public async Task AGapIsAbsentAndAnUnknownChannelIsEmpty()
    {
        await Stores.Readings.AppendAsync(Samples.Batch(Samples.Block(1, 0), Samples.Block(1, 2)), Stop);

        List<StoredBlock> read = await ListAsync(Stores.Readings.ReadAsync(Samples.Import(1), Samples.Days(0, 5), Instant.MaxValue, Stop));

        Assert.Equal([Samples.Day(0), Samples.Day(2)], read.Select(stored => stored.Block.Start));
        Assert.Empty(await ListAsync(Stores.Readings.ReadAsync(Samples.Import(2), Samples.Days(0, 5), Instant.MaxValue, Stop)));
    }

    [Fact]
    public async Task ALongOrOpenPeriodIsReadWhole()
    {
        IntervalBlock[] blocks = [.. new[] { -9_000, -300, 0, 1, 400, 800, 9_000 }.Select(day => Samples.Block(1, day))];
        await Stores.Readings.AppendAsync(Samples.Batch(blocks), Stop);

        List<StoredBlock> read = await ListAsync(Stores.Readings.ReadAsync(Samples.Import(1), new Interval(null, null), Instant.MaxValue, Stop));

        Assert.Equal(blocks, read.Select(stored => stored.Block));
    }

    [Fact]
    public async Task TheSameAgainIsCountedAndChangesNothing()
    {
        ReadingBatch batch = Samples.Batch(Samples.Block(1, 0), Samples.Block(2, 0)) with { Registers = [Samples.Register(1, 0, "A1", 1_000)] };
        await Stores.Readings.AppendAsync(batch, Stop);

        AppendResult again = await Stores.Readings.AppendAsync(batch with { RecordedAt = Later, Blocks = [.. batch.Blocks, Samples.Block(3, 0)] }, Stop);
        List<StoredBlock> first = await ListAsync(Stores.Readings.ReadAsync(Samples.Import(1), Samples.Days(0, 1), Instant.MaxValue, Stop));
        List<StoredBlock> third = await ListAsync(Stores.Readings.ReadAsync(Samples.Import(3), Samples.Days(0, 1), Instant.MaxValue, Stop));

        Assert.Equal(new AppendResult(1, 3), again);
        Assert.Equal(Samples.Recorded, Assert.Single(first).RecordedAt);
        Assert.Equal(Later, Assert.Single(third).RecordedAt);
    }

    [Fact]
    public async Task OtherOctetsUnderAStoredKeyRefuseTheWholeBatch()
    {
        await Stores.Readings.AppendAsync(Samples.Batch(Samples.Block(2, 0)), Stop);
        ReadingBatch conflict = Samples.Batch(Samples.Block(1, 0), Samples.Block(2, 0, seed: 9), Samples.Block(3, 0)) with { Registers = [Samples.Register(1, 0, "A1", 5)] };

        VersionConflictException refusal = await Assert.ThrowsAsync<VersionConflictException>(async () => await Stores.Readings.AppendAsync(conflict, Stop));
        await Stores.ReopenAsync();

        Assert.Contains("UP-000000002", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await ListAsync(Stores.Readings.ReadAsync(Samples.Import(1), Samples.Days(0, 1), Instant.MaxValue, Stop)));
        Assert.Empty(await ListAsync(Stores.Readings.ReadAsync(Samples.Import(3), Samples.Days(0, 1), Instant.MaxValue, Stop)));
        StoredBlock kept = Assert.Single(await ListAsync(Stores.Readings.ReadAsync(Samples.Import(2), Samples.Days(0, 1), Instant.MaxValue, Stop)));
        Assert.Equal(Samples.Block(2, 0), kept.Block);
        Assert.Empty((await EvidenceAsync(1)).Registers);
    }

    [Fact]
    public async Task ARegisterWithAnotherValueOrResolutionIsAConflict()
    {
        RegisterBlock register = Samples.Register(1, 0, "A1", 1_000);
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { Registers = [register] }, Stop);

        foreach (RegisterBlock other in new[] { Samples.Register(1, 0, "A1", 1_001), register with { Resolution = 1 } })
        {
            await Assert.ThrowsAsync<VersionConflictException>(
                async () => await Stores.Readings.AppendAsync(new ReadingBatch(Later) { Registers = [other] }, Stop));
        }
        Assert.Equal(register, Assert.Single((await EvidenceAsync(1)).Registers).Register);
    }

    [Fact]
    public async Task TheVersionInForceIsTheHighestRecordedByThen()
    {
        await Stores.Readings.AppendAsync(Samples.Batch(Samples.Recorded, Samples.Block(1, 0), Samples.Block(1, 1)), Stop);
        await Stores.Readings.AppendAsync(Samples.Batch(Later, Samples.Block(1, 0, version: 1)), Stop);
        await Stores.Readings.AppendAsync(Samples.Batch(Later + Duration.FromDays(1), Samples.Block(1, 0, version: 2), Samples.Block(1, 1, version: 1)), Stop);

        async Task<IEnumerable<int>> InForce(Instant knownAt) =>
            (await ListAsync(Stores.Readings.ReadAsync(Samples.Import(1), Samples.Days(0, 2), knownAt, Stop))).Select(stored => stored.Block.Version);

        Assert.Empty(await InForce(Samples.Recorded - Duration.FromTicks(1)));
        Assert.Equal(new[] { 0, 0 }, await InForce(Samples.Recorded));
        Assert.Equal(new[] { 0, 0 }, await InForce(Later - Duration.FromTicks(1)));
        Assert.Equal(new[] { 1, 0 }, await InForce(Later));
        Assert.Equal(new[] { 2, 1 }, await InForce(Instant.MaxValue));
    }

    [Fact]
    public async Task EveryVersionOfADayIsKept()
    {
        await Stores.Readings.AppendAsync(Samples.Batch(Samples.Block(1, 0, version: 1), Samples.Block(1, 0), Samples.Block(1, 1)), Stop);
        await Stores.Readings.AppendAsync(Samples.Batch(Later, Samples.Block(1, 0, version: 2)), Stop);

        IReadOnlyList<StoredBlock> versions = await Stores.Readings.ReadVersionsAsync(Samples.Import(1), Samples.Day(0), Stop);

        Assert.Equal([Samples.Block(1, 0), Samples.Block(1, 0, version: 1), Samples.Block(1, 0, version: 2)], versions.Select(stored => stored.Block));
        Assert.Equal([Samples.Recorded, Samples.Recorded, Later], versions.Select(stored => stored.RecordedAt));
        Assert.Empty(await Stores.Readings.ReadVersionsAsync(Samples.Import(1), Samples.Day(0) + Duration.FromMinutes(1), Stop));
    }

    [Fact]
    public async Task MeterDaysOfOddLengthAndStartAreKept()
    {
        // A 25-hour day at quarter hours, a usage point with the highest number, and a day that begins at 18:15 UTC (Kathmandu).
        var header = new IntervalBlockHeader(new UsagePointId(ulong.MaxValue), ReadingType.ExportEnergy, Instant.FromUtc(2026, 10, 24, 18, 15), 15, 100, 3, BlockCause.Edit);
        var block = IntervalBlock.Create(header, new long[100], [.. Enumerable.Repeat(IntervalQuality.Raw, 100)]);
        await Stores.Readings.AppendAsync(Samples.Batch(block, Samples.Block(1, header.Start)), Stop);

        StoredBlock read = Assert.Single(await ListAsync(
            Stores.Readings.ReadAsync(header.Channel, new Interval(header.Start, header.Start + Duration.FromMinutes(1)), Instant.MaxValue, Stop)));

        Assert.Equal(block, read.Block);
        Assert.Equal(header, read.Block.Header);
    }

    [Fact]
    public async Task TheFleetIsStreamedByDayAndUsagePointWithTheVersionInForce()
    {
        for (ulong usagePoint = 1; usagePoint <= 5_000; usagePoint += 1_000)
        {
            ulong first = usagePoint;
            IEnumerable<IntervalBlock> blocks = Enumerable.Range(0, 1_000).SelectMany(i => new[] { Samples.Block(first + (ulong)i, 0), Samples.Block(first + (ulong)i, 1) });
            await Stores.Readings.AppendAsync(Samples.Batch([.. blocks, Samples.Block(first, 2), Samples.Block(first, 1, type: ReadingType.ExportEnergy)]), Stop);
        }
        await Stores.Readings.AppendAsync(Samples.Batch(Later, [.. Enumerable.Range(1, 5_000).Where(i => i % 7 == 0).Select(i => Samples.Block((ulong)i, 1, version: 1))]), Stop);

        List<StoredBlock> now = await ListAsync(Stores.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, Samples.Days(0, 2), Instant.MaxValue, Stop));
        List<StoredBlock> then = await ListAsync(Stores.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, Samples.Days(0, 2), Samples.Recorded, Stop));

        Assert.Equal(10_000, now.Count);
        Assert.Equal(
            Enumerable.Range(0, 2).SelectMany(day => Enumerable.Range(1, 5_000).Select(i => (Samples.Day(day), (ulong)i, day == 1 && i % 7 == 0 ? 1 : 0))),
            now.Select(stored => (stored.Block.Start, stored.Block.UsagePoint.Number, stored.Block.Version)));
        Assert.Equal(10_000, then.Count);
        Assert.All(then, stored => Assert.Equal(0, stored.Block.Version));
        Assert.Equal(Samples.Block(4_999, 1), then[^2].Block);
    }

    [Fact]
    public async Task AnAppendSeveralReceiptsLongIsWhole()
    {
        IntervalBlock[] blocks = [.. Enumerable.Range(1, 2_500).Select(i => Samples.Block((ulong)i, 0))];
        Assert.Equal(new AppendResult(2_500, 0), await Stores.Readings.AppendAsync(Samples.Batch(blocks), Stop));
        List<StoredBlock> read = await ListAsync(Stores.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, Samples.Days(0, 1), Samples.Recorded, Stop));
        Assert.Equal(blocks, read.Select(stored => stored.Block));
    }

    [Fact]
    public async Task ManyWritersAtOnceLoseNothing()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 64), Stop, async (writer, stop) =>
        {
            for (int day = 0; day < 8; day++) await Stores.Readings.AppendAsync(Samples.Batch(Samples.Block((ulong)writer, day)), stop);
        });
        await Stores.ReopenAsync();

        List<StoredBlock> read = await ListAsync(Stores.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, Samples.Days(0, 8), Instant.MaxValue, Stop));

        Assert.Equal(
            Enumerable.Range(0, 8).SelectMany(day => Enumerable.Range(0, 64).Select(writer => Samples.Block((ulong)writer, day))), read.Select(stored => stored.Block));
    }

    /// <summary>Whatever is appended, in whatever pieces and order and how often: the store holds each block once, as it was.</summary>
    [Fact]
    public async Task AnyOrderAndRepetitionGivesTheSameContent()
    {
        int round = 0;
        Gen<(ulong UsagePoint, int Day, int Version)[][]> pieces =
            Gen.Select(Gen.ULong[1, 4], Gen.Int[0, 5], Gen.Int[0, 2]).Array[1, 12].Array[1, 6];
        await pieces.SampleAsync(
            async batches =>
            {
                int shift = 100 * round++; // days of its own, so that one store serves all rounds
                var expected = new SortedDictionary<(ulong, int, int), IntervalBlock>();
                foreach ((ulong UsagePoint, int Day, int Version)[] keys in batches)
                {
                    IntervalBlock[] blocks = [.. keys.Select(key => Samples.Block(key.UsagePoint, shift + key.Day, key.Version))];
                    AppendResult result = await Stores.Readings.AppendAsync(Samples.Batch(blocks), Stop);
                    int before = expected.Count;
                    for (int i = 0; i < keys.Length; i++) expected[keys[i]] = blocks[i];
                    Assert.Equal(new AppendResult(expected.Count - before, keys.Length - (expected.Count - before)), result);
                }
                var found = new List<IntervalBlock>();
                for (ulong usagePoint = 1; usagePoint <= 4; usagePoint++)
                {
                    for (int day = 0; day <= 5; day++)
                    {
                        found.AddRange((await Stores.Readings.ReadVersionsAsync(Samples.Import(usagePoint), Samples.Day(shift + day), Stop)).Select(stored => stored.Block));
                    }
                }
                Assert.Equal(expected.Values, found);
            },
            iter: 25,
            seed: "0000000000001",
            threads: 1);
    }

    private async Task<UsagePointEvidence> EvidenceAsync(ulong usagePoint) =>
        (await Stores.Readings.ReadEvidenceAsync([new EvidenceQuery(new UsagePointId(usagePoint), Samples.Day(-5), Samples.Day(5), Instant.MaxValue)], Stop))[0];
}

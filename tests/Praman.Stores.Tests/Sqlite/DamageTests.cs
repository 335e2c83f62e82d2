using System.Globalization;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof.Merkle;
using Praman.Storage;
using Praman.Storage.Sqlite;

namespace Praman.Stores.Tests.Sqlite;

/// <summary>A flipped bit or a full disk is noticed and named; nothing of what was refused is kept.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>Each bit of a stored block in turn: the read names the block, or the values would be silently wrong.</summary>
    [Fact]
    public async Task EveryFlippedBitOfAStoredBlockIsNoticedByName()
    {
        IntervalBlock block = Samples.Block(42, 0);
        await MakeAsync(block, Samples.Block(41, 0));
        string path = _folder.File(PramanStore.DatabaseName);
        byte[] file = await File.ReadAllBytesAsync(path, Stop);
        int at = file.AsSpan().IndexOf(block.Bytes.Span);
        Assert.True(at > 0);

        for (int bit = 0; bit < block.Bytes.Length * 8; bit++)
        {
            file[at + bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(path, file, Stop);
            file[at + bit / 8] ^= (byte)(1 << (bit % 8));

            await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop);
            StoreException damage = await Assert.ThrowsAsync<StoreException>(async () => await ReadAsync(store, 42));
            Assert.Equal(StoreFault.Damaged, damage.Fault);
            Assert.Contains("UP-000000042", damage.Message, StringComparison.Ordinal);
            Assert.Contains(Samples.Day(0).ToString(), damage.Message, StringComparison.Ordinal);
            if (bit == 0) Assert.Equal(Samples.Block(41, 0), Assert.Single(await ReadAsync(store, 41)).Block);
        }
    }

    [Fact]
    public async Task AFlippedBitInALeafIsNoticedWhenItsBatchIsUsed()
    {
        await MakeAsync(Samples.Block(1, 0), Samples.Block(2, 0));
        byte[] leaf = new byte[32];
        await using (PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop))
        {
            await store.Batches.CloseAsync(new LocalDate(2026, 4, 2), Stop);
            (await store.Batches.FindEvidenceAsync([Samples.Block(2, 0)], Stop))[0]!.Leaf.CopyTo(leaf);
        }
        string path = _folder.File(PramanStore.DatabaseName);
        byte[] file = await File.ReadAllBytesAsync(path, Stop);
        int at = file.AsSpan().IndexOf(leaf);
        file[at + 7] ^= 0x10;
        await File.WriteAllBytesAsync(path, file, Stop);

        await using PramanStore damaged = await PramanStore.OpenAsync(_folder.Path, Stop);
        StoreException damage = await Assert.ThrowsAsync<StoreException>(async () => await damaged.Batches.ReadTreeAsync(1, Stop));
        Assert.Equal(StoreFault.Damaged, damage.Fault);
        IReadOnlyList<string> faults = await damaged.CheckAsync(Stop);
        Assert.Contains(faults, fault => fault.Contains("UP-000000002", StringComparison.Ordinal) && fault.Contains("leaf", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("batch 1", StringComparison.Ordinal));
    }

    /// <summary>A tile above the leaves, or a leaf, that is not what was closed makes no path; the full check names the tile.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task AFlippedBitInATileMakesNoPath(bool isOfLeaf)
    {
        await MakeAsync([.. Enumerable.Range(1, 600).Select(i => Samples.Block((ulong)i, 0))]);
        byte[] hash = new byte[32];
        await using (PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop))
        {
            await store.Batches.CloseAsync(new LocalDate(2026, 4, 2), Stop);
            BatchTree tree = await store.Batches.ReadTreeAsync(1, Stop);
            (isOfLeaf ? tree.Leaves[299] : tree.FullSubtrees(8)[1]).CopyTo(hash);
            Assert.Single(await store.Batches.ReadPathsAsync(1, [3], Stop));
        }
        string path = _folder.File(PramanStore.DatabaseName);
        byte[] file = await File.ReadAllBytesAsync(path, Stop);
        file[file.AsSpan().IndexOf(hash) + 7] ^= 0x10;
        await File.WriteAllBytesAsync(path, file, Stop);

        await using PramanStore damaged = await PramanStore.OpenAsync(_folder.Path, Stop);
        StoreException damage = await Assert.ThrowsAsync<StoreException>(async () => await damaged.Batches.ReadPathsAsync(1, [isOfLeaf ? 298 : 3], Stop));
        Assert.Equal(StoreFault.Damaged, damage.Fault);
        Assert.Contains("batch 1", damage.Message, StringComparison.Ordinal);
        Assert.Contains(await damaged.CheckAsync(Stop), fault => fault.Contains(isOfLeaf ? "batch 1" : "tile 1/0 of batch 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheFullCheckFindsAFlippedBitAndPassesAWholeStore()
    {
        IntervalBlock block = Samples.Block(3, 1);
        await MakeAsync(Samples.Block(3, 0), block, Samples.Block(4, 0));
        await using (PramanStore whole = await PramanStore.OpenAsync(_folder.Path, Stop)) Assert.Empty(await whole.CheckAsync(Stop));
        string path = _folder.File(PramanStore.DatabaseName);
        byte[] file = await File.ReadAllBytesAsync(path, Stop);
        file[file.AsSpan().IndexOf(block.Bytes.Span) + 40] ^= 1;
        await File.WriteAllBytesAsync(path, file, Stop);

        await using PramanStore damaged = await PramanStore.OpenAsync(_folder.Path, Stop);
        string fault = Assert.Single(await damaged.CheckAsync(Stop));
        Assert.Contains("UP-000000003", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADamagedPageIsNamedByTheFullCheck()
    {
        await MakeAsync([.. Enumerable.Range(1, 3_000).Select(i => Samples.Block((ulong)i, 0))]);
        string path = _folder.File(PramanStore.DatabaseName);
        byte[] file = await File.ReadAllBytesAsync(path, Stop);
        file.AsSpan(file.Length / 2 / 8_192 * 8_192, 64).Fill(0xA5); // head of a page in the middle
        await File.WriteAllBytesAsync(path, file, Stop);

        await using PramanStore damaged = await PramanStore.OpenAsync(_folder.Path, Stop);
        Assert.NotEmpty(await damaged.Database.CheckAsync(Stop));
    }

    /// <summary>The look before serving finds the page; where its time is over it stops without a word, and leaves the file as it is.</summary>
    [Fact]
    public async Task TheLookBeforeOpeningFindsADamagedPageWithinItsTimeAndWritesNothing()
    {
        await MakeAsync([.. Enumerable.Range(1, 3_000).Select(i => Samples.Block((ulong)i, 0))]);
        string path = _folder.File(PramanStore.DatabaseName);
        SqliteDatabase.Inspect(path, TimeSpan.FromMinutes(1), _ => null);
        byte[] file = await File.ReadAllBytesAsync(path, Stop);
        file.AsSpan(file.Length / 2 / 8_192 * 8_192, 64).Fill(0xA5);
        await File.WriteAllBytesAsync(path, file, Stop);

        StoreException damage = Assert.Throws<StoreException>(() => SqliteDatabase.Inspect(path, TimeSpan.FromMinutes(1), _ => null));
        Assert.Equal(StoreFault.Damaged, damage.Fault);
        bool wasAsked = false;
        SqliteDatabase.Inspect(path, TimeSpan.Zero, _ =>
        {
            wasAsked = true;
            return null;
        });
        Assert.True(wasAsked);
        Assert.Equal(file, await File.ReadAllBytesAsync(path, Stop));
    }

    [Fact]
    public async Task AFullDiskRefusesTheWholeAppendAndLaterTakesIt()
    {
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop);
        await store.Readings.AppendAsync(Samples.Batch(Samples.Block(1, 0)), Stop);
        ReadingBatch large = Samples.Batch([.. Enumerable.Range(2, 5_000).Select(i => Samples.Block((ulong)i, 0))]);
        await LimitPagesAsync(store, store.Database.Read(session => session.Scalar("PRAGMA page_count")) + 20);

        StoreException full = await Assert.ThrowsAsync<StoreException>(async () => await store.Readings.AppendAsync(large, Stop));
        Assert.Equal(StoreFault.Full, full.Fault);
        Assert.Single(await FleetAsync(store));

        Assert.Equal(new AppendResult(1, 0), await store.Readings.AppendAsync(Samples.Batch(Samples.Block(1, 1)), Stop)); // a small one still fits
        await LimitPagesAsync(store, int.MaxValue);
        Assert.Equal(new AppendResult(5_000, 0), await store.Readings.AppendAsync(large, Stop));
        Assert.Equal(5_002, (await FleetAsync(store)).Count);
        Assert.Empty(await store.CheckAsync(Stop));
    }

    /// <summary>SQLite's own limit on the file answers as a full disk does: SQLITE_FULL, from the same place.</summary>
    private static Task LimitPagesAsync(PramanStore store, long pages) =>
        store.Database.WriteAsync(session => session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages}")), Stop);

    private static async Task<List<StoredBlock>> ReadAsync(PramanStore store, ulong usagePoint)
    {
        var list = new List<StoredBlock>();
        await foreach (StoredBlock block in store.Readings.ReadAsync(Samples.Import(usagePoint), Samples.Days(0, 30), Instant.MaxValue, Stop)) list.Add(block);
        return list;
    }

    private static async Task<List<StoredBlock>> FleetAsync(PramanStore store)
    {
        var list = new List<StoredBlock>();
        await foreach (StoredBlock block in store.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, new Interval(null, null), Instant.MaxValue, Stop)) list.Add(block);
        return list;
    }

    private async Task MakeAsync(params IntervalBlock[] blocks)
    {
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop);
        await store.Readings.AppendAsync(Samples.Batch(blocks), Stop);
    }
}

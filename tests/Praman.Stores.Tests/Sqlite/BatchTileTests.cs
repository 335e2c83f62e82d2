using Microsoft.Data.Sqlite;
using NodaTime;
using Praman.Proof;
using Praman.Proof.Merkle;
using Praman.Proof.Stores;
using Praman.Storage;

namespace Praman.Stores.Tests.Sqlite;

/// <summary>Paths are read from tiles: what is held for one does not grow with the night.</summary>
public sealed class BatchTileTests : IDisposable
{
    private static readonly LocalDate Night = new(2026, 4, 2);
    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>More leaves than two levels of tiles hold, so that there is a third.</summary>
    [Fact]
    public async Task APathAllocatesAFewTilesWhereTheTreeTakesAllOfTheNight()
    {
        const int Size = 66_000, TileOctets = 16 * 1024;
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop);
        StoredBatch batch = await MakeAsync(store, Size);
        int[] indexes = [65_999, 65_536, 0, 255, 256, 40_000];
        await store.Batches.ReadPathsAsync(batch.Number, indexes, Stop); // statements and code are made once

        (long ofTree, BatchTree tree) = await AllocatedAsync(() => store.Batches.ReadTreeAsync(batch.Number, Stop));
        (long ofPath, IReadOnlyList<Digest[]> one) = await AllocatedAsync(() => store.Batches.ReadPathsAsync(batch.Number, [40_000], Stop));

        Assert.InRange(ofTree, 64L * Size, 128L * Size);
        Assert.InRange(ofPath, 1, 8 * TileOctets);
        Assert.Equal(tree.Proof(40_000), Assert.Single(one));
        IReadOnlyList<Digest[]> paths = await store.Batches.ReadPathsAsync(batch.Number, indexes, Stop);
        for (int i = 0; i < indexes.Length; i++) Assert.Equal(tree.Proof(indexes[i]), paths[i]);
    }

    /// <summary>A batch that was closed by an earlier program has no tiles: they are made once, when a path is asked for, and are then whole.</summary>
    [Fact]
    public async Task ABatchWithoutTilesGetsThemWhenAPathIsAskedFor()
    {
        Digest[] before;
        await using (PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop)) before = (await store.Batches.ReadPathsAsync((await MakeAsync(store, 700)).Number, [300], Stop))[0];
        Assert.Equal(1, Execute("DELETE FROM batch_tile"));
        await using (PramanStore store = await PramanStore.OpenAsync(_folder.Path, Stop))
        {
            Assert.Empty(await store.CheckAsync(Stop));
            Assert.Equal(before, (await store.Batches.ReadPathsAsync(1, [300], Stop))[0]);
            Assert.Empty(await store.CheckAsync(Stop));
        }
        Assert.Equal(1, Execute("DELETE FROM batch_tile"));
    }

    private static async Task<StoredBatch> MakeAsync(PramanStore store, int size)
    {
        for (int first = 0; first < size; first += 1_000)
        {
            await store.Readings.AppendAsync(Samples.Batch([.. Enumerable.Range(first, Math.Min(1_000, size - first)).Select(i => Samples.Block((ulong)i + 1, 0))]), Stop);
        }
        return (await store.Batches.CloseAsync(Night, Stop))!;
    }

    /// <summary>Octets that a read allocates on this thread; reads of the store are done when their task is.</summary>
    private static async Task<(long Octets, T Result)> AllocatedAsync<T>(Func<ValueTask<T>> read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        ValueTask<T> answer = read();
        Assert.True(answer.IsCompleted);
        long octets = GC.GetAllocatedBytesForCurrentThread() - before;
        return (octets, await answer);
    }

    private int Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.File(PramanStore.DatabaseName)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }
}

using NodaTime;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Tiles;
using Praman.Server.People;
using Praman.Server.Queries;
using Praman.Server.Stores;

namespace Praman.Server.Tests.Operations;

/// <summary>The log's files from a real data folder.</summary>
public sealed class StoreLogFilesTests
{
    [Fact]
    public async Task OnlyWhatTheCheckpointCoversIsServed()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        ILogFiles files = Files(world);
        for (int i = 0; i < 4; i++) world.Log.Append(new LogEntry(LogEntryKind.Receipt, Digest.Sha256([(byte)i])), $"receipt {i}");
        await world.Log.PublishAsync(Instant.FromUtc(2026, 5, 2, 0, 0), CancellationToken.None);
        Assert.Equal(5, world.Log.Head!.Size);
        // A publication that failed leaves wider tiles, and full ones, behind the checkpoint.
        foreach (int level in (int[])[0, TilePath.EntriesLevel])
        {
            world.Store.Log.Write(new TilePath(level, 0, 6), new byte[6 * Digest.Length]);
            world.Store.Log.Write(new TilePath(level, 0, TilePath.FullWidth), new byte[TilePath.FullWidth * Digest.Length]);
            world.Store.Log.Write(new TilePath(level, 1, 1), new byte[Digest.Length]);
        }
        foreach (string path in (string[])["0/000.p/6", "0/000", "0/001.p/1", "entries/000.p/6", "entries/000", "entries/001.p/1", "1/000.p/1", "63/000.p/1", "0/x999/x999/999"])
        {
            Assert.Null(await files.FindTileAsync(path, CancellationToken.None));
        }
        ReadOnlyMemory<byte> hashes = (await files.FindTileAsync("0/000.p/5", CancellationToken.None))!.Value;
        Assert.Equal(5 * Digest.Length, hashes.Length);
        ReadOnlyMemory<byte> narrow = (await files.FindTileAsync("0/000.p/3", CancellationToken.None))!.Value;
        Assert.True(narrow.Span.SequenceEqual(hashes.Span[..(3 * Digest.Length)]));
        ReadOnlyMemory<byte> bundle = (await files.FindTileAsync("entries/000.p/2", CancellationToken.None))!.Value;
        Assert.True(EntryBundle.TryParse(bundle, 2, out var entries, out _));
        Assert.True(LogEntry.TryParse(entries[1].Span, out LogEntry second, out _));
        Assert.Equal(Digest.Sha256([0]), second.Commitment);
    }

    [Fact]
    public async Task CountsGoOnFromWhatWasCounted()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        ILogFiles files = Files(world);
        Assert.Equal([new("meter-day-root", 1)], (await files.SummaryAsync(CancellationToken.None)).EntriesByKind);
        await world.BillAsync();
        LogSummary grown = await files.SummaryAsync(CancellationToken.None), again = await files.SummaryAsync(CancellationToken.None);
        Assert.Equal(world.Log.Head!.Size, grown.TreeSize);
        Assert.Equal(grown.TreeSize, grown.EntriesByKind.Sum(pair => pair.Value));
        Assert.Contains(new("bill", 3), grown.EntriesByKind);
        Assert.Equal(grown.TreeSize, again.TreeSize);
        Assert.Equal(grown.EntriesByKind, again.EntriesByKind);
    }

    private static ILogFiles Files(BillingWorld world) =>
        StoreServer.Options(world.Store, world.Tariffs, world.Log.Keys, new PeopleList([]), 0, DateTimeZone.Utc).Log;
}

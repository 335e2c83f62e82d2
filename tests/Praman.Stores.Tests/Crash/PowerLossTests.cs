using System.Buffers.Binary;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage;

namespace Praman.Stores.Tests.Crash;

/// <summary>
/// Power fails: what was synchronised stands, and of what was written after that any part may be old, new, gone or noise. The images are made
/// of the files before and after a commit, by SQLite's order: the log is synchronised before a commit is answered and before a checkpoint
/// copies it into the file, and a log that begins anew has its header synchronised first. A disk that lies about synchronising is not simulated.
/// </summary>
public sealed class PowerLossTests
{
    private const int Losses = 60;
    private const int HeaderLength = 32, FrameHeaderLength = 24, Sector = 512;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatWasAcknowledgedBeforeThePowerFailedStandsAndNothingIsThereByHalf()
    {
        using var folder = new TempFolder();
        var kinds = new Dictionary<string, int> { ["commit"] = 0, ["checkpoint"] = 0, ["log begun anew"] = 0 };
        int acknowledged = 0, keptUnanswered = 0;
#pragma warning disable CA5394 // a seeded sequence, so that a failure can be repeated
        var random = new Random(20_260_402);
        await using PramanStore store = await PramanStore.OpenAsync(folder.Path, Stop);
        // Checkpoints come every few commits here, so that the power fails in them too.
        await store.Database.WriteAsync(session => session.Execute("PRAGMA wal_autocheckpoint = 150"), Stop);
        Assert.Equal(2, await store.Database.WriteAsync(session => session.Scalar("PRAGMA synchronous"), 1, Stop));
        for (int loss = 0; loss < Losses; loss++)
        {
            for (int more = random.Next(1, 4); more > 0; more--) await store.Readings.AppendAsync(CrashPlan.Batch(acknowledged++), Stop);
            Files before = Files.Of(folder);
            await store.Readings.AppendAsync(CrashPlan.Batch(acknowledged), Stop); // the one whose answer the power failure takes
            Files after = Files.Of(folder);
            (string kind, Files image) = Fail(before, after, random);
            kinds[kind]++;
            bool isThere = await CheckAsync(image, acknowledged, $"loss {loss}, in a {kind}");
            if (isThere) keptUnanswered++;
            acknowledged++;
        }
#pragma warning restore CA5394
        Assert.All(kinds, pair => Assert.True(pair.Value > 0, $"no power failure in a {pair.Key}"));
        Assert.InRange(keptUnanswered, 1, Losses - 1); // both kinds came about
    }

    [Fact]
    public async Task ALogThatLostASynchronisedFrameWouldBeNoticed()
    {
        using var folder = new TempFolder();
        await using PramanStore store = await PramanStore.OpenAsync(folder.Path, Stop);
        for (int number = 0; number < 3; number++) await store.Readings.AppendAsync(CrashPlan.Batch(number), Stop);
        Files files = Files.Of(folder);
        byte[] cut = files.Log[..(int)(CommittedEnd(files.Log) - 1)];
        Assert.NotEmpty(cut);
        Assert.False(await CheckAsync(files with { Log = cut }, 2, "a cut log")); // the third is gone: the check above would say so
        Assert.True(await CheckAsync(files, 2, "the whole log"));
    }

    /// <summary>What a disk may hold when the power fails between two states of the files.</summary>
    private static (string Kind, Files Image) Fail(Files before, Files after, Random random)
    {
#pragma warning disable CA5394
        long durable = CommittedEnd(before.Log);
        bool isBegunAnew = before.Log.Length > 0 && !before.Log.AsSpan(0, HeaderLength).SequenceEqual(after.Log.AsSpan(0, HeaderLength));
        if (!isBegunAnew && !before.Database.AsSpan().SequenceEqual(after.Database))
        {
            // After the commit's own synchronisation a checkpoint began: any pages of it may have reached the file; the log holds them all.
            byte[] database = [.. after.Database];
            int page = BinaryPrimitives.ReadInt32BigEndian(after.Log.AsSpan(8));
            for (int at = 0; at < database.Length; at += page)
            {
                if (random.Next(2) == 0) continue;
                Span<byte> now = database.AsSpan(at, Math.Min(page, database.Length - at));
                if (at + now.Length <= before.Database.Length) before.Database.AsSpan(at, now.Length).CopyTo(now);
                else now.Clear();
            }
            return ("checkpoint", new Files(database, after.Log));
        }
        if (isBegunAnew)
        {
            // A batch may be two commits, with a checkpoint between them: the file was synchronised before the log began anew, which no longer holds its pages.
            return ("log begun anew", random.Next(4) == 0 ? before : new Files(after.Database, Torn(before.Log, after.Log, HeaderLength, random)));
        }
        return ("commit", new Files(before.Database, Torn(before.Log, after.Log, durable, random)));
#pragma warning restore CA5394
    }

    /// <summary>The log with its octets from a place on, which were not synchronised, old, new, gone or noise by the sector.</summary>
    private static byte[] Torn(byte[] before, byte[] after, long from, Random random)
    {
#pragma warning disable CA5394
        byte[] torn = [.. after];
        int kind = random.Next(4);
        if (kind == 0) return torn[..random.Next((int)from, torn.Length + 1)];
        if (kind == 1) return torn; // all of it arrived, and the answer did not
        for (int at = (int)from; at < torn.Length; at = ((at / Sector) + 1) * Sector)
        {
            Span<byte> sector = torn.AsSpan(at, Math.Min((((at / Sector) + 1) * Sector) - at, torn.Length - at));
            switch (random.Next(kind == 2 ? 3 : 40))
            {
                case 0:
                    sector.Clear();
                    if (at < before.Length) before.AsSpan(at, Math.Min(sector.Length, before.Length - at)).CopyTo(sector);
                    break;
                case 1 when kind == 2:
                    random.NextBytes(sector);
                    break;
                default:
                    break;
            }
        }
        return torn;
#pragma warning restore CA5394
    }

    /// <summary>Where the last commit of the log ends (SQLite's file format, the write-ahead log); 0 for an empty one.</summary>
    private static long CommittedEnd(byte[] log)
    {
        if (log.Length < HeaderLength) return 0;
        int page = BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(8));
        ReadOnlySpan<byte> salts = log.AsSpan(16, 8);
        long end = HeaderLength;
        for (int at = HeaderLength; at + FrameHeaderLength + page <= log.Length; at += FrameHeaderLength + page)
        {
            if (!log.AsSpan(at + 8, 8).SequenceEqual(salts)) break; // of the log before
            if (BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(at + 4)) != 0) end = at + FrameHeaderLength + page;
        }
        return end;
    }

    /// <summary>Opens an image as a program would that starts after the failure. True where the batch that was under way is there.</summary>
    private static async Task<bool> CheckAsync(Files image, int underWay, string what)
    {
        using var folder = new TempFolder();
        image.WriteTo(folder);
        await using PramanStore store = await PramanStore.OpenAsync(folder.Path, Stop);
        Assert.Empty(await store.Database.CheckAsync(Stop));
        var found = new Dictionary<int, int>();
        await foreach (StoredBlock stored in store.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, new Interval(null, null), Instant.MaxValue, Stop))
        {
            int number = (int)(stored.Block.UsagePoint.Number / CrashPlan.BlocksOfBatch);
            Assert.Equal(Samples.Block(stored.Block.UsagePoint.Number, CrashPlan.Day(number)), stored.Block);
            found[number] = found.GetValueOrDefault(number) + 1;
        }
        bool isThere = found.Remove(underWay, out int blocks);
        Assert.True(!isThere || blocks == CrashPlan.BlocksOfBatch, $"{what}: batch {underWay} is there by half");
        for (int number = 0; number < underWay; number++)
        {
            Assert.True(found.Remove(number, out int all) && all == CrashPlan.BlocksOfBatch, $"{what}: batch {number} was acknowledged, and {all} of its blocks are there");
        }
        Assert.Empty(found);
        Assert.Equal(new AppendResult(isThere ? 0 : CrashPlan.BlocksOfBatch + 1, isThere ? CrashPlan.BlocksOfBatch + 1 : 0), await store.Readings.AppendAsync(CrashPlan.Batch(underWay), Stop));
        return isThere;
    }

    /// <summary>The octets of a database and its log.</summary>
    private sealed record Files(byte[] Database, byte[] Log)
    {
        private const string LogName = PramanStore.DatabaseName + "-wal";

        public static Files Of(TempFolder folder) => new(Read(folder.File(PramanStore.DatabaseName)), Read(folder.File(LogName)));

        public void WriteTo(TempFolder folder)
        {
            File.WriteAllBytes(folder.File(PramanStore.DatabaseName), Database);
            if (Log.Length > 0) File.WriteAllBytes(folder.File(LogName), Log);
        }

        private static byte[] Read(string path)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] octets = new byte[file.Length];
            file.ReadExactly(octets);
            return octets;
        }
    }
}

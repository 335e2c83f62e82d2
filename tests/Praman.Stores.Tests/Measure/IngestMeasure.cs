using System.Diagnostics;
using System.Globalization;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Storage;

namespace Praman.Stores.Tests.Measure;

/// <summary>
/// Figures of the embedded readings store, for docs/reference/storage.md. No test: run it in Release, alone on the machine,
/// <c>dotnet run --project tests/Praman.Stores.Tests -c Release -- measure</c>.
/// </summary>
internal sealed class IngestMeasure(TextWriter output) : IDisposable
{
    public const string Verb = "measure";

    private const int BlocksOfCommit = 1_000;
    private const int IntervalsOfDay = 48;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static async Task<int> RunAsync(TextWriter output)
    {
        foreach ((int meters, int days, int writers) in new[] { (20_000, 10, 1), (20_000, 10, 2), (20_000, 30, 2), (100_000, 10, 2) })
        {
            using var ingest = new IngestMeasure(output);
            await ingest.DurableCommitsOfAThousandBlocks(meters, days, writers);
        }
        using (var read = new IngestMeasure(output)) await read.MonthsAreReadWhileOthersIngest();
        using (var single = new IngestMeasure(output)) await single.OneMeterDayACommit();
        return 0;
    }

    private async Task DurableCommitsOfAThousandBlocks(int meters, int days, int writers)
    {
        CancellationToken stop = CancellationToken.None;
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, stop);
        List<ReadingBatch> batches = Batches(meters, days);
        await store.Salts.GetAsync([.. Enumerable.Range(1, meters).Select(i => new UsagePointId((ulong)i))], stop); // made once in a meter's life
        await AppendAsync(store, Batches(2_000, 1, firstDay: -40), 1, stop); // compiles the code

        using Process self = Process.GetCurrentProcess();
        long blocks = (long)meters * days, before = await FileLengthAsync(store, stop);
        TimeSpan processorBefore = self.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp(), commits = store.Database.CommitCount;
        await AppendAsync(store, batches, writers, stop);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        self.Refresh();
        TimeSpan processor = self.TotalProcessorTime - processorBefore;
        commits = store.Database.CommitCount - commits;
        Report($"{meters} meters x {days} days, commits of {BlocksOfCommit}, {writers} writer(s): {Rate(blocks, took)} M readings/s wall, "
            + $"{Rate(blocks, processor)} M readings/s and core, {commits} commits");

        long codec = batches.Sum(batch => batch.Blocks.Sum(block => (long)block.Bytes.Length)), file = await FileLengthAsync(store, stop) - before;
        Report($"  octets an interval: {PerInterval(codec, blocks)} canonical, {PerInterval(file - 32 * blocks, blocks)} stored beside the leaf of 32 octets a block, {PerInterval(file, blocks)} in all");

        (double p50, double p99, int count) = await ReadMonthsAsync(store, meters, 3_000, stop);
        Report($"  a month of one channel, idle: p50 {p50:F3} ms, p99 {p99:F3} ms ({count} reads)");
        start = Stopwatch.GetTimestamp();
        long wh = 0;
        int found = 0;
        await foreach (StoredBlock block in store.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, Samples.Days(1, 1), Instant.MaxValue, stop))
        {
            wh += block.Block.Sum();
            found++;
        }
        Report($"  a day of the fleet, read and summed: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms, {found} blocks, {wh / 1_000} kWh");
        if (found != meters) throw new InvalidOperationException($"{found} blocks were read of {meters} that were stored");
    }

    private async Task MonthsAreReadWhileOthersIngest()
    {
        const int Meters = 20_000, Days = 30;
        CancellationToken stop = CancellationToken.None;
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, stop);
        await AppendAsync(store, Batches(Meters, Days), 2, stop);
        List<ReadingBatch> more = Batches(Meters, 30, firstDay: Days);

        long start = Stopwatch.GetTimestamp();
        Task ingest = AppendAsync(store, more, 1, stop);
        var times = new List<double>();
        while (!ingest.IsCompleted)
        {
            (double p50, _, _) = await ReadMonthsAsync(store, Meters, 1, stop, seed: times.Count);
            times.Add(p50);
        }
        await ingest;
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        times.Sort();
        Report($"while {Rate((long)Meters * 30, took)} M readings/s are ingested: a month of one channel p50 {times[times.Count / 2]:F3} ms, p99 {times[times.Count * 99 / 100]:F3} ms ({times.Count} reads)");
    }

    private async Task OneMeterDayACommit()
    {
        CancellationToken stop = CancellationToken.None;
        await using PramanStore store = await PramanStore.OpenAsync(_folder.Path, stop);
        foreach (int writers in new[] { 1, 64, 512 })
        {
            List<ReadingBatch> batches = [.. Batches(4_000, 1, firstDay: writers).SelectMany(batch => batch.Blocks.Select(block => Samples.Batch(batch.RecordedAt, block)))];
            long start = Stopwatch.GetTimestamp(), commits = store.Database.CommitCount;
            await AppendAsync(store, batches, writers, stop);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Report($"one meter-day an append, {writers} at once: {batches.Count / seconds:F0} durable appends/s, {(store.Database.CommitCount - commits) / seconds:F0} commits/s");
        }
    }

    private static async Task AppendAsync(PramanStore store, List<ReadingBatch> batches, int writers, CancellationToken stop)
    {
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(
            async () =>
            {
                for (int i = Interlocked.Increment(ref next); i < batches.Count; i = Interlocked.Increment(ref next)) await store.Readings.AppendAsync(batches[i], stop);
            },
            stop)));
    }

    private static async Task<(double P50, double P99, int Count)> ReadMonthsAsync(PramanStore store, int meters, int count, CancellationToken stop, int seed = 1)
    {
        var random = new Random(seed);
        var times = new List<double>(count);
        for (int i = 0; i < count; i++)
        {
            ChannelId channel = Samples.Import((ulong)random.Next(1, meters + 1));
            long start = Stopwatch.GetTimestamp();
            int intervals = 0;
            await foreach (StoredBlock block in store.Readings.ReadAsync(channel, Samples.Days(0, 30), Instant.MaxValue, stop)) intervals += block.Block.Count;
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (intervals == 0) throw new InvalidOperationException($"nothing was read of {channel}");
        }
        times.Sort();
        return (times[times.Count / 2], times[times.Count * 99 / 100], times.Count);
    }

    /// <summary>A night of the fleet after another; within a night the meters answer in random order.</summary>
    private static List<ReadingBatch> Batches(int meters, int days, int firstDay = 0)
    {
        var random = new Random(1);
        var batches = new List<ReadingBatch>();
        ulong[] order = [.. Enumerable.Range(1, meters).Select(i => (ulong)i)];
        for (int day = firstDay; day < firstDay + days; day++)
        {
            random.Shuffle(order);
            foreach (ulong[] part in order.Chunk(BlocksOfCommit))
            {
                batches.Add(Samples.Batch(Samples.Day(day + 1) + Duration.FromHours(6), [.. part.Select(usagePoint => Samples.Block(usagePoint, day))]));
            }
        }
        return batches;
    }

    private async Task<long> FileLengthAsync(PramanStore store, CancellationToken stop)
    {
        await store.Database.CheckpointAsync(stop);
        return new FileInfo(_folder.File(PramanStore.DatabaseName)).Length;
    }

    private static string Rate(long blocks, TimeSpan took) => (blocks * IntervalsOfDay / took.TotalSeconds / 1e6).ToString("F2", CultureInfo.InvariantCulture);

    private static string PerInterval(long octets, long blocks) => (octets / (double)(blocks * IntervalsOfDay)).ToString("F3", CultureInfo.InvariantCulture);

    private void Report(string line) => output.WriteLine(line);
}

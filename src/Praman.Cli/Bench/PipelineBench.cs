using System.Diagnostics;
using System.Globalization;
using NodaTime;
using Praman.Cli.Demo;
using Praman.Dlms.Cosem;
using Praman.Dlms.Security;
using Praman.HeadEnd.Collection;
using Praman.Meter;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.Metering;
using Praman.Storage;

namespace Praman.Cli.Bench;

/// <summary>
/// The way of a reading, measured: secured sessions (P8), meters alive at once (P7), decrypt to durable leaf (P1), octets on disk (P9), blocks to bills (P3), bills checked
/// (P5). What feeds a part is made outside its measured time. Two threads where it says per core: the figure is divided by them.
/// </summary>
internal sealed partial class PipelineBench(int meters, ulong seed, string folder, int runs, string? only, Action<string> say)
{
    private const int ReadingsPerCall = 1_000;

    /// <summary>Meters that P9 is for: the smallest size at which goals are reported. What a database has once is large beside the days of a few.</summary>
    private const int SizeMetersMin = 10_000;

    private readonly MeterFrames _frames = new(seed);
    private readonly List<BenchFigure> _figures = [];

    public async Task<List<BenchFigure>> RunAsync(CancellationToken cancellationToken)
    {
        if (Wanted("P8")) Sessions();
        if (Wanted("P8")) await LoopbackAsync(cancellationToken).ConfigureAwait(false);
        if (only is not null && Wanted("P7")) Fleet(cancellationToken);
        if (Wanted("P1")) await IngestAsync(cancellationToken).ConfigureAwait(false);
        if (Wanted("P9")) await SizeAsync(cancellationToken).ConfigureAwait(false);
        if (Wanted("P3") || Wanted("P5")) Bills(cancellationToken);
        return _figures;
    }

    private bool Wanted(string goal) => only is null || only.Split(',').Contains(goal, StringComparer.OrdinalIgnoreCase);

    /// <summary>P8 in memory: both ends on one thread, each session a meter of its own.</summary>
    private void Sessions()
    {
        int count = Math.Min(meters, 10_000);
        say($"P8: {count} sessions in memory, {runs} runs ...");
        var all = new (VirtualMeter Meter, Meter.MeterKeys Keys, byte[] Title)[count];
        for (int i = 0; i < count; i++) all[i] = _frames.Meter(i);
        uint counter = 1;
        for (int i = 0; i < Math.Min(count, 500); i++) _frames.Read(all[i].Meter, all[i].Keys, counter); // warm
        double rate = Median(() =>
        {
            counter += 20;
            long start = Stopwatch.GetTimestamp();
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => _frames.Read(all[i].Meter, all[i].Keys, counter));
            return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
        _figures.Add(new("P8", "secured profile reads in memory, both ends, all cores", "reads/s", rate, 5_000, "association, four-pass HLS-GMAC, a day of 48 rows, release"));
    }

    /// <summary>P1: from the ciphered APDU to the durable, hashed, validated block.</summary>
    private async Task IngestAsync(CancellationToken cancellationToken)
    {
        say($"P1: making the secured days of {meters} meters ...");
        var frames = new MeterFrame[meters];
        Parallel.For(0, meters, new ParallelOptions { CancellationToken = cancellationToken }, i => frames[i] = _frames.Frame(i));
        await IngestAsync(frames, _frames.Layout(everyChannel: false), cancellationToken).ConfigureAwait(false);
        await IngestAsync([.. frames], _frames.Layout(everyChannel: true), cancellationToken).ConfigureAwait(false);
    }

    private async Task IngestAsync(MeterFrame[] frames, BlockLoadLayout layout, CancellationToken cancellationToken)
    {
        var rates = new List<double>();
        string spent = "";
        int channels = layout.Channels.Count;
        long begun = Stopwatch.GetTimestamp();
        do await IngestOnceAsync(frames, layout, cancellationToken).ConfigureAwait(false);
        while (Stopwatch.GetElapsedTime(begun) < WarmUp);
        for (int run = 0; run < runs; run++)
        {
            say($"P1: run {run + 1} of {runs} ...");
            (TimeSpan wall, TimeSpan cpu) = await IngestOnceAsync(frames, layout, cancellationToken).ConfigureAwait(false);
            rates.Add(meters * 48 / wall.TotalSeconds / Environment.ProcessorCount);
            spent = BenchRuns.PerCpuSecond(meters * 48.0, cpu, "rows");
        }
        double rate = BenchRuns.Median(rates);
        string rows = string.Create(
            CultureInfo.InvariantCulture, $"a row has {channels} channel(s), with their registers at both midnights: {rate * channels / 1e6:0.00} M values/s/core; calls of {ReadingsPerCall} meter days; {spent}");
        _figures.Add(new("P1", $"interval rows of {channels} channel(s): decrypted, decoded, validated, stored durably, leaf hashed", "rows/s/core", rate, 300_000, rows));
    }

    private async Task<(TimeSpan Wall, TimeSpan Cpu)> IngestOnceAsync(MeterFrame[] frames, BlockLoadLayout layout, CancellationToken cancellationToken)
    {
        TimeSpan wall, cpu;
        string place = Path.Combine(folder, "ingest");
        PramanStore store = await PramanStore.OpenAsync(place, cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            await store.UsagePoints.PutAsync([.. frames.Select(frame => new UsagePointRecord(frame.UsagePoint, [frame.Installation]))], cancellationToken).ConfigureAwait(false);
            await store.Salts.GetAsync([.. frames.Select(frame => frame.UsagePoint.Id)], cancellationToken).ConfigureAwait(false);
            var clock = new DrivenClock(_frames.End + Duration.FromMinutes(30));
            var ingest = new MeterDataIngest(store.Readings, store.UsagePoints, RuleSet.Default, clock);
            long start = Stopwatch.GetTimestamp();
            cpu = Environment.CpuUsage.TotalTime;
            int next = 0;
            Task[] workers = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(
                async () =>
                {
                    var reader = new FrameReader(layout, _frames);
                    while (true)
                    {
                        int first = Interlocked.Add(ref next, ReadingsPerCall) - ReadingsPerCall;
                        if (first >= frames.Length) return;
                        MeterReading[] readings = reader.Read(frames.AsSpan(first, Math.Min(ReadingsPerCall, frames.Length - first)));
                        await ingest.AcceptAsync(readings, cancellationToken).ConfigureAwait(false);
                    }
                },
                cancellationToken))];
            await Task.WhenAll(workers).ConfigureAwait(false);
            wall = Stopwatch.GetElapsedTime(start);
            cpu = Environment.CpuUsage.TotalTime - cpu;
        }
        Directory.Delete(place, recursive: true);
        return (wall, cpu);
    }

    /// <summary>P9: the database file after a month of half-hours, one channel, days arriving a night at a time in random order of meters.</summary>
    private async Task SizeAsync(CancellationToken cancellationToken)
    {
        int count = Math.Min(meters, SizeMetersMin);
        say($"P9: a month of {count} meters ...");
        BillCase[] cases = new BillCase[count];
        Parallel.For(0, count, i => cases[i] = Case(i));
        string place = Path.Combine(folder, "size");
        PramanStore store = await PramanStore.OpenAsync(place, cancellationToken).ConfigureAwait(false);
        int[] order = [.. Enumerable.Range(0, count)];
        var random = new Random((int)seed);
        long canonical = 0;
        await using (store.ConfigureAwait(false))
        {
            for (int day = 0; day < 30; day++)
            {
                random.Shuffle(order);
                foreach (int[] chunk in order.Chunk(ReadingsPerCall))
                {
                    IntervalBlock[] blocks = [.. chunk.Select(i => cases[i].Usage.Blocks[day])];
                    canonical += blocks.Sum(block => block.Bytes.Length);
                    await store.Readings.AppendAsync(new ReadingBatch(_frames.End + Duration.FromDays(day)) { Blocks = blocks }, cancellationToken).ConfigureAwait(false);
                }
            }
            await store.Database.CheckpointAsync(cancellationToken).ConfigureAwait(false);
        }
        double intervals = count * 1_440.0, file = new FileInfo(Path.Combine(place, PramanStore.DatabaseName)).Length;
        Directory.Delete(place, recursive: true);
        _figures.Add(new(
            "P9", "octets on disk an interval with its quality: the whole file, a month", "B/interval", file / intervals, 3,
            string.Create(CultureInfo.InvariantCulture, $"canonical block {canonical / intervals:0.00}, keys and checksums and free space the rest, leaf of 32 B a day included"))
        {
            Size = (count, SizeMetersMin),
        });
    }

    private double Median(Func<double> run)
    {
        var values = new List<double>();
        for (int i = 0; i < runs; i++) values.Add(run());
        return BenchRuns.Median(values);
    }

    /// <summary>Opens and decodes frames, one thread at a time.</summary>
    private sealed class FrameReader(BlockLoadLayout layout, MeterFrames source)
    {
        private readonly DayBlockAssembler _assembler = new();
        private readonly byte[] _plain = new byte[16 * 1024];
        private readonly byte[] _clientTitle = new byte[8];

        public MeterReading[] Read(ReadOnlySpan<MeterFrame> frames)
        {
            var readings = new MeterReading[frames.Length];
            for (int i = 0; i < frames.Length; i++) readings[i] = Read(frames[i]);
            return readings;
        }

        private MeterReading Read(MeterFrame frame)
        {
            using var security = new SecurityContext(SecurityControl.AuthenticatedEncryption, _clientTitle, frame.Guek, frame.Gak);
            security.SetPeerSystemTitle(frame.Title);
            SecurityOutcome outcome = security.Unprotect(frame.Apdu, _plain, out int written);
            if (outcome != SecurityOutcome.Success) throw new InvalidDataException($"a frame does not open: {outcome}");
            var blocks = new List<IntervalBlock>(layout.Channels.Count);
            var days = new List<DayCount>(1);
            // GET-Response-Normal: tag, choice, invoke id, result, then the data.
            if (!_assembler.TryAssemble(
                _plain.AsSpan(4, written - 4), layout, TimestampRule.India, frame.Installation, DemoOptions.India, source.Day, source.Day, blocks, days, out DecodeError error))
            {
                throw new InvalidDataException(error.ToString());
            }
            return new MeterReading(
                frame.Installation.EndDevice, frame.UsagePoint.Id, source.End + Duration.FromMinutes(5), Duration.Zero, blocks, layout.Channels.Count == 1 ? [frame.Registers[0], frame.Registers[4]] : frame.Registers, []);
        }
    }
}

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
/// The way of a reading, measured: secured sessions (P8), decrypt to durable leaf (P1), octets on disk (P9), blocks to bills (P3), bills checked
/// (P5). What feeds a part is made outside its measured time. Two threads where it says per core: the figure is divided by them.
/// </summary>
internal sealed partial class PipelineBench(int meters, ulong seed, string folder, int runs, Action<string> say)
{
    private const int ReadingsPerCall = 1_000;

    private readonly MeterFrames _frames = new(seed);
    private readonly List<BenchFigure> _figures = [];

    public async Task<List<BenchFigure>> RunAsync(CancellationToken cancellationToken)
    {
        Sessions();
        await LoopbackAsync(cancellationToken).ConfigureAwait(false);
        await IngestAsync(cancellationToken).ConfigureAwait(false);
        Bills(cancellationToken);
        return _figures;
    }

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

    /// <summary>P1 and P9: from the ciphered APDU to the durable, hashed, validated block.</summary>
    private async Task IngestAsync(CancellationToken cancellationToken)
    {
        say($"P1: making the secured days of {meters} meters ...");
        BlockLoadLayout layout = _frames.Layout();
        var frames = new MeterFrame[meters];
        Parallel.For(0, meters, new ParallelOptions { CancellationToken = cancellationToken }, i => frames[i] = _frames.Frame(i));
        var rates = new List<double>();
        double bytesPerInterval = 0;
        int channels = layout.Channels.Count;
        for (int run = 0; run < runs; run++)
        {
            say($"P1: run {run + 1} of {runs} ...");
            string place = Path.Combine(folder, $"run{run}");
            PramanStore store = await PramanStore.OpenAsync(place, cancellationToken).ConfigureAwait(false);
            await using (store.ConfigureAwait(false))
            {
                await store.UsagePoints.PutAsync([.. frames.Select(frame => new UsagePointRecord(frame.UsagePoint, [frame.Installation]))], cancellationToken).ConfigureAwait(false);
                await store.Salts.GetAsync([.. frames.Select(frame => frame.UsagePoint.Id)], cancellationToken).ConfigureAwait(false);
                var clock = new DrivenClock(_frames.End + Duration.FromMinutes(30));
                var ingest = new MeterDataIngest(store.Readings, store.UsagePoints, RuleSet.Default, clock);
                long start = Stopwatch.GetTimestamp();
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
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                rates.Add(meters * 48 / seconds / Environment.ProcessorCount);
                await store.Database.CheckpointAsync(cancellationToken).ConfigureAwait(false);
            }
            bytesPerInterval = new FileInfo(Path.Combine(place, PramanStore.DatabaseName)).Length / (double)meters / 48 / channels;
            Directory.Delete(place, recursive: true);
        }
        double rate = Median(rates);
        string rows = string.Create(CultureInfo.InvariantCulture, $"a row has {channels} channels: {rate * channels / 1e6:0.00} M values/s/core; calls of {ReadingsPerCall} readings, two registers a day");
        _figures.Add(new("P1", "interval rows: decrypted, decoded, validated, stored durably, leaf hashed", "rows/s/core", rate, 300_000, rows));
        _figures.Add(new("P9", "whole database file, all tables, an interval and channel", "B/interval", bytesPerInterval, 3, "with quality, keys, registers, leaf hashes, usage points and salts"));
    }

    private double Median(Func<double> run)
    {
        var values = new List<double>();
        for (int i = 0; i < runs; i++) values.Add(run());
        return Median(values);
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
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
                _plain.AsSpan(4, written - 4), layout, TimestampRule.India, frame.Installation, DemoOptions.Zone, source.Day, source.Day, blocks, days, out DecodeError error))
            {
                throw new InvalidDataException(error.ToString());
            }
            UsagePointId id = frame.UsagePoint.Id;
            EndDeviceId device = frame.Installation.EndDevice;
            return new MeterReading(
                device, id, source.End + Duration.FromMinutes(5), Duration.Zero, blocks,
                [
                    new RegisterReading(id, device, ReadingType.ImportRegister, source.Start, frame.OpeningWh),
                    new RegisterReading(id, device, ReadingType.ImportRegister, source.End, frame.ClosingWh),
                ],
                []);
        }
    }
}

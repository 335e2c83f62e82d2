using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Cli.Demo;

namespace Praman.Cli.Bench;

/// <summary>P4: prepaid days priced, posted to wallets, their thresholds looked at, and made durable. A night settles a day of every meter; its
/// postings go to a journal file, flushed to the disk before the next.</summary>
internal sealed class BillingBench(int meters, ulong seed, string folder, int runs, string? only, Action<string> say)
{
    /// <summary>Meters whose month is in memory at a time: the whole fleet goes through in such parts.</summary>
    private const int Part = 10_000;
    private const int DayCount = 30;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly LocalDate First = new(2025, 9, 1);
    private readonly List<BenchFigure> _figures = [];

    public List<BenchFigure> Run(CancellationToken cancellationToken)
    {
        if (only is not null && !only.Split(',').Contains("P4", StringComparer.OrdinalIgnoreCase)) return _figures;
        if (!TariffSet.TryLoad(RepositoryFiles.Find("tariffs"), out TariffSet? set, out var faults)) throw new InvalidDataException(faults[0].ToString());
        Directory.CreateDirectory(folder);
        Settle(CompiledTariff.Compile(set.Tariffs["in-gj-rgp-urban"], set), "slabs, fixed, fuel surcharge by date, duty", cancellationToken);
        Settle(CompiledTariff.Compile(set.Tariffs["in-br-ds2-urban"], set), "a free block: each day is rated twice, once for what earlier days cost under its rules", cancellationToken);
        return _figures;
    }

    private void Settle(CompiledTariff tariff, string what, CancellationToken cancellationToken)
    {
        say($"P4: {DayCount} days of {meters} meters under {tariff.Tariff.Id}, {runs} runs ...");
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < WarmUp) Month(tariff, Math.Min(meters, 1_000), cancellationToken);
        List<double> rates = [];
        string spent = "";
        long bytes = 0;
        for (int run = 0; run < runs; run++)
        {
            (TimeSpan wall, TimeSpan cpu, bytes) = Month(tariff, meters, cancellationToken);
            rates.Add((double)meters * DayCount / wall.TotalSeconds / Environment.ProcessorCount);
            spent = BenchRuns.PerCpuSecond((double)meters * DayCount, cpu, "meter days");
        }
        string detail = string.Create(CultureInfo.InvariantCulture, $"{tariff.Tariff.Id}: {what}; one flush for {Math.Min(Part, meters)} meter days, {bytes / ((double)meters * DayCount):0} B each; {spent}");
        _figures.Add(new("P4", "prepaid meter days: priced, posted by line, thresholds, durable", "days/s/core", BenchRuns.Median(rates), 50_000, detail));
    }

    /// <summary>A month of all meters, part by part; what feeds a part is made outside the measured time.</summary>
    private (TimeSpan Wall, TimeSpan Cpu, long Bytes) Month(CompiledTariff tariff, int count, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, "journal");
        TimeSpan wall = TimeSpan.Zero, cpu = TimeSpan.Zero;
        long bytes;
        using (var journal = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (int first = 0; first < count; first += Part)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Home[] homes = [.. Enumerable.Range(first, Math.Min(Part, count - first)).Select(meter => new Home(tariff, meter, seed))];
                long start = Stopwatch.GetTimestamp();
                TimeSpan before = Environment.CpuUsage.TotalTime;
                for (int day = 0; day < DayCount; day++) Night(homes, journal);
                wall += Stopwatch.GetElapsedTime(start);
                cpu += Environment.CpuUsage.TotalTime - before;
            }
            bytes = journal.Length;
        }
        File.Delete(path);
        return (wall, cpu, bytes);
    }

    private static void Night(Home[] homes, FileStream journal)
    {
        ConcurrentBag<ArrayBufferWriter<byte>> packed = [];
        Parallel.ForEach(Partitioner.Create(0, homes.Length), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, range =>
        {
            ArrayBufferWriter<byte> rows = new((range.Item2 - range.Item1) * 96);
            for (int i = range.Item1; i < range.Item2; i++) homes[i].Settle(rows);
            packed.Add(rows);
        });
        foreach (ArrayBufferWriter<byte> rows in packed) journal.Write(rows.WrittenSpan);
        journal.Flush(flushToDisk: true);
    }

    /// <summary>A prepaid home and its days to come.</summary>
    private sealed class Home
    {
        private readonly int _meter;
        private readonly decimal[] _kwh = new decimal[DayCount];
        private readonly PeriodSettlement _settlement;
        private readonly PrepaidAccount _account;
        private int _next;

        public Home(CompiledTariff tariff, int meter, ulong seed)
        {
            var random = new Random(unchecked((int)seed * 31) + meter);
            _meter = meter;
            for (int day = 0; day < DayCount; day++) _kwh[day] = random.Next(500, 14_000) / 1000m;
            _settlement = new(tariff, new() { Period = new(First, First.PlusDays(DayCount - 1)), SanctionedLoadKw = 2, MaxDemandKw = 1 });
            _account = new(RulePackSet.Default, HolidayCalendar.None, DemoOptions.India, 1_500m, 1_500m, At(0));
        }

        public void Settle(ArrayBufferWriter<byte> rows)
        {
            SettledDay day = _settlement.Post(new(_kwh[_next++]));
            if (day.Posting is not { } posting) throw new InvalidDataException($"a day of the benchmark is not rated: {day.Refusal!.Message}");
            _account.Post(At(_next), posting);
            Write(rows, posting, _account);
            _account.TakeEvents();
        }

        private static Instant At(int days) => First.PlusDays(days).AtStartOfDayInZone(DemoOptions.India).ToInstant();

        /// <summary>Meter, day, state, energy, balance, tariff, and each line in paise.</summary>
        private void Write(ArrayBufferWriter<byte> rows, DayPosting posting, PrepaidAccount account)
        {
            Span<byte> row = rows.GetSpan(48 + (8 * (posting.Lines.Count + posting.Repricing.Count)));
            BinaryPrimitives.WriteInt32LittleEndian(row, _meter);
            BinaryPrimitives.WriteInt32LittleEndian(row[4..], posting.Date.DayOfYear);
            row[8] = (byte)account.State;
            row[9] = (byte)posting.Lines.Count;
            row[10] = (byte)posting.Repricing.Count;
            row[11] = (byte)posting.Use.Quality;
            BinaryPrimitives.WriteInt64LittleEndian(row[12..], (long)(posting.Use.Kwh * 1000));
            BinaryPrimitives.WriteInt64LittleEndian(row[20..], (long)(account.Balance * 100));
            BinaryPrimitives.WriteInt32LittleEndian(row[28..], posting.Sequence);
            int at = 32;
            foreach (IReadOnlyList<PostingLine> lines in (ReadOnlySpan<IReadOnlyList<PostingLine>>)[posting.Lines, posting.Repricing])
            {
                for (int i = 0; i < lines.Count; i++, at += 8) BinaryPrimitives.WriteInt64LittleEndian(row[at..], (long)(lines[i].Amount * 100));
            }
            rows.Advance(at);
        }
    }
}

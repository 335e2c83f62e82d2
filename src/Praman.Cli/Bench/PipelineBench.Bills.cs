using System.Diagnostics;
using System.Globalization;
using System.Text;
using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Verification;
using Praman.Cli.Demo;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;

namespace Praman.Cli.Bench;

internal sealed partial class PipelineBench
{
    private const int Chunk = 2_000;

    /// <summary>Times that the files are gone through in one measured run, each with verifiers that know nothing yet.</summary>
    private const int Rounds = 5;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly DateInterval Month = new(new LocalDate(2026, 4, 1), new LocalDate(2026, 4, 30));

    /// <summary>P3: thirty packed days to an itemised bill, its canonical octets and its commitment. P5: such bills checked from their files.</summary>
    private void Bills(CancellationToken cancellationToken)
    {
        if (!TariffSet.TryLoad(RepositoryFiles.Find("tariffs"), out TariffSet? set, out var faults)) throw new InvalidDataException(faults[0].ToString());
        CompiledTariff tariff = CompiledTariff.Compile(set.Tariffs["in-gj-rgp-urban"], set);
        say($"P3: bills of {meters} meters, {runs} runs ...");
        BillCase[] warm = [.. Enumerable.Range(0, Math.Min(Chunk, meters)).Select(Case)];
        Warm(() => Bill(warm, tariff));
        var rates = new List<double>();
        for (int run = 0; run < runs; run++)
        {
            double seconds = 0;
            for (int first = 0; first < meters; first += Chunk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                BillCase[] cases = [.. Enumerable.Range(first, Math.Min(Chunk, meters - first)).Select(Case)];
                long start = Stopwatch.GetTimestamp();
                Bill(cases, tariff);
                seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
            rates.Add(meters / seconds / Environment.ProcessorCount);
        }
        _figures.Add(new("P3", "bills: 30 packed days and two registers to itemised bill, canonical octets, commitment", "bills/s/core", BenchRuns.Median(rates), 10_000, "in-gj-rgp-urban; the days are unpacked and summed once in the measured time, as the gate of a billing run does"));
        Verify(set, tariff);
    }

    private void Verify(TariffSet set, CompiledTariff tariff)
    {
        int count = Math.Min(meters, 2_000);
        say($"P5: {count} bills logged, then checked, {runs} runs ...");
        var key = new NoteSigningKey("log.praman.example/bench", NoteKeyType.Ed25519, new byte[32]);
        var witness = new NoteSigningKey("witness.praman.example/bench", NoteKeyType.CosignatureV1, new byte[32]);
        Log log = Log.Create(key, new MemoryTileStore());
        long tariffEntry = log.Append(new LogEntry(LogEntryKind.Tariff, tariff.Tariff.Hash));
        LoggedSeries[] series = [.. tariff.Series.Select(one => new LoggedSeries(one, log.Append(new LogEntry(LogEntryKind.TariffSeries, one.Hash))))];
        BillCase[] cases = [.. Enumerable.Range(0, count).Select(Case)];
        // One batch a day over all meters, as a night makes it; registers go with the first.
        var leaves = new List<Digest>[31];
        for (int day = 0; day < leaves.Length; day++) leaves[day] = [];
        foreach (BillCase one in cases)
        {
            for (int day = 0; day < 30; day++) leaves[day].Add(one.Leaves[day]);
            leaves[30].Add(one.Leaves[30]);
            leaves[30].Add(one.Leaves[31]);
        }
        (BatchTree Tree, LoggedBatch Batch)[] nights = [.. leaves.Select((all, day) =>
        {
            BatchTree tree = BatchTree.Adopt([.. all]);
            var head = new BatchHead(Month.Start.PlusDays(day + 1), tree.Size, tree.Root);
            return (tree, new LoggedBatch(head, log.Append(head.ToLogEntry())));
        })];
        var writer = new InvoiceWriter(tariff);
        var drafts = new List<(Invoice Invoice, byte[] Salt, long Entry)>();
        foreach (BillCase one in cases)
        {
            Invoice invoice = Bill(one, writer);
            byte[] salt = new byte[32];
            one.Master.TryDeriveBillSalt(Encoding.UTF8.GetBytes(invoice.BillNo), salt);
            drafts.Add((invoice, salt, log.Append(new LogEntry(LogEntryKind.Bill, Commitment.Compute(salt, invoice.Bytes.Span)))));
        }
        SignedCheckpoint head = log.Sign();
        head = head.With(witness.Cosign(head.Note.Text, _frames.End));
        var evidence = new BillEvidenceWriter(log, head.Size);
        var files = new List<BillFiles>();
        for (int i = 0; i < count; i++)
        {
            BillCase one = cases[i];
            IReadOnlyList<IntervalBlock> blocks = BillEvidenceWriter.BlocksOf(one.Usage);
            var logged = new LoggedBlock[blocks.Count];
            for (int b = 0; b < logged.Length; b++)
            {
                (BatchTree tree, LoggedBatch batch) = nights[Math.Min(b, 30)];
                logged[b] = LoggedBlock.In(tree, batch, b < 30 ? i : (2 * i) + (b - 30), blocks[b], one.Salts[b]);
            }
            byte[] octets = evidence.Write(drafts[i].Invoice.BillNo, logged, new LoggedTariff(tariff.Tariff, tariffEntry), series) ?? throw new InvalidDataException("a tile is missing");
            files.Add(new BillFiles(drafts[i].Invoice.Bytes, log.Prove(drafts[i].Entry, head, drafts[i].Salt)!.ToBytes(), octets));
        }
        var policy = new CheckpointPolicy([key.VerifierKey], [witness.VerifierKey], 1);
        Warm(() => Verify(files, policy));
        double rate = Median(() =>
        {
            long start = Stopwatch.GetTimestamp();
            for (int round = 0; round < Rounds; round++) Verify(files, policy);
            return Rounds * files.Count / Stopwatch.GetElapsedTime(start).TotalSeconds / Environment.ProcessorCount;
        });
        _figures.Add(new("P5", "bills verified from their files: 32 proven blocks, tariff, series, signatures, every line", "bills/s/core", rate, 5_000, "signatures and trees that bills share are checked once"));
    }

    /// <summary>Runs the part until its code is compiled as it stays: a process that has just started is another measurement.</summary>
    private static void Warm(Action part)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < WarmUp) part();
    }

    private static void Verify(List<BillFiles> files, CheckpointPolicy policy) => OnAllCores(files.Count, range =>
    {
        var verifier = new BillVerifier(policy);
        for (int i = range.Item1; i < range.Item2; i++)
        {
            if (!verifier.TryVerify(files[i], out BillVerdict? verdict, out UnreadableFile? fault) || !verdict.IsValid)
            {
                throw new InvalidDataException($"a bill of the benchmark does not verify: {fault?.ToString() ?? verdict?.Difference?.ToString() ?? string.Join(", ", verdict!.Missing)}");
            }
        }
    });

    private static void Bill(BillCase[] cases, CompiledTariff tariff) => OnAllCores(cases.Length, range =>
    {
        var writer = new InvoiceWriter(tariff);
        for (int i = range.Item1; i < range.Item2; i++) Bill(cases[i], writer);
    });

    private static void OnAllCores(int count, Action<Tuple<int, int>> part) => Parallel.ForEach(
        System.Collections.Concurrent.Partitioner.Create(0, count), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, part);

    private static Invoice Bill(BillCase one, InvoiceWriter writer)
    {
        long sum = 0;
        foreach (IntervalBlock block in one.Usage.Blocks) sum += block.Sum();
        if (sum != one.Usage.EnergyWh) throw new InvalidDataException("the days do not add up to the registers");
        string billNo = string.Create(CultureInfo.InvariantCulture, $"2026-04-{one.UsagePoint.Id.Number:D9}");
        InvoiceResult result = writer.Write(
            new InvoiceRequest(billNo, "MGVCL", one.UsagePoint, one.Usage with { IntervalsWh = sum }, new LocalDate(2026, 5, 1)), BillEvidenceWriter.ReadingsHash(one.Leaves));
        Invoice invoice = result.Invoice ?? throw new InvalidDataException(result.Refusal!.Message);
        Span<byte> salt = stackalloc byte[32];
        one.Master.TryDeriveBillSalt(Encoding.UTF8.GetBytes(billNo), salt);
        _ = Commitment.Compute(salt, invoice.Bytes.Span);
        return invoice;
    }

    private BillCase Case(int index)
    {
        var random = new Random((int)seed + index);
        var id = new UsagePointId((ulong)index + 1);
        var point = new UsagePoint(id, string.Create(CultureInfo.InvariantCulture, $"C{index}"), DemoOptions.India.Id, (1 + (index % 5)) * 1_000, 1, "in-gj-rgp-urban", []);
        var blocks = new List<IntervalBlock>(30);
        long values = 0;
        Span<long> wh = stackalloc long[48];
        Span<IntervalQuality> qualities = stackalloc IntervalQuality[48];
        qualities.Fill(IntervalQuality.Valid);
        int level = 40 + random.Next(200);
        Instant start = LocalDays.Bounds(Month.Start, DemoOptions.India).Start;
        for (int day = 0; day < 30; day++)
        {
            for (int i = 0; i < 48; i++)
            {
                wh[i] = level + random.Next(120) + (i is > 36 and < 46 ? random.Next(400) : 0);
                values += wh[i];
            }
            blocks.Add(IntervalBlock.Create(new(id, ReadingType.ImportEnergy, start + Duration.FromDays(day), 30, 48, 0, BlockCause.Received), wh, qualities));
        }
        Instant end = start + Duration.FromDays(30);
        long opening = 1_000_000 + random.Next(5_000_000);
        var device = new EndDeviceId(string.Create(CultureInfo.InvariantCulture, $"PRM{index}"));
        IntervalBlock first = IntervalBlock.CreateRegister(id, ReadingType.ImportRegister, start, opening, IntervalQuality.Valid);
        IntervalBlock last = IntervalBlock.CreateRegister(id, ReadingType.ImportRegister, end, opening + values, IntervalQuality.Valid);
        var segment = new RegisterSegment(
            device, new(id, device, ReadingType.ImportRegister, start, opening), new(id, device, ReadingType.ImportRegister, end, opening + values), first, last)
        { EnergyWh = values, RegisterDigits = 6, Multiplier = 1 };
        var usage = new BillableUsage(id, Month, blocks, [segment], values, 1_440, 0, 0, BillingGate.Final, [], "praman-vee-default/1", new string('0', 64));
        Span<byte> octets = stackalloc byte[32];
        random.NextBytes(octets);
        var master = new MasterSalt(octets);
        var salts = new Digest[32];
        var leaves = new Digest[32];
        IReadOnlyList<IntervalBlock> ordered = BillEvidenceWriter.BlocksOf(usage);
        Span<byte> salt = stackalloc byte[32];
        for (int i = 0; i < 32; i++)
        {
            master.TryDeriveBlockSalt(ordered[i].Bytes.Span[..12], salt);
            salts[i] = new Digest(salt);
            leaves[i] = BatchHead.LeafHash(Commitment.Compute(salt, ordered[i].Bytes.Span));
        }
        return new BillCase(point, usage, master, salts, leaves);
    }

    private sealed record BillCase(UsagePoint UsagePoint, BillableUsage Usage, MasterSalt Master, Digest[] Salts, Digest[] Leaves);
}

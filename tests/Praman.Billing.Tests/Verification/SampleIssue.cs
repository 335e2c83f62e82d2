using NodaTime;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Verification;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;
using Praman.Testing;

namespace Praman.Billing.Tests.Verification;

/// <summary>What a sample month is like.</summary>
internal sealed record SampleOptions
{
    public int Seed { get; init; } = 1;
    public string TariffId { get; init; } = "in-gj-rgp-urban";

    /// <summary>A tariff that no file holds, in place of <see cref="TariffId"/>.</summary>
    public CompiledTariff? Tariff { get; init; }
    public int Homes { get; init; } = 1;
    public string Zone { get; init; } = "Asia/Kolkata";
    public LocalDate From { get; init; } = new(2026, 4, 1);
    public LocalDate To { get; init; } = new(2026, 4, 30);
    public int IntervalMinutes { get; init; } = 30;
    public int StrangerLeaves { get; init; } = 5;
    public bool HasEstimates { get; init; }
    public long UnassignedWh { get; init; }
    public bool HasExchange { get; init; }

    /// <summary>Of the first meter; the one after an exchange has <see cref="NextMultiplier"/>.</summary>
    public int Multiplier { get; init; } = 1;
    public int NextMultiplier { get; init; } = 1;
    public bool RollsOver { get; init; }

    /// <summary>State of the last register: measured unless told.</summary>
    public IntervalState LastRegister { get; init; } = IntervalState.Valid;

    /// <summary>The meter gives intervals alone.</summary>
    public bool HasNoRegister { get; init; }
    public IReadOnlyList<string> Flags { get; init; } = [];
    public IReadOnlyDictionary<string, decimal>? External { get; init; }

    /// <summary>What the bills state beside, given how many intervals they have.</summary>
    public Func<int, StatedInputs>? Stated { get; init; }

    /// <summary>Of every home; null: of each its own.</summary>
    public int? SanctionedLoadW { get; init; }
    public int? PhaseCount { get; init; }

    /// <summary>A home whose bill the tariff does not make is left out; else the test fails.</summary>
    public bool LeavesOutRefused { get; init; }

    /// <summary>Changes the bill before it is logged: a false bill, truly logged.</summary>
    public Func<byte[], byte[]>? Forge { get; init; }

    /// <summary>Changes values and qualities of a day before they are committed.</summary>
    public Action<LocalDate, long[], IntervalQuality[]>? Tamper { get; init; }
    public bool LogsTariffLast { get; init; }
}

/// <summary>One home's bill as it is delivered.</summary>
internal sealed record SampleBill(BillFiles Files, Invoice Invoice, IReadOnlyList<LoggedBlock> Blocks)
{
    public byte[] Bill => Files.Bill.ToArray();
    public byte[] Proof => Files.Proof!.Value.ToArray();
    public byte[] Evidence => Files.Evidence!.Value.ToArray();
}

/// <summary>A month of bills of a street: blocks in nightly trees, tariff and bills in a log, a head with a witness. All from one seed.</summary>
internal sealed class SampleIssue
{
    private static readonly Dictionary<string, TariffSet> Sets = [];
    private SampleOptions _options;
    private readonly DateTimeZone _zone;
    private readonly Random _random;
    private readonly SortedDictionary<LocalDate, List<Digest>> _leaves = [];
    private readonly Dictionary<LocalDate, (BatchTree Tree, LoggedBatch Batch)> _batches = [];
    private readonly NoteSigningKey _logKey = new("log.example/discom", NoteKeyType.Ed25519, new byte[32]);
    private readonly NoteSigningKey _witnessKey = new("witness.example/w", NoteKeyType.CosignatureV1, Digest.Sha256("w"u8).Octets);

    public SampleIssue(SampleOptions options)
    {
        _options = options;
        _zone = DateTimeZoneProviders.Tzdb[options.Zone];
        _random = new Random(options.Seed);
        Policy = new([_logKey.VerifierKey], [_witnessKey.VerifierKey], 1);
        Issue();
    }

    public CheckpointPolicy Policy { get; }

    public List<SampleBill> Bills { get; } = [];

    public SampleBill Bill => Bills[0];

    /// <summary>Why homes were left out.</summary>
    public List<RatingRefusal> Refusals { get; } = [];

    public LoggedTariff Tariff { get; private set; } = null!;

    public static CompiledTariff Compile(string tariffId, out TariffSet set)
    {
        lock (Sets)
        {
            if (!Sets.TryGetValue(tariffId, out set!))
            {
                Assert.True(TariffSet.TryLoad(TestFiles.InRepository("tariffs", tariffId + ".json"), out TariffSet? loaded, out IReadOnlyList<TariffFault> faults), string.Join('\n', faults));
                Sets[tariffId] = set = loaded;
            }
        }
        return CompiledTariff.Compile(set.Tariffs[tariffId], set);
    }

    private sealed record Pending(BillableUsage Usage, UsagePoint Point, List<(IntervalBlock Block, Digest Salt, LocalDate Night, int Index)> Blocks);

    private void Issue()
    {
        CompiledTariff compiled = _options.Tariff ?? Compile(_options.TariffId, out _);
        // A tariff that ended before the sample's month is billed for its own first thirty days.
        if (compiled.Tariff.ValidTo < _options.To) _options = _options with { From = compiled.Tariff.ValidFrom, To = compiled.Tariff.ValidFrom.PlusDays(29) };
        var log = Log.Create(_logKey, new MemoryTileStore());
        var tariffEntry = new LogEntry(LogEntryKind.Tariff, compiled.Tariff.Hash);
        if (!_options.LogsTariffLast) Tariff = new(compiled.Tariff, log.Append(tariffEntry));
        List<LoggedSeries> series = [.. compiled.Series.Select(one => new LoggedSeries(one, log.Append(new LogEntry(LogEntryKind.TariffSeries, one.Hash))))];
        List<Pending> homes = [.. Enumerable.Range(0, _options.Homes).Select(MakeHome)];
        foreach ((LocalDate night, List<Digest> leaves) in _leaves)
        {
            for (int i = 0; i < _options.StrangerLeaves; i++) leaves.Add(Digest.Sha256(BitConverter.GetBytes(_random.NextInt64())));
            var tree = BatchTree.Build(leaves.ToArray());
            var head = new BatchHead(night, tree.Size, tree.Root);
            _batches[night] = (tree, new(head, log.Append(head.ToLogEntry())));
        }

        var invoices = new List<(Invoice Invoice, byte[] Bytes, Digest Salt, long Index, List<LoggedBlock> Blocks)>();
        var writer = new InvoiceWriter(compiled, allowsPartial: true);
        foreach (Pending home in homes)
        {
            List<LoggedBlock> blocks = [.. home.Blocks.Select(one => LoggedBlock.In(_batches[one.Night].Tree, _batches[one.Night].Batch, one.Index, one.Block, one.Salt))];
            string billNo = $"S{_options.Seed}-{home.Point.Id}";
            InvoiceResult result = writer.Write(
                new InvoiceRequest(billNo, "Sample Discom", home.Point, home.Usage, _options.To.PlusDays(3), _options.External)
                {
                    Stated = _options.Stated?.Invoke(home.Usage.IntervalCount) ?? StatedInputs.None,
                },
                BillEvidenceWriter.ReadingsHash(blocks.Select(block => block.Leaf)));
            if (result.Refusal is { } refusal) Refusals.Add(refusal);
            if (result.Invoice is null && _options.LeavesOutRefused) continue;
            Assert.True(result.Invoice is not null, result.Refusal?.Message);
            byte[] bytes = result.Invoice.Bytes.ToArray();
            if (_options.Forge is { } forge) bytes = forge(bytes);
            Digest salt = Digest.Sha256(BitConverter.GetBytes(_random.NextInt64()));
            invoices.Add((result.Invoice, bytes, salt, log.Append(new LogEntry(LogEntryKind.Bill, Commitment.Compute(salt.Octets, bytes))), blocks));
        }
        if (_options.LogsTariffLast) Tariff = new(compiled.Tariff, log.Append(tariffEntry));

        SignedCheckpoint head_ = log.Sign();
        WitnessAnswer answer = new Witness(_witnessKey, [log.VerifierKey]).Cosign(head_, 0, [], Instant.FromUtc(2026, 5, 3, 12, 0));
        SignedCheckpoint cosigned = head_.With(answer.Cosignature!);
        var evidence = new BillEvidenceWriter(log, cosigned.Size);
        foreach ((Invoice invoice, byte[] bytes, Digest salt, long index, List<LoggedBlock> blocks) in invoices)
        {
            byte[] file = evidence.Write(invoice.BillNo, blocks, Tariff, series)!;
            byte[] proof = log.Prove(index, cosigned, salt.Octets.ToArray())!.ToBytes();
            Bills.Add(new(new BillFiles(bytes, proof, file), invoice, blocks));
        }
    }

    private Pending MakeHome(int home)
    {
        var point = new UsagePoint(new UsagePointId((ulong)(42 + home)), $"SP-{home}", _options.Zone, _options.SanctionedLoadW ?? 2_000 + (1_000 * (home % 4)), _options.PhaseCount ?? (home % 5 == 4 ? 3 : 1), _options.TariffId, _options.Flags);
        var blocks = new List<IntervalBlock>();
        long energy = 0, estimatedWh = 0;
        int intervals = 0, estimated = 0, edited = 0;
        for (LocalDate day = _options.From; day <= _options.To; day = day.PlusDays(1))
        {
            int count = LocalDays.IntervalCount(day, _zone, _options.IntervalMinutes);
            long[] values = new long[count];
            var qualities = new IntervalQuality[count];
            for (int i = 0; i < count; i++)
            {
                values[i] = 20 + _random.Next(150) + (i > 36 ? _random.Next(400) : 0);
                qualities[i] = IntervalQuality.Valid;
                if (_options.HasEstimates && day.Day % 10 == 3 && i is >= 4 and < 10) qualities[i] = new(IntervalState.LinearInterpolation);
                if (_options.HasEstimates && day.Day % 10 == 4 && i < 3) qualities[i] = new(IntervalState.LateActual);
            }
            _options.Tamper?.Invoke(day, values, qualities);
            for (int i = 0; i < count; i++) values[i] *= Scale;
            intervals += count;
            for (int i = 0; i < count; i++)
            {
                energy += values[i];
                if (qualities[i].State is IntervalState.Accepted or IntervalState.Edited) edited++;
                if (!qualities[i].IsEstimated) continue;
                estimated++;
                estimatedWh += values[i];
            }
            Instant start = LocalDays.Bounds(day, _zone).Start;
            blocks.Add(IntervalBlock.Create(new(point.Id, ReadingType.ImportEnergy, start, _options.IntervalMinutes, count, 1, BlockCause.Estimation), values, qualities));
        }
        List<RegisterSegment> segments = MakeSegments(point.Id, energy + (_options.UnassignedWh * Scale));
        var usage = new BillableUsage(point.Id, new DateInterval(_options.From, _options.To), blocks, segments, segments.Count > 0 ? segments.Sum(part => part.EnergyWh) : energy, intervals, estimated, estimatedWh,
            BillingGate.Final, [], "praman-vee-default/1", Digest.Sha256("rules"u8).ToString())
        {
            EditedCount = edited,
            EditedRegisterCount = segments.Count > 0 && _options.LastRegister is IntervalState.Accepted or IntervalState.Edited ? 1 : 0,
        };
        using var master = new MasterSalt(Digest.Sha256(BitConverter.GetBytes(home)).Octets);
        var placed = new List<(IntervalBlock, Digest, LocalDate, int)>();
        foreach (IntervalBlock block in BillEvidenceWriter.BlocksOf(usage))
        {
            LocalDate night = block.Type.IsRegister() ? LocalDays.DayOf(block.Start, _zone) : LocalDays.DayOf(block.Start, _zone).PlusDays(1);
            Assert.True(BlockCommitment.TryDeriveSalt(master, block.Header, out Digest salt));
            List<Digest> leaves = _leaves.TryGetValue(night, out List<Digest>? known) ? known : _leaves[night] = [];
            placed.Add((block, salt, night, leaves.Count));
            leaves.Add(BlockCommitment.Leaf(salt, block.Bytes.Span));
        }
        return new(usage, point, placed);
    }

    /// <summary>What energies are whole multiples of, so that each meter's part is whole units of its register.</summary>
    private int Scale => _options.Multiplier * (_options.HasExchange ? _options.NextMultiplier : 1);

    private List<RegisterSegment> MakeSegments(UsagePointId point, long energy)
    {
        if (_options.HasNoRegister) return [];
        Instant start = LocalDays.Bounds(_options.From, _zone).Start, end = LocalDays.Bounds(_options.To, _zone).End;
        long opening = _options.RollsOver ? 1_000_000_000 - (energy / _options.Multiplier / 2) : _random.Next(1_000_000, 9_000_000);
        if (!_options.HasExchange) return [Segment(point, "M-1", start, end, opening, energy, _options.Multiplier, ReadingType.ImportRegister, ReadingType.ImportRegister)];
        Instant swap = start + Duration.FromHours((24 * 11) + 10);
        long first = energy / 3 / Scale * Scale;
        return
        [
            Segment(point, "M-1", start, swap, opening, first, _options.Multiplier, ReadingType.ImportRegister, ReadingType.ImportRegisterAtRemoval),
            Segment(point, "M-2", swap, end, 12, energy - first, _options.NextMultiplier, ReadingType.ImportRegisterAtInstallation, ReadingType.ImportRegister),
        ];
    }

    private RegisterSegment Segment(UsagePointId point, string device, Instant from, Instant to, long opening, long energy, int multiplier, ReadingType first, ReadingType last)
    {
        long closing = (opening + (energy / multiplier)) % 1_000_000_000; // six digits of kWh
        var meter = new EndDeviceId(device);
        return new(meter, new(point, meter, ReadingType.ImportRegister, from, opening), new(point, meter, ReadingType.ImportRegister, to, closing),
            IntervalBlock.CreateRegister(point, first, from, opening, IntervalQuality.Valid), IntervalBlock.CreateRegister(point, last, to, closing, new(last == ReadingType.ImportRegister ? _options.LastRegister : IntervalState.Valid)))
        {
            EnergyWh = energy,
            RegisterDigits = 6,
            Multiplier = multiplier,
        };
    }

    /// <summary>The verdict of a fresh verifier; a test fails where a file is unreadable.</summary>
    public BillVerdict Verify(BillFiles files) => Verify(files, Policy);

    public static BillVerdict Verify(BillFiles files, CheckpointPolicy policy)
    {
        Assert.True(new BillVerifier(policy).TryVerify(files, out BillVerdict? verdict, out UnreadableFile? fault), fault?.ToString());
        return verdict;
    }
}

using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Tariffs;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;
using Praman.Server.Queries;

namespace Praman.Server.Testing;

/// <summary>The town's public log and its bills with real proofs: tariff, a night's tree a day, the bills; one checkpoint, one witness.</summary>
internal sealed class SampleLog : ILogFiles
{
    private static readonly UsagePointId[] Billed = [SampleTown.Asha, SampleTown.Bina, SampleTown.BinaShop];
    private static readonly LocalDate[] Months = [new(2026, 2, 1), new(2026, 3, 1)];
    private readonly SampleTown _town;
    private readonly List<LogEntry> _entries = [];
    private readonly Dictionary<LocalDate, Night> _nights = [];
    private readonly BatchTree _tree;
    private readonly SignedCheckpoint _checkpoint;

    public SampleLog(SampleTown town)
    {
        _town = town;
        using var logKey = new NoteSigningKey("log.sample-vidyut.example", NoteKeyType.Ed25519, Digest.Sha256("log"u8).Octets);
        using var witnessKey = new NoteSigningKey("witness.consumers.example", NoteKeyType.CosignatureV1, Digest.Sha256("witness"u8).Octets);
        LogKey = logKey.VerifierKey.ToString();
        WitnessKeys = [witnessKey.VerifierKey.ToString()];

        _entries.Add(new LogEntry(LogEntryKind.Tariff, Digest.Sha256(SampleTariff.Tariff)));
        _entries.Add(new LogEntry(LogEntryKind.TariffSeries, TariffSeries.HashOf("sample-fuel", SampleTariff.Series)));
        for (LocalDate day = SampleTown.FirstDay; day <= SampleTown.LastDay; day = day.PlusDays(1)) AddNight(day);
        var drafts = new List<(byte[] Bill, JsonObject Json, UsagePointId Point, LocalDate Month, int Index, byte[] Salt)>();
        foreach (LocalDate month in Months)
        {
            foreach (UsagePointId point in Billed)
            {
                JsonObject json = BillOf(point, month);
                byte[] bill = SampleTariff.Canonical(json);
                byte[] salt = Salt($"bill {json["bill_no"]}");
                drafts.Add((bill, json, point, month, _entries.Count, salt));
                _entries.Add(new LogEntry(LogEntryKind.Bill, Commitment.Compute(salt, bill)));
            }
        }
        _tree = BatchTree.Adopt([.. _entries.Select(e => e.LeafHash())]);
        SignedCheckpoint signed = SignedCheckpoint.Sign(new Checkpoint("log.sample-vidyut.example", _tree.Size, _tree.Root), logKey);
        _checkpoint = signed.With(witnessKey.Cosign(signed.Note.Text, SampleTown.Now));
        foreach (var draft in drafts)
        {
            var proof = new TlogProof(draft.Salt, draft.Index, _tree.Proof(draft.Index), _checkpoint);
            var files = new BillFiles((string)draft.Json["bill_no"]!, draft.Point, draft.Bill, proof.ToBytes(), EvidenceOf(draft.Point, draft.Month, (string)draft.Json["bill_no"]!));
            Bills[files.BillNo] = files;
            Summaries.Add(SummaryOf(draft.Json, draft.Point, draft.Month, draft.Index));
        }
    }

    public Dictionary<string, BillFiles> Bills { get; } = [];

    public List<BillSummary> Summaries { get; } = [];

    public string LogKey { get; }

    public IReadOnlyList<string> WitnessKeys { get; }

    public ValueTask<ReadOnlyMemory<byte>?> CheckpointAsync(CancellationToken cancellationToken) => new((ReadOnlyMemory<byte>?)_checkpoint.Note.Octets.ToArray());

    public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(string path, CancellationToken cancellationToken)
    {
        int width = Math.Min(256, _entries.Count);
        byte[]? octets = null;
        if (path == $"0/000.p/{width}") octets = [.. _entries.Take(width).SelectMany(e => e.LeafHash().Octets.ToArray())];
        if (path == $"entries/000.p/{width}")
        {
            var bundle = new List<byte>();
            foreach (LogEntry entry in _entries.Take(width)) EntryBundle.Append(bundle, entry.ToBytes());
            octets = [.. bundle];
        }
        return new(octets is null ? null : (ReadOnlyMemory<byte>?)octets);
    }

    public ValueTask<LogSummary> SummaryAsync(CancellationToken cancellationToken) => new(new LogSummary(
        "log.sample-vidyut.example", _entries.Count,
        [.. _entries.GroupBy(e => Encoding.ASCII.GetString(LogEntry.Word(e.Kind))).Select(g => new KeyValuePair<string, long>(g.Key, g.Count()))]));

    private void AddNight(LocalDate day)
    {
        var night = new Night([]);
        foreach (UsagePointId point in Billed)
        {
            if (_town.Block(point, day) is { } block) night.Add(block);
            if (day == SampleTown.FirstDay) night.Add(_town.RegisterBlock(point, day));
            night.Add(_town.RegisterBlock(point, day.PlusDays(1)));
        }
        night.Tree = BatchTree.Adopt([.. night.Leaves.Select(l => BatchHead.LeafHash(Commitment.Compute(l.Salt, l.Block.Bytes.Span)))]);
        night.Entry = _entries.Count;
        night.Head = new BatchHead(day, night.Tree.Size, night.Tree.Root);
        _nights[day] = night;
        _entries.Add(night.Head.ToLogEntry());
    }

    private List<IntervalBlock> BlocksOf(UsagePointId point, LocalDate month)
    {
        var blocks = new List<IntervalBlock>();
        for (LocalDate day = month; day < month.PlusMonths(1); day = day.PlusDays(1)) blocks.Add(_town.Block(point, day)!);
        blocks.Add(_town.RegisterBlock(point, month));
        blocks.Add(_town.RegisterBlock(point, month.PlusMonths(1)));
        return blocks;
    }

    private JsonObject BillOf(UsagePointId point, LocalDate month)
    {
        UsagePointFacts facts = _town.Points[point];
        List<IntervalBlock> blocks = BlocksOf(point, month);
        long opening = _town.Register(point, month), closing = _town.Register(point, month.PlusMonths(1)), energy = closing - opening;
        long intervals = 0, estimatedWh = 0, estimated = 0;
        foreach (IntervalBlock block in blocks.Where(b => !b.Type.IsRegister()))
        {
            (long[] values, IntervalQuality[] qualities) = block.Decode();
            intervals += values.Length;
            for (int i = 0; i < values.Length; i++)
            {
                if (!qualities[i].IsEstimated) continue;
                estimated++;
                estimatedWh += values[i];
            }
        }
        byte[] leaves = [.. blocks.SelectMany(b => BatchHead.LeafHash(Commitment.Compute(SaltOf(b), b.Bytes.Span)).Octets.ToArray())];
        (JsonArray lines, long gross, long total) = SampleTariff.Rate(energy);
        return new JsonObject
        {
            ["type"] = "praman-bill/1", ["bill_no"] = $"SVN-{point.Number}-{month:yyyyMM}", ["utility"] = facts.Utility, ["service_point"] = facts.UsagePoint.ServicePoint,
            ["usage_point"] = point.ToString(), ["time_zone"] = facts.UsagePoint.TimeZone, ["currency"] = "INR",
            ["issued"] = Iso(month.PlusMonths(1).PlusDays(2)), ["period"] = new JsonObject { ["from"] = Iso(month), ["to"] = Iso(month.PlusMonths(1).PlusDays(-1)) },
            ["gate"] = "final", ["tariff"] = new JsonObject { ["id"] = SampleTown.TariffId, ["sha256"] = Digest.Sha256(SampleTariff.Tariff).ToString() },
            ["series"] = new JsonArray(new JsonObject { ["id"] = "sample-fuel", ["sha256"] = TariffSeries.HashOf("sample-fuel", SampleTariff.Series).ToString() }),
            ["rules"] = new JsonObject { ["id"] = "praman-vee-default/1", ["sha256"] = Digest.Sha256("rules"u8).ToString() },
            ["inputs"] = new JsonObject { ["external"] = new JsonObject(), ["flags"] = new JsonArray(), ["phase"] = "single", ["sanctioned_load_kw"] = "2" },
            ["readings"] = new JsonObject
            {
                ["edited_intervals"] = 0, ["edited_registers"] = 0, ["energy_wh"] = energy, ["estimated_intervals"] = estimated, ["estimated_wh"] = estimatedWh, ["intervals"] = intervals, ["register"] = "1-0:1.8.0.255",
                ["segments"] = new JsonArray(new JsonObject
                {
                    ["closing"] = closing, ["closing_at"] = At(month.PlusMonths(1), facts), ["device"] = facts.Meter!.EndDevice.Serial, ["digits"] = 6,
                    ["energy_wh"] = energy, ["multiplier"] = 1, ["opening"] = opening, ["opening_at"] = At(month, facts),
                }),
                ["sha256"] = Digest.Sha256(leaves).ToString(), ["unassigned_wh"] = 0,
            },
            ["lines"] = lines, ["gross_paise"] = gross, ["net_paise"] = gross, ["rounding_paise"] = total - gross, ["total_paise"] = total,
        };
    }

    private byte[] EvidenceOf(UsagePointId point, LocalDate month, string billNo)
    {
        var batches = new JsonArray();
        var blocks = new JsonArray();
        var numbers = new Dictionary<LocalDate, int>();
        foreach (IntervalBlock block in BlocksOf(point, month))
        {
            Night night = _nights.Values.First(n => n.Leaves.Any(l => l.Block.Equals(block)));
            int index = night.Leaves.FindIndex(l => l.Block.Equals(block));
            if (!numbers.TryGetValue(night.Head!.Date, out int batch))
            {
                numbers[night.Head.Date] = batch = batches.Count;
                batches.Add(new JsonObject
                {
                    ["date"] = Iso(night.Head.Date), ["entry"] = EntryAt(night.Entry), ["root"] = night.Head.Root.ToBase64(), ["size"] = night.Head.Size,
                });
            }
            blocks.Add(new JsonObject
            {
                ["batch"] = batch, ["bytes"] = Convert.ToBase64String(block.Bytes.Span), ["index"] = index, ["path"] = Base64(night.Tree!.Proof(index)),
                ["salt"] = Convert.ToBase64String(SaltOf(block)),
            });
        }
        return SampleTariff.Canonical(new JsonObject
        {
            ["type"] = "praman-evidence/1", ["bill_no"] = billNo, ["tree_size"] = _tree.Size, ["batches"] = batches, ["blocks"] = blocks,
            ["series"] = new JsonArray(new JsonObject { ["entry"] = EntryAt(1), ["id"] = "sample-fuel", ["object"] = JsonNode.Parse(SampleTariff.Series) }),
            ["tariff"] = new JsonObject { ["entry"] = EntryAt(0), ["object"] = JsonNode.Parse(SampleTariff.Tariff) },
        });
    }

    private static BillSummary SummaryOf(JsonObject bill, UsagePointId point, LocalDate month, int index) => new(
        (string)bill["bill_no"]!, point, new DateInterval(month, month.PlusMonths(1).PlusDays(-1)), month.PlusMonths(1).PlusDays(2),
        Money.FromMinorUnits((long)bill["total_paise"]!, "INR"), (long)bill["readings"]!["energy_wh"]!, (long)bill["readings"]!["estimated_wh"]!, false, index);

    private JsonObject EntryAt(int index) => new() { ["index"] = index, ["path"] = Base64(_tree.Proof(index)) };

    private static JsonArray Base64(IEnumerable<Digest> hashes) => [.. hashes.Select(h => JsonValue.Create(h.ToBase64()))];

    private static byte[] SaltOf(IntervalBlock block) => Salt($"{block.UsagePoint} {block.Type} {block.Start}");

    private static byte[] Salt(string of) => Digest.Sha256(Encoding.UTF8.GetBytes(of)).Octets.ToArray();

    private static string Iso(LocalDate day) => LocalDatePattern.Iso.Format(day);

    private static string At(LocalDate day, UsagePointFacts facts) => InstantPattern.General.Format(LocalDays.Bounds(day, facts.Zone).Start);

    private sealed class Night(List<(IntervalBlock Block, byte[] Salt)> leaves)
    {
        public List<(IntervalBlock Block, byte[] Salt)> Leaves { get; } = leaves;

        public BatchTree? Tree { get; set; }

        public BatchHead? Head { get; set; }

        public int Entry { get; set; }

        public void Add(IntervalBlock block) => Leaves.Add((block, SaltOf(block)));
    }
}

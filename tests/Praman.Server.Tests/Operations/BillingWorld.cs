using NodaTime;
using Praman.Billing.Stores;
using Praman.Billing.Tariffs;
using Praman.Billing.Verification;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Stores;
using Praman.Server.Operations;
using Praman.Storage;
using Praman.Testing;

namespace Praman.Server.Tests.Operations;

/// <summary>A month of three homes in a real data folder, ready to be billed.</summary>
internal sealed class BillingWorld : IAsyncDisposable
{
    public static readonly DateInterval Month = new(new LocalDate(2026, 4, 1), new LocalDate(2026, 4, 30));

    /// <summary>The day after which a register is known within the month.</summary>
    public static readonly LocalDate Middle = new(2026, 4, 15);
    public static readonly UsagePointId[] Homes = [new(42), new(43), new(44)];
    private const string TariffId = "in-gj-rgp-urban";
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly Instant Now = Instant.FromUtc(2026, 5, 1, 2, 0);
    private readonly NoteSigningKey _logKey = new("log.example/discom", NoteKeyType.Ed25519, new byte[32]);
    private readonly NoteSigningKey _witnessKey = new("witness.example/w", NoteKeyType.CosignatureV1, Digest.Sha256("w"u8).Octets);
    private readonly TariffSet _tariffs;

    private BillingWorld(string folder, PramanStore store, TariffSet tariffs)
    {
        Folder = folder;
        Store = store;
        _tariffs = tariffs;
        Log = OpenLog(store.LogIndex);
    }

    public string Folder { get; }

    public PramanStore Store { get; private set; }

    /// <summary>The clock that claims of runs are held against.</summary>
    public MovedTime Time { get; } = new();

    public TariffSet Tariffs => _tariffs;

    public PublicLog Log { get; private set; }

    public string[] BillNos => [.. Homes.Select(home => $"2026-04-{home.Number:D9}")];

    /// <param name="closesNight">Whether the blocks stand in the log already.</param>
    /// <param name="prepare">Works on the store before the readings come.</param>
    public static async Task<BillingWorld> CreateAsync(bool closesNight = true, Func<PramanStore, Task>? prepare = null)
    {
        Assert.True(TariffSet.TryLoad(TestFiles.InRepository("tariffs", TariffId + ".json"), out TariffSet? tariffs, out var faults), string.Join('\n', faults));
        string folder = Directory.CreateTempSubdirectory("praman-billing").FullName;
        var world = new BillingWorld(folder, await PramanStore.OpenAsync(folder), tariffs);
        if (prepare is not null) await prepare(world.Store);
        await world.FillAsync();
        if (closesNight) Assert.NotNull(await world.CloseNightAsync());
        return world;
    }

    /// <summary>What a restart does: a log that knows nothing but its files and the index.</summary>
    public PublicLog Reopen(ILogIndex? index = null) => Log = OpenLog(index ?? Store.LogIndex);

    /// <summary>A run over the proposals.</summary>
    public Task<RebillResult> RebillAsync(IBillStore? bills = null, IReadingStore? readings = null, int issuedLater = 0) =>
        new BillingRun(
            new BillingPeriodReadings(readings ?? Store.Readings, Store.UsagePoints, RuleSet.Default, Store.Releases), _tariffs, Log,
            new BillingStores(Store.UsagePoints, Store.Batches, Store.Salts, bills ?? Store.Bills, Store.Releases) { Ledger = Store.Ledger }, BillingRun.DefaultWindowLength, Time)
            .RebillAsync(readings ?? Store.Readings, Month.End.PlusDays(10 + issuedLater), Now + Duration.FromDays(7), null, CancellationToken.None);

    /// <summary>
    /// Half a kilowatt-hour more than was billed: the meter gives another value of a half-hour, and a person another closing register. It is proposed of the
    /// bill, and stands in the log.
    /// </summary>
    public async Task ProposeAsync(UsagePointId home, string billNo, string by, long wh = 500)
    {
        Instant start = LocalDays.Bounds(Month.Start, Zone).Start, end = LocalDays.Bounds(Month.End, Zone).End, day = LocalDays.Bounds(Month.Start.PlusDays(1), Zone).Start;
        IntervalBlock last = await BlockAsync(home, day);
        (long[] values, IntervalQuality[] qualities) = last.Decode();
        values[9] += wh;
        IntervalBlock next = IntervalBlock.Create(last.Header with { Version = last.Version + 1, Cause = BlockCause.LateData }, values, qualities);
        UsagePointEvidence evidence = (await Store.Readings.ReadEvidenceAsync([new EvidenceQuery(home, start, end, Instant.MaxValue)], CancellationToken.None))[0];
        RegisterBlock closing = evidence.Registers.Where(stored => stored.Register.Block.Start == end).MaxBy(stored => stored.Register.Block.Version)!.Register;
        int version = closing.Block.Version + 1;
        IntervalBlockHeader header = closing.Block.Header with { Version = version, Cause = BlockCause.Edit };
        RegisterBlock corrected = closing with { Block = IntervalBlock.Create(header, [closing.ToReading().Value + wh], [new IntervalQuality(IntervalState.Edited)]) };
        await Store.Readings.AppendAsync(
            new ReadingBatch(Now + Duration.FromDays(1))
            {
                Blocks = [next], Registers = [corrected],
                Edits = [new ReadingEdit(home, ReadingType.ImportRegister, end, closing.EndDevice, version, by, "seen on the display")],
                RebillProposals = [new RebillProposal(home, ReadingType.ImportEnergy, day, billNo, last.Version, next.Version, last.Sum(), next.Sum())],
            }, CancellationToken.None);
        await CloseNightAsync();
    }

    /// <summary>Another process opens the folder.</summary>
    public async Task RestartAsync()
    {
        await Store.DisposeAsync();
        Store = await PramanStore.OpenAsync(Folder);
        Reopen();
    }

    /// <summary>Numbers of the bills that the log holds commitments of.</summary>
    public async Task<string[]> LoggedBillsAsync() => [.. (await EntriesAsync()).Where(entry => entry.Entry.Kind == LogEntryKind.Bill).Select(entry => entry.Subject)];

    public ValueTask<StoredBatch?> CloseNightAsync() => new NightClose(Store.Batches, Log).RunAsync(Month.End.PlusDays(1), Now, CancellationToken.None);

    public Task<BillingRunResult> BillAsync(
        IBillStore? bills = null, IReadingStore? readings = null, DateInterval? period = null, UsagePointId[]? homes = null, int windowLength = BillingRun.DefaultWindowLength,
        int issuedLater = 0, IBatchStore? batches = null, IWalletStore? wallets = null) =>
        new BillingRun(
            new BillingPeriodReadings(readings ?? Store.Readings, Store.UsagePoints, RuleSet.Default, Store.Releases), _tariffs, Log,
            new BillingStores(Store.UsagePoints, batches ?? Store.Batches, Store.Salts, bills ?? Store.Bills, Store.Releases) { Ledger = Store.Ledger, Wallets = wallets }, windowLength, Time)
            .IssueAsync(homes ?? Homes, period ?? Month, Month.End.PlusDays(3 + issuedLater), Now, null, CancellationToken.None);

    /// <summary>Each bill is kept, verifies from its files, and stands once in the log; the index knows each entry under the head.</summary>
    public async Task AssertBilledOnceAsync()
    {
        Assert.Equal(Homes.Length, await Store.Bills.CountAsync(CancellationToken.None));
        foreach (string billNo in BillNos) await AssertValidAsync(billNo);
        IReadOnlyList<LogIndexEntry> entries = await EntriesAsync();
        Assert.Equal(Homes.Length, entries.Count(entry => entry.Entry.Kind == LogEntryKind.Bill));
        Assert.Single(entries, entry => entry.Entry.Kind == LogEntryKind.Tariff);
        Assert.Equal(entries.Count, entries.Select(entry => entry.Entry).Distinct().Count());
        Assert.Equal(Log.Head!.Size, entries.Count);
        foreach (UsagePointId home in Homes) Assert.Single(await BilledAsync(home));
    }

    /// <summary>The bill is kept and verifies from its files.</summary>
    public async Task AssertValidAsync(string billNo)
    {
        var policy = new CheckpointPolicy([_logKey.VerifierKey], [_witnessKey.VerifierKey], 1);
        IssuedBill bill = (await Store.Bills.FindAsync(billNo, CancellationToken.None))!;
        Assert.True(new BillVerifier(policy).TryVerify(new BillFiles(bill.Bill, bill.Proof, bill.Evidence), out BillVerdict? verdict, out UnreadableFile? fault), fault?.ToString());
        Assert.True(verdict.IsValid, string.Join('\n', verdict.Checks));
    }

    /// <summary>The bills of the month, with their files.</summary>
    public async Task<IssuedBill[]> KeptAsync()
    {
        var kept = new List<IssuedBill>();
        foreach (string billNo in BillNos) kept.Add((await Store.Bills.FindAsync(billNo, CancellationToken.None))!);
        return [.. kept];
    }

    public ValueTask<IReadOnlyList<LogIndexEntry>> EntriesAsync() => Store.LogIndex.ReadAsync(0, 1_000, CancellationToken.None);

    public async Task<IReadOnlyList<BilledPeriod>> BilledAsync(UsagePointId home)
    {
        var query = new EvidenceQuery(home, LocalDays.Bounds(Month.Start, Zone).Start, LocalDays.Bounds(Month.End, Zone).End, Instant.MaxValue);
        return (await Store.Readings.ReadEvidenceAsync([query], CancellationToken.None))[0].Billed;
    }

    public static Instant EstimatedDay => LocalDays.Bounds(new LocalDate(2026, 4, 7), Zone).Start;

    /// <summary>The meter gives its own value where the month has its estimate; tells how many versions that day has then.</summary>
    public async Task<int> CorrectEstimateAsync(UsagePointId home)
    {
        IntervalBlock last = (await Store.Readings.ReadVersionsAsync(new ChannelId(home, ReadingType.ImportEnergy), EstimatedDay, CancellationToken.None))[^1].Block;
        (long[] values, IntervalQuality[] qualities) = last.Decode();
        // Another interval is estimated still, so that a second mark would have something to lock.
        (values[5], qualities[5]) = (values[5] + 3, new IntervalQuality(IntervalState.LateActual));
        (values[6], qualities[6]) = (values[6] - 3, new IntervalQuality(IntervalState.LinearInterpolation, IntervalFlags.Scaled));
        IntervalBlock next = IntervalBlock.Create(last.Header with { Version = last.Version + 1, Cause = BlockCause.LateData }, values, qualities);
        await Store.Readings.AppendAsync(new ReadingBatch(Now + Duration.FromHours(1)) { Blocks = [next] }, CancellationToken.None);
        return await CountVersionsAsync(home);
    }

    /// <summary>The version of a day that is in force.</summary>
    public async Task<IntervalBlock> BlockAsync(UsagePointId home, Instant day) =>
        (await Store.Readings.ReadVersionsAsync(new ChannelId(home, ReadingType.ImportEnergy), day, CancellationToken.None))[^1].Block;

    /// <summary>The first half-hours of the month's third day become a person's, as a new version; a null name is not recorded.</summary>
    public async Task EditAsync(UsagePointId home, int count, string? by)
    {
        if (count == 0) return;
        Instant start = LocalDays.Bounds(Month.Start.PlusDays(2), Zone).Start;
        IntervalBlock last = (await Store.Readings.ReadVersionsAsync(new ChannelId(home, ReadingType.ImportEnergy), start, CancellationToken.None))[^1].Block;
        (long[] values, IntervalQuality[] qualities) = last.Decode();
        for (int i = 0; i < count; i++) qualities[i] = new IntervalQuality(IntervalState.Edited);
        IntervalBlock next = IntervalBlock.Create(last.Header with { Version = last.Version + 1, Cause = BlockCause.Edit }, values, qualities);
        await Store.Readings.AppendAsync(
            new ReadingBatch(Now)
            {
                Blocks = [next],
                Edits = by is null ? [] : [new ReadingEdit(home, ReadingType.ImportEnergy, start, null, next.Version, by, "seen on the display")],
            }, CancellationToken.None);
    }

    /// <summary>The meter's closing register of the month comes once more, and says something else.</summary>
    public ValueTask RegisterAsync(UsagePointId home, long wh, LocalDate after) => new MeterDataIngest(Store.Readings, Store.UsagePoints, RuleSet.Default, TimeProvider.System).AcceptAsync(
        [new MeterReading(new EndDeviceId($"GX{home.Number:D7}"), home, Now, null, [], [new RegisterReading(home, new EndDeviceId($"GX{home.Number:D7}"), ReadingType.ImportRegister, LocalDays.Bounds(after, Zone).End, wh, 1)], [])],
        CancellationToken.None);

    /// <summary>Releases what a home waits for.</summary>
    public async Task<ReleaseState> ReleaseAsync(UsagePointId home, string by)
    {
        var releases = new EditReleases(new BillingPeriodReadings(Store.Readings, Store.UsagePoints, RuleSet.Default, Store.Releases), Store.Releases);
        WaitingPeriod waiting = Assert.Single(await releases.WaitingAsync(10, CancellationToken.None), one => one.Request.UsagePoint == home);
        return await releases.ReleaseAsync(new EditRelease(home, waiting.Request.Period, waiting.Edited.BlocksSha256, by, "the display was photographed", Now), CancellationToken.None);
    }

    public ValueTask<IReadOnlyList<ReleaseRequest>> OpenReleasesAsync() => Store.Releases.ReadOpenAsync(null, 100, CancellationToken.None);

    public async Task<int> CountVersionsAsync(UsagePointId home) =>
        (await Store.Readings.ReadVersionsAsync(new ChannelId(home, ReadingType.ImportEnergy), EstimatedDay, CancellationToken.None)).Count;

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _logKey.Dispose();
        _witnessKey.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private PublicLog OpenLog(ILogIndex index) => PublicLog.Open(_logKey, [_witnessKey], Store.Log, index);

    private async Task FillAsync()
    {
        Instant start = LocalDays.Bounds(Month.Start, Zone).Start, end = LocalDays.Bounds(Month.End, Zone).End;
        var blocks = new List<IntervalBlock>();
        var registers = new List<RegisterBlock>();
        var records = new List<UsagePointRecord>();
        foreach (UsagePointId home in Homes)
        {
            var meter = new EndDeviceId($"GX{home.Number:D7}");
            records.Add(new UsagePointRecord(
                new UsagePoint(home, $"SP-{home.Number}", Zone.Id, 2_000, 1, TariffId, []), [new Installation(home, meter, start - Duration.FromDays(90), null)]));
            long energy = 0;
            foreach (LocalDate day in Month)
            {
                long[] values = [.. Enumerable.Range(0, 48).Select(i => 40L + (i % 7) + day.Day + (long)home.Number)];
                IntervalQuality[] qualities = [.. values.Select(_ => IntervalQuality.Valid)];
                if (day.Day == 7) qualities[5] = new IntervalQuality(IntervalState.LinearInterpolation, IntervalFlags.Scaled);
                energy += values.Sum();
                var header = new IntervalBlockHeader(home, ReadingType.ImportEnergy, LocalDays.Bounds(day, Zone).Start, 30, 48, 0, BlockCause.Received);
                blocks.Add(IntervalBlock.Create(header, values, qualities));
                if (day != Middle) continue;
                registers.Add(new RegisterBlock(IntervalBlock.CreateRegister(home, ReadingType.ImportRegister, LocalDays.Bounds(day, Zone).End, 1_000_000 + energy, IntervalQuality.Valid), meter, 1));
            }
            registers.Add(new RegisterBlock(IntervalBlock.CreateRegister(home, ReadingType.ImportRegister, start, 1_000_000, IntervalQuality.Valid), meter, 1));
            registers.Add(new RegisterBlock(IntervalBlock.CreateRegister(home, ReadingType.ImportRegister, end, 1_000_000 + energy, IntervalQuality.Valid), meter, 1));
        }
        await Store.UsagePoints.PutAsync(records, CancellationToken.None);
        await Store.Readings.AppendAsync(new ReadingBatch(end + Duration.FromHours(1)) { Blocks = blocks, Registers = registers }, CancellationToken.None);
    }
}

/// <summary>A clock that a test moves.</summary>
internal sealed class MovedTime : TimeProvider
{
    public Instant Now { get; set; } = Instant.FromUtc(2026, 5, 1, 2, 0);

    public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();
}

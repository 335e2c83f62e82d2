using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using NodaTime.TimeZones;
using Praman.Billing.Invoicing;
using Praman.Billing.Rating;
using Praman.Billing.Stores;
using Praman.Billing.Tariffs;
using Praman.Billing.Verification;
using Praman.Cli.Meters;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Commands;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.MeterData.Estimation;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.Metering;
using Praman.Proof.Notes;
using Praman.Server.Operations;
using Praman.Server.Prepaid;
using Praman.Storage;
using Praman.Transports.Tcp;

namespace Praman.Cli.Demo;

/// <summary>
/// The main job in one process: virtual meters on loopback, a head-end that reads each day after midnight, readings validated and
/// estimated, each night logged, prepaid homes deducted, the bills of each whole month made, each bill verified, and two altered copies caught.
/// </summary>
internal sealed partial class DemoRun : IAsyncDisposable
{
    private const int RoundsMax = 12;

    private readonly DemoOptions _options;
    private readonly DemoReadings? _readings;
    private readonly DemoStreet _street;
    private readonly DrivenClock _clock;
    private readonly PramanStore _store;
    private readonly TariffSet _tariffs;
    private readonly PublicLog _log;
    private readonly VirtualMeterHost _host;
    private readonly KeyStore _keys;
    private readonly Collector _collector;
    private readonly OpenDays _open;
    private readonly NightClose _nights;
    private readonly BillingPeriodReadings _usage;
    private readonly MeterCommands _commands;
    private readonly DisconnectGuard _guard;
    private readonly WalletPlaces _places;
    private readonly DemoPurses _purses;
    private readonly Prepaid? _prepaid;
    private readonly HttpClient _witnessClient = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<DemoIncident> _incidents = [];
    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private int _sessions, _sessionsFailed;

    internal static WitnessCircle? Circle(HttpClient client, IReadOnlyList<string> witnesses)
    {
        if (witnesses.Count == 0) return null;
        var links = new List<IWitnessLink>();
        foreach (string text in witnesses)
        {
            links.Add(HttpWitness.TryParse(text, client, out HttpWitness? link, out string? reason) ? link : throw new InvalidDataException($"--witness {text}: {reason}"));
        }
        return new WitnessCircle(links, links.Count);
    }

    private DemoRun(DemoOptions options, DemoReadings? readings, DemoStreet street, PramanStore store, TariffSet tariffs, WalletPlaces places, MasterKey masterKey)
    {
        _options = options;
        _readings = readings;
        _street = street;
        _clock = new DrivenClock(street.Start);
        _store = store;
        _tariffs = tariffs;
        _log = PublicLog.Open(
            new NoteSigningKey("log.praman.example/street", NoteKeyType.Ed25519, street.DeriveKey("log", 0)),
            [new NoteSigningKey("witness.praman.example/street", NoteKeyType.CosignatureV1, street.DeriveKey("witness", 0))],
            store.Log, store.LogIndex, Circle(_witnessClient, options.Witnesses));
        _host = new VirtualMeterHost(_clock, options.Seed, Console.Error);
        _keys = new KeyStore(masterKey, store.Keys);
        var collection = new CollectionOptions
        {
            SessionCountMax = 32, ReplyTimeout = TimeSpan.FromSeconds(10), AttemptCountMax = 3, TimeZone = _options.Zone.Id, DaysPerRequestMax = 10,
        };
        RuleSet rules = RuleSet.Default;
        var ingest = new MeterDataIngest(store.Readings, store.UsagePoints, rules, _clock);
        // What waits for a meter waits in real time; what the readings say of time is the driven clock's.
        var opener = new SessionOpener(
            new TcpMeterLinks(new TcpOptions(), TimeProvider.System), new CounterLeases(store.Counters), Convert.FromHexString(collection.ClientTitle),
            SessionLimits.Of(collection), TimeProvider.System);
        _collector = new Collector(
            new CollectorStores(store.Meters, store.Progress, store.Coverage, store.Events), _keys, opener,
            new MeterReader(new ModelLayouts(), collection, _clock), ingest, collection, _clock, NullLogger<Collector>.Instance);
        _open = new OpenDays(new MeterDataEstimation(store.Readings, store.UsagePoints, rules));
        _nights = new NightClose(store.Batches, _log);
        _usage = new BillingPeriodReadings(store.Readings, store.UsagePoints, rules, store.Releases);
        _guard = new DisconnectGuard(store.Commands, store.Meters, _clock);
        _commands = new MeterCommands(store.Meters, _keys, opener, store.Commands, _guard, _clock);
        _places = places;
        _purses = new DemoPurses(street);
        _prepaid = PreparePrepaid(new TariffBook(tariffs), places);
    }

    public DemoOptions Options => _options;

    /// <summary>What is replayed; null for the built-in load model.</summary>
    public DemoReadings? Readings => _readings;

    public PramanStore Store => _store;

    public TariffSet Tariffs => _tariffs;

    public DemoStreet Street => _street;

    public DrivenClock Clock => _clock;

    public PublicLog Log => _log;

    /// <summary>Rules of wallets, by place.</summary>
    public WalletPlaces Places => _places;

    /// <summary>Days after a month's end until its bills are made, unless the run ends before: what a meter owes comes in them.</summary>
    private const int DaysUntilBilled = 3;

    /// <summary>The whole calendar months among the days lived through, by time; each is billed.</summary>
    public static IReadOnlyList<DateInterval> BilledMonths(int days)
    {
        var months = new List<DateInterval>();
        LocalDate end = DemoOptions.FirstDay.PlusDays(days);
        for (LocalDate first = DemoOptions.FirstWholeMonth; first.PlusMonths(1) <= end; first = first.PlusMonths(1)) months.Add(new DateInterval(first, first.PlusMonths(1).PlusDays(-1)));
        return months;
    }

    /// <summary>The date on the bills of a month.</summary>
    private LocalDate IssuedOn(DateInterval month) => LocalDate.Min(month.End.PlusDays(1 + DaysUntilBilled), DemoOptions.FirstDay.PlusDays(_options.Days));

    /// <summary>Opens the stores and builds the street.</summary>
    /// <exception cref="InvalidDataException">The tariff or the interval file is not what it should be.</exception>
    public static async Task<DemoRun> PrepareAsync(DemoOptions options, bool metersGiven, string folder, CancellationToken cancellationToken)
    {
        string tariffFolder = RepositoryFiles.Find("tariffs");
        if (!TariffSet.TryLoad(tariffFolder, out TariffSet? tariffs, out IReadOnlyList<TariffFault> faults)) throw new InvalidDataException(faults[0].ToString());
        CheckTariff(options, tariffs);
        options = options with { Zone = ZoneOf(tariffs.Tariffs[options.Tariff])! };
        DemoReadings? readings = options.Readings is null ? null : DemoReadings.Load(options, metersGiven);
        DemoStreet street = readings is null ? DemoStreet.Build(options) : DemoStreet.Replay(options, readings.Homes, readings.ShiftDays);
        PramanStore store = await PramanStore.OpenAsync(folder, cancellationToken).ConfigureAwait(false);
        MasterKey masterKey = MasterKey.OpenOrCreate(Path.Combine(folder, "keys", "master.key"));
        var run = new DemoRun(options, readings, street, store, tariffs, WalletPlaces.Load(RepositoryFiles.Find("rules"), tariffs), masterKey);
        await run.EnrolAsync(cancellationToken).ConfigureAwait(false);
        return run;
    }

    /// <summary>A tariff that cannot bill the month is refused before the street lives, not after.</summary>
    private static void CheckTariff(DemoOptions options, TariffSet tariffs)
    {
        if (WhyItCannotBill(options, tariffs, options.Tariff) is not { } reason) return;
        IReadOnlyList<DateInterval> months = BilledMonths(options.Days);
        string which = months.Count == 1 ? $"{months[0].Start:MMMM uuuu}" : $"{months[0].Start:MMMM uuuu} to {months[^1].Start:MMMM uuuu}";
        string[] others = [.. tariffs.Tariffs.Keys.Where(id => WhyItCannotBill(options, tariffs, id) is null).Order(StringComparer.Ordinal)];
        throw new InvalidDataException($"--tariff {options.Tariff}: {reason} Tariffs that bill {which}: {string.Join(", ", others)}");
    }

    /// <summary>Why a tariff cannot bill the months; null where it can.</summary>
    private static string? WhyItCannotBill(DemoOptions options, TariffSet tariffs, string id) =>
        BilledMonths(options.Days).Select(month => WhyItCannotBill(month, tariffs, id)).FirstOrDefault(reason => reason is not null);

    private static string? WhyItCannotBill(DateInterval month, TariffSet tariffs, string id)
    {
        if (!tariffs.Tariffs.TryGetValue(id, out Tariff? tariff)) return "there is no such tariff.";
        if (ZoneOf(tariff) is null) return $"its country, {tariff.Country}, has several time zones, and the tariff does not say which is the street's.";
        if (PartialTariff.RefusalOf(tariff) is { } partial) return partial.Message;
        EvenSpread spread = EvenSpread.Of(tariff, new BillingDeterminants
        {
            Period = new BillingPeriod(month.Start, month.End), BillDate = month.End.PlusDays(4), SanctionedLoadKw = 3, Phase = SupplyPhase.Single,
        });
        foreach (int kwh in (int[])[40, 320, 1_200])
        {
            RatingResult rated = RatingEngine.Rate(CompiledTariff.Compile(tariff, tariffs), spread.At(kwh));
            if (rated.Refusal is { } refusal) return refusal.Message;
            if (rated.Bill!.Warnings.FirstOrDefault(warning => warning.Code == "TARIFF-NOT-IN-FORCE") is { } warning) return warning.Message;
            if (rated.Bill.Total is null) return "a line of it needs more than the demonstration knows.";
        }
        return null;
    }

    /// <summary>The one time zone of the country in which a tariff is in force; null where there are several.</summary>
    private static DateTimeZone? ZoneOf(Tariff tariff)
    {
        string[] zones = [.. TzdbDateTimeZoneSource.Default.ZoneLocations!.Where(place => place.CountryCode == tariff.Country).Select(place => place.ZoneId)];
        return zones.Length == 1 ? DateTimeZoneProviders.Tzdb[zones[0]] : null;
    }

    /// <summary>Lives, bills and checks.</summary>
    public async Task<DemoResult> RunAsync(Func<string, int, Action<int>> step, CancellationToken cancellationToken)
    {
        IReadOnlyList<DateInterval> months = BilledMonths(_options.Days);
        await TariffPublication.RunAsync(_tariffs, _street.Homes.Select(home => home.UsagePoint.TariffId).Distinct(StringComparer.Ordinal), _log, _clock.Now, cancellationToken).ConfigureAwait(false);
        var billing = new BillingRun(
            _usage, _tariffs, _log,
            new BillingStores(_store.UsagePoints, _store.Batches, _store.Salts, _store.Bills, _store.Releases) { Ledger = _store.Ledger, Wallets = _store.Wallets });
        var billed = new List<DemoMonth>();
        Action<int> days = step($"{_options.Days} days, read each night", _options.Days);
        for (int day = 0; day < _options.Days; day++)
        {
            await TimedAsync("days", () => LiveAsync(DemoOptions.FirstDay.PlusDays(day), day, cancellationToken)).ConfigureAwait(false);
            days(day + 1);
            LocalDate today = DemoOptions.FirstDay.PlusDays(day + 1);
            foreach (DateInterval month in months.Where(month => IssuedOn(month) == today)) billed.Add(await BillMonthAsync(billing, month, step, cancellationToken).ConfigureAwait(false));
        }

        DemoBills bills = new(billed);
        Action<int> verified = step("each bill verified from its files", bills.All.Count);
        var verdicts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var alterations = new List<DemoAlteration>();
        await TimedAsync("verification", () => VerifyAsync(bills, verdicts, alterations, verified, cancellationToken)).ConfigureAwait(false);
        return await SummariseAsync(bills, verdicts, alterations, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The bills of a month that is over.</summary>
    private async Task<DemoMonth> BillMonthAsync(BillingRun billing, DateInterval month, Func<string, int, Action<int>> step, CancellationToken cancellationToken)
    {
        UsagePointId[] usagePoints = [.. _street.Homes.Select(home => home.UsagePoint.Id)];
        Action<int> billed = step($"bills of {month.Start:MMMM}", usagePoints.Length);
        LocalDate issued = LocalDays.DayOf(_clock.Now, _options.Zone);
        BillingRunResult bills = null!;
        await TimedAsync("bills", async () =>
            bills = await billing.IssueAsync(usagePoints, month, issued, _clock.Now, new Progress(billed), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return new DemoMonth(month, bills);
    }

    public async ValueTask DisposeAsync()
    {
        _witnessClient.Dispose();
        _guard.Dispose();
        await _host.DisposeAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
    }

    private CheckpointPolicy Policy() => new(
        [.. _log.Keys.Where(key => key.Type == NoteKeyType.Ed25519)], [.. _log.Keys.Where(key => key.Type == NoteKeyType.CosignatureV1)], 1);

    /// <summary>A bill of the run with its files.</summary>
    public async ValueTask<IssuedBill> BillAsync(string billNo, CancellationToken cancellationToken) =>
        await _store.Bills.FindAsync(billNo, cancellationToken).ConfigureAwait(false) ?? throw new InvalidDataException($"bill {billNo} is not kept any more");

    private async Task VerifyAsync(
        DemoBills bills, SortedDictionary<string, int> verdicts, List<DemoAlteration> alterations, Action<int> progress, CancellationToken cancellationToken)
    {
        // Witnesses of others state the time of their own clocks, which is not the street's.
        Instant now = _options.Witnesses.Count == 0 ? _clock.Now : Instant.Max(_clock.Now, Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()));
        var verifier = new BillVerifier(Policy(), now);
        int done = 0;
        foreach (BillFacts facts in bills.All)
        {
            IssuedBill bill = await BillAsync(facts.BillNo, cancellationToken).ConfigureAwait(false);
            string word = BillVerdict.Word(Check(verifier, new BillFiles(bill.Bill, bill.Proof, bill.Evidence)).Verdict);
            verdicts[word] = verdicts.GetValueOrDefault(word) + 1;
            progress(++done);
        }
        if (bills.Sample is not { } sample) return;
        IssuedBill first = await BillAsync(sample.BillNo, cancellationToken).ConfigureAwait(false);
        var files = new BillFiles(first.Bill, first.Proof, first.Evidence);
        alterations.Add(new DemoAlteration("one paisa more on a line", first.Facts.BillNo, Check(verifier, DemoTamper.OnePaisaMore(files))));
        alterations.Add(new DemoAlteration("one watt-hour more in a half-hour", first.Facts.BillNo, Check(verifier, DemoTamper.OneWattHourMore(files))));
    }

    private static BillVerdict Check(BillVerifier verifier, BillFiles files) =>
        verifier.TryVerify(files, out BillVerdict? verdict, out UnreadableFile? fault) ? verdict : throw new InvalidDataException(fault.ToString());

    private async Task TimedAsync(string step, Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work().ConfigureAwait(false);
        _seconds[step] = _seconds.GetValueOrDefault(step) + Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Reports where it is called: a bar that lags behind its work is no bar.</summary>
    private sealed class Progress(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}

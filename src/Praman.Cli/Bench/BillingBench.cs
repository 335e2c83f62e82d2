using System.Diagnostics;
using System.Globalization;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Wallets;
using Praman.Cli.Demo;
using Praman.Metering;
using Praman.Storage;

namespace Praman.Cli.Bench;

/// <summary>P4: prepaid days priced, posted to the ledger and to their wallets, their thresholds looked at, and made durable. A night settles a day of every
/// meter: a record of the journal and an entry of the wallet each, on the disk before the next night.</summary>
internal sealed class BillingBench(int meters, ulong seed, string folder, int runs, string? only, Action<string> say)
{
    /// <summary>Meters whose month is in memory at a time: the whole fleet goes through in such parts.</summary>
    private const int Part = 10_000;
    private const int DayCount = 30;

    /// <summary>Steps committed at once.</summary>
    private const int Batch = 2_500;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly LocalDate First = new(2025, 9, 1);
    private readonly List<BenchFigure> _figures = [];

    public async Task<List<BenchFigure>> RunAsync(CancellationToken cancellationToken)
    {
        if (only is not null && !only.Split(',').Contains("P4", StringComparer.OrdinalIgnoreCase)) return _figures;
        if (!TariffSet.TryLoad(RepositoryFiles.Find("tariffs"), out TariffSet? set, out var faults)) throw new InvalidDataException(faults[0].ToString());
        Directory.CreateDirectory(folder);
        await SettleAsync(CompiledTariff.Compile(set.Tariffs["in-gj-rgp-urban"], set), "slabs, fixed, fuel surcharge by date, duty", cancellationToken).ConfigureAwait(false);
        await SettleAsync(CompiledTariff.Compile(set.Tariffs["in-br-ds2-urban"], set), "a free block: each day is rated twice, once for what earlier days cost under its rules", cancellationToken).ConfigureAwait(false);
        return _figures;
    }

    private async Task SettleAsync(CompiledTariff tariff, string what, CancellationToken cancellationToken)
    {
        say($"P4: {DayCount} days of {meters} meters under {tariff.Tariff.Id}, {runs} runs ...");
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < WarmUp) await MonthAsync(tariff, Math.Min(meters, 1_000), cancellationToken).ConfigureAwait(false);
        List<double> rates = [];
        string spent = "";
        long bytes = 0;
        for (int run = 0; run < runs; run++)
        {
            (TimeSpan wall, TimeSpan cpu, bytes) = await MonthAsync(tariff, meters, cancellationToken).ConfigureAwait(false);
            rates.Add((double)meters * DayCount / wall.TotalSeconds / Environment.ProcessorCount);
            spent = BenchRuns.PerCpuSecond((double)meters * DayCount, cpu, "meter days");
        }
        string detail = string.Create(CultureInfo.InvariantCulture, $"{tariff.Tariff.Id}: {what}; one commit for {Math.Min(Batch, meters)} meter days, {bytes / ((double)meters * DayCount):0} B each; {spent}");
        _figures.Add(new("P4", "prepaid meter days: priced, posted by line, thresholds, durable", "days/s/core", BenchRuns.Median(rates), 50_000, detail));
    }

    /// <summary>A month of all meters, part by part; what feeds a part is made outside the measured time.</summary>
    private async Task<(TimeSpan Wall, TimeSpan Cpu, long Bytes)> MonthAsync(CompiledTariff tariff, int count, CancellationToken cancellationToken)
    {
        string data = Path.Combine(folder, "wallets");
        if (Directory.Exists(data)) Directory.Delete(data, recursive: true);
        TimeSpan wall = TimeSpan.Zero, cpu = TimeSpan.Zero;
        long bytes;
        await using (PramanStore store = await PramanStore.OpenAsync(data, cancellationToken).ConfigureAwait(false))
        {
            for (int first = 0; first < count; first += Part)
            {
                Home[] homes = [.. Enumerable.Range(first, Math.Min(Part, count - first)).Select(meter => new Home(tariff, meter, seed))];
                await store.Ledger.AppendAsync([.. homes.Select(home => home.Deposit)], Home.At(0), cancellationToken).ConfigureAwait(false);
                await store.Wallets.CommitAsync([.. homes.SelectMany(home => home.Opening)], Home.At(0), cancellationToken).ConfigureAwait(false);
                long start = Stopwatch.GetTimestamp();
                TimeSpan before = Environment.CpuUsage.TotalTime;
                for (int day = 0; day < DayCount; day++) await NightAsync(store, homes, Home.At(day + 1), cancellationToken).ConfigureAwait(false);
                wall += Stopwatch.GetElapsedTime(start);
                cpu += Environment.CpuUsage.TotalTime - before;
            }
            await CheckAsync(store, count, cancellationToken).ConfigureAwait(false);
            await store.Database.CheckpointAsync(cancellationToken).ConfigureAwait(false);
            bytes = new FileInfo(store.Database.Path).Length;
        }
        Directory.Delete(data, recursive: true);
        return (wall, cpu, bytes);
    }

    /// <summary>A night: days are rated in parallel, and committed in parts while the next part is rated. A night is over when all of it is on the disk.</summary>
    private static async Task NightAsync(PramanStore store, Home[] homes, Instant midnight, CancellationToken cancellationToken)
    {
        Task committed = Task.CompletedTask;
        for (int first = 0; first < homes.Length; first += Batch)
        {
            int start = first;
            var steps = new WalletStep[Math.Min(Batch, homes.Length - first)];
            await Task.Run(() => Parallel.For(0, steps.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => steps[i] = homes[start + i].Settle(midnight)), cancellationToken).ConfigureAwait(false);
            await committed.ConfigureAwait(false);
            committed = store.Wallets.CommitAsync(steps, midnight, cancellationToken).AsTask();
        }
        await committed.ConfigureAwait(false);
    }

    /// <summary>What was measured was done: each home-day has its record in the journal, and what was deducted has been earned.</summary>
    private static async Task CheckAsync(PramanStore store, int count, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<LedgerAccount, AccountBalance> balances = await store.Ledger.BalancesAsync(AsOf.Now, cancellationToken).ConfigureAwait(false);
        int wallets = balances.Keys.Count(account => account.Kind == AccountKind.Wallet);
        if (wallets != count || balances.Values.Sum(balance => balance.Posted) != 0) throw new InvalidDataException($"{wallets} wallets of {count} were posted to, and debits less credits are {balances.Values.Sum(balance => balance.Posted)}");
    }

    /// <summary>A prepaid home and its days to come.</summary>
    private sealed class Home
    {
        private const decimal Opened = 1_500;

        private readonly decimal[] _kwh = new decimal[DayCount];
        private readonly Wallet _wallet;
        private int _next;

        public Home(CompiledTariff tariff, int meter, ulong seed)
        {
            var random = new Random(unchecked((int)seed * 31) + meter);
            for (int day = 0; day < DayCount; day++) _kwh[day] = random.Next(500, 14_000) / 1000m;
            var terms = new WalletTerms(new UsagePointId((ulong)meter + 1), tariff.Tariff.Currency, RulePackSet.Default, HolidayCalendar.None, DemoOptions.India);
            var rupees = new Postings(terms.Currency);
            Deposit = PostingRequest.Post(
                $"deposit/{terms.UsagePoint}", First, "deposit",
                [Billing.Ledger.PostingLine.Debit(MinorUnits.Of(Opened), rupees.Of(AccountKind.Bank)), Billing.Ledger.PostingLine.Credit(MinorUnits.Of(Opened), rupees.Of(AccountKind.Deposit, terms.UsagePoint))]);
            (_wallet, WalletStep opened) = Wallet.Open(terms, At(0), First, Opened, interest: 0, dues: 0, [], null);
            Opening = [opened, _wallet.BeginPeriod(At(0), tariff, new() { Period = new(First, First.PlusDays(DayCount - 1)), SanctionedLoadKw = 2, MaxDemandKw = 1 }, [])];
        }

        public PostingRequest Deposit { get; }

        public IReadOnlyList<WalletStep> Opening { get; }

        public WalletStep Settle(Instant at)
        {
            WalletDay day = _wallet.SettleDay(at, new(_kwh[_next++]));
            if (day.Step is not { } step) throw new InvalidDataException($"a day of the benchmark is not rated: {day.Refusal!.Message}");
            _wallet.Account.TakeEvents();
            return step;
        }

        public static Instant At(int days) => First.PlusDays(days).AtStartOfDayInZone(DemoOptions.India).ToInstant();
    }
}

using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Stores;
using Praman.Billing.Tariffs;
using Praman.Billing.Wallets;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Stores.Tests.Contract;

/// <summary>Wallets: an entry and what it posts are written together or not at all, once, and never changed.</summary>
public abstract class WalletContract(Func<Task<IStores>> open) : StoreContract(open)
{
    private static readonly LocalDate First = new(2025, 9, 1);
    private static readonly DateInterval Month = new(First, First.PlusDays(29));
    private static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly CompiledTariff Tariff = Load();

    [Fact]
    public async Task WalletsGoOnAfterARestartAsIfTheyHadNotStopped()
    {
        var random = new Random(20_261_124);
        Wallet[] wallets = [.. Enumerable.Range(1, 20).Select(number => OpenAsync(number).Result)];
        for (int day = 1; day <= 30; day++)
        {
            Instant at = Midnight(day);
            var steps = new List<WalletStep>();
            foreach (Wallet wallet in wallets)
            {
                DayQuality quality = random.Next(7) == 0 ? DayQuality.Estimated : DayQuality.Actual;
                steps.Add(wallet.SettleDay(at, new(random.Next(12_000) / 1000m, quality)).Step!);
                if (random.Next(9) == 0 && wallet.Replace(at, First.PlusDays(random.Next(day)), [new(random.Next(12_000) / 1000m)], out _) is { } correction) steps.Add(correction);
                if (wallet.TakeInstalments(at, First.PlusDays(day)) is { } instalments) steps.Add(instalments);
            }
            await Stores.Wallets.CommitAsync(steps, at, Stop);
            if (day % 8 != 3) continue;
            await Stores.ReopenAsync();
            for (int i = 0; i < wallets.Length; i++)
            {
                Wallet again = await RestoreAsync(wallets[i].Terms);
                Assert.Equal((wallets[i].Account.Snapshot, wallets[i].LastNumber, wallets[i].Debts.Left), (again.Account.Snapshot, again.LastNumber, again.Debts.Left));
                wallets[i] = again;
            }
        }
        await AgreeAsync(wallets);
    }

    [Fact]
    public async Task AStepIsWrittenOnceHoweverOftenItIsGiven()
    {
        Wallet wallet = await OpenAsync(1);
        WalletStep step = wallet.SettleDay(Midnight(1), new(5m)).Step!;
        await Stores.Wallets.CommitAsync([step], Midnight(1), Stop);
        JournalHead head = await Stores.Ledger.HeadAsync(null, Stop);
        await Stores.Wallets.CommitAsync([step], Midnight(2), Stop);
        Assert.Equal(head, await Stores.Ledger.HeadAsync(null, Stop));
        Assert.Equal(3, (await Stores.Wallets.ReadAsync(wallet.Terms.UsagePoint, Month, Stop)).Count);
    }

    /// <summary>Two copies of one wallet: what the second says does not fit, and nothing of its batch is written, neither entry nor posting.</summary>
    [Fact]
    public async Task AnotherStepOfTheSameNumberIsRefusedWithAllThatCameWithIt()
    {
        Wallet wallet = await OpenAsync(1), other = await OpenAsync(2), stale = await RestoreAsync(wallet.Terms);
        await Stores.Wallets.CommitAsync([wallet.SettleDay(Midnight(1), new(5m)).Step!], Midnight(1), Stop);
        JournalHead head = await Stores.Ledger.HeadAsync(null, Stop);
        WalletStep[] batch = [other.SettleDay(Midnight(1), new(1m)).Step!, stale.SettleDay(Midnight(1), new(6m)).Step!];
        await Assert.ThrowsAsync<WalletConflictException>(() => Stores.Wallets.CommitAsync(batch, Midnight(1), Stop).AsTask());
        Assert.Equal(head, await Stores.Ledger.HeadAsync(null, Stop));
        Assert.Equal(2, (await Stores.Wallets.FindAsync(other.Terms.UsagePoint, Stop))!.LastNumber);
        // The next one is judged by what is kept, not by what was refused.
        await Stores.Wallets.CommitAsync([batch[0]], Midnight(1), Stop);
        await AgreeAsync([await RestoreAsync(wallet.Terms), other]);
    }

    /// <summary>A posting that the ledger refuses takes its entry with it.</summary>
    [Fact]
    public async Task AStepWhosePostingIsRefusedIsNotWritten()
    {
        (Wallet wallet, WalletStep opened) = Wallet.Open(Terms(1), Midnight(0), First, deposit: 100, interest: 0, dues: 0, [], null);
        await Assert.ThrowsAsync<WalletConflictException>(() => Stores.Wallets.CommitAsync([opened], Midnight(0), Stop).AsTask()); // there is no deposit
        Assert.Null(await Stores.Wallets.FindAsync(wallet.Terms.UsagePoint, Stop));
        Assert.Empty(await Stores.Wallets.ReadAsync(wallet.Terms.UsagePoint, Month, Stop));
    }

    /// <summary>What one piece of work posts to one account of the utility is kept as one row: every question is answered as if each had its own.</summary>
    [Fact]
    public async Task RecordsOfAnAccountOfTheUtilityAreFoundOneByOne()
    {
        var wallets = new List<Wallet>();
        for (int number = 1; number <= 6; number++) wallets.Add(await OpenAsync(number));
        for (int day = 1; day <= 4; day++) await Stores.Wallets.CommitAsync([.. wallets.Select(wallet => wallet.SettleDay(Midnight(day), new(5m)).Step!)], Midnight(day), Stop);
        LedgerAccount energy = new("INR", AccountKind.Revenue, null, "energy");
        List<JournalRecord> all = await ListAsync(Stores.Ledger.ReadAsync(0, Stop));
        var days = new DateInterval(First.PlusDays(1), First.PlusDays(2));
        JournalRecord[] expected = [.. all.Where(record => days.Contains(record.BusinessDate) && record.Entries.Any(entry => entry.Account == energy)).OrderBy(record => record.BusinessDate).ThenBy(record => record.Sequence)];
        Assert.Equal(12, expected.Length);
        Assert.Equal(expected.Select(record => record.Key), (await Stores.Ledger.ReadAsync(energy, days, 100, Stop)).Select(record => record.Key));
        Assert.Equal(expected.Take(7).Select(record => record.Key), (await Stores.Ledger.ReadAsync(energy, days, 7, Stop)).Select(record => record.Key));
        foreach (AsOf asOf in (AsOf[])[new(First.PlusDays(1), null), new(null, Midnight(3)), new(First, Midnight(4))])
        {
            long sum = all.Where(record => record.BusinessDate <= (asOf.BusinessDate ?? record.BusinessDate) && (asOf.BookedBefore is not { } before || record.BookedAt < before))
                .SelectMany(record => record.Entries).Where(entry => entry.Account == energy).Sum(entry => entry.Amount);
            Assert.NotEqual(0, sum);
            Assert.Equal(sum, (await Stores.Ledger.BalanceAsync(energy, asOf, Stop)).Posted);
        }
    }

    private static WalletTerms Terms(int number) => new(new UsagePointId((ulong)number), "INR", RulePackSet.Default, HolidayCalendar.None, India);

    private static Instant Midnight(int day) => India.AtStartOfDay(First.PlusDays(day)).ToInstant();

    private async Task<Wallet> OpenAsync(int number)
    {
        WalletTerms terms = Terms(number);
        (Wallet wallet, WalletStep opened) = Wallet.Open(terms, Midnight(0), First, 0, 0, 0, [], null);
        WalletStep begun = wallet.BeginPeriod(Midnight(0), Tariff, new() { Period = new(Month.Start, Month.End), SanctionedLoadKw = 2 }, []);
        await Stores.Wallets.CommitAsync([opened, begun], Midnight(0), Stop);
        return wallet;
    }

    private async Task<Wallet> RestoreAsync(WalletTerms terms)
    {
        WalletHead head = (await Stores.Wallets.FindAsync(terms.UsagePoint, Stop))!;
        Assert.Contains(head, await Stores.Wallets.ListAsync(Stop));
        var records = new List<WalletRecord>();
        foreach (WalletEntry entry in await Stores.Wallets.ReadAsync(terms.UsagePoint, new DateInterval(head.PeriodFrom, Month.End.PlusDays(5)), Stop))
        {
            Assert.True(WalletReader.TryRead(entry, out WalletRecord? record, out string? fault), fault);
            records.Add(record);
        }
        return Wallet.Restore(terms, records, _ => Tariff);
    }

    private async Task AgreeAsync(IReadOnlyList<Wallet> wallets)
    {
        var book = new LedgerBook();
        await foreach (JournalRecord record in Stores.Ledger.ReadAsync(0, Stop)) Assert.Null(book.Apply(record));
        foreach (Wallet wallet in wallets)
        {
            long owed = new[] { AccountKind.Wallet, AccountKind.Emergency, AccountKind.Overdrawn }.Sum(kind => book.Balance(new LedgerAccount("INR", kind, wallet.Terms.UsagePoint, null)).Posted);
            Assert.Equal(MinorUnits.Of(wallet.Account.Balance), -owed);
        }
    }

    private static CompiledTariff Load()
    {
        Assert.True(TariffSet.TryLoad(TestFiles.InRepository("tariffs"), out TariffSet? set, out _));
        return CompiledTariff.Compile(set.Tariffs["in-gj-rgp-urban"], set);
    }
}

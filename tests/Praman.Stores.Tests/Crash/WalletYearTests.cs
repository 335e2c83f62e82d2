using System.Globalization;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Wallets;
using Praman.Proof;
using Praman.Storage;
using Praman.Testing;

namespace Praman.Stores.Tests.Crash;

/// <summary>
/// Many wallets over a year, with kill -9 in the middle of it: after each kill everything that was acknowledged is there, the journal gives every balance, wallets and
/// ledger agree; and at the end each wallet is what it would have been without any kill. <c>PRAMAN_WALLETS=10000</c> for the whole.
/// </summary>
public sealed class WalletYearTests
{
    private const int Kills = 4;

    private static int Count => Environment.GetEnvironmentVariable("PRAMAN_WALLETS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 60;

    [Fact]
    public async Task AYearOfWalletsSurvivesKillsToThePaisa()
    {
        using var folder = new TempFolder();
        CancellationToken stop = TestContext.Current.CancellationToken;
        int days = Period.DaysBetween(WalletYear.First, WalletYear.Last) + 1, parts = (Count + 499) / 500;
        var random = new Random(20_261_124);
        for (int kill = 0; kill < Kills; kill++)
        {
            int lines = random.Next(days * parts / (Kills + 1) / 2, days * parts / (Kills + 1));
            string[] said = [.. await RunAndKillAsync(folder.Path, lines, stop)];
            LocalDate acknowledged = NodaTime.Text.LocalDatePattern.Iso.Parse(said.Last(line => line.StartsWith("D ", StringComparison.Ordinal)).Split(' ')[1]).Value;
            await using PramanStore store = await PramanStore.OpenAsync(folder.Path, stop);
            // Each part says its day when it is durable: all parts had the day before the last one that was said.
            await AgreeAsync(store, parts == 1 ? acknowledged : acknowledged.PlusDays(-1), stop);
        }
        Assert.Equal("end", (await RunAndKillAsync(folder.Path, days * parts, stop, untilEnd: true))[^1]);
        await using PramanStore whole = await PramanStore.OpenAsync(folder.Path, stop);
        await AgreeAsync(whole, WalletYear.Last, stop);
        int belowZero = 0, withPlans = 0;
        for (int number = 1; number <= Count; number++)
        {
            WalletYear kept = await WalletYearChild.RestoreAsync(whole, number), lived = WalletYear.Begin(number);
            while (lived.Next <= WalletYear.Last) lived.Live();
            Assert.Equal((lived.Wallet.Account.Snapshot, lived.Wallet.LastNumber), (kept.Wallet.Account.Snapshot, kept.Wallet.LastNumber));
            if (kept.Wallet.Account.Balance < 0) belowZero++;
            if (kept.Wallet.Debts.Plans.Count > 0) withPlans++;
        }
        Assert.InRange(belowZero, 1, Count - 1); // both kinds came about
        Assert.InRange(withPlans, 1, Count - 1);
    }

    /// <summary>The journal is replayed record by record: its chain, its sums, and the balances that it adds up to, against those that are kept and against the wallets.</summary>
    private static async Task AgreeAsync(PramanStore store, LocalDate livedUntil, CancellationToken stop)
    {
        var balances = new Dictionary<LedgerAccount, AccountBalance>();
        (long sequence, Digest previous) = (0, default);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        await foreach (JournalRecord record in store.Ledger.ReadAsync(0, stop))
        {
            Assert.Equal((++sequence, previous), (record.Sequence, record.Previous));
            Assert.Equal(0, record.Entries.Sum(entry => entry.Amount));
            Assert.True(keys.Add(record.Key), record.Key);
            foreach (LedgerEntry entry in record.Entries) balances[entry.Account] = balances.GetValueOrDefault(entry.Account).With(record.Action, entry.Amount);
            previous = record.Hash;
        }
        Assert.Equal(Sorted(balances), Sorted(await store.Ledger.BalancesAsync(AsOf.Now, stop)));
        Assert.Equal(Sorted(balances), Sorted(await store.Ledger.BalancesAsync(new AsOf(WalletYear.Last.PlusDays(9), null), stop))); // from the entries
        Assert.All(balances, pair => Assert.True(pair.Key.Kind != AccountKind.Wallet || pair.Value.Posted <= 0, pair.Key.ToString()));
        for (int number = 1; number <= Count; number++)
        {
            WalletYear year = await WalletYearChild.RestoreAsync(store, number);
            Assert.True(year.Next > livedUntil, $"wallet {number}: {livedUntil} was acknowledged, and {year.Next} comes next");
            AccountSnapshot account = year.Wallet.Account.Snapshot;
            long owed = new[] { AccountKind.Wallet, AccountKind.Emergency, AccountKind.Overdrawn }.Sum(kind => Of(kind, number).Posted);
            // A payment that was posted, and whose day the kill took, is in the ledger alone until the day is lived again.
            IEnumerable<PostingRequest> ahead = year.Payments().Where(request => keys.Contains(request.Key) && request.Key.StartsWith("pay/", StringComparison.Ordinal));
            long moved = await SumAsync(store, ahead, number, stop);
            Assert.Equal(MinorUnits.Of(account.Balance), -owed - moved);
            Assert.Equal(MinorUnits.Of(year.Wallet.Debts.Left), balances.Where(pair => pair.Key.Kind == AccountKind.Plan && pair.Key.UsagePoint!.Value.Number == (ulong)number).Sum(pair => pair.Value.Posted));
        }

        AccountBalance Of(AccountKind kind, int number) => balances.GetValueOrDefault(new LedgerAccount("INR", kind, WalletYear.Terms(number).UsagePoint, null));
    }

    private static async Task<long> SumAsync(PramanStore store, IEnumerable<PostingRequest> requests, int number, CancellationToken stop)
    {
        long sum = 0;
        foreach (PostingRequest request in requests)
        {
            JournalRecord record = (await store.Ledger.FindAsync(request.Key, stop))!;
            sum -= record.Entries.Where(entry => entry.Account.UsagePoint?.Number == (ulong)number).Sum(entry => entry.Amount);
        }
        return sum;
    }

    private static List<string> Sorted(IReadOnlyDictionary<LedgerAccount, AccountBalance> balances) => [.. balances.Select(pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal)];

    private static async Task<List<string>> RunAndKillAsync(string folder, int lines, CancellationToken stop, bool untilEnd = false)
    {
        string[] arguments = [WalletYearChild.Verb, folder, Count.ToString(CultureInfo.InvariantCulture)];
        return await DotnetProgram.RunAndKillAsync("Praman.Stores.Tests.dll", arguments, lines, stop, untilEnd ? "end" : null);
    }
}

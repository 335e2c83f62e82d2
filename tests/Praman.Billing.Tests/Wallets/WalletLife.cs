using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Wallets;
using Praman.Metering;
using PostingLine = Praman.Billing.Ledger.PostingLine;

namespace Praman.Billing.Tests.Wallets;

/// <summary>A wallet with a ledger in memory: each step is posted, and then money, journal and wallet must agree.</summary>
internal sealed class WalletLife
{
    public static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    public static readonly Postings Rupees = new("INR");

    private readonly MemoryLedger _ledger = new();
    private readonly LedgerBook _book = new();
    private readonly Func<string, CompiledTariff?> _tariffs;

    public WalletLife(WalletTerms terms, Func<string, CompiledTariff?> tariffs) => (Terms, _tariffs) = (terms, tariffs);

    public WalletTerms Terms { get; }

    public Wallet Wallet { get; set; } = null!;

    public List<WalletRecord> Entries { get; } = [];

    public static WalletTerms TermsOf(int number, RulePack? pack = null) => new(new UsagePointId((ulong)number), "INR", pack ?? RulePackSet.Default, HolidayCalendar.None, India);

    public static Instant Midnight(LocalDate day) => India.AtStartOfDay(day).ToInstant();

    public JournalRecord Find(string key) => _book.Find(key) ?? throw new KeyNotFoundException(key);

    public long Posted(LedgerAccount account) => _book.Balance(account).Posted;

    public long Posted(AccountKind kind, string? detail = null) => Posted(Rupees.Of(kind, Terms.UsagePoint, detail));

    public async Task PostAsync(Instant at, params PostingRequest[] requests)
    {
        foreach (PostingOutcome outcome in await _ledger.AppendAsync(requests, at, CancellationToken.None)) Assert.Null(outcome.Refusal);
        long known = _book.Head.Sequence;
        await foreach (JournalRecord record in _ledger.ReadAsync(known, CancellationToken.None)) Assert.Null(_book.Apply(record));
    }

    public Task PayAsync(Instant at, string key, decimal amount) =>
        PostAsync(at, PostingRequest.Post(
            key, Terms.Day(at), "recharge",
            [PostingLine.Debit(MinorUnits.Of(amount), Rupees.Of(AccountKind.GatewaySuspense, "upi")), PostingLine.Credit(MinorUnits.Of(amount), Rupees.TopUpPlaces(Terms.UsagePoint))]));

    /// <summary>Posts a step, and holds wallet, journal and entries against each other.</summary>
    public async Task TakeAsync(Instant at, WalletStep? step)
    {
        if (step is null) return;
        await PostAsync(at, [.. step.Postings]);
        Assert.True(WalletReader.TryRead(step.Entry, out WalletRecord? record, out string? fault), fault);
        Entries.Add(record);
        Agree();
        // R6: forgotten and read again, the wallet is the same, from its entries; its money is what the journal gives.
        Wallet again = Wallet.Restore(Terms, Entries, _tariffs);
        Assert.Equal(Wallet.Account.Snapshot, again.Account.Snapshot);
        Assert.Equal((Wallet.LastNumber, Wallet.Debts.Left, Wallet.Settlement?.Deducted, Wallet.Settlement?.NextDay), (again.LastNumber, again.Debts.Left, again.Settlement?.Deducted, again.Settlement?.NextDay));
        Assert.Equal(Wallet.LastDeductions, again.LastDeductions);
        Wallet = again;
    }

    public void Agree()
    {
        long owed = Posted(AccountKind.Wallet) + Posted(AccountKind.Emergency) + Posted(AccountKind.Overdrawn);
        Assert.Equal(MinorUnits.Of(Wallet.Account.Balance), -owed);
        Assert.True(Posted(AccountKind.Wallet) <= 0, "a wallet is never owed to the utility");
        decimal plans = Wallet.Debts.Plans.Sum(plan => MinorUnits.ToAmount(Posted(AccountKind.Plan, plan.Id)));
        Assert.Equal(Wallet.Debts.Left, plans);
        Assert.Equal(0, _book.Balances.Values.Sum(balance => balance.Posted));
    }
}

using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Stores;
using Praman.Billing.Wallets;

namespace Praman.Server.Prepaid;

/// <summary>Tells wallets what the payment desk has credited and taken back. The ledger is asked, so that a payment counts however its notice came; each counts once.</summary>
public sealed class WalletMoney(WalletBook book, ILedgerStore ledger)
{
    /// <summary>Days looked back: a gateway's answer may be that late.</summary>
    public const int DaysBack = 10;

    private const int RecordsMax = 1_000;
    private static readonly AccountKind[] Own = [AccountKind.Wallet, AccountKind.Emergency, AccountKind.Overdrawn];

    /// <summary>Counts what one wallet was not told of yet.</summary>
    /// <returns>The steps, written already.</returns>
    public async ValueTask<IReadOnlyList<WalletStep>> TellAsync(OpenWallet open, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        Wallet wallet = open.Wallet;
        LocalDate today = wallet.Terms.Day(now);
        var steps = new List<WalletStep>();
        // Money that goes back from a wallet that is empty touches what it lacks alone.
        var records = new SortedDictionary<long, JournalRecord>();
        foreach (AccountKind kind in Own)
        {
            var account = new LedgerAccount(wallet.Terms.Currency, kind, open.UsagePoint.Id, null);
            foreach (JournalRecord record in await ledger.ReadAsync(account, new DateInterval(today.PlusDays(-DaysBack), today), RecordsMax, cancellationToken).ConfigureAwait(false)) records[record.Sequence] = record;
        }
        foreach (JournalRecord record in records.Values)
        {
            if (record.Action is not (PostingAction.Post or PostingAction.Settle) || record.Cause is not ("payment" or "payment-late" or "payment-reversed")) continue;
            long credited = -record.Entries.Where(entry => entry.Account.UsagePoint == open.UsagePoint.Id && Own.Contains(entry.Account.Kind)).Sum(entry => entry.Amount);
            decimal amount = MinorUnits.ToAmount(Math.Abs(credited));
            WalletStep? step = credited > 0 ? wallet.Paid(now, today, record.Key, amount) : credited < 0 ? wallet.PaymentBack(now, today, record.Key, amount) : null;
            if (step is not null) steps.Add(step);
        }
        await book.CommitAsync(steps, now, cancellationToken).ConfigureAwait(false);
        return steps;
    }

    /// <summary>The balance of a wallet as the ledger has it, without days that are only estimated.</summary>
    public async ValueTask<decimal> SureBalanceAsync(OpenWallet open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        return await BalanceAsync(open, cancellationToken).ConfigureAwait(false) + open.Wallet.Account.Snapshot.Estimated;
    }

    /// <summary>The balance of a wallet as the ledger has it: what it holds less what was used beyond it.</summary>
    public async ValueTask<decimal> BalanceAsync(OpenWallet open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        long owed = 0;
        foreach (AccountKind kind in Own)
            owed += (await ledger.BalanceAsync(new LedgerAccount(open.Wallet.Terms.Currency, kind, open.UsagePoint.Id, null), AsOf.Now, cancellationToken).ConfigureAwait(false)).Posted;
        return -MinorUnits.ToAmount(owed);
    }
}

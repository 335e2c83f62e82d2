using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Stores;

namespace Praman.Billing.Payments;

/// <summary>Reads what a reconciliation needs from a ledger.</summary>
public static class ReconciliationRun
{
    private const int RecordMax = 10_000_000;

    /// <summary>Holds the ledger of a channel against settlement files, over local days.</summary>
    public static async ValueTask<ReconciliationReport> RunAsync(
        ILedgerStore ledger, string channel, string currency, DateInterval days, IReadOnlyList<SettlementFile> files, CancellationToken cancellationToken)
    {
        var postings = new Postings(currency);
        LedgerAccount suspense = postings.Of(AccountKind.GatewaySuspense, channel), unmatched = postings.Of(AccountKind.UnmatchedSuspense, channel);
        var asOf = new AsOf(days.End, null);
        IReadOnlyList<JournalRecord> records = await ledger.ReadAsync(suspense, days, RecordMax, cancellationToken).ConfigureAwait(false);
        var open = new HashSet<long>();
        foreach (JournalRecord record in records)
        {
            if (record.Action == PostingAction.Hold && await ledger.FindFollowerAsync(record.Sequence, cancellationToken).ConfigureAwait(false) is null) open.Add(record.Sequence);
        }
        return Reconciliation.Run(
            channel, currency, days, records, files, await ledger.BalanceAsync(suspense, asOf, cancellationToken).ConfigureAwait(false),
            await ledger.BalanceAsync(unmatched, asOf, cancellationToken).ConfigureAwait(false), record => open.Contains(record.Sequence));
    }
}

using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;

namespace Praman.Billing.Stores;

/// <summary>
/// The journal. Nothing in it is changed or taken away: there is no call for it. Requests are judged by <see cref="LedgerRules"/> inside the store's
/// transaction, so that two of them never judge by the same balance.
/// </summary>
public interface ILedgerStore
{
    /// <summary>
    /// Judges and writes requests in order, durably. Each is written whole or not at all; a refused one does not keep the others from being written.
    /// </summary>
    /// <returns>An outcome a request, in their order.</returns>
    ValueTask<IReadOnlyList<PostingOutcome>> AppendAsync(IReadOnlyList<PostingRequest> requests, Instant now, CancellationToken cancellationToken);

    /// <summary>The record with a key; null where there is none.</summary>
    ValueTask<JournalRecord?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>The record that settles, gives up or reverses another; null while none does.</summary>
    ValueTask<JournalRecord?> FindFollowerAsync(long sequence, CancellationToken cancellationToken);

    /// <summary>What an account holds or held.</summary>
    ValueTask<AccountBalance> BalanceAsync(LedgerAccount account, AsOf asOf, CancellationToken cancellationToken);

    /// <summary>Every account that was ever posted to, as it is or was.</summary>
    ValueTask<IReadOnlyDictionary<LedgerAccount, AccountBalance>> BalancesAsync(AsOf asOf, CancellationToken cancellationToken);

    /// <summary>The accounts of a usage point in a currency that an entry which counts stands on.</summary>
    ValueTask<IReadOnlyDictionary<LedgerAccount, AccountBalance>> BalancesOfAsync(UsagePointId usagePoint, string currency, AsOf asOf, CancellationToken cancellationToken);

    /// <summary>The end of the journal, or where it ended before <paramref name="bookedBefore"/>.</summary>
    ValueTask<JournalHead> HeadAsync(Instant? bookedBefore, CancellationToken cancellationToken);

    /// <summary>Streams the journal after a record (0: from the first), in order.</summary>
    IAsyncEnumerable<JournalRecord> ReadAsync(long after, CancellationToken cancellationToken);

    /// <summary>Records with an entry on an account, by business date and order of writing, at most <paramref name="countMax"/>.</summary>
    ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(LedgerAccount account, DateInterval businessDays, int countMax, CancellationToken cancellationToken);
}

using NodaTime;
using Praman.Billing.Stores;
using Praman.Metering;

namespace Praman.Billing.Ledger;

/// <summary>A journal in memory: for simulations, and to hold another store against. Not for two threads at once.</summary>
public sealed class MemoryLedger : ILedgerStore
{
    private readonly LedgerBook _book = new();
    private readonly List<JournalRecord> _records = [];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PostingOutcome>> AppendAsync(IReadOnlyList<PostingRequest> requests, Instant now, CancellationToken cancellationToken)
    {
        var outcomes = new List<PostingOutcome>(requests.Count);
        foreach (PostingRequest request in requests)
        {
            (PostingOutcome outcome, IReadOnlyList<JournalRecord> records) = LedgerRules.Judge(request, _book, now);
            foreach (JournalRecord record in records)
            {
                if (_book.Apply(record) is { } fault) throw new InvalidOperationException(fault);
                _records.Add(record);
            }
            outcomes.Add(outcome);
        }
        return new(outcomes);
    }

    /// <inheritdoc/>
    public ValueTask<JournalRecord?> FindAsync(string key, CancellationToken cancellationToken) => new(_book.Find(key));

    /// <inheritdoc/>
    public ValueTask<JournalRecord?> FindFollowerAsync(long sequence, CancellationToken cancellationToken) => new(_records.Find(record => record.Target == sequence));

    /// <inheritdoc/>
    public ValueTask<AccountBalance> BalanceAsync(LedgerAccount account, AsOf asOf, CancellationToken cancellationToken) =>
        new(asOf == AsOf.Now ? _book.Balance(account) : Sum(asOf).GetValueOrDefault(account));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<LedgerAccount, AccountBalance>> BalancesAsync(AsOf asOf, CancellationToken cancellationToken) => new(Sum(asOf));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<LedgerAccount, AccountBalance>> BalancesOfAsync(UsagePointId usagePoint, string currency, AsOf asOf, CancellationToken cancellationToken) =>
        new(Sum(asOf).Where(one => one.Key.UsagePoint == usagePoint && one.Key.Currency == currency).ToDictionary());

    /// <inheritdoc/>
    public ValueTask<JournalHead> HeadAsync(Instant? bookedBefore, CancellationToken cancellationToken)
    {
        JournalRecord? last = _records.FindLast(record => bookedBefore is not { } before || record.BookedAt < before);
        return new(last is null ? JournalHead.Empty : new JournalHead(last.Sequence, last.Hash, last.BookedAt));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<JournalRecord> ReadAsync(long after, CancellationToken cancellationToken) => _records.Skip((int)after).ToAsyncEnumerable();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(LedgerAccount account, DateInterval businessDays, int countMax, CancellationToken cancellationToken) =>
        new([.. _records
            .Where(record => businessDays.Contains(record.BusinessDate) && record.Entries.Any(entry => entry.Account == account))
            .OrderBy(record => record.BusinessDate).ThenBy(record => record.Sequence).Take(countMax)]);

    private Dictionary<LedgerAccount, AccountBalance> Sum(AsOf asOf)
    {
        var balances = new Dictionary<LedgerAccount, AccountBalance>();
        foreach (JournalRecord record in _records)
        {
            if (record.BusinessDate > (asOf.BusinessDate ?? record.BusinessDate) || (asOf.BookedBefore is { } before && record.BookedAt >= before)) continue;
            foreach (LedgerEntry entry in record.Entries) balances[entry.Account] = balances.GetValueOrDefault(entry.Account).With(record.Action, entry.Amount);
        }
        return balances;
    }
}

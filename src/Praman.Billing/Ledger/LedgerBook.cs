namespace Praman.Billing.Ledger;

/// <summary>
/// The ledger as the journal alone makes it: begins empty, takes records in order, and checks each: its place in the chain, that it sums to zero,
/// that what it follows is open. Balances come out of nothing but the records.
/// </summary>
public sealed class LedgerBook : ILedgerView
{
    private readonly Dictionary<string, JournalRecord> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<long, JournalRecord> _open = [];
    private readonly HashSet<long> _followed = [];
    private readonly Dictionary<LedgerAccount, AccountBalance> _balances = [];

    /// <inheritdoc/>
    public JournalHead Head { get; private set; } = JournalHead.Empty;

    /// <summary>Every account that was ever posted to.</summary>
    public IReadOnlyDictionary<LedgerAccount, AccountBalance> Balances => _balances;

    /// <inheritdoc/>
    public JournalRecord? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <inheritdoc/>
    public bool HasFollower(long sequence) => _followed.Contains(sequence);

    /// <inheritdoc/>
    public AccountBalance Balance(LedgerAccount account) => _balances.GetValueOrDefault(account);

    /// <summary>Takes the next record.</summary>
    /// <returns>Null where it fits; else what does not, in words, and nothing was taken.</returns>
    public string? Apply(JournalRecord record)
    {
        if (Fault(record) is { } fault) return $"record {record.Sequence}: {fault}";
        _byKey.Add(record.Key, record);
        if (record.Target is { } target) _followed.Add(target);
        _open.Add(record.Sequence, record);
        foreach (LedgerEntry entry in record.Entries) _balances[entry.Account] = Balance(entry.Account).With(record.Action, entry.Amount);
        Head = new JournalHead(record.Sequence, record.Hash, record.BookedAt);
        return null;
    }

    private string? Fault(JournalRecord record)
    {
        if (record.Sequence != Head.Sequence + 1) return $"record {Head.Sequence + 1} was expected";
        if (record.Previous != Head.Hash) return $"it names {record.Previous} as the record before it, which is {Head.Hash}";
        if (record.BookedAt < Head.BookedAt) return "it was written before the record before it";
        if (_byKey.ContainsKey(record.Key)) return $"the key '{record.Key}' was used before";
        if (record.Entries.Count == 0) return "it has no entries";
        foreach (IGrouping<string, LedgerEntry> currency in record.Entries.GroupBy(entry => entry.Account.Currency, StringComparer.Ordinal))
        {
            if (currency.Sum(entry => entry.Amount) is var sum and not 0) return $"its entries in {currency.Key} sum to {sum}; expected 0";
        }
        return FollowerFault(record);
    }

    private string? FollowerFault(JournalRecord record)
    {
        bool follows = record.Action is not (PostingAction.Post or PostingAction.Hold);
        if (follows != record.Target.HasValue) return follows ? "it has no target" : "it has a target";
        if (record.Target is not { } sequence) return null;
        if (!_open.TryGetValue(sequence, out JournalRecord? target)) return $"its target, record {sequence}, is not before it";
        if (_followed.Contains(sequence)) return $"its target, record {sequence}, was settled, given up or reversed before";
        (bool fits, int sign) = record.Action switch
        {
            PostingAction.Reverse => (target.Action is PostingAction.Post or PostingAction.Settle, -1),
            PostingAction.Sweep => (target.Action == PostingAction.Reverse, 0),
            _ => (target.Action == PostingAction.Hold, 1),
        };
        if (!fits) return $"its target, record {sequence}, is a {target.Action.Word()}";
        bool same = sign == 0 || target.Entries.Select(entry => entry with { Amount = sign * entry.Amount }).SequenceEqual(record.Entries);
        return same ? null : $"its entries are not those of record {sequence}";
    }
}

using Praman.Billing.Ledger;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Ledger;

/// <summary>The ledger as a writing transaction sees it. Balances are read once and written once, however many records of the transaction touch them.</summary>
internal sealed class SqliteLedgerView(SqliteSession session) : ILedgerView
{
    private const string InsertRecord = "INSERT INTO ledger_record (sequence, key, booked_at, target, hash, octets) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    private const string InsertEntry = "INSERT INTO ledger_entry (account, business_day, sequence, line, action, amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    private const string InsertAccount = "INSERT INTO ledger_account (name, debits, credits, pending_debits, pending_credits) VALUES (?1, 0, 0, 0, 0)";
    private const string UpdateAccount = "UPDATE ledger_account SET debits = ?2, credits = ?3, pending_debits = ?4, pending_credits = ?5 WHERE id = ?1";
    private const string SelectAccount = "SELECT id, debits, credits, pending_debits, pending_credits FROM ledger_account WHERE name = ?1";
    private const string SelectKey = "SELECT sequence, octets, hash FROM ledger_record WHERE key = ?1";
    private const string SelectLast = "SELECT sequence, octets, hash FROM ledger_record ORDER BY sequence DESC LIMIT 1";

    private readonly Dictionary<LedgerAccount, Row> _rows = [];
    private JournalHead? _head;

    /// <inheritdoc/>
    public JournalHead Head
    {
        get
        {
            if (_head is { } known) return known;
            using SqliteStatement select = session.Prepare(SelectLast);
            if (!select.Step()) return JournalHead.Empty;
            JournalRecord last = Read(select);
            _head = new JournalHead(last.Sequence, last.Hash, last.BookedAt);
            return _head.Value;
        }
    }

    /// <inheritdoc/>
    public JournalRecord? Find(string key) => Find(session, key);

    /// <inheritdoc/>
    public bool HasFollower(long sequence)
    {
        using SqliteStatement select = session.Prepare("SELECT 1 FROM ledger_record WHERE target = ?1");
        return select.Bind(1, sequence).Step();
    }

    /// <inheritdoc/>
    public AccountBalance Balance(LedgerAccount account) => Find(account)?.Balance ?? default;

    public void Append(JournalRecord record)
    {
        using (SqliteStatement insert = session.Prepare(InsertRecord))
        {
            insert.Bind(1, record.Sequence).Bind(2, record.Key).Bind(3, record.BookedAt).Bind(4, record.Target).Bind(5, record.Hash.Octets).Bind(6, record.Octets.Span).Run();
        }
        using SqliteStatement entries = session.Prepare(InsertEntry);
        for (int line = 0; line < record.Entries.Count; line++)
        {
            LedgerEntry entry = record.Entries[line];
            Row row = Find(entry.Account) ?? Make(entry.Account);
            row.Balance = row.Balance.With(record.Action, entry.Amount);
            row.IsChanged = true;
            entries.Bind(1, row.Id).Bind(2, record.BusinessDate).Bind(3, record.Sequence).Bind(4, line).Bind(5, (long)record.Action).Bind(6, entry.Amount).Run();
        }
        _head = new JournalHead(record.Sequence, record.Hash, record.BookedAt);
    }

    /// <summary>Writes the balances that changed; last in the transaction.</summary>
    public void WriteBalances()
    {
        using SqliteStatement update = session.Prepare(UpdateAccount);
        foreach (Row row in _rows.Values)
        {
            if (!row.IsChanged) continue;
            update.Bind(1, row.Id).Bind(2, row.Balance.Debits).Bind(3, row.Balance.Credits).Bind(4, row.Balance.PendingDebits).Bind(5, row.Balance.PendingCredits).Run();
        }
    }

    public static JournalRecord? Find(SqliteSession session, string key)
    {
        using SqliteStatement select = session.Prepare(SelectKey);
        return select.Bind(1, key).Step() ? Read(select) : null;
    }

    /// <summary>A record from the columns sequence, octets, hash; its octets must be those of the hash and of the sequence.</summary>
    /// <exception cref="StoreException">They are not.</exception>
    public static JournalRecord Read(SqliteStatement row)
    {
        long sequence = row.Integer(0);
        if (!JournalRecord.TryRead(row.Blob(1).ToArray(), out JournalRecord? record, out string? fault)) throw Damaged(sequence, fault);
        if (record.Sequence != sequence) throw Damaged(sequence, $"its octets are those of record {record.Sequence}");
        return row.Blob(2).SequenceEqual(record.Hash.Octets) ? record : throw Damaged(sequence, "its octets do not have the hash that stands beside them");
    }

    public static LedgerAccount Account(string name) =>
        LedgerAccount.TryParse(name, out LedgerAccount account) ? account : throw new StoreException(StoreFault.Damaged, $"ledger: '{name}' is no account; expected one such as INR/bank");

    public static AccountBalance Balance(SqliteStatement row, int column) => new(row.Integer(column), row.Integer(column + 1), row.Integer(column + 2), row.Integer(column + 3));

    private Row? Find(LedgerAccount account)
    {
        if (_rows.TryGetValue(account, out Row? row)) return row;
        using SqliteStatement select = session.Prepare(SelectAccount);
        if (!select.Bind(1, account.ToString()).Step()) return null;
        row = new Row { Id = select.Integer(0), Balance = Balance(select, 1) };
        _rows.Add(account, row);
        return row;
    }

    private Row Make(LedgerAccount account)
    {
        using SqliteStatement insert = session.Prepare(InsertAccount);
        insert.Bind(1, account.ToString()).Run();
        var row = new Row { Id = session.Scalar("SELECT last_insert_rowid()") };
        _rows.Add(account, row);
        return row;
    }

    private static StoreException Damaged(long sequence, string reason) => new(StoreFault.Damaged, FormattableString.Invariant($"ledger: record {sequence} is damaged: {reason}"));

    private sealed class Row
    {
        public required long Id { get; init; }

        public AccountBalance Balance { get; set; }

        public bool IsChanged { get; set; }
    }
}

using System.Runtime.InteropServices;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Proof;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Ledger;

/// <summary>The ledger as writing transactions see it. Balances are read once, and written once a transaction, however many of its records touch them.</summary>
internal sealed class SqliteLedgerView(SqliteSession session) : ILedgerView
{
    private const string InsertRecord = "INSERT INTO ledger_record (sequence, key, booked_at, target, hash, octets) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key) DO NOTHING";
    private const string InsertEntry = "INSERT INTO ledger_entry (account, business_day, sequence, line, action, amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    private const string InsertAccount = "INSERT INTO ledger_account (name, debits, credits, pending_debits, pending_credits) VALUES (?1, 0, 0, 0, 0)";
    private const string UpdateAccount = "UPDATE ledger_account SET debits = ?2, credits = ?3, pending_debits = ?4, pending_credits = ?5 WHERE id = ?1";
    private const string SelectAccount = "SELECT id, debits, credits, pending_debits, pending_credits FROM ledger_account WHERE name = ?1";
    private const string SelectKey = "SELECT sequence, octets, hash FROM ledger_record WHERE key = ?1";
    private const string SelectHead = "SELECT sequence, hash, booked_at FROM ledger_record ORDER BY sequence DESC LIMIT 1";
    private const string InsertRun = "INSERT INTO ledger_entry (account, business_day, sequence, line, action, amount, last_sequence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

    /// <summary>Accounts whose balances are kept between transactions, at most.</summary>
    private const int RowMax = 200_000;

    private readonly Dictionary<LedgerAccount, Row> _rows = [];
    private readonly List<Row> _changed = [];
    private readonly Dictionary<RunKey, Run> _runs = [];
    private JournalHead _head = JournalHead.Empty;
    private bool _isOpen;

    /// <summary>A key that is taken for a new one until the insert of its record says otherwise.</summary>
    private string? _assumedNew;

    /// <inheritdoc/>
    public JournalHead Head => _head;

    /// <summary>
    /// Begins a transaction's work. Balances that are known from earlier ones hold only while the journal ends where it ended then: after a
    /// rollback it does not, and everything is read anew.
    /// </summary>
    public void Begin()
    {
        JournalHead kept = ReadHead();
        if (_isOpen || kept != _head || _rows.Count > RowMax) _rows.Clear();
        _changed.Clear();
        _runs.Clear();
        (_head, _isOpen) = (kept, true);
    }

    /// <summary>
    /// Judges a request and writes what comes of it. Nearly every key is new, and the insert of its record finds out anyway: so the key is looked up
    /// only where that insert does nothing, or where there is nothing to insert.
    /// </summary>
    public PostingOutcome Post(PostingRequest request, Instant now)
    {
        _assumedNew = request.Key;
        (PostingOutcome outcome, IReadOnlyList<JournalRecord> records) = LedgerRules.Judge(request, this, now);
        _assumedNew = null;
        if (records.Count == 0 || !TryInsert(records[0]))
        {
            (outcome, records) = LedgerRules.Judge(request, this, now);
            if (records.Count > 0) Insert(records[0]);
        }
        if (records.Count > 0) Enter(records[0]);
        for (int i = 1; i < records.Count; i++)
        {
            Insert(records[i]);
            Enter(records[i]);
        }
        return outcome;
    }

    /// <inheritdoc/>
    public JournalRecord? Find(string key) => ReferenceEquals(key, _assumedNew) ? null : Find(session, key);

    /// <inheritdoc/>
    public bool HasFollower(long sequence)
    {
        using SqliteStatement select = session.Prepare("SELECT 1 FROM ledger_record WHERE target = ?1");
        return select.Bind(1, sequence).Step();
    }

    /// <inheritdoc/>
    public AccountBalance Balance(LedgerAccount account) => Find(account)?.Balance ?? default;

    /// <summary>Writes the balances and runs of the transaction's work; last in it.</summary>
    public void Flush()
    {
        using (SqliteStatement insert = session.Prepare(InsertRun))
        {
            foreach ((RunKey key, Run run) in _runs)
            {
                insert.Bind(1, key.Account).Bind(2, key.Day).Bind(3, run.First).Bind(4, run.Line).Bind(5, (long)key.Action).Bind(6, run.Amount).Bind(7, run.Last).Run();
            }
        }
        using SqliteStatement update = session.Prepare(UpdateAccount);
        foreach (Row row in _changed)
        {
            update.Bind(1, row.Id).Bind(2, row.Balance.Debits).Bind(3, row.Balance.Credits).Bind(4, row.Balance.PendingDebits).Bind(5, row.Balance.PendingCredits).Run();
            row.IsChanged = false;
        }
        _changed.Clear();
        _runs.Clear();
        _isOpen = false;
    }

    /// <summary>Writes a record; false, with nothing written, where its key is taken.</summary>
    private bool TryInsert(JournalRecord record)
    {
        using SqliteStatement insert = session.Prepare(InsertRecord);
        insert.Bind(1, record.Sequence).Bind(2, record.Key).Bind(3, record.BookedAt).Bind(4, record.Target).Bind(5, record.Hash.Octets).Bind(6, record.Octets.Span).Run();
        return session.Changes == 1;
    }

    private void Insert(JournalRecord record)
    {
        if (!TryInsert(record)) throw new StoreException(StoreFault.Conflict, $"ledger: the key '{record.Key}' is taken; expected one that was just found to be free");
    }

    /// <summary>Enters a record that was written into the accounts of its entries.</summary>
    private void Enter(JournalRecord record)
    {
        using SqliteStatement entries = session.Prepare(InsertEntry);
        for (int line = 0; line < record.Entries.Count; line++)
        {
            LedgerEntry entry = record.Entries[line];
            Row row = Find(entry.Account) ?? Make(entry.Account);
            row.Balance = row.Balance.With(record.Action, entry.Amount);
            if (!row.IsChanged) _changed.Add(row);
            row.IsChanged = true;
            if (IsInRuns(entry.Account.Kind)) AddToRun(row.Id, record, line, entry.Amount);
            else entries.Bind(1, row.Id).Bind(2, record.BusinessDate).Bind(3, record.Sequence).Bind(4, line).Bind(5, (long)record.Action).Bind(6, entry.Amount).Run();
        }
        _head = new JournalHead(record.Sequence, record.Hash, record.BookedAt);
    }

    /// <summary>What the utility earns and owes by component: every home posts to these few accounts every day, so that a row an entry would tell nothing that a row a night does not.</summary>
    private static bool IsInRuns(AccountKind kind) =>
        kind is AccountKind.Revenue or AccountKind.DutyPayable or AccountKind.TaxPayable or AccountKind.SubsidyReceivable or AccountKind.RebateExpense or AccountKind.Rounding;

    /// <summary>All records of one piece of work are written at one time, so no question as of a time ever falls inside a run.</summary>
    private void AddToRun(long account, JournalRecord record, int line, long amount)
    {
        var key = new RunKey(account, record.BusinessDate, record.Action, amount > 0);
        ref Run run = ref CollectionsMarshal.GetValueRefOrAddDefault(_runs, key, out bool known);
        run = known ? run with { Last = record.Sequence, Amount = checked(run.Amount + amount) } : new Run(record.Sequence, record.Sequence, line, amount);
    }

    private JournalHead ReadHead()
    {
        using SqliteStatement select = session.Prepare(SelectHead);
        return select.Step() ? new JournalHead(select.Integer(0), new Digest(select.Blob(1)), select.Instant(2)) : JournalHead.Empty;
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

    private readonly record struct RunKey(long Account, LocalDate Day, PostingAction Action, bool IsDebit);

    /// <summary>What one piece of work posted to one account for one day: the first and the last record with it, the line in the first, the sum.</summary>
    private readonly record struct Run(long First, long Last, int Line, long Amount);

    private sealed class Row
    {
        public required long Id { get; init; }

        public AccountBalance Balance { get; set; }

        public bool IsChanged { get; set; }
    }
}

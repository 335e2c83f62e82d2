using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Stores;
using Praman.Metering;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Ledger;

/// <summary>The journal in the tables <c>ledger_record</c>, <c>ledger_entry</c> and <c>ledger_account</c>. Requests are judged inside the writing transaction.</summary>
internal sealed class SqliteLedger(SqliteDatabase database) : ILedgerStore
{
    private const int PageLength = 1_024;
    private const string Columns = "sequence, octets, hash";
    private const string SelectPage = $"SELECT {Columns} FROM ledger_record WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
    private const string SelectRange = $"SELECT {Columns} FROM ledger_record WHERE sequence BETWEEN ?1 AND ?2 ORDER BY sequence";
    private const string SelectFollower = $"SELECT {Columns} FROM ledger_record WHERE target = ?1";
    private const string SelectAccount = "SELECT id, debits, credits, pending_debits, pending_credits FROM ledger_account WHERE name = ?1";
    private const string SelectBooked = "SELECT booked_at FROM ledger_record WHERE sequence = ?1";

    private const string SelectEntries =
        """
        SELECT action, sum(max(amount, 0)), sum(min(amount, 0)) FROM ledger_entry
        WHERE account = ?1 AND business_day <= ?2 AND sequence <= ?3 GROUP BY action
        """;

    private const string SelectAllEntries =
        """
        SELECT account.name, entry.action, sum(max(entry.amount, 0)), sum(min(entry.amount, 0)) FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account
        WHERE entry.business_day <= ?1 AND entry.sequence <= ?2 GROUP BY entry.account, entry.action
        """;

    private const string SelectOfAccount =
        """
        SELECT entry.business_day, entry.sequence, coalesce(entry.last_sequence, entry.sequence) FROM ledger_account account JOIN ledger_entry entry ON entry.account = account.id
        WHERE account.name = ?1 AND entry.business_day BETWEEN ?2 AND ?3 ORDER BY entry.business_day, entry.sequence
        """;

    /// <summary>An account of a kind and, where the kind has details, those under it: between its name with a slash and with the character after that.</summary>
    private const string SelectOwn = "SELECT id, name FROM ledger_account WHERE name = ?1 OR (name > ?1 || '/' AND name < ?1 || '0')";

    private SqliteLedgerView? _view;

    /// <summary>What a piece of work of the writing session judges by and writes to; it ends with <see cref="SqliteLedgerView.Flush"/>.</summary>
    public SqliteLedgerView View(SqliteSession session)
    {
        SqliteLedgerView view = _view ??= new SqliteLedgerView(session);
        view.Begin();
        return view;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PostingOutcome>> AppendAsync(IReadOnlyList<PostingRequest> requests, Instant now, CancellationToken cancellationToken) =>
        await database.WriteAsync<IReadOnlyList<PostingOutcome>>(
            session =>
            {
                SqliteLedgerView view = View(session);
                var outcomes = new List<PostingOutcome>(requests.Count);
                foreach (PostingRequest request in requests) outcomes.Add(view.Post(request, now));
                view.Flush();
                return outcomes;
            },
            requests.Sum(static request => 2 + request.Lines.Count),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<JournalRecord?> FindAsync(string key, CancellationToken cancellationToken) => new(database.Read(SqliteLedgerView.Find, key));

    /// <inheritdoc/>
    public ValueTask<JournalRecord?> FindFollowerAsync(long sequence, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, target) =>
            {
                using SqliteStatement select = session.Prepare(SelectFollower);
                return select.Bind(1, target).Step() ? SqliteLedgerView.Read(select) : null;
            },
            sequence));

    /// <inheritdoc/>
    public ValueTask<AccountBalance> BalanceAsync(LedgerAccount account, AsOf asOf, CancellationToken cancellationToken) =>
        new(database.ReadSnapshot(
            static (session, asked) =>
            {
                using SqliteStatement found = session.Prepare(SelectAccount);
                if (!found.Bind(1, asked.Account.ToString()).Step()) return default;
                if (asked.AsOf == AsOf.Now) return SqliteLedgerView.Balance(found, 1);
                using SqliteStatement select = session.Prepare(SelectEntries);
                select.Bind(1, found.Integer(0)).Bind(2, asked.AsOf.BusinessDate ?? LocalDate.MaxIsoValue).Bind(3, Last(session, asked.AsOf.BookedBefore));
                AccountBalance balance = default;
                while (select.Step()) balance = Add(balance, select, 0);
                return balance;
            },
            (Account: account, AsOf: asOf)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<LedgerAccount, AccountBalance>> BalancesAsync(AsOf asOf, CancellationToken cancellationToken) =>
        new(database.ReadSnapshot(ReadBalances, asOf));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<LedgerAccount, AccountBalance>> BalancesOfAsync(UsagePointId usagePoint, string currency, AsOf asOf, CancellationToken cancellationToken) =>
        new(database.ReadSnapshot<(UsagePointId UsagePoint, string Currency, AsOf AsOf), IReadOnlyDictionary<LedgerAccount, AccountBalance>>(
            static (session, asked) => ReadOwn(session, asked.UsagePoint, asked.Currency, asked.AsOf), (usagePoint, currency, asOf)));

    /// <inheritdoc/>
    public ValueTask<JournalHead> HeadAsync(Instant? bookedBefore, CancellationToken cancellationToken) =>
        new(database.ReadSnapshot(
            static (session, before) =>
            {
                using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM ledger_record WHERE sequence = ?1");
                if (!select.Bind(1, Last(session, before)).Step()) return JournalHead.Empty;
                JournalRecord last = SqliteLedgerView.Read(select);
                return new JournalHead(last.Sequence, last.Hash, last.BookedAt);
            },
            bookedBefore));

    /// <inheritdoc/>
    public IAsyncEnumerable<JournalRecord> ReadAsync(long after, CancellationToken cancellationToken) =>
        new PagedRows<JournalRecord>(database, (session, last) =>
        {
            using SqliteStatement select = session.Prepare(SelectPage);
            return ReadAll(select.Bind(1, last?.Sequence ?? after).Bind(2, PageLength));
        });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(LedgerAccount account, DateInterval businessDays, int countMax, CancellationToken cancellationToken) =>
        new(database.ReadSnapshot<(LedgerAccount Account, DateInterval Days, int CountMax), IReadOnlyList<JournalRecord>>(
            static (session, asked) => ReadOf(session, asked.Account, asked.Days, asked.CountMax),
            (account, businessDays, countMax)));

    /// <summary>Replays the journal from its first record and holds what it adds up to against the balances and entries that are kept.</summary>
    /// <returns>What does not fit, in words.</returns>
    public Task<List<string>> CheckAsync(int faultMax, CancellationToken cancellationToken) =>
        Task.Run(() => database.ReadSnapshot((session, max) => Check(session, max, cancellationToken), faultMax), cancellationToken);

    private static List<string> Check(SqliteSession session, int faultMax, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        try
        {
            var book = new LedgerBook();
            using SqliteStatement select = session.Prepare($"SELECT {Columns} FROM ledger_record ORDER BY sequence");
            while (select.Step())
            {
                if ((book.Head.Sequence & 0xFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
                if (book.Apply(SqliteLedgerView.Read(select)) is { } fault) return [$"ledger: {fault}"];
            }
            IReadOnlyDictionary<LedgerAccount, AccountBalance> kept = ReadBalances(session, AsOf.Now), entries = ReadEntries(session, AsOf.Now);
            foreach (LedgerAccount account in book.Balances.Keys.Union(kept.Keys))
            {
                AccountBalance replayed = book.Balance(account);
                if (kept.GetValueOrDefault(account) != replayed) faults.Add($"ledger: {account} is kept as {kept.GetValueOrDefault(account)}; the journal makes it {replayed}");
                if (entries.GetValueOrDefault(account) != replayed) faults.Add($"ledger: the entries of {account} sum to {entries.GetValueOrDefault(account)}; the journal makes it {replayed}");
                if (faults.Count >= faultMax) break;
            }
        }
        catch (StoreException fault) when (fault.Fault == StoreFault.Damaged)
        {
            faults.Add(fault.Message);
        }
        return faults;
    }

    private static IReadOnlyDictionary<LedgerAccount, AccountBalance> ReadBalances(SqliteSession session, AsOf asOf)
    {
        // What is kept is the end of the journal: the usual question, and that of a day's end before the next day's first record.
        if (asOf.BusinessDate is not null || Last(session, asOf.BookedBefore) != Last(session, null)) return ReadEntries(session, asOf);
        var balances = new Dictionary<LedgerAccount, AccountBalance>();
        using SqliteStatement select = session.Prepare("SELECT name, debits, credits, pending_debits, pending_credits FROM ledger_account");
        while (select.Step()) balances.Add(SqliteLedgerView.Account(select.Text(0)), SqliteLedgerView.Balance(select, 1));
        return balances;
    }

    private static Dictionary<LedgerAccount, AccountBalance> ReadOwn(SqliteSession session, UsagePointId usagePoint, string currency, AsOf asOf)
    {
        var balances = new Dictionary<LedgerAccount, AccountBalance>();
        long last = Last(session, asOf.BookedBefore);
        using SqliteStatement found = session.Prepare(SelectOwn), select = session.Prepare(SelectEntries);
        foreach (AccountKindFacts kind in AccountKinds.All)
        {
            if (!kind.IsPerUsagePoint) continue;
            found.Again().Bind(1, $"{currency}/{kind.Word}/{usagePoint}");
            while (found.Step())
            {
                select.Again().Bind(1, found.Integer(0)).Bind(2, asOf.BusinessDate ?? LocalDate.MaxIsoValue).Bind(3, last);
                LedgerAccount account = SqliteLedgerView.Account(found.Text(1));
                while (select.Step()) balances[account] = Add(balances.GetValueOrDefault(account), select, 0);
            }
        }
        return balances;
    }

    private static Dictionary<LedgerAccount, AccountBalance> ReadEntries(SqliteSession session, AsOf asOf)
    {
        var balances = new Dictionary<LedgerAccount, AccountBalance>();
        using SqliteStatement select = session.Prepare(SelectAllEntries);
        select.Bind(1, asOf.BusinessDate ?? LocalDate.MaxIsoValue).Bind(2, Last(session, asOf.BookedBefore));
        while (select.Step())
        {
            LedgerAccount account = SqliteLedgerView.Account(select.Text(0));
            balances[account] = Add(balances.GetValueOrDefault(account), select, 1);
        }
        return balances;
    }

    private static AccountBalance Add(AccountBalance balance, SqliteStatement row, int column)
    {
        var action = (PostingAction)row.Integer(column);
        return balance.With(action, row.Integer(column + 1)).With(action, row.Integer(column + 2));
    }

    /// <summary>The last record that was written before an instant; 0 where there is none. Times never run backwards, so halving finds it.</summary>
    private static long Last(SqliteSession session, Instant? before)
    {
        long end = session.Scalar("SELECT max(sequence) FROM ledger_record");
        if (before is not { } limit) return end;
        using SqliteStatement select = session.Prepare(SelectBooked);
        long first = 1, after = end + 1; // the first record that was not written before it is in [first, after]
        while (first < after)
        {
            long middle = first + ((after - first) / 2);
            if (select.Again().Bind(1, middle).Step() && select.Integer(0) < limit.ToUnixTimeTicks()) first = middle + 1;
            else after = middle;
        }
        return first - 1;
    }

    /// <summary>Records with an entry on an account. A row may stand for a run of records, of which some are of other accounts or days.</summary>
    private static List<JournalRecord> ReadOf(SqliteSession session, LedgerAccount account, DateInterval days, int countMax)
    {
        var runs = new List<(LocalDate Day, long First, long Last)>();
        using (SqliteStatement select = session.Prepare(SelectOfAccount))
        {
            select.Bind(1, account.ToString()).Bind(2, days.Start).Bind(3, days.End);
            while (select.Step()) runs.Add((select.Day(0), select.Integer(1), select.Integer(2)));
        }
        var records = new List<JournalRecord>();
        (LocalDate day, long read) = (LocalDate.MinIsoValue, 0);
        foreach ((LocalDate of, long first, long last) in runs)
        {
            if (of != day) (day, read) = (of, 0);
            using SqliteStatement select = session.Prepare(SelectRange);
            select.Bind(1, Math.Max(first, read + 1)).Bind(2, last);
            while (records.Count < countMax && select.Step())
            {
                JournalRecord record = SqliteLedgerView.Read(select);
                if (record.BusinessDate == of && record.Entries.Any(entry => entry.Account == account)) records.Add(record);
            }
            read = Math.Max(read, last);
        }
        return records;
    }

    private static List<JournalRecord> ReadAll(SqliteStatement row)
    {
        var records = new List<JournalRecord>();
        while (row.Step()) records.Add(SqliteLedgerView.Read(row));
        return records;
    }
}

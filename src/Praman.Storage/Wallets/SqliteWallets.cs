using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Stores;
using Praman.Billing.Wallets;
using Praman.Metering;
using Praman.Storage.Ledger;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Wallets;

/// <summary>Wallets in the tables <c>wallet</c> and <c>wallet_entry</c>; what a step posts is judged and written in the same transaction as its entry.</summary>
internal sealed class SqliteWallets(SqliteDatabase database, SqliteLedger ledger) : IWalletStore
{
    private const string UpdateHead = "UPDATE wallet SET last_number = ?2 WHERE usage_point = ?1 AND last_number = ?2 - 1";
    private const string UpdatePeriod = "UPDATE wallet SET last_number = ?2, period_from = ?3 WHERE usage_point = ?1 AND last_number = ?2 - 1";
    private const string InsertHead = "INSERT INTO wallet (usage_point, period_from, last_number) VALUES (?1, ?2, 1)";
    private const string InsertEntry = "INSERT INTO wallet_entry (day, usage_point, number, octets) VALUES (?1, ?2, ?3, ?4)";
    private const string SelectEntry = "SELECT octets FROM wallet_entry WHERE day = ?1 AND usage_point = ?2 AND number = ?3";
    private const string SelectDay = "SELECT number, octets FROM wallet_entry WHERE day = ?1 AND usage_point = ?2 ORDER BY number";
    private const string SelectHead = "SELECT usage_point, period_from, last_number FROM wallet WHERE usage_point = ?1";
    private const string SelectHeads = "SELECT usage_point, period_from, last_number FROM wallet ORDER BY usage_point";

    /// <inheritdoc/>
    public async ValueTask CommitAsync(IReadOnlyList<WalletStep> steps, Instant now, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                SqliteLedgerView view = ledger.View(session);
                foreach (WalletStep step in steps) Write(session, view, step, now);
                view.Flush();
                return steps.Count;
            },
            steps.Sum(static step => 2 + 8 * step.Postings.Count),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<WalletHead?> FindAsync(UsagePointId usagePoint, CancellationToken cancellationToken) =>
        new(database.Read(
            static (session, id) =>
            {
                using SqliteStatement select = session.Prepare(SelectHead);
                return select.Bind(1, (long)id.Number).Step() ? Head(select) : null;
            },
            usagePoint));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WalletHead>> ListAsync(CancellationToken cancellationToken) =>
        new(database.Read<IReadOnlyList<WalletHead>>(static session =>
        {
            var heads = new List<WalletHead>();
            using SqliteStatement select = session.Prepare(SelectHeads);
            while (select.Step()) heads.Add(Head(select));
            return heads;
        }));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WalletEntry>> ReadAsync(UsagePointId usagePoint, DateInterval days, CancellationToken cancellationToken) =>
        new(database.ReadSnapshot<(UsagePointId UsagePoint, DateInterval Days), IReadOnlyList<WalletEntry>>(
            static (session, asked) =>
            {
                var entries = new List<WalletEntry>();
                using SqliteStatement select = session.Prepare(SelectDay);
                foreach (LocalDate day in asked.Days)
                {
                    select.Again().Bind(1, day).Bind(2, (long)asked.UsagePoint.Number);
                    while (select.Step())
                    {
                        WalletEntry entry = Parse(asked.UsagePoint, select.Blob(1).ToArray());
                        if (entry.Number != select.Integer(0) || entry.Date != day || entry.UsagePoint != asked.UsagePoint) throw Damaged(asked.UsagePoint, $"entry {select.Integer(0)} holds another one");
                        entries.Add(entry);
                    }
                }
                entries.Sort(static (a, b) => a.Number.CompareTo(b.Number));
                return entries;
            },
            (usagePoint, days)));

    private static void Write(SqliteSession session, SqliteLedgerView view, WalletStep step, Instant now)
    {
        WalletEntry entry = step.Entry;
        if (!TryAdvance(session, entry))
        {
            if (IsKept(session, entry)) return;
            throw new WalletConflictException(FormattableString.Invariant($"wallet {entry.UsagePoint}: entry {entry.Number} does not follow the last one that is kept"));
        }
        using (SqliteStatement insert = session.Prepare(InsertEntry))
        {
            insert.Bind(1, entry.Date).Bind(2, (long)entry.UsagePoint.Number).Bind(3, entry.Number).Bind(4, entry.Octets.Span).Run();
        }
        for (int i = 0; i < step.Postings.Count; i++)
        {
            PostingOutcome outcome = view.Post(step.Postings[i], now);
            if (outcome.Refusal is { } refusal) throw new WalletConflictException(FormattableString.Invariant($"wallet {entry.UsagePoint}, entry {entry.Number}: {refusal}"));
        }
    }

    private static bool TryAdvance(SqliteSession session, WalletEntry entry)
    {
        if (entry.Kind == WalletEntryKind.Open)
        {
            if (entry.Number != 1) return false;
            using (SqliteStatement select = session.Prepare(SelectHead))
            {
                if (select.Bind(1, (long)entry.UsagePoint.Number).Step()) return false;
            }
            using SqliteStatement insert = session.Prepare(InsertHead);
            insert.Bind(1, (long)entry.UsagePoint.Number).Bind(2, entry.Date).Run();
            return true;
        }
        bool begins = entry.Kind == WalletEntryKind.Period;
        using SqliteStatement update = session.Prepare(begins ? UpdatePeriod : UpdateHead);
        update.Bind(1, (long)entry.UsagePoint.Number).Bind(2, entry.Number);
        if (begins) update.Bind(3, entry.Date);
        update.Run();
        return session.Changes == 1;
    }

    private static bool IsKept(SqliteSession session, WalletEntry entry)
    {
        using SqliteStatement select = session.Prepare(SelectEntry);
        return select.Bind(1, entry.Date).Bind(2, (long)entry.UsagePoint.Number).Bind(3, entry.Number).Step() && select.Blob(0).SequenceEqual(entry.Octets.Span);
    }

    private static WalletHead Head(SqliteStatement row) => new(new UsagePointId((ulong)row.Integer(0)), row.Day(1), (int)row.Integer(2));

    private static WalletEntry Parse(UsagePointId usagePoint, byte[] octets)
    {
        try
        {
            return WalletReader.Parse(octets);
        }
        catch (Exception odd) when (odd is FormatException or System.Text.Json.JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Damaged(usagePoint, odd.Message);
        }
    }

    private static StoreException Damaged(UsagePointId usagePoint, string reason) => new(StoreFault.Damaged, FormattableString.Invariant($"wallet {usagePoint} is damaged: {reason}"));
}

using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Stores;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Logs;

/// <summary>What each entry of the log is about, in the table <c>log_entry</c>.</summary>
internal sealed class SqliteLogIndex(SqliteDatabase database) : ILogIndex
{
    private const string Insert =
        """
        INSERT INTO log_entry (entry, kind, commitment, subject) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (entry) DO UPDATE SET kind = ?2 WHERE kind = ?2 AND commitment = ?3 AND subject = ?4
        """;

    private const string Columns = "SELECT entry, kind, commitment, subject FROM log_entry";

    /// <inheritdoc/>
    public async ValueTask AppendAsync(IReadOnlyList<LogIndexEntry> entries, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            session =>
            {
                using SqliteStatement insert = session.Prepare(Insert);
                foreach (LogIndexEntry entry in entries)
                {
                    insert.Bind(1, entry.Index).Bind(2, (long)entry.Entry.Kind).Bind(3, entry.Entry.Commitment.Octets).Bind(4, entry.Subject).Run();
                    if (session.Changes != 1) throw new StoreException(StoreFault.Conflict, $"entry {entry.Index} of the log is kept already with other content");
                }
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogIndexEntry>> FindAsync(LogEntryKind kind, string subject, CancellationToken cancellationToken) =>
        new(database.Read<(LogEntryKind Kind, string Subject), IReadOnlyList<LogIndexEntry>>(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare($"{Columns} WHERE kind = ?1 AND subject = ?2 ORDER BY entry");
                return Read(select.Bind(1, (long)asked.Kind).Bind(2, asked.Subject));
            },
            (kind, subject)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LogIndexEntry>> ReadAsync(long first, int countMax, CancellationToken cancellationToken) =>
        new(database.Read<(long First, int CountMax), IReadOnlyList<LogIndexEntry>>(
            static (session, asked) =>
            {
                using SqliteStatement select = session.Prepare($"{Columns} WHERE entry >= ?1 ORDER BY entry LIMIT ?2");
                return Read(select.Bind(1, asked.First).Bind(2, asked.CountMax));
            },
            (first, countMax)));

    private static List<LogIndexEntry> Read(SqliteStatement row)
    {
        var entries = new List<LogIndexEntry>();
        while (row.Step())
        {
            entries.Add(new LogIndexEntry(row.Integer(0), new LogEntry((LogEntryKind)row.Integer(1), new Digest(row.Blob(2))), row.Text(3)));
        }
        return entries;
    }
}

using Praman.Proof.Logs;

namespace Praman.Proof.Stores;

/// <summary>What each entry of the log is about: private, beside the public tiles, which name nobody.</summary>
public interface ILogIndex
{
    /// <summary>Keeps what entries are about. Durable on return; one kept already under its index with the same content is no error.</summary>
    ValueTask AppendAsync(IReadOnlyList<LogIndexEntry> entries, CancellationToken cancellationToken);

    /// <summary>Entries about a subject, by index: a bill's number, a tariff's id, a batch's number.</summary>
    ValueTask<IReadOnlyList<LogIndexEntry>> FindAsync(LogEntryKind kind, string subject, CancellationToken cancellationToken);

    /// <summary>Entries from an index on, by index, at most <paramref name="countMax"/>.</summary>
    ValueTask<IReadOnlyList<LogIndexEntry>> ReadAsync(long first, int countMax, CancellationToken cancellationToken);
}

/// <summary>An entry of the log with its subject in this system's words.</summary>
public sealed record LogIndexEntry(long Index, LogEntry Entry, string Subject);

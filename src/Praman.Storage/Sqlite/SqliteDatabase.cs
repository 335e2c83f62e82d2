using System.Collections.Concurrent;

namespace Praman.Storage.Sqlite;

/// <summary>
/// One SQLite file (WAL, synchronous = FULL): a writer with group commit and a pool of readers that never wait for it. The format is
/// SQLite's own, so any SQLite tool reads a copy of it.
/// </summary>
public sealed partial class SqliteDatabase : IAsyncDisposable
{
    private const int IdleReaderMax = 16;

    private readonly string _path;
    private readonly SqliteSession _writer;
    private readonly WriteQueue _queue;
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private volatile bool _closed;

    private SqliteDatabase(string path, SqliteSession writer)
    {
        _path = path;
        _writer = writer;
        _queue = new WriteQueue(writer);
    }

    /// <summary>The file.</summary>
    public string Path => _path;

    /// <summary>Transactions committed since the file was opened.</summary>
    public long CommitCount => _queue.CommitCount;

    /// <summary>Runs <paramref name="work"/> on the writing session inside a transaction; completes when that transaction is on the disk.</summary>
    internal Task<T> WriteAsync<T>(Func<SqliteSession, T> work, int weight, CancellationToken cancellationToken) =>
        _queue.WriteAsync(work, weight, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}"/>
    internal Task WriteAsync(Action<SqliteSession> work, CancellationToken cancellationToken) =>
        _queue.WriteAsync<object?>(
            session =>
            {
                work(session);
                return null;
            },
            1,
            cancellationToken);

    /// <summary>Runs <paramref name="read"/> on a pooled session. It sees everything that was acknowledged before the call.</summary>
    internal T Read<T>(Func<SqliteSession, T> read) => Read(static (session, call) => call(session), read);

    /// <inheritdoc cref="Read{T}(Func{SqliteSession, T})"/>
    internal T Read<TState, T>(Func<SqliteSession, TState, T> read, TState state)
    {
        if (_closed) throw new StoreException(StoreFault.Closed, $"'{_path}' is closed");
        if (!_readers.TryTake(out SqliteSession? session)) session = OpenReader();
        try
        {
            return read(session, state);
        }
        finally
        {
            if (_closed || _readers.Count >= IdleReaderMax) session.Dispose();
            else _readers.Add(session);
        }
    }

    /// <summary>
    /// Runs <paramref name="read"/> within one transaction: all its statements see the same state, and the file is locked for reading once, not
    /// once a statement. While it runs the log cannot be emptied: keep it short.
    /// </summary>
    internal T ReadSnapshot<TState, T>(Func<SqliteSession, TState, T> read, TState state) =>
        Read(
            static (session, call) =>
            {
                session.Execute("BEGIN");
                try
                {
                    return call.Read(session, call.State);
                }
                finally
                {
                    if (!session.IsAutoCommit) session.Execute("ROLLBACK"); // nothing was written
                }
            },
            (Read: read, State: state));

    /// <summary>Moves what the log holds into the file and empties the log. Readers that stand in the way leave it for later.</summary>
    public Task CheckpointAsync(CancellationToken cancellationToken) =>
        Task.Run(() => Read(static session => session.Scalar("PRAGMA wal_checkpoint(TRUNCATE)")), cancellationToken);

    /// <summary>Reads every page and every index and says what does not fit; empty where all does.</summary>
    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<string>>(
            () => Read<IReadOnlyList<string>>(static session =>
            {
                var faults = new List<string>();
                try
                {
                    using SqliteStatement check = session.Prepare("PRAGMA integrity_check(100)");
                    while (check.Step())
                    {
                        string line = check.Text(0);
                        if (line != "ok") faults.Add(line);
                    }
                }
                catch (StoreException fault) when (fault.Fault is StoreFault.Damaged or StoreFault.Foreign)
                {
                    faults.Add(fault.Message);
                }
                return faults;
            }),
            cancellationToken);

    /// <summary>Finishes the writes that wait, empties the log and closes the file.</summary>
    public ValueTask DisposeAsync()
    {
        if (_closed) return ValueTask.CompletedTask;
        _closed = true;
        _queue.Dispose();
        while (_readers.TryTake(out SqliteSession? session)) session.Dispose();
        _writer.Dispose();
        return ValueTask.CompletedTask;
    }

    private SqliteSession OpenReader()
    {
        SqliteSession session = SqliteSession.Open(_path, create: false);
        session.Execute("PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY");
        return session;
    }
}

using SQLitePCL;

namespace Praman.Storage.Sqlite;

/// <summary>One connection and its prepared statements. Used by one thread at a time.</summary>
/// <remarks>
/// It speaks to SQLite through the binding below Microsoft.Data.Sqlite: blobs go in from spans and come out as spans, where the
/// ADO.NET layer would allocate a command, parameters and boxes for each row.
/// </remarks>
internal sealed class SqliteSession : IDisposable
{
    private const int ProgressSteps = 10_000;

    private readonly sqlite3 _handle;
    private readonly string _path;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    /// <summary>The same by the text object: constants are one each, and finding one needs no look at its characters.</summary>
    private readonly Dictionary<string, SqliteStatement> _constants = new(ReferenceEqualityComparer.Instance);

    private SqliteSession(sqlite3 handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    static SqliteSession() => Batteries_V2.Init();

    public static SqliteSession Open(string path, bool create) => Open(path, raw.SQLITE_OPEN_READWRITE | (create ? raw.SQLITE_OPEN_CREATE : 0));

    /// <summary>A session that cannot write: not even what the log holds is moved into the file when it closes.</summary>
    public static SqliteSession OpenToRead(string path) => Open(path, raw.SQLITE_OPEN_READONLY);

    private static SqliteSession Open(string path, int flags)
    {
        // No mutex of SQLite's own: a session never serves two threads at once.
        flags |= raw.SQLITE_OPEN_NOMUTEX;
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, flags, null);
        if (code != raw.SQLITE_OK)
        {
            StoreException fault = SqliteFaults.ToException(code, "the file could not be opened", path);
            handle?.Dispose();
            throw fault;
        }
        _ = raw.sqlite3_extended_result_codes(handle, 1);
        _ = raw.sqlite3_busy_timeout(handle, 10_000);
        return new SqliteSession(handle, path);
    }

    /// <summary>Rows changed by the statement that ran last.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>False while a transaction is open.</summary>
    public bool IsAutoCommit => raw.sqlite3_get_autocommit(_handle) != 0;

    /// <summary>The prepared statement of this text, compiled at its first use. Give it back with <c>using</c>.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (_constants.TryGetValue(sql, out SqliteStatement? constant)) return constant.Take();
        if (!_statements.TryGetValue(sql, out SqliteStatement? statement))
        {
            int code = raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt handle);
            if (code != raw.SQLITE_OK) throw Fault(code);
            statement = new SqliteStatement(this, handle);
            _statements.Add(sql, statement);
        }
        if (ReferenceEquals(string.IsInterned(sql), sql)) _constants.Add(sql, statement);
        return statement.Take();
    }

    /// <summary>Runs statements that take no values and give no rows.</summary>
    public void Execute(string sql)
    {
        int code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK) throw Fault(code);
    }

    /// <summary>The one integer that a query gives; 0 where it gives no row.</summary>
    public long Scalar(string sql)
    {
        using SqliteStatement statement = Prepare(sql);
        return statement.Step() ? statement.Integer(0) : 0;
    }

    /// <summary>Lets what this session runs be broken off: <paramref name="isOver"/> is asked every so many steps.</summary>
    public void BreakOff(Func<bool> isOver) => raw.sqlite3_progress_handler(_handle, ProgressSteps, _ => isOver() ? 1 : 0, null);

    public StoreException Fault(int code) => SqliteFaults.ToException(code, raw.sqlite3_errmsg(_handle).utf8_to_string(), _path);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SqliteStatement statement in _statements.Values) statement.Close();
        _statements.Clear();
        _handle.Dispose();
    }
}

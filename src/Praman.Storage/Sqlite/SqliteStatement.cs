using System.Text;
using SQLitePCL;

namespace Praman.Storage.Sqlite;

/// <summary>
/// A prepared statement of one session. <c>using</c> gives it back to its session, reset; it is compiled once and lives as long as the
/// session. Parameters count from 1, columns from 0. Spans of columns are valid until the next step.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteSession _session;
    private readonly sqlite3_stmt _handle;
    private bool _taken;

    internal SqliteStatement(SqliteSession session, sqlite3_stmt handle)
    {
        _session = session;
        _handle = handle;
    }

    internal SqliteStatement Take()
    {
        if (_taken) throw new InvalidOperationException("the statement is in use: a query must not run inside itself on one session");
        _taken = true;
        return this;
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_handle, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        // An empty span has a null pointer, which SQLite reads as NULL.
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_handle, parameter, 0) : raw.sqlite3_bind_blob(_handle, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, string? value)
    {
        if (value is null) return BindNull(parameter);
        Span<byte> text = stackalloc byte[TextMax];
        // An empty span has a null pointer, which SQLite reads as NULL; it copies what it is given.
        Check(value.Length > 0 && Encoding.UTF8.TryGetBytes(value, text, out int length)
            ? raw.sqlite3_bind_text(_handle, parameter, text[..length]) : raw.sqlite3_bind_text(_handle, parameter, value));
        return this;
    }

    /// <summary>Octets of a text that are bound without a copy on the heap: keys and names are shorter.</summary>
    private const int TextMax = 256;

    public SqliteStatement Bind(int parameter, long? value) => value is { } number ? Bind(parameter, number) : BindNull(parameter);

    public SqliteStatement BindNull(int parameter)
    {
        Check(raw.sqlite3_bind_null(_handle, parameter));
        return this;
    }

    /// <summary>Moves to the next row; false after the last.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(_handle);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;
        throw _session.Fault(code);
    }

    /// <summary>Runs a statement that gives no rows and makes it ready to be bound again.</summary>
    public void Run()
    {
        int code = raw.sqlite3_step(_handle);
        if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW)) throw _session.Fault(code);
        Check(raw.sqlite3_reset(_handle));
    }

    /// <summary>Ready to be bound and stepped again; parameters keep their values.</summary>
    public SqliteStatement Again()
    {
        // The code repeats the fault of the last step, which was reported there.
        _ = raw.sqlite3_reset(_handle);
        return this;
    }

    public long Integer(int column) => raw.sqlite3_column_int64(_handle, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL;

    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_handle, column);

    public string Text(int column) => raw.sqlite3_column_text(_handle, column).utf8_to_string() ?? "";

    /// <summary>Gives the statement back, reset.</summary>
    public void Dispose()
    {
        _ = raw.sqlite3_reset(_handle);
        _taken = false;
    }

    internal void Close() => _handle.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK) throw _session.Fault(code);
    }
}

using System.Diagnostics;

namespace Praman.Storage.Sqlite;

public sealed partial class SqliteDatabase
{
    /// <summary>
    /// Looks a file over that must be there and hold data, without changing an octet of it: header, length, layout, then SQLite's quick check of
    /// every page, broken off after <paramref name="limit"/>. What lies behind that is noticed when it is read.
    /// </summary>
    /// <param name="look">What else is asked of it; null, or what does not fit, in words.</param>
    /// <exception cref="StoreException">The file is not there, empty, foreign, newer or damaged: said by name.</exception>
    internal static void Inspect(string path, TimeSpan limit, Func<SqliteSession, string?> look)
    {
        if (!File.Exists(path)) throw new StoreException(StoreFault.Damaged, $"'{path}': there is no such file; expected a database that Praman made");
        if (new FileInfo(path).Length == 0) throw new StoreException(StoreFault.Damaged, $"'{path}': the database is empty; expected one that Praman made");
        CheckHeader(path);
        using SqliteSession session = SqliteSession.OpenToRead(path);
        if (CheckLayout(session, path) == 0) throw new StoreException(StoreFault.Damaged, $"'{path}': the database has no tables; expected one that Praman made");
        QuickCheck(session, path, limit);
        if (look(session) is { } reason) throw new StoreException(StoreFault.Damaged, $"'{path}': {reason}");
    }

    private static void QuickCheck(SqliteSession session, string path, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        session.BreakOff(() => Stopwatch.GetElapsedTime(start) > limit);
        try
        {
            using SqliteStatement check = session.Prepare("PRAGMA quick_check(1)");
            if (check.Step() && check.Text(0) is var found && found != "ok")
            {
                string line = found.ReplaceLineEndings(" ");
                throw new StoreException(StoreFault.Damaged, $"'{path}': the database is damaged ({line}); expected a whole one: restore a copy, and keep this file");
            }
        }
        catch (StoreException) when (Stopwatch.GetElapsedTime(start) > limit)
        {
            // A large file is not read through at each start: each row is checked when it is read.
        }
        finally
        {
            session.BreakOff(() => false);
        }
    }
}

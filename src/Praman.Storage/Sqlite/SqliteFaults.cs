using SQLitePCL;

namespace Praman.Storage.Sqlite;

/// <summary>SQLite's result codes as faults of a store.</summary>
internal static class SqliteFaults
{
    public static StoreException ToException(int code, string? said, string path)
    {
        StoreFault fault = Classify(code);
        string what = fault switch
        {
            StoreFault.Full => "no room on the disk",
            StoreFault.InputOutput => "the disk or its permissions refused",
            StoreFault.Damaged => "the database is damaged; expected a whole one: restore a copy, and keep this file",
            StoreFault.Foreign => "the file is not a database; expected one that Praman made",
            StoreFault.InUse => "another program holds the database",
            StoreFault.Conflict => "the same key came with other content",
            _ => "the database cannot be used",
        };
        return new StoreException(fault, $"'{path}': {what} (SQLite {code}: {said})");
    }

    public static StoreFault Classify(int code) => (code & 0xFF) switch
    {
        raw.SQLITE_FULL => StoreFault.Full,
        raw.SQLITE_CORRUPT => StoreFault.Damaged,
        raw.SQLITE_NOTADB => StoreFault.Foreign,
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => StoreFault.InUse,
        raw.SQLITE_CONSTRAINT => StoreFault.Conflict,
        raw.SQLITE_MISUSE or raw.SQLITE_ERROR or raw.SQLITE_RANGE => StoreFault.Closed,
        _ => StoreFault.InputOutput,
    };
}

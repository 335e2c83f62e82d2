namespace Praman.Storage.Sqlite;

internal static partial class SqliteSchema
{
    /// <summary>
    /// The journal (<c>ledger_record</c>, with a row an entry in <c>ledger_entry</c>), which the database itself refuses to change, and what it adds up to
    /// (<c>ledger_account</c>). Days are days since 2000-01-01.
    /// </summary>
    private const string Ledger =
        """
        CREATE TABLE ledger_record (
            sequence INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, booked_at INTEGER NOT NULL, target INTEGER UNIQUE REFERENCES ledger_record (sequence),
            hash BLOB NOT NULL, octets BLOB NOT NULL);
        CREATE INDEX ledger_record_booked_at ON ledger_record (booked_at, sequence);
        CREATE TABLE ledger_account (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, debits INTEGER NOT NULL, credits INTEGER NOT NULL, pending_debits INTEGER NOT NULL,
            pending_credits INTEGER NOT NULL);
        CREATE TABLE ledger_entry (
            account INTEGER NOT NULL, business_day INTEGER NOT NULL, sequence INTEGER NOT NULL, line INTEGER NOT NULL, action INTEGER NOT NULL, amount INTEGER NOT NULL,
            PRIMARY KEY (account, business_day, sequence, line)) WITHOUT ROWID;
        CREATE TRIGGER ledger_record_changed BEFORE UPDATE ON ledger_record BEGIN SELECT RAISE(ABORT, 'the journal is appended to, never changed'); END;
        CREATE TRIGGER ledger_record_removed BEFORE DELETE ON ledger_record BEGIN SELECT RAISE(ABORT, 'the journal is appended to, never changed'); END;
        CREATE TRIGGER ledger_entry_changed BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'the journal is appended to, never changed'); END;
        CREATE TRIGGER ledger_entry_removed BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'the journal is appended to, never changed'); END;

        """;
}

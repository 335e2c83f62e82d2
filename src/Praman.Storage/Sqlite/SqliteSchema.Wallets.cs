namespace Praman.Storage.Sqlite;

internal static partial class SqliteSchema
{
    /// <summary>
    /// Wallets: where each stands, and its entries, day first in the key, so that a night's entries lie side by side. Entries of the journal get the last record
    /// of a run: what one call posts to one account of one day is one row. Times of the journal never run backwards, so they need no index.
    /// </summary>
    private const string Wallets =
        """
        CREATE TABLE wallet (usage_point INTEGER PRIMARY KEY, period_from INTEGER NOT NULL, last_number INTEGER NOT NULL);
        CREATE TABLE wallet_entry (
            day INTEGER NOT NULL, usage_point INTEGER NOT NULL, number INTEGER NOT NULL, octets BLOB NOT NULL, PRIMARY KEY (day, usage_point, number)) WITHOUT ROWID;
        CREATE TRIGGER wallet_entry_changed BEFORE UPDATE ON wallet_entry BEGIN SELECT RAISE(ABORT, 'entries of wallets are appended to, never changed'); END;
        CREATE TRIGGER wallet_entry_removed BEFORE DELETE ON wallet_entry BEGIN SELECT RAISE(ABORT, 'entries of wallets are appended to, never changed'); END;
        ALTER TABLE ledger_entry ADD COLUMN last_sequence INTEGER;
        DROP INDEX ledger_record_booked_at;

        """;
}

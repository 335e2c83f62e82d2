namespace Praman.Storage.Sqlite;

internal static partial class SqliteSchema
{
    /// <summary>
    /// Who edited which version (<c>device</c> is 0 for a day block), which periods wait for a release, and the releases, which the database itself refuses
    /// to change; and the release under which a bill was made. Days are days since 2000-01-01, <c>blocks</c> is the SHA-256 that names the versions, as text.
    /// </summary>
    private const string Releases =
        """
        CREATE TABLE reading_edit (
            usage_point INTEGER NOT NULL, start INTEGER NOT NULL, type INTEGER NOT NULL, device INTEGER NOT NULL, version INTEGER NOT NULL,
            editor TEXT NOT NULL, reason TEXT NOT NULL, recorded_at INTEGER NOT NULL,
            PRIMARY KEY (usage_point, start, type, device, version)) WITHOUT ROWID;
        CREATE TABLE release_request (
            asked_at INTEGER NOT NULL, usage_point INTEGER NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
            PRIMARY KEY (asked_at, usage_point, first_day, last_day), UNIQUE (usage_point, first_day, last_day)) WITHOUT ROWID;
        CREATE TABLE edit_release (
            number INTEGER PRIMARY KEY, usage_point INTEGER NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, blocks TEXT NOT NULL,
            supervisor TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
            UNIQUE (usage_point, first_day, last_day, blocks));
        CREATE TRIGGER edit_release_changed BEFORE UPDATE ON edit_release BEGIN SELECT RAISE(ABORT, 'releases are appended to, never changed'); END;
        CREATE TRIGGER edit_release_removed BEFORE DELETE ON edit_release BEGIN SELECT RAISE(ABORT, 'releases are appended to, never changed'); END;
        CREATE TRIGGER reading_edit_changed BEFORE UPDATE ON reading_edit BEGIN SELECT RAISE(ABORT, 'edits are appended to, never changed'); END;
        CREATE TRIGGER reading_edit_removed BEFORE DELETE ON reading_edit BEGIN SELECT RAISE(ABORT, 'edits are appended to, never changed'); END;
        ALTER TABLE bill ADD COLUMN released_blocks TEXT;

        """;

    /// <summary>What shows that an edit is right: where it is, and the SHA-256 of its file, as text; without both in edits that were made before.</summary>
    private const string EditEvidence = "ALTER TABLE reading_edit ADD COLUMN evidence TEXT; ALTER TABLE reading_edit ADD COLUMN evidence_sha256 TEXT";
}

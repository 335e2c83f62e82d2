namespace Praman.Storage.Sqlite;

internal static partial class SqliteSchema
{
    /// <summary>
    /// One row a day block, day first in the key: a night's readings of the whole fleet lie side by side, and are written as such.
    /// <c>day</c> is days since 2000-01-01 in UTC and <c>minute</c> the minute of that day at which the block starts, so that a day
    /// is found without knowing the zone. <c>leaf</c> numbers all blocks and registers in the order of their recording; <c>receipt</c> holds
    /// the leaf hashes of up to 1,024 of them in a row, and when they were recorded.
    /// </summary>
    private const string Readings =
        """
        CREATE TABLE block (
            day INTEGER NOT NULL, usage_point INTEGER NOT NULL, type INTEGER NOT NULL, minute INTEGER NOT NULL, version INTEGER NOT NULL,
            bytes BLOB NOT NULL, checksum INTEGER NOT NULL, leaf INTEGER NOT NULL,
            PRIMARY KEY (day, usage_point, type, minute, version)) WITHOUT ROWID;
        CREATE TABLE register_block (
            day INTEGER NOT NULL, usage_point INTEGER NOT NULL, type INTEGER NOT NULL, minute INTEGER NOT NULL, version INTEGER NOT NULL,
            device INTEGER NOT NULL, resolution INTEGER NOT NULL, bytes BLOB NOT NULL, checksum INTEGER NOT NULL, leaf INTEGER NOT NULL,
            PRIMARY KEY (day, usage_point, type, minute, device, version)) WITHOUT ROWID;
        CREATE TABLE receipt (first_leaf INTEGER PRIMARY KEY, recorded_at INTEGER NOT NULL, leaves BLOB NOT NULL);
        CREATE TABLE device (id INTEGER PRIMARY KEY, serial TEXT NOT NULL UNIQUE);

        """;

    /// <summary>What meter data keeps beside the blocks. Instants are ticks of 100 ns since 1970-01-01 (UTC), decimals are text.</summary>
    private const string MeterData =
        """
        CREATE TABLE clock_check (
            usage_point INTEGER NOT NULL, at INTEGER NOT NULL, device INTEGER NOT NULL, drift INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
            PRIMARY KEY (usage_point, at, device)) WITHOUT ROWID;
        CREATE TABLE reading_event (
            usage_point INTEGER NOT NULL, at INTEGER NOT NULL, sequence INTEGER NOT NULL, code INTEGER NOT NULL, device INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            PRIMARY KEY (usage_point, at, sequence, code, device)) WITHOUT ROWID;
        CREATE TABLE finding (
            day_start INTEGER NOT NULL, usage_point INTEGER NOT NULL, type INTEGER NOT NULL, version INTEGER NOT NULL, rule TEXT NOT NULL,
            at INTEGER NOT NULL, severity INTEGER NOT NULL, note TEXT NOT NULL, measured TEXT, "limit" TEXT, recorded_at INTEGER NOT NULL,
            PRIMARY KEY (day_start, usage_point, type, version, rule, at, severity, note)) WITHOUT ROWID;
        CREATE INDEX finding_usage_point ON finding (usage_point, day_start);
        CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY, device INTEGER NOT NULL, bytes BLOB NOT NULL, rule TEXT NOT NULL, recorded_at INTEGER NOT NULL,
            UNIQUE (device, bytes, rule));
        CREATE TABLE billed_period (
            bill_number TEXT NOT NULL PRIMARY KEY, usage_point INTEGER NOT NULL, type INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX billed_period_usage_point ON billed_period (usage_point, start);
        CREATE TABLE rebill_proposal (
            usage_point INTEGER NOT NULL, type INTEGER NOT NULL, day_start INTEGER NOT NULL, bill_number TEXT NOT NULL, new_version INTEGER NOT NULL,
            billed_version INTEGER NOT NULL, billed_wh INTEGER NOT NULL, new_wh INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
            PRIMARY KEY (usage_point, type, day_start, bill_number, new_version)) WITHOUT ROWID;
        CREATE INDEX rebill_proposal_day ON rebill_proposal (day_start);
        CREATE TABLE usage_point (
            id INTEGER PRIMARY KEY, service_point TEXT NOT NULL, time_zone TEXT NOT NULL, sanctioned_load_w INTEGER NOT NULL,
            phase_count INTEGER NOT NULL, tariff TEXT NOT NULL, flags TEXT NOT NULL);
        CREATE INDEX usage_point_service_point ON usage_point (service_point);

        """;

    /// <summary>Salts, batches, and what stands where in the log. A master of NULL was erased.</summary>
    private const string Proof =
        """
        CREATE TABLE master_salt (usage_point INTEGER NOT NULL, generation INTEGER NOT NULL, master BLOB, PRIMARY KEY (usage_point, generation)) WITHOUT ROWID;
        CREATE TABLE batch (
            number INTEGER PRIMARY KEY, date INTEGER NOT NULL, first_leaf INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, entry INTEGER);
        CREATE UNIQUE INDEX batch_first_leaf ON batch (first_leaf);
        CREATE TABLE log_entry (
            entry INTEGER PRIMARY KEY, kind INTEGER NOT NULL, commitment BLOB NOT NULL, subject TEXT NOT NULL);
        CREATE INDEX log_entry_subject ON log_entry (kind, subject);

        """;

    /// <summary>
    /// The trees of batches, as tiles of up to 256 hashes: tile level n holds the roots of full subtrees of 256^n leaves. Level 0 is the leaves themselves,
    /// which stand in the receipts. A batch that was closed before this was kept gets its tiles when a path of it is first asked for.
    /// </summary>
    private const string BatchTiles =
        """
        CREATE TABLE batch_tile (number INTEGER NOT NULL, level INTEGER NOT NULL, tile INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (number, level, tile)) WITHOUT ROWID;

        """;
}

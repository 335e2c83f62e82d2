namespace Praman.Storage.Sqlite;

internal static partial class SqliteSchema
{
    /// <summary>
    /// Meters and what the head-end remembers of them. Instants are ticks of 100 ns since 1970-01-01 (UTC), durations are ticks, local
    /// days are days since 2000-01-01.
    /// </summary>
    private const string HeadEnd =
        """
        CREATE TABLE meter (
            serial TEXT NOT NULL PRIMARY KEY, link TEXT NOT NULL, system_title TEXT NOT NULL, maker TEXT, meter_type TEXT, firmware TEXT,
            client_sap INTEGER NOT NULL, server_sap INTEGER NOT NULL, authentication TEXT NOT NULL, protection TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE installation (
            serial TEXT NOT NULL, since INTEGER NOT NULL, usage_point INTEGER NOT NULL, until INTEGER,
            register_digits INTEGER NOT NULL, rated_current_a INTEGER NOT NULL, multiplier INTEGER NOT NULL,
            PRIMARY KEY (serial, since, usage_point)) WITHOUT ROWID;
        CREATE INDEX installation_usage_point ON installation (usage_point, since);
        CREATE TABLE meter_key (serial TEXT NOT NULL PRIMARY KEY, master_key TEXT NOT NULL, wrapped BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE invocation_counter (
            serial TEXT NOT NULL, client_sap INTEGER NOT NULL, epoch INTEGER NOT NULL, next INTEGER NOT NULL,
            PRIMARY KEY (serial, client_sap, epoch)) WITHOUT ROWID;
        CREATE TABLE collection_progress (
            serial TEXT NOT NULL PRIMARY KEY, block_load_until INTEGER NOT NULL, daily_until INTEGER NOT NULL, event_sequences BLOB NOT NULL,
            read_at INTEGER, clock_drift INTEGER) WITHOUT ROWID;
        CREATE TABLE meter_day (
            day INTEGER NOT NULL, serial TEXT NOT NULL, usage_point INTEGER NOT NULL, state INTEGER NOT NULL, intervals INTEGER NOT NULL,
            expected INTEGER NOT NULL, fault INTEGER, detail TEXT, attempts INTEGER NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (day, serial)) WITHOUT ROWID;
        CREATE INDEX meter_day_serial ON meter_day (serial, day);
        CREATE TABLE meter_event (
            serial TEXT NOT NULL, code INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, usage_point INTEGER NOT NULL,
            PRIMARY KEY (serial, code, sequence)) WITHOUT ROWID;
        CREATE INDEX meter_event_at ON meter_event (serial, at, code);
        CREATE TABLE command (
            ordinal INTEGER PRIMARY KEY, at INTEGER NOT NULL, id BLOB NOT NULL, serial TEXT NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,
            by TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT);
        CREATE INDEX command_at ON command (at);

        """;

    /// <summary>The lowest counter that a meter's answers may carry, by the encryption key that they are under.</summary>
    private const string AnswerCounters =
        """
        CREATE TABLE answer_counter (serial TEXT NOT NULL, key_epoch INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (serial, key_epoch)) WITHOUT ROWID;

        """;

    /// <summary>How far counters of a meter and client are followed that nothing proves, until the meter has proved itself.</summary>
    private const string CounterBounds =
        """
        CREATE TABLE counter_bound (serial TEXT NOT NULL, client_sap INTEGER NOT NULL, bound INTEGER NOT NULL, PRIMARY KEY (serial, client_sap)) WITHOUT ROWID;

        """;

    /// <summary>
    /// One counter a meter and key, where there was one a client: the highest that a client had reached, of the counters that were in use as well as
    /// of those under earlier keys. A client first used after new keys had begun at epoch 0, so what is in use is the last of each client.
    /// </summary>
    private const string OneCounter =
        """
        CREATE TABLE client_counter (
            serial TEXT NOT NULL, client_sap INTEGER NOT NULL, epoch INTEGER NOT NULL, next INTEGER NOT NULL,
            PRIMARY KEY (serial, client_sap, epoch)) WITHOUT ROWID;
        INSERT INTO client_counter SELECT serial, client_sap, epoch, next FROM invocation_counter;
        DROP TABLE invocation_counter;
        CREATE TABLE invocation_counter (serial TEXT NOT NULL, epoch INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (serial, epoch)) WITHOUT ROWID;
        INSERT INTO invocation_counter SELECT serial, epoch, max(next) FROM client_counter GROUP BY serial, epoch;
        UPDATE invocation_counter SET next = (
            SELECT max(c.next) FROM client_counter c WHERE c.serial = invocation_counter.serial
                AND c.epoch = (SELECT max(l.epoch) FROM client_counter l WHERE l.serial = c.serial AND l.client_sap = c.client_sap))
            WHERE epoch = (SELECT max(epoch) FROM client_counter l WHERE l.serial = invocation_counter.serial);
        DROP TABLE client_counter;

        """;

    /// <summary>Days of a meter that were read in part: local day and tries of each, four octets each, big-endian.</summary>
    private const string PartialDays =
        """
        ALTER TABLE collection_progress ADD COLUMN partial_days BLOB NOT NULL DEFAULT x'';

        """;

    /// <summary>Which feeder supplies a meter, and supplied it when a command was asked for: disconnections are counted by feeder.</summary>
    private const string Feeders =
        """
        ALTER TABLE meter ADD COLUMN feeder TEXT NOT NULL DEFAULT '';
        ALTER TABLE command ADD COLUMN feeder TEXT NOT NULL DEFAULT '';
        CREATE INDEX meter_feeder ON meter (feeder);
        CREATE INDEX installation_open ON installation (serial) WHERE until IS NULL;

        """;

    /// <summary>The logical device name that a meter has said; it is compared from then on.</summary>
    private const string DeviceNames =
        """
        ALTER TABLE meter ADD COLUMN device_name TEXT NOT NULL DEFAULT '';

        """;

    /// <summary>Pushes that verified, in clear; and meters by the title that pushes name them by.</summary>
    private const string Pushes =
        """
        CREATE TABLE push (
            serial TEXT NOT NULL, key_epoch INTEGER NOT NULL, counter INTEGER NOT NULL, received_at INTEGER NOT NULL, apdu BLOB NOT NULL,
            PRIMARY KEY (serial, key_epoch, counter)) WITHOUT ROWID;
        CREATE INDEX push_received_at ON push (received_at);
        CREATE INDEX meter_system_title ON meter (system_title);

        """;

    /// <summary>Suite and envelope that a meter is read with, and whether APDUs are signed.</summary>
    private const string MeterSuites =
        """
        ALTER TABLE meter ADD COLUMN suite INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE meter ADD COLUMN envelope TEXT NOT NULL DEFAULT 'Service';
        ALTER TABLE meter ADD COLUMN signs INTEGER NOT NULL DEFAULT 0;

        """;
}

namespace Praman.Storage.Sqlite;

internal static partial class SqliteSchema
{
    /// <summary>Issued bills; the files stand last in the row, so that a list of bills does not read them. Days are days since 2000-01-01.</summary>
    private const string Billing =
        """
        CREATE TABLE bill (
            bill_no TEXT NOT NULL UNIQUE, usage_point INTEGER NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, issued INTEGER NOT NULL,
            currency TEXT NOT NULL, total_minor INTEGER NOT NULL, energy_wh INTEGER NOT NULL, estimated_wh INTEGER NOT NULL, provisional INTEGER NOT NULL,
            log_entry INTEGER NOT NULL, bill BLOB NOT NULL, proof BLOB NOT NULL, evidence BLOB NOT NULL);
        CREATE INDEX bill_usage_point ON bill (usage_point, log_entry);
        CREATE INDEX bill_log_entry ON bill (log_entry);

        """;

    /// <summary>The versions that a bill was made of: eight octets a day, little-endian, minutes from the period's start and the version.</summary>
    private const string BilledVersions = "ALTER TABLE billed_period ADD COLUMN versions BLOB NOT NULL DEFAULT x''";

    /// <summary>
    /// The energy that was billed, which later registers are compared with, and proposals that registers make: without a billed version where
    /// the bill had no such register, without a new energy where registers do not give one.
    /// </summary>
    private const string RegisterProposals =
        """
        ALTER TABLE billed_period ADD COLUMN energy_wh INTEGER;
        CREATE TABLE rebill_proposal_of_registers (
            usage_point INTEGER NOT NULL, type INTEGER NOT NULL, day_start INTEGER NOT NULL, bill_number TEXT NOT NULL, new_version INTEGER NOT NULL,
            billed_version INTEGER, billed_wh INTEGER NOT NULL, new_wh INTEGER, recorded_at INTEGER NOT NULL,
            PRIMARY KEY (usage_point, type, day_start, bill_number, new_version)) WITHOUT ROWID;
        INSERT INTO rebill_proposal_of_registers
            SELECT usage_point, type, day_start, bill_number, new_version, billed_version, billed_wh, new_wh, recorded_at FROM rebill_proposal;
        DROP TABLE rebill_proposal;
        ALTER TABLE rebill_proposal_of_registers RENAME TO rebill_proposal;
        CREATE INDEX rebill_proposal_day ON rebill_proposal (day_start);

        """;

    /// <summary>
    /// Days that a run is about to bill. <c>opening</c> names the opening of this file by the process whose run it is: one process has the file open, so
    /// claims of another opening are those of a process that ended.
    /// </summary>
    private const string BillClaims =
        """
        CREATE TABLE bill_claim (
            usage_point INTEGER NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, bill_no TEXT NOT NULL, run BLOB NOT NULL, opening BLOB NOT NULL,
            until INTEGER NOT NULL, PRIMARY KEY (usage_point, first_day, last_day)) WITHOUT ROWID;
        CREATE INDEX bill_claim_run ON bill_claim (run);

        """;

    /// <summary>What a reversal takes back, each bill once, and what a bill stands in the place of.</summary>
    private const string BillRevisions =
        """
        ALTER TABLE bill ADD COLUMN reverses TEXT;
        ALTER TABLE bill ADD COLUMN revises TEXT;
        CREATE UNIQUE INDEX bill_reverses ON bill (reverses) WHERE reverses IS NOT NULL;
        CREATE INDEX rebill_proposal_bill ON rebill_proposal (bill_number);

        """;
}

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
}

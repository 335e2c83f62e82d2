namespace Praman.Storage.Sqlite;

/// <summary>The tables, as steps from one layout to the next. A step that was released never changes; docs/reference/storage.md explains each table.</summary>
internal static partial class SqliteSchema
{
    /// <summary>Octets of a page; set when the file is made.</summary>
    public const int PageSize = 8_192;

    /// <summary>Step <c>n</c> leads from layout <c>n</c> to <c>n + 1</c>.</summary>
    public static readonly string[] Steps = [Readings + MeterData + HeadEnd + Billing + Proof, AnswerCounters, BilledVersions, Ledger, MeterSuites, CounterBounds, Pushes, Wallets, Releases, RegisterProposals, OneCounter, PartialDays, Feeders, DeviceNames, BillClaims, BatchTiles, BillRevisions, EditEvidence];

    /// <summary>The layout that this program writes.</summary>
    public static int Version => Steps.Length;
}

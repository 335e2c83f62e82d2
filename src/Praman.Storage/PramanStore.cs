using Praman.Billing.Stores;
using Praman.HeadEnd.Stores;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof.Notes;
using Praman.Proof.Stores;
using Praman.Storage.Bills;
using Praman.Storage.Collection;
using Praman.Storage.Ledger;
using Praman.Storage.Logs;
using Praman.Storage.Meters;
using Praman.Storage.Readings;
using Praman.Storage.Salts;
using Praman.Storage.Sqlite;
using Praman.Storage.Wallets;

namespace Praman.Storage;

/// <summary>
/// The embedded stores of one data folder: <c>praman.db</c> (SQLite) for everything that must be durable, <c>log/</c> for the public log's
/// tiles, <c>praman.lock</c> while a process has it open. Every write that returned is on the disk (docs/reference/storage.md).
/// </summary>
public sealed class PramanStore : IAsyncDisposable
{
    /// <summary>Name of the database in the data folder.</summary>
    public const string DatabaseName = "praman.db";

    /// <summary>Name of the public log's folder in the data folder.</summary>
    public const string LogFolderName = "log";

    private const int FaultMax = 100;

    private static readonly TimeSpan QuickCheckMax = TimeSpan.FromSeconds(10);

    private readonly FolderLock _lock;
    private readonly SqliteReadingStore _readings;
    private readonly SqliteLedger _ledger;

    private PramanStore(string folder, FolderLock held, SqliteDatabase database)
    {
        Folder = folder;
        _lock = held;
        Database = database;
        Salts = new SqliteMasterSalts(database);
        _readings = new SqliteReadingStore(database, Salts);
        var installations = new InstallationRevision();
        UsagePoints = new SqliteUsagePoints(database, installations);
        Meters = new SqliteMeterInventory(database, installations);
        Keys = new SqliteWrappedKeys(database);
        Counters = new SqliteInvocationCounters(database);
        Progress = new SqliteCollectionState(database);
        Coverage = new SqliteCoverageStore(database);
        Events = new SqliteEventStore(database);
        Pushes = new SqlitePushStore(database);
        Commands = new SqliteCommandLog(database);
        Bills = new SqliteBills(database);
        Releases = new SqliteReleases(database);
        _ledger = new SqliteLedger(database);
        Wallets = new SqliteWallets(database, _ledger);
        Batches = new SqliteBatches(database, Salts);
        LogIndex = new SqliteLogIndex(database);
        Log = new LogFolder(Path.Combine(folder, LogFolderName));
    }

    public string Folder { get; }

    /// <summary>The file behind the stores: to check it and to empty its log.</summary>
    public SqliteDatabase Database { get; }

    public IReadingStore Readings => _readings;

    /// <summary>The same readings, over all usage points at once.</summary>
    public IFleetReadings Fleet => _readings;

    public IUsagePointStore UsagePoints { get; }

    public IMeterInventory Meters { get; }

    public IWrappedKeys Keys { get; }

    public IInvocationCounters Counters { get; }

    public IPushStore Pushes { get; }

    public ICollectionState Progress { get; }

    public ICoverageStore Coverage { get; }

    public IEventStore Events { get; }

    public ICommandLog Commands { get; }

    public IBillStore Bills { get; }

    public IReleaseStore Releases { get; }

    public ILedgerStore Ledger => _ledger;

    public IWalletStore Wallets { get; }

    public IMasterSalts Salts { get; }

    public IBatchStore Batches { get; }

    public ILogIndex LogIndex { get; }

    /// <summary>The public log's files.</summary>
    public LogFolder Log { get; }

    /// <summary>Opens a data folder, or makes it.</summary>
    /// <exception cref="StoreException">The folder is in use, or its database is foreign, newer or damaged, or the disk refuses: said by name.</exception>
    public static Task<PramanStore> OpenAsync(string folder, CancellationToken cancellationToken = default) => OpenAsync(folder, mustHoldData: false, cancellationToken);

    /// <summary>
    /// Opens a data folder that must be there already. Its database is looked over first: its pages, and that it is the one of the log beside it.
    /// Where something does not fit, nothing is written.
    /// </summary>
    /// <exception cref="StoreException">As <see cref="OpenAsync(string, CancellationToken)"/>; also a database that is missing, empty or damaged, or not the log's.</exception>
    public static Task<PramanStore> OpenExistingAsync(string folder, CancellationToken cancellationToken = default) => OpenAsync(folder, mustHoldData: true, cancellationToken);

    private static Task<PramanStore> OpenAsync(string folder, bool mustHoldData, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                string full = Path.GetFullPath(folder);
                if (mustHoldData && !Directory.Exists(full)) throw new StoreException(StoreFault.InputOutput, $"'{full}': there is no such folder; expected a data folder that Praman made");
                bool isNew = !Directory.Exists(full);
                FolderLock held = FolderLock.Take(full);
                try
                {
                    if (mustHoldData) Inspect(full);
                    if (isNew && Path.GetDirectoryName(full) is { } above) DurableFile.FlushFolder(above);
                    return new PramanStore(full, held, SqliteDatabase.Open(Path.Combine(full, DatabaseName)));
                }
                catch
                {
                    held.Dispose();
                    throw;
                }
            },
            cancellationToken);

    /// <summary>
    /// The full check: every page of the database, every block and register against its checksum and its leaf, every batch against its root, every
    /// record of the journal against its chain and every balance against the journal.
    /// Reads everything once; writers go on meanwhile.
    /// </summary>
    /// <returns>What does not fit, in words, at most a hundred of each kind; empty where all does.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var faults = new List<string>(await Database.CheckAsync(cancellationToken).ConfigureAwait(false));
        try
        {
            faults.AddRange(await Task.Run(() => Database.Read(session => new ReadingCheck(session, FaultMax, cancellationToken).Run()), cancellationToken).ConfigureAwait(false));
            foreach (StoredBatch batch in await Batches.ReadAsync(null, cancellationToken).ConfigureAwait(false)) await CheckAsync(batch, faults, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException fault) when (fault.Fault == StoreFault.Damaged)
        {
            faults.Add(fault.Message);
        }
        faults.AddRange(await _ledger.CheckAsync(FaultMax, cancellationToken).ConfigureAwait(false));
        return faults;
    }

    /// <summary>Finishes the writes that wait, closes the database and gives the folder free.</summary>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync().ConfigureAwait(false);
        _lock.Dispose();
    }

    private static void Inspect(string folder)
    {
        string checkpoint = Path.Combine(folder, LogFolderName, LogFolder.CheckpointName);
        long size = 0;
        if (File.Exists(checkpoint))
        {
            size = SignedCheckpoint.TryParse(File.ReadAllBytes(checkpoint), out SignedCheckpoint? head, out DecodeError error)
                ? head.Size
                : throw new StoreException(StoreFault.Damaged, $"'{checkpoint}': {error}; expected the signed head of the log");
        }
        string database = Path.Combine(folder, DatabaseName);
        if (size > 0 && new FileInfo(database) is { Exists: true, Length: 0 })
        {
            throw new StoreException(StoreFault.Damaged, $"'{database}': the database is empty, but the log beside it has {size} entries; expected the database of that log: restore a copy");
        }
        SqliteDatabase.Inspect(database, QuickCheckMax, session =>
        {
            // After a crash the database may lack what was published last, never everything; and never may it know more than was published.
            long known = session.Scalar("SELECT coalesce(max(entry) + 1, 0) FROM log_entry");
            if (known > size) return $"it knows {known} entries of the log, but the log beside it has {size}; expected the folder '{LogFolderName}' of this database: restore a copy";
            bool isBare = known == 0 && session.Scalar("SELECT count(*) FROM (SELECT 1 FROM receipt LIMIT 1)") == 0;
            return size > 0 && isBare ? $"the database holds no readings, but the log beside it has {size} entries; expected the database of that log: restore a copy" : null;
        });
    }

    private async Task CheckAsync(StoredBatch batch, List<string> faults, CancellationToken cancellationToken)
    {
        try
        {
            await Batches.ReadTreeAsync(batch.Number, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException fault) when (fault.Fault == StoreFault.Damaged)
        {
            faults.Add(fault.Message);
        }
    }
}

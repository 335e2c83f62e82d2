using Praman.Billing.Stores;
using Praman.HeadEnd.Stores;
using Praman.MeterData.Ingest;
using Praman.Proof.Stores;
using Praman.Storage.Bills;
using Praman.Storage.Collection;
using Praman.Storage.Logs;
using Praman.Storage.Meters;
using Praman.Storage.Readings;
using Praman.Storage.Salts;
using Praman.Storage.Sqlite;

namespace Praman.Storage;

/// <summary>
/// The embedded stores of one data folder: <c>praman.db</c> (SQLite) for everything that must be durable, <c>log/</c> for the public log's
/// tiles, <c>praman.lock</c> while a process has it open. Every write that returned is on the disk (docs/reference/storage.md).
/// </summary>
public sealed class PramanStore : IAsyncDisposable
{
    /// <summary>Name of the database in the data folder.</summary>
    public const string DatabaseName = "praman.db";

    private const int FaultMax = 100;

    private readonly FolderLock _lock;
    private readonly SqliteReadingStore _readings;

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
        Commands = new SqliteCommandLog(database);
        Bills = new SqliteBills(database);
        Batches = new SqliteBatches(database, Salts);
        LogIndex = new SqliteLogIndex(database);
        Log = new LogFolder(Path.Combine(folder, "log"));
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

    public ICollectionState Progress { get; }

    public ICoverageStore Coverage { get; }

    public IEventStore Events { get; }

    public ICommandLog Commands { get; }

    public IBillStore Bills { get; }

    public IMasterSalts Salts { get; }

    public IBatchStore Batches { get; }

    public ILogIndex LogIndex { get; }

    /// <summary>The public log's files.</summary>
    public LogFolder Log { get; }

    /// <summary>Opens a data folder, or makes it.</summary>
    /// <exception cref="StoreException">The folder is in use, or its database is foreign, newer or damaged, or the disk refuses: said by name.</exception>
    public static Task<PramanStore> OpenAsync(string folder, CancellationToken cancellationToken = default) =>
        Task.Run(
            () =>
            {
                string full = Path.GetFullPath(folder);
                bool isNew = !Directory.Exists(full);
                FolderLock held = FolderLock.Take(full);
                try
                {
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
    /// The full check: every page of the database, every block and register against its checksum and its leaf, every batch against its root.
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
        return faults;
    }

    /// <summary>Finishes the writes that wait, closes the database and gives the folder free.</summary>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync().ConfigureAwait(false);
        _lock.Dispose();
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

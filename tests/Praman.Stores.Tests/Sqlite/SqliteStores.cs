using Praman.Billing.Stores;
using Praman.HeadEnd.Stores;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.Proof.Stores;
using Praman.Storage;
using Praman.Storage.Readings;
using Praman.Stores.Tests.Contract;

namespace Praman.Stores.Tests.Sqlite;

/// <summary>The embedded stores in a folder of their own.</summary>
internal sealed class SqliteStores : IStores
{
    private readonly TempFolder _folder = new();
    private PramanStore _store = null!;

    public IReadingStore Readings => _store.Readings;

    public IFleetReadings Fleet => _store.Fleet;

    public IUsagePointStore UsagePoints => _store.UsagePoints;

    public IMeterInventory Meters => _store.Meters;

    public IWrappedKeys Keys => _store.Keys;

    public IInvocationCounters Counters => _store.Counters;

    public IPushStore Pushes => _store.Pushes;

    public ICollectionState Progress => _store.Progress;

    public ICoverageStore Coverage => _store.Coverage;

    public IEventStore Events => _store.Events;

    public ICommandLog Commands => _store.Commands;

    public IBillStore Bills => _store.Bills;

    public IReleaseStore Releases => _store.Releases;

    public ILedgerStore Ledger => _store.Ledger;

    public IWalletStore Wallets => _store.Wallets;

    public IMasterSalts Salts => _store.Salts;

    public IBatchStore Batches => _store.Batches;

    public ILogIndex LogIndex => _store.LogIndex;

    public static async Task<IStores> OpenAsync()
    {
        var stores = new SqliteStores();
        stores._store = await PramanStore.OpenAsync(stores._folder.Path);
        return stores;
    }

    public async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = await PramanStore.OpenAsync(_folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }
}

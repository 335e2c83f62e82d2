using Praman.Billing.Stores;
using Praman.HeadEnd.Stores;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.Proof.Stores;
using Praman.Storage.Readings;

namespace Praman.Stores.Tests.Contract;

/// <summary>One implementation of all stores under test, empty at first.</summary>
public interface IStores : IAsyncDisposable
{
    IReadingStore Readings { get; }

    IFleetReadings Fleet { get; }

    IUsagePointStore UsagePoints { get; }

    IMeterInventory Meters { get; }

    IWrappedKeys Keys { get; }

    IInvocationCounters Counters { get; }

    ICollectionState Progress { get; }

    ICoverageStore Coverage { get; }

    IEventStore Events { get; }

    IPushStore Pushes { get; }

    ICommandLog Commands { get; }

    IBillStore Bills { get; }

    IReleaseStore Releases { get; }

    ILedgerStore Ledger { get; }

    IWalletStore Wallets { get; }

    IMasterSalts Salts { get; }

    IBatchStore Batches { get; }

    ILogIndex LogIndex { get; }

    /// <summary>Closes and opens again: what was acknowledged must be there.</summary>
    Task ReopenAsync();
}

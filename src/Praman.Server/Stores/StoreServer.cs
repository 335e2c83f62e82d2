using System.Net;
using NodaTime;
using Praman.Billing.Suppliers;
using Praman.Billing.Tariffs;
using Praman.Proof.Notes;
using Praman.Server.Hosting;
using Praman.Server.Payments;
using Praman.Server.People;
using Praman.Server.Prepaid;
using Praman.Storage;

namespace Praman.Server.Stores;

/// <summary>Puts the pages on one data folder.</summary>
public static class StoreServer
{
    /// <summary>Where the server keeps its own files below a data folder: the access log among them.</summary>
    public static string WebFolder(string dataFolder) => Path.Combine(dataFolder, "web");

    /// <summary>What the server needs, answered from the embedded stores.</summary>
    /// <param name="keys">Verifier keys of the log (one) and of its witnesses.</param>
    /// <param name="zone">Zone whose local days are collected.</param>
    /// <param name="dataTime">Time of the data shown; null follows the system's.</param>
    /// <param name="places">Rules of wallets; null shows none.</param>
    /// <param name="payments">Gateways whose callbacks are taken; null takes none.</param>
    /// <param name="hostNames">Names besides this machine's own that requests may be addressed to.</param>
    /// <param name="trustedProxies">Reverse proxies whose word about address and TLS is taken.</param>
    /// <param name="suppliers">What suppliers state of themselves; null: none states anything.</param>
    public static PramanServerOptions Options(
        PramanStore store, TariffSet tariffs, IReadOnlyList<NoteVerifierKey> keys, IPeople people, int port, DateTimeZone zone, TimeProvider? dataTime = null, bool isDemo = false,
        PaymentChannels? payments = null, IReadOnlyList<string>? hostNames = null, IReadOnlyList<IPAddress>? trustedProxies = null,
        SupplierSet? suppliers = null, WalletPlaces? places = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(keys);
        var consumers = new StoreConsumerQueries(store, tariffs);
        return new PramanServerOptions
        {
            HostNames = [.. PramanServerOptions.OwnHostNames, .. hostNames ?? []],
            TrustedProxies = trustedProxies ?? [],
            Port = port,
            DataFolder = WebFolder(store.Folder),
            Consumers = consumers,
            Operators = new StoreOperatorQueries(store, zone),
            Wallets = places is null ? null : new StoreWalletQueries(store, tariffs, places),
            Log = new StoreLogFiles(store.Log, store.LogIndex, keys),
            Releases = new StoreReleases(store),
            Edits = new StoreEdits(store, dataTime ?? TimeProvider.System),
            Rebills = new StoreRebills(store, consumers),
            People = people,
            Suppliers = suppliers ?? SupplierSet.Empty,
            DataTime = dataTime,
            Payments = payments,
            IsDemo = isDemo,
            LogLevel = isDemo ? LogLevel.None : LogLevel.Information,
        };
    }
}

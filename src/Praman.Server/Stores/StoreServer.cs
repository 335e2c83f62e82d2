using NodaTime;
using Praman.Billing.Tariffs;
using Praman.Server.Hosting;
using Praman.Server.Operations;
using Praman.Server.People;
using Praman.Storage;

namespace Praman.Server.Stores;

/// <summary>Puts the pages on one data folder.</summary>
public static class StoreServer
{
    /// <summary>What the server needs, answered from the embedded stores.</summary>
    /// <param name="zone">Zone whose local days are collected.</param>
    /// <param name="dataTime">Time of the data shown; null follows the system's.</param>
    public static PramanServerOptions Options(
        PramanStore store, TariffSet tariffs, PublicLog log, IPeople people, int port, DateTimeZone zone, TimeProvider? dataTime = null, bool isDemo = false)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(log);
        return new PramanServerOptions
        {
            Port = port,
            DataFolder = Path.Combine(store.Folder, "web"),
            Consumers = new StoreConsumerQueries(store, tariffs),
            Operators = new StoreOperatorQueries(store, zone),
            Log = new StoreLogFiles(store, log.Origin, log.Keys),
            People = people,
            DataTime = dataTime,
            IsDemo = isDemo,
        };
    }
}

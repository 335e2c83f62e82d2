using NodaTime;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Proof.Logs;

namespace Praman.Server.Operations;

/// <summary>
/// Puts tariffs, and the series that they refer to, into the log when they are published: under a head that is signed and cosigned before the
/// days which they rate have passed. A bill's proof then shows an entry that is older than its readings, not only older than itself.
/// </summary>
public static class TariffPublication
{
    /// <summary>Logs each tariff and series that is not in the log yet, and publishes the head.</summary>
    /// <param name="tariffs">All that is known.</param>
    /// <param name="ids">Tariffs that are published now.</param>
    /// <param name="log">The log.</param>
    /// <param name="now">Time of the publication.</param>
    /// <param name="cancellationToken">Ends it between two entries.</param>
    /// <returns>The entry of each tariff and series, by id.</returns>
    /// <exception cref="KeyNotFoundException">There is no tariff of an id.</exception>
    public static async ValueTask<IReadOnlyDictionary<string, long>> RunAsync(
        TariffSet tariffs, IEnumerable<string> ids, PublicLog log, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tariffs);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(log);
        var entries = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string id in ids)
        {
            Tariff tariff = tariffs.Tariffs[id];
            foreach (TariffSeries series in CompiledTariff.Compile(tariff, tariffs).Series)
            {
                entries[series.Id] = await log.AppendOnceAsync(new LogEntry(LogEntryKind.TariffSeries, series.Hash), series.Id, cancellationToken).ConfigureAwait(false);
            }
            entries[id] = await log.AppendOnceAsync(new LogEntry(LogEntryKind.Tariff, tariff.Hash), id, cancellationToken).ConfigureAwait(false);
        }
        await log.PublishAsync(now, cancellationToken).ConfigureAwait(false);
        return entries;
    }
}

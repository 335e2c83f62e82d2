using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.Storage.Readings;

/// <summary>Readings of all usage points at once: for sums, reports and exports. One pass over rows that lie side by side.</summary>
public interface IFleetReadings
{
    /// <summary>
    /// Streams the versions in force at <paramref name="knownAt"/> of one reading type over all usage points whose start lies in [start, end)
    /// of <paramref name="period"/>, by UTC day of the start, then usage point, then start.
    /// </summary>
    IAsyncEnumerable<StoredBlock> ReadFleetAsync(ReadingType type, Interval period, Instant knownAt, CancellationToken cancellationToken);
}

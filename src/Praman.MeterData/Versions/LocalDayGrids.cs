using System.Collections.Concurrent;
using NodaTime;

namespace Praman.MeterData.Versions;

/// <summary>The grid of each time zone, made once.</summary>
internal sealed class LocalDayGrids(IDateTimeZoneProvider zones)
{
    private readonly ConcurrentDictionary<string, LocalDayGrid> _grids = new(StringComparer.Ordinal);

    public LocalDayGrid Of(string timeZone) => _grids.GetOrAdd(timeZone, static (id, provider) => new LocalDayGrid(provider[id]), zones);
}

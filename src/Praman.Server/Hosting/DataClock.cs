using NodaTime;

namespace Praman.Server.Hosting;

/// <summary>The time of the data that are shown.</summary>
internal sealed class DataClock(TimeProvider time)
{
    public LocalDate Today(DateTimeZone zone) => Instant.FromDateTimeOffset(time.GetUtcNow()).InZone(zone).Date;
}

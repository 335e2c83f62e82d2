using NodaTime;
using Praman.Metering;

namespace Praman.HeadEnd.Stores;

/// <summary>Events of meters, as they came. One already stored (meter, code, sequence) is not stored again.</summary>
public interface IEventStore
{
    /// <summary>Appends; durable on return.</summary>
    /// <returns>How many were new.</returns>
    ValueTask<int> AppendAsync(IReadOnlyList<EndDeviceEvent> events, CancellationToken cancellationToken);

    /// <summary>Events of one meter in a period, by time then code; at most <paramref name="countMax"/>.</summary>
    ValueTask<IReadOnlyList<EndDeviceEvent>> ReadAsync(EndDeviceId endDevice, Interval period, int countMax, CancellationToken cancellationToken);
}

using NodaTime;
using Praman.Metering;

namespace Praman.HeadEnd.Stores;

/// <summary>Pushes of meters that verified, as they came. One already stored (meter, key, counter) is not stored again.</summary>
public interface IPushStore
{
    /// <summary>Appends; durable on return.</summary>
    /// <returns>How many were new.</returns>
    ValueTask<int> AppendAsync(IReadOnlyList<KeptPush> pushes, CancellationToken cancellationToken);

    /// <summary>Pushes that were received in a period, of one meter or of all, by time of receipt; at most <paramref name="countMax"/>.</summary>
    ValueTask<IReadOnlyList<KeptPush>> ReadAsync(EndDeviceId? endDevice, Interval period, int countMax, CancellationToken cancellationToken);
}

/// <summary>A push that verified.</summary>
/// <param name="EndDevice">The meter whose key it verified under.</param>
/// <param name="KeyEpoch">Which key (<see cref="Inventory.MeterKeys.PushEpoch"/>).</param>
/// <param name="Counter">Its invocation counter: no other push of the meter has it under that key.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Apdu">The notification in clear, as <c>praman decode</c> reads it.</param>
public sealed record KeptPush(EndDeviceId EndDevice, long KeyEpoch, uint Counter, Instant ReceivedAt, ReadOnlyMemory<byte> Apdu);

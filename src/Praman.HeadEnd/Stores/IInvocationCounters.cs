using Praman.Metering;

namespace Praman.HeadEnd.Stores;

/// <summary>
/// Invocation counters that the head-end sends with. A value given out once is never given out again, whatever crashes: what is reserved
/// is durable before it is used, and what is reserved and not used is lost.
/// </summary>
public interface IInvocationCounters
{
    /// <summary>
    /// Reserves <paramref name="count"/> successive values for one meter and client, none below <paramref name="atLeast"/> and all above every
    /// value ever reserved before. Durable on return.
    /// </summary>
    /// <returns>The first of them; null where the last would not be below 2^32 − 1, which is never used: the keys must be changed.</returns>
    ValueTask<uint?> ReserveAsync(EndDeviceId endDevice, int clientSap, uint atLeast, int count, CancellationToken cancellationToken);

    /// <summary>The value after the highest ever reserved; null where none ever was, so that the meter must be asked first.</summary>
    ValueTask<uint?> FindNextAsync(EndDeviceId endDevice, int clientSap, CancellationToken cancellationToken);

    /// <summary>The meter has new keys: all its counters begin again at none. Durable on return.</summary>
    ValueTask RestartAsync(EndDeviceId endDevice, CancellationToken cancellationToken);
}

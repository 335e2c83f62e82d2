using Praman.Metering;

namespace Praman.HeadEnd.Stores;

/// <summary>
/// Invocation counters that the head-end sends with. A value given out once is never given out again, whatever crashes: what is reserved
/// is durable before it is used, and what is reserved and not used is lost. And the counters that meters answered with: what a meter said once
/// is not taken again.
/// </summary>
public interface IInvocationCounters
{
    /// <summary>
    /// Reserves <paramref name="count"/> successive values for one meter, none below <paramref name="atLeast"/> and all above every value ever
    /// reserved before, as whichever client: the clients of a meter share its key and our title, so one value may serve one of them only.
    /// Durable on return.
    /// </summary>
    /// <returns>The first of them; null where the last would not be below 2^32 − 1, which is never used: the keys must be changed.</returns>
    ValueTask<uint?> ReserveAsync(EndDeviceId endDevice, uint atLeast, int count, CancellationToken cancellationToken);

    /// <summary>The value after the highest ever reserved; null where none ever was, so that the meter must be asked first.</summary>
    ValueTask<uint?> FindNextAsync(EndDeviceId endDevice, CancellationToken cancellationToken);

    /// <summary>The meter has new keys: its counter begins again at none, and no bound is kept. Durable on return.</summary>
    ValueTask RestartAsync(EndDeviceId endDevice, CancellationToken cancellationToken);

    /// <summary>The lowest counter that an answer of a meter may carry under a key; 0 before the first was heard.</summary>
    /// <param name="endDevice">The meter.</param>
    /// <param name="keyEpoch">Which encryption key (<see cref="Inventory.MeterKeys.Epoch"/>): a meter's counter begins again with its key.</param>
    ValueTask<ulong> FindHeardAsync(EndDeviceId endDevice, long keyEpoch, CancellationToken cancellationToken);

    /// <summary>
    /// Answers of a meter below <paramref name="next"/> are not taken again; a lower value than the kept one changes nothing. Only for counters
    /// whose tag was verified. Durable on return.
    /// </summary>
    ValueTask HearAsync(EndDeviceId endDevice, long keyEpoch, ulong next, CancellationToken cancellationToken);

    /// <summary>
    /// How far counters of a meter and client are followed that nothing proves: the bound that is kept, or this one, kept from now on. Durable on
    /// return, so that no restart begins it anew.
    /// </summary>
    ValueTask<ulong> BoundUnprovedAsync(EndDeviceId endDevice, int clientSap, ulong bound, CancellationToken cancellationToken);

    /// <summary>The meter has proved itself, or a person has decided: the bound is kept no longer. Durable on return.</summary>
    ValueTask ForgetBoundAsync(EndDeviceId endDevice, int clientSap, CancellationToken cancellationToken);
}

using System.Collections.Concurrent;
using Praman.Dlms.Client;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Sessions;

/// <summary>
/// Hands out invocation counters that are reserved in the store before they are used. What a session leaves is kept in memory for the next;
/// what a crash leaves is lost, never used again. A meter has one row of counters for all clients as which it is read: a nonce is our title and
/// a counter, and the key is the meter's. For one session of a meter at a time.
/// </summary>
public sealed class CounterLeases(IInvocationCounters counters)
{
    /// <summary>Counters reserved at once.</summary>
    public const int Size = 256;

    /// <summary>Fewer than this are not enough to begin with.</summary>
    public const int LeftMin = 48;

    private readonly ConcurrentDictionary<EndDeviceId, CounterLease> _left = new();

    /// <summary>True where counters were reserved for this meter before, as whichever client: it need not be asked for its own.</summary>
    public async ValueTask<bool> IsKnownAsync(EndDeviceId endDevice, CancellationToken cancellationToken) =>
        _left.ContainsKey(endDevice) || await counters.FindNextAsync(endDevice, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>The counter after the highest that was ever reserved; null where none was.</summary>
    public ValueTask<uint?> FindNextAsync(EndDeviceId endDevice, CancellationToken cancellationToken) =>
        counters.FindNextAsync(endDevice, cancellationToken);

    /// <summary>Counters of which none is below <paramref name="atLeast"/>; null where the key has none left.</summary>
    public async ValueTask<CounterLease?> TakeAsync(EndDeviceId endDevice, uint atLeast, CancellationToken cancellationToken)
    {
        if (_left.TryGetValue(endDevice, out CounterLease? kept) && kept.Remaining >= LeftMin && kept.Next >= atLeast) return kept;
        uint? first = await counters.ReserveAsync(endDevice, atLeast, Size, cancellationToken).ConfigureAwait(false);
        // A lease ends below 2^32, whatever the store lets through: the last counter of a key is never used.
        if (first is not { } value || value + (ulong)Size > uint.MaxValue) return null;
        return _left[endDevice] = new CounterLease(value, Size);
    }

    /// <summary>Adds counters to a lease in use; false where there are none, or others took those after it.</summary>
    public async ValueTask<bool> ExtendAsync(EndDeviceId endDevice, CounterLease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        if (lease.End + Size > uint.MaxValue) return false;
        uint? first = await counters.ReserveAsync(endDevice, (uint)lease.End, Size, cancellationToken).ConfigureAwait(false);
        if (first != lease.End) return false;
        lease.Extend(Size);
        return true;
    }

    /// <summary>The lowest counter that an answer of this meter may carry under this key; 0 before the first was heard.</summary>
    public ValueTask<ulong> FindHeardAsync(EndDeviceId endDevice, long keyEpoch, CancellationToken cancellationToken) =>
        counters.FindHeardAsync(endDevice, keyEpoch, cancellationToken);

    /// <summary>Keeps what was heard in a session, where it is more than before; durable on return.</summary>
    public ValueTask HearAsync(EndDeviceId endDevice, long keyEpoch, ulong next, CancellationToken cancellationToken) =>
        counters.HearAsync(endDevice, keyEpoch, next, cancellationToken);

    /// <summary>How far counters are followed that nothing proves; see <see cref="IInvocationCounters.BoundUnprovedAsync"/>.</summary>
    public ValueTask<ulong> BoundUnprovedAsync(EndDeviceId endDevice, int clientSap, ulong bound, CancellationToken cancellationToken) =>
        counters.BoundUnprovedAsync(endDevice, clientSap, bound, cancellationToken);

    /// <summary>Forgets that bound.</summary>
    public ValueTask ForgetBoundAsync(EndDeviceId endDevice, int clientSap, CancellationToken cancellationToken) => counters.ForgetBoundAsync(endDevice, clientSap, cancellationToken);

    /// <summary>Drops what is kept, as when the keys change.</summary>
    public void Forget(EndDeviceId endDevice) => _left.TryRemove(endDevice, out _);
}

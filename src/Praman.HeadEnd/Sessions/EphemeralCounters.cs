using System.Collections.Concurrent;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Sessions;

/// <summary>
/// Counters for a tool at a desk, which keeps nothing: it knows none, so that each session asks the meter for its counter first. Not for a
/// head-end, whose counters must outlive the process.
/// </summary>
public sealed class EphemeralCounters : IInvocationCounters
{
    private readonly ConcurrentDictionary<EndDeviceId, ulong> _next = new();
    private readonly ConcurrentDictionary<(EndDeviceId, long), ulong> _heard = new();
    private readonly ConcurrentDictionary<(EndDeviceId, int), ulong> _bounds = new();

    public ValueTask<ulong> BoundUnprovedAsync(EndDeviceId endDevice, int clientSap, ulong bound, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_bounds.GetOrAdd((endDevice, clientSap), bound));

    public ValueTask ForgetBoundAsync(EndDeviceId endDevice, int clientSap, CancellationToken cancellationToken)
    {
        _bounds.TryRemove((endDevice, clientSap), out _);
        return ValueTask.CompletedTask;
    }

    public ValueTask<uint?> ReserveAsync(EndDeviceId endDevice, uint atLeast, int count, CancellationToken cancellationToken)
    {
        ulong end = _next.AddOrUpdate(endDevice, _ => atLeast + (ulong)count, (_, next) => Math.Max(next, atLeast) + (ulong)count);
        return ValueTask.FromResult(end > uint.MaxValue ? (uint?)null : (uint)(end - (ulong)count));
    }

    public ValueTask<uint?> FindNextAsync(EndDeviceId endDevice, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_next.TryGetValue(endDevice, out ulong next) ? (uint?)next : null);

    public ValueTask RestartAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        _next.TryRemove(endDevice, out _);
        foreach ((EndDeviceId EndDevice, int ClientSap) key in _bounds.Keys) if (key.EndDevice == endDevice) _bounds.TryRemove(key, out _);
        return ValueTask.CompletedTask;
    }

    public ValueTask<ulong> FindHeardAsync(EndDeviceId endDevice, long keyEpoch, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_heard.GetValueOrDefault((endDevice, keyEpoch)));

    public ValueTask HearAsync(EndDeviceId endDevice, long keyEpoch, ulong next, CancellationToken cancellationToken)
    {
        _heard.AddOrUpdate((endDevice, keyEpoch), next, (_, heard) => Math.Max(heard, next));
        return ValueTask.CompletedTask;
    }
}

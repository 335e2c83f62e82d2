using System.Runtime.CompilerServices;
using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Commands;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Tests.Simulation;

/// <summary>All stores of the head-end in memory; what survives a crash is what stands here.</summary>
internal sealed class MemoryStores : IMeterInventory, IWrappedKeys, IInvocationCounters, ICollectionState, IEventStore, IPushStore, ICoverageStore, ICommandLog
{
    private readonly SortedDictionary<string, InventoryMeter> _meters = new(StringComparer.Ordinal);
    private readonly Dictionary<EndDeviceId, WrappedMeterKeys> _keys = [];
    private readonly Dictionary<EndDeviceId, ulong> _next = [];
    private readonly Dictionary<(EndDeviceId, long), ulong> _heard = [];
    private readonly Dictionary<(EndDeviceId, int), ulong> _bounds = [];
    private readonly SortedDictionary<string, CollectionProgress> _progress = new(StringComparer.Ordinal);
    private readonly Dictionary<(EndDeviceId, int, long), EndDeviceEvent> _events = [];
    private readonly Dictionary<(LocalDate, EndDeviceId), MeterDayOutcome> _outcomes = [];
    private readonly Lock _lock = new();

    public List<CommandRecord> Commands { get; } = [];

    /// <summary>Ranges of counters that were ever given out.</summary>
    public List<(EndDeviceId EndDevice, uint First, int Count)> Reserved { get; } = [];

    /// <summary>How many meters stand somewhere, where more are meant than are kept here; null counts these.</summary>
    public int? InService { get; init; }

    public CollectorStores ForCollector => new(this, this, this, this);

    ValueTask IMeterInventory.PutAsync(IReadOnlyList<InventoryMeter> meters, CancellationToken cancellationToken)
    {
        lock (_lock) foreach (InventoryMeter meter in meters) _meters[meter.EndDevice.Serial] = meter;
        return ValueTask.CompletedTask;
    }

    ValueTask<InventoryMeter?> IMeterInventory.FindAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult(_meters.GetValueOrDefault(endDevice.Serial));
    }

    ValueTask<InventoryMeter?> IMeterInventory.FindByTitleAsync(string systemTitle, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult(_meters.Values.Count(m => m.SystemTitle == systemTitle) == 1 ? _meters.Values.Single(m => m.SystemTitle == systemTitle) : null);
    }

    ValueTask<int> IMeterInventory.CountInServiceAsync(string? feeder, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            int counted = _meters.Values.Count(m => (feeder is null || m.Feeder == feeder) && m.Installations.Any(i => i.Until is null));
            return ValueTask.FromResult(feeder is null ? InService ?? counted : counted);
        }
    }

    /// <summary>Pushes that were kept, in their order.</summary>
    public List<KeptPush> Pushes { get; } = [];

    /// <summary>What a push that is to be kept fails with; null lets it.</summary>
    public Exception? PushesFail { get; set; }

    ValueTask<int> IPushStore.AppendAsync(IReadOnlyList<KeptPush> pushes, CancellationToken cancellationToken)
    {
        if (PushesFail is { } failure) return ValueTask.FromException<int>(failure);
        lock (_lock)
        {
            int before = Pushes.Count;
            foreach (KeptPush push in pushes)
            {
                if (!Pushes.Any(p => (p.EndDevice, p.KeyEpoch, p.Counter) == (push.EndDevice, push.KeyEpoch, push.Counter))) Pushes.Add(push);
            }
            return ValueTask.FromResult(Pushes.Count - before);
        }
    }

    ValueTask<IReadOnlyList<KeptPush>> IPushStore.ReadAsync(EndDeviceId? endDevice, Interval period, int countMax, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult<IReadOnlyList<KeptPush>>([.. Pushes.Where(p => (endDevice is null || p.EndDevice == endDevice) && period.Contains(p.ReceivedAt)).Take(countMax)]);
    }

    async IAsyncEnumerable<InventoryMeter> IMeterInventory.ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        InventoryMeter[] all;
        lock (_lock) all = [.. _meters.Values];
        foreach (InventoryMeter meter in all) yield return meter;
        await ValueTask.CompletedTask;
    }

    ValueTask<IReadOnlyList<InventoryMeter>> IMeterInventory.FindAtAsync(UsagePointId usagePoint, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult<IReadOnlyList<InventoryMeter>>([.. _meters.Values.Where(m => m.Installations.Any(i => i.UsagePoint == usagePoint))]);
    }

    ValueTask IWrappedKeys.PutAsync(IReadOnlyList<WrappedMeterKeys> keys, CancellationToken cancellationToken)
    {
        lock (_lock) foreach (WrappedMeterKeys one in keys) _keys[one.EndDevice] = one;
        return ValueTask.CompletedTask;
    }

    ValueTask<WrappedMeterKeys?> IWrappedKeys.FindAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult(_keys.GetValueOrDefault(endDevice));
    }

    ValueTask<uint?> IInvocationCounters.ReserveAsync(EndDeviceId endDevice, uint atLeast, int count, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ulong first = Math.Max(_next.GetValueOrDefault(endDevice), atLeast);
            if (first + (ulong)count > uint.MaxValue) return ValueTask.FromResult<uint?>(null);
            _next[endDevice] = first + (ulong)count;
            Reserved.Add((endDevice, (uint)first, count));
            return ValueTask.FromResult<uint?>((uint)first);
        }
    }

    ValueTask<uint?> IInvocationCounters.FindNextAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult(_next.TryGetValue(endDevice, out ulong next) ? (uint?)next : null);
    }

    ValueTask IInvocationCounters.RestartAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        lock (_lock) _next.Remove(endDevice);
        lock (_lock) foreach ((EndDeviceId, int) key in _bounds.Keys.Where(k => k.Item1 == endDevice).ToArray()) _bounds.Remove(key);
        return ValueTask.CompletedTask;
    }

    ValueTask<ulong> IInvocationCounters.FindHeardAsync(EndDeviceId endDevice, long keyEpoch, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult(_heard.GetValueOrDefault((endDevice, keyEpoch)));
    }

    ValueTask IInvocationCounters.HearAsync(EndDeviceId endDevice, long keyEpoch, ulong next, CancellationToken cancellationToken)
    {
        lock (_lock) _heard[(endDevice, keyEpoch)] = Math.Max(next, _heard.GetValueOrDefault((endDevice, keyEpoch)));
        return ValueTask.CompletedTask;
    }

    ValueTask<ulong> IInvocationCounters.BoundUnprovedAsync(EndDeviceId endDevice, int clientSap, ulong bound, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult(_bounds.TryGetValue((endDevice, clientSap), out ulong kept) ? kept : _bounds[(endDevice, clientSap)] = bound);
    }

    ValueTask IInvocationCounters.ForgetBoundAsync(EndDeviceId endDevice, int clientSap, CancellationToken cancellationToken)
    {
        lock (_lock) _bounds.Remove((endDevice, clientSap));
        return ValueTask.CompletedTask;
    }

    ValueTask<CollectionProgress?> ICollectionState.FindAsync(EndDeviceId endDevice, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult(_progress.GetValueOrDefault(endDevice.Serial));
    }

    ValueTask ICollectionState.SaveAsync(IReadOnlyList<CollectionProgress> progress, CancellationToken cancellationToken)
    {
        lock (_lock) foreach (CollectionProgress one in progress) _progress[one.EndDevice.Serial] = one;
        return ValueTask.CompletedTask;
    }

    async IAsyncEnumerable<CollectionProgress> ICollectionState.ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CollectionProgress[] all;
        lock (_lock) all = [.. _progress.Values];
        foreach (CollectionProgress one in all) yield return one;
        await ValueTask.CompletedTask;
    }

    ValueTask<int> IEventStore.AppendAsync(IReadOnlyList<EndDeviceEvent> events, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult(events.Count(e => _events.TryAdd((e.EndDevice, e.Code, e.Sequence), e)));
    }

    ValueTask<IReadOnlyList<EndDeviceEvent>> IEventStore.ReadAsync(EndDeviceId endDevice, Interval period, int countMax, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ValueTask.FromResult<IReadOnlyList<EndDeviceEvent>>(
                [.. _events.Values.Where(e => e.EndDevice == endDevice && period.Contains(e.At)).OrderBy(e => e.At).ThenBy(e => e.Code).Take(countMax)]);
        }
    }

    ValueTask ICoverageStore.SaveAsync(IReadOnlyList<MeterDayOutcome> outcomes, CancellationToken cancellationToken)
    {
        lock (_lock) foreach (MeterDayOutcome one in outcomes) _outcomes[(one.Day, one.EndDevice)] = one;
        return ValueTask.CompletedTask;
    }

    ValueTask<IReadOnlyList<MeterDayOutcome>> ICoverageStore.ReadDayAsync(LocalDate day, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult<IReadOnlyList<MeterDayOutcome>>([.. _outcomes.Values.Where(o => o.Day == day).OrderBy(o => o.EndDevice.Serial, StringComparer.Ordinal)]);
    }

    ValueTask<IReadOnlyList<MeterDayOutcome>> ICoverageStore.ReadMeterAsync(EndDeviceId endDevice, DateInterval days, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult<IReadOnlyList<MeterDayOutcome>>([.. _outcomes.Values.Where(o => o.EndDevice == endDevice && days.Contains(o.Day)).OrderBy(o => o.Day)]);
    }

    ValueTask ICommandLog.AppendAsync(CommandRecord record, CancellationToken cancellationToken)
    {
        lock (_lock) Commands.Add(record);
        return ValueTask.CompletedTask;
    }

    ValueTask<IReadOnlyList<CommandRecord>> ICommandLog.ReadSinceAsync(Instant since, CancellationToken cancellationToken)
    {
        lock (_lock) return ValueTask.FromResult<IReadOnlyList<CommandRecord>>([.. Commands.Where(c => c.At >= since)]);
    }
}

using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>
/// Hands readings on in batches: whoever brings one while nobody is handing on does it for all that came meanwhile, so that many sessions
/// share one commit. How far meters have been read moves only after their readings are durable with the receiver.
/// </summary>
internal sealed class ReadingOutbox(
    IMeterReadingSink sink, IEventStore events, ICollectionState state, ICoverageStore coverage, Action<CollectionProgress> progressed, int batchSizeMax)
{
    private readonly Lock _lock = new();
    private List<Item> _waiting = [];
    private bool _handingOn;
    private TaskCompletionSource? _room;

    /// <summary>Takes a reading, its outcomes, or both. A failing store throws here, for whoever hands on.</summary>
    public async ValueTask AddAsync(CollectedReading? reading, IReadOnlyList<MeterDayOutcome> outcomes, CancellationToken cancellationToken)
    {
        Task? room = null;
        lock (_lock)
        {
            _waiting.Add(new Item(reading, outcomes));
            if (_handingOn)
            {
                if (_waiting.Count < batchSizeMax) return;
                room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            else _handingOn = true;
        }
        if (room is not null) await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        else await HandOnAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask HandOnAsync(CancellationToken cancellationToken)
    {
        List<Item> batch = [];
        try
        {
            while (true)
            {
                TaskCompletionSource? room;
                lock (_lock)
                {
                    (batch, _waiting) = (_waiting, []);
                    (room, _room) = (_room, null);
                    if (batch.Count == 0)
                    {
                        _handingOn = false;
                        return;
                    }
                }
                room?.TrySetResult();
                await HandOnAsync(batch, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            lock (_lock) _handingOn = false; // what was not handed on is read again: no progress was saved
            throw;
        }
    }

    private async ValueTask HandOnAsync(List<Item> batch, CancellationToken cancellationToken)
    {
        var readings = new List<MeterReading>();
        var newEvents = new List<EndDeviceEvent>();
        var progress = new List<CollectionProgress>();
        var outcomes = new List<MeterDayOutcome>();
        foreach (Item item in batch)
        {
            outcomes.AddRange(item.Outcomes);
            if (item.Reading is null) continue;
            progress.Add(item.Reading.Progress);
            foreach (MeterReading reading in item.Reading.Readings)
            {
                readings.Add(reading);
                newEvents.AddRange(reading.Events);
            }
        }
        if (newEvents.Count > 0) await events.AppendAsync(newEvents, cancellationToken).ConfigureAwait(false);
        if (readings.Count > 0) await sink.AcceptAsync(readings, cancellationToken).ConfigureAwait(false);
        if (progress.Count > 0) await state.SaveAsync(progress, cancellationToken).ConfigureAwait(false);
        foreach (CollectionProgress one in progress) progressed(one);
        if (outcomes.Count > 0) await coverage.SaveAsync(outcomes, cancellationToken).ConfigureAwait(false);
    }

    private sealed record Item(CollectedReading? Reading, IReadOnlyList<MeterDayOutcome> Outcomes);
}

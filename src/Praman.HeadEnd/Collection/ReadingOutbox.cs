using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>
/// Hands readings on in batches: what comes while one is handed on makes the next, so that many sessions share one commit. Handing on belongs
/// to nobody who brings a reading: one who is cancelled takes nobody else's with it. How far meters have been read moves only after their
/// readings are durable with the receiver.
/// </summary>
internal sealed class ReadingOutbox(
    IMeterReadingSink sink, IEventStore events, ICollectionState state, ICoverageStore coverage, Action<CollectionProgress> progressed, int batchSizeMax)
{
    private readonly Lock _lock = new();
    private Batch _waiting = new();
    private bool _handingOn;

    /// <summary>Takes a reading, its outcomes, or both; waits where as many wait already as a batch holds.</summary>
    /// <returns>What ends when all that was taken is durable, or as a store failed. Nothing may be called read before.</returns>
    public async ValueTask<Task> AddAsync(CollectedReading? reading, IReadOnlyList<MeterDayOutcome> outcomes, CancellationToken cancellationToken)
    {
        Batch batch;
        bool isFull, isFirst;
        lock (_lock)
        {
            batch = _waiting;
            batch.Items.Add(new Item(reading, outcomes));
            isFirst = !_handingOn;
            isFull = batch.Items.Count >= batchSizeMax;
            _handingOn = true;
        }
        if (isFirst) _ = HandOnAsync();
        else if (isFull) await batch.Taken.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return batch.Durable.Task;
    }

    /// <summary>Hands on until nothing waits. It throws nothing: whoever brought something learns of a fault by what <see cref="AddAsync"/> gave.</summary>
    private async Task HandOnAsync()
    {
        while (true)
        {
            Batch batch;
            lock (_lock)
            {
                (batch, _waiting) = (_waiting, new Batch());
                if (batch.Items.Count == 0)
                {
                    _handingOn = false;
                    return;
                }
            }
            batch.Taken.TrySetResult();
            try
            {
                await HandOnAsync(batch.Items).ConfigureAwait(false);
                batch.Durable.TrySetResult();
            }
#pragma warning disable CA1031 // the top of a batch: its fault goes to everybody who has a reading in it
            catch (Exception exception)
#pragma warning restore CA1031
            {
                batch.Durable.TrySetException(exception); // what was not handed on is read again: no progress was saved
            }
        }
    }

    private async ValueTask HandOnAsync(List<Item> batch)
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
        if (newEvents.Count > 0) await events.AppendAsync(newEvents, CancellationToken.None).ConfigureAwait(false);
        if (readings.Count > 0) await sink.AcceptAsync(readings, CancellationToken.None).ConfigureAwait(false);
        if (progress.Count > 0) await state.SaveAsync(progress, CancellationToken.None).ConfigureAwait(false);
        foreach (CollectionProgress one in progress) progressed(one);
        if (outcomes.Count > 0) await coverage.SaveAsync(outcomes, CancellationToken.None).ConfigureAwait(false);
    }

    private sealed record Item(CollectedReading? Reading, IReadOnlyList<MeterDayOutcome> Outcomes);

    /// <summary>What is handed on together.</summary>
    private sealed class Batch
    {
        public List<Item> Items { get; } = [];

        /// <summary>Ends when this batch is being handed on and there is room in the next.</summary>
        public TaskCompletionSource Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

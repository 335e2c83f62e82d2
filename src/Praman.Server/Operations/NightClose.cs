using NodaTime;
using Praman.Proof.Stores;

namespace Praman.Server.Operations;

/// <summary>The end of a night: every block recorded since the last one goes into one tree, and the tree's head into the log.</summary>
public sealed class NightClose(IBatchStore batches, PublicLog log)
{
    /// <summary>Closes the batch of a date and publishes the log's head.</summary>
    /// <returns>The batch; null where nothing waited.</returns>
    public async ValueTask<StoredBatch?> RunAsync(LocalDate date, Instant now, CancellationToken cancellationToken)
    {
        StoredBatch? batch = await batches.CloseAsync(date, cancellationToken).ConfigureAwait(false);
        var entered = new List<(long Number, long Entry)>();
        // A crash may have come between the closing of a batch and its entry, or between the entry and the note of it: taken up here.
        foreach (StoredBatch one in await batches.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            if (one.Entry is not null) continue;
            long entry = await log.AppendOnceAsync(one.Head.ToLogEntry(), $"batch {one.Number}", cancellationToken).ConfigureAwait(false);
            entered.Add((one.Number, entry));
        }
        if (entered.Count == 0) return batch;
        await log.PublishAsync(now, cancellationToken).ConfigureAwait(false);
        foreach ((long number, long entry) in entered) await batches.SetEntryAsync(number, entry, cancellationToken).ConfigureAwait(false);
        return batch;
    }
}

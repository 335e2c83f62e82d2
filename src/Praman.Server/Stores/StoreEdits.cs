using NodaTime;
using Praman.MeterData.Edits;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.Metering;
using Praman.Server.Queries;
using Praman.Storage;

namespace Praman.Server.Stores;

/// <summary>Edits of readings, from and into the embedded stores.</summary>
/// <param name="time">Time at which edits are recorded: that of the data.</param>
internal sealed class StoreEdits(PramanStore store, TimeProvider time) : IEdits
{
    private readonly ReadingEditor _editor = new(store.Readings, store.UsagePoints, RuleSet.Default, time);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DayEdit>> ReadAsync(ChannelId channel, LocalDate day, CancellationToken cancellationToken)
    {
        if (await store.UsagePoints.FindAsync(channel.UsagePoint, cancellationToken).ConfigureAwait(false) is not { } record) return [];
        Interval bounds = LocalDays.Bounds(day, DateTimeZoneProviders.Tzdb[record.UsagePoint.TimeZone]);
        var query = new EvidenceQuery(channel.UsagePoint, bounds.Start, bounds.End, Instant.MaxValue);
        UsagePointEvidence evidence = (await store.Readings.ReadEvidenceAsync([query], cancellationToken).ConfigureAwait(false))[0];
        var versions = evidence.Blocks.Where(one => one.Block.Type == channel.Type && one.Block.Start == bounds.Start).ToDictionary(one => one.Block.Version);
        var told = new List<DayEdit>();
        foreach (ReadingEdit edit in evidence.Edits.Where(one => one.Type == channel.Type && one.Start == bounds.Start && one.EndDevice is null))
        {
            if (!versions.TryGetValue(edit.Version, out StoredBlock? made)) continue;
            told.Add(new DayEdit(made.RecordedAt, edit.By, edit.Reason, edit.Evidence, Changes(versions.GetValueOrDefault(edit.Version - 1)?.Block, made.Block)));
        }
        told.Reverse();
        return told;
    }

    /// <inheritdoc/>
    public ValueTask<EditState> JudgeAsync(IntervalEdits edits, CancellationToken cancellationToken) => _editor.JudgeAsync(edits, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<EditState> EditAsync(IntervalEdits edits, CancellationToken cancellationToken) => _editor.EditAsync(edits, cancellationToken);

    private static EditedSlot[] Changes(IntervalBlock? before, IntervalBlock after)
    {
        (long[] values, IntervalQuality[] qualities) = after.Decode();
        (long[] oldValues, IntervalQuality[] oldQualities) = before?.Decode() ?? (new long[values.Length], [.. values.Select(_ => IntervalQuality.Missing)]);
        return [.. Enumerable.Range(0, values.Length)
            .Where(i => qualities[i].State != oldQualities[i].State || (qualities[i].HasValue && values[i] != oldValues[i]))
            .Select(i => new EditedSlot(after.Header.StartOf(i), after.Header.StartOf(i + 1), Known(oldValues[i], oldQualities[i]), Known(values[i], qualities[i])))];
    }

    /// <summary>A value as the pages know it: one that validation refused is none.</summary>
    private static long? Known(long wh, IntervalQuality quality) => quality.HasValue && quality.State != IntervalState.Failed ? wh : null;
}

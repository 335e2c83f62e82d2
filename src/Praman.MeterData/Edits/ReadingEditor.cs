using NodaTime;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.MeterData.Versions;
using Praman.Metering;

namespace Praman.MeterData.Edits;

/// <summary>
/// Edits by persons. The values become a version of the day with who, why and by what evidence; in the same append the day is validated again with all that
/// hangs on it, estimates and bills. Whether the caller may edit is for the caller to know; above the gate's limits somebody else has to release what is billed.
/// </summary>
public sealed class ReadingEditor(IReadingStore store, IUsagePointDirectory directory, RuleSet rules, TimeProvider time, IDateTimeZoneProvider? zones = null)
{
    /// <summary>Characters of the longest reference to evidence.</summary>
    public const int ReferenceLengthMax = 200;

    private const int Sha256Length = 64;

    private readonly LocalDayGrids _grids = new(zones ?? DateTimeZoneProviders.Tzdb);

    /// <summary>Whether an edit may be made. <see cref="EditState.Edited"/>: it may.</summary>
    public async ValueTask<EditState> JudgeAsync(IntervalEdits edits, CancellationToken cancellationToken) => (await PrepareAsync(edits, cancellationToken).ConfigureAwait(false)).State;

    /// <summary>Makes an edit that may be made; durable on return.</summary>
    public async ValueTask<EditState> EditAsync(IntervalEdits edits, CancellationToken cancellationToken)
    {
        (EditState state, ReadingBatch? batch) = await PrepareAsync(edits, cancellationToken).ConfigureAwait(false);
        if (batch is null) return state;
        try
        {
            await store.AppendAsync(batch, cancellationToken).ConfigureAwait(false);
            return state;
        }
        catch (VersionConflictException)
        {
            return EditState.Changed; // somebody or something was faster
        }
    }

    private async ValueTask<(EditState State, ReadingBatch? Batch)> PrepareAsync(IntervalEdits edits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(edits);
        if (!EditReleases.IsReason(edits.Reason)) return (EditState.NoReason, null);
        if (!IsEvidence(edits.Evidence)) return (EditState.NoEvidence, null);
        UsagePointId usagePoint = edits.Channel.UsagePoint;
        if (await directory.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false) is not { } record) return (EditState.NotHeld, null);
        LocalDayGrid grid = _grids.Of(record.UsagePoint.TimeZone);
        EvidenceQuery query = UsagePointEvaluation.WideQuery(grid, rules, usagePoint, edits.Day, edits.Day, Instant.MaxValue);
        UsagePointEvidence evidence = (await store.ReadEvidenceAsync([query], cancellationToken).ConfigureAwait(false))[0];
        Instant start = grid.Start(edits.Day);
        IntervalBlock? last = evidence.Blocks.LastOrDefault(stored => stored.Block.Type == edits.Channel.Type && stored.Block.Start == start)?.Block;
        if (last is null || !last.Type.IsIntervalEnergy()) return (EditState.NotHeld, null);
        if (last.Version != edits.SeenVersion) return (EditState.Changed, null);
        (EditState state, IntervalBlock? block) = Apply(last, edits.Intervals);
        if (block is null) return (state, null);

        Instant now = Instant.FromDateTimeOffset(time.GetUtcNow());
        var batch = new BatchBuilder();
        var evaluation = new UsagePointEvaluation(record, grid, new DayPipeline(rules), query, evidence, batch, now);
        evaluation.Edit(block);
        await MeterDataIngest.AddRefusalsAsync(store, evaluation, usagePoint, grid, cancellationToken).ConfigureAwait(false);
        evaluation.Evaluate();
        var edit = new ReadingEdit(usagePoint, block.Type, block.Start, null, block.Version, edits.By, edits.Reason.Trim())
        {
            Evidence = edits.Evidence with { Reference = edits.Evidence.Reference.Trim() },
        };
        return (state, batch.Build(now) with { Edits = [edit] });
    }

    /// <summary>The next version of a day, with the person's values; null where it would say nothing new or cannot be.</summary>
    private static (EditState State, IntervalBlock? Block) Apply(IntervalBlock last, IReadOnlyList<IntervalEdit> intervals)
    {
        (long[] values, IntervalQuality[] qualities) = last.Decode();
        var seen = new bool[values.Length];
        bool isNew = false;
        foreach ((int index, long wh) in intervals)
        {
            if (index < 0 || index >= values.Length || seen[index] || wh is < 0 or >= IntervalBlockCodec.ValueLimit) return (EditState.NoValue, null);
            seen[index] = true;
            bool stands = qualities[index].HasValue && values[index] == wh;
            if (stands && qualities[index].IsByPerson) continue;
            values[index] = wh;
            qualities[index] = new IntervalQuality(stands ? IntervalState.Accepted : IntervalState.Edited, qualities[index].Flags & DayState.FromMeter);
            isNew = true;
        }
        return isNew
            ? (EditState.Edited, IntervalBlock.Create(last.Header with { Version = last.Version + 1, Cause = BlockCause.Edit }, values, qualities, last.Scaler)) : (EditState.NothingNew, null);
    }

    private static bool IsEvidence(EditEvidence? evidence) =>
        evidence?.Reference.Trim() is { Length: > 0 and <= ReferenceLengthMax } reference && !reference.Any(char.IsControl)
        && (evidence.Sha256 is null || (evidence.Sha256.Length == Sha256Length && evidence.Sha256.All(char.IsAsciiHexDigitLower)));
}

using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.MeterData.Versions;
using Praman.Metering;

namespace Praman.MeterData.Estimation;

/// <summary>What an estimation run did with a day.</summary>
public enum EstimationState
{
    /// <summary>The usage point is not known.</summary>
    UnknownUsagePoint,

    /// <summary>The day is not over, or its closing register may still come.</summary>
    NotDue,

    /// <summary>Nothing was missing, or nothing changed.</summary>
    Unchanged,

    /// <summary>Versions were appended.</summary>
    Appended,
}

/// <summary>Outcome of <see cref="MeterDataEstimation.EstimateAsync"/>.</summary>
/// <param name="OpenCount">
/// Intervals of the day that are missing, refused, or estimated and not billed. Where there are any the nightly run takes the day again: what
/// comes for another day (a like day, the neighbour over midnight) may change its estimates, until they are billed.
/// </param>
public readonly record struct EstimationOutcome(EstimationState State, int VersionCount, int OpenCount = 0);

/// <summary>
/// The nightly step that fills what is still missing. It comes after the head-end has read again (E1 comes first): a day is estimated when
/// its closing register is known, or when the deadline of the rules has passed.
/// </summary>
public sealed class MeterDataEstimation
{
    private const int AttemptsMax = 4;

    private readonly IReadingStore _store;
    private readonly IUsagePointDirectory _directory;
    private readonly RuleSet _rules;
    private readonly LocalDayGrids _grids;

    public MeterDataEstimation(IReadingStore store, IUsagePointDirectory directory, RuleSet rules, IDateTimeZoneProvider? zones = null)
    {
        _store = store;
        _directory = directory;
        _rules = rules;
        _grids = new LocalDayGrids(zones ?? DateTimeZoneProviders.Tzdb);
    }

    /// <summary>Estimates one local day of all its energy channels, with the whole stretch between the registers around it.</summary>
    /// <param name="usagePoint">Where.</param>
    /// <param name="day">The local day.</param>
    /// <param name="asOf">The time of the run: nothing recorded later is read, and versions are recorded at it.</param>
    /// <param name="cancellationToken">Stops before the append.</param>
    public async ValueTask<EstimationOutcome> EstimateAsync(
        UsagePointId usagePoint, LocalDate day, Instant asOf, CancellationToken cancellationToken)
    {
        UsagePointRecord? record = await _directory.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false);
        if (record is null) return new EstimationOutcome(EstimationState.UnknownUsagePoint, 0);
        LocalDayGrid grid = _grids.Of(record.UsagePoint.TimeZone);
        if (grid.End(day) > asOf) return new EstimationOutcome(EstimationState.NotDue, 0);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await EstimateOnceAsync(record, grid, day, asOf, cancellationToken).ConfigureAwait(false);
            }
            catch (VersionConflictException) when (attempt < AttemptsMax)
            {
                // A reading came in between: read again.
            }
        }
    }

    private async ValueTask<EstimationOutcome> EstimateOnceAsync(
        UsagePointRecord record, LocalDayGrid grid, LocalDate day, Instant asOf, CancellationToken cancellationToken)
    {
        UsagePointId usagePoint = record.UsagePoint.Id;
        EvidenceQuery query = UsagePointEvaluation.WideQuery(grid, _rules, usagePoint, day, day, asOf);
        IReadOnlyList<UsagePointEvidence> evidence = await _store.ReadEvidenceAsync([query], cancellationToken).ConfigureAwait(false);
        var batch = new BatchBuilder();
        var evaluation = new UsagePointEvaluation(record, grid, new DayPipeline(_rules), query, evidence[0], batch, asOf);
        bool isLate = asOf >= grid.End(day) + Duration.FromHours(_rules.EstimateAfterHours);
        bool isDue = false;
        foreach (ReadingType type in EnergyTypes(evidence[0]))
        {
            if (!isLate && !evaluation.HasRegistersAround(type, day)) continue;
            isDue = true;
            evaluation.Touch(type, day);
        }
        if (!isDue) return new EstimationOutcome(EstimationState.NotDue, 0);
        await MeterDataIngest.AddRefusalsAsync(_store, evaluation, usagePoint, grid, cancellationToken).ConfigureAwait(false);
        evaluation.Evaluate(estimate: true);
        int open = evaluation.Affected.Sum(key => evaluation.CountOpen(key.Type, key.Day));
        ReadingBatch append = batch.Build(asOf);
        if (append.IsEmpty) return new EstimationOutcome(EstimationState.Unchanged, 0, open);
        AppendResult result = await _store.AppendAsync(append, cancellationToken).ConfigureAwait(false);
        return new EstimationOutcome(result.Appended > 0 ? EstimationState.Appended : EstimationState.Unchanged, result.Appended, open);
    }

    /// <summary>The import channel, which every usage point has, and those that were seen.</summary>
    private static SortedSet<ReadingType> EnergyTypes(UsagePointEvidence evidence)
    {
        var types = new SortedSet<ReadingType> { ReadingType.ImportEnergy };
        foreach (StoredBlock stored in evidence.Blocks) if (stored.Block.Type.IsIntervalEnergy()) types.Add(stored.Block.Type);
        return types;
    }
}

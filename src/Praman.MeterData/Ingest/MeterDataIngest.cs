using System.Collections.Concurrent;
using NodaTime;
using NodaTime.TimeZones;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.MeterData.Versions;
using Praman.Metering;

namespace Praman.MeterData.Ingest;

/// <summary>
/// Takes readings from the head-end: validates them, merges them with what is stored and appends what changed, all usage points of a call
/// in one append. The order in which readings come does not change what is in force in the end.
/// </summary>
public sealed class MeterDataIngest : IMeterReadingSink
{
    private const int AttemptsMax = 4;

    private readonly IReadingStore _store;
    private readonly IUsagePointDirectory _directory;
    private readonly RuleSet _rules;
    private readonly TimeProvider _time;
    private readonly ConcurrentBag<DayPipeline> _pipelines = [];
    private readonly LocalDayGrids _grids;

    public MeterDataIngest(IReadingStore store, IUsagePointDirectory directory, RuleSet rules, TimeProvider time, IDateTimeZoneProvider? zones = null)
    {
        _store = store;
        _directory = directory;
        _rules = rules;
        _time = time;
        _grids = new LocalDayGrids(zones ?? DateTimeZoneProviders.Tzdb);
    }

    /// <inheritdoc/>
    /// <exception cref="DateTimeZoneNotFoundException">A usage point names a time zone that does not exist.</exception>
    public async ValueTask AcceptAsync(IReadOnlyList<MeterReading> readings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(readings);
        if (readings.Count == 0) return;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await AcceptOnceAsync(readings, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (VersionConflictException) when (attempt < AttemptsMax)
            {
                // Another writer appended to one of these days between the read and the append: read again.
            }
        }
    }

    private async ValueTask AcceptOnceAsync(IReadOnlyList<MeterReading> readings, CancellationToken cancellationToken)
    {
        Instant now = Instant.FromDateTimeOffset(_time.GetUtcNow());
        var batch = new BatchBuilder();
        List<Arrival> arrivals = await GroupAsync(readings, batch, cancellationToken).ConfigureAwait(false);
        if (!_pipelines.TryTake(out DayPipeline? pipeline)) pipeline = new DayPipeline(_rules);
        try
        {
            EvidenceQuery[] queries = [.. arrivals.Select(arrival => arrival.Query)];
            IReadOnlyList<UsagePointEvidence> evidence = await _store.ReadEvidenceAsync(queries, cancellationToken).ConfigureAwait(false);
            var own = new BatchBuilder();
            for (int i = 0; i < arrivals.Count; i++)
            {
                await EvaluateAsync(arrivals[i], evidence[i], pipeline, own, now, cancellationToken).ConfigureAwait(false);
                batch.Add(own);
                own.Clear();
            }
        }
        finally
        {
            _pipelines.Add(pipeline);
        }
        ReadingBatch append = batch.Build(now);
        if (!append.IsEmpty) await _store.AppendAsync(append, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask EvaluateAsync(
        Arrival arrival, UsagePointEvidence evidence, DayPipeline pipeline, BatchBuilder own, Instant now, CancellationToken cancellationToken)
    {
        UsagePointEvaluation evaluation = Prepare(arrival, arrival.Query, evidence, pipeline, own, now);
        EvidenceQuery wide = evaluation.Wide();
        if (evaluation.NeedsHistory || await IsRegisterFurtherAwayAsync(evaluation, wide, cancellationToken).ConfigureAwait(false))
        {
            IReadOnlyList<UsagePointEvidence> history = await _store.ReadEvidenceAsync([wide], cancellationToken).ConfigureAwait(false);
            own.Clear();
            evaluation = Prepare(arrival, wide, history[0], pipeline, own, now);
        }
        await AddRefusalsAsync(_store, evaluation, arrival.Record.UsagePoint.Id, arrival.Grid, cancellationToken).ConfigureAwait(false);
        evaluation.Evaluate();
    }

    /// <summary>
    /// Whether a register that is sought may stand outside the evidence at hand. A quantity of which the meter gives no register at all is sought
    /// every day and never found: the store says so without reading half a year.
    /// </summary>
    private async ValueTask<bool> IsRegisterFurtherAwayAsync(UsagePointEvaluation evaluation, EvidenceQuery wide, CancellationToken cancellationToken)
    {
        if (evaluation.RegistersSought() is not { } sought) return false;
        foreach (ReadingType register in sought)
        {
            if (await _store.MayHoldRegistersAsync(wide, register, cancellationToken).ConfigureAwait(false)) return true;
        }
        return false;
    }

    private static UsagePointEvaluation Prepare(
        Arrival arrival, in EvidenceQuery query, UsagePointEvidence evidence, DayPipeline pipeline, BatchBuilder batch, Instant now)
    {
        var evaluation = new UsagePointEvaluation(arrival.Record, arrival.Grid, pipeline, query, evidence, batch, now);
        foreach (MeterReading reading in arrival.Readings) evaluation.Add(reading);
        return evaluation;
    }

    /// <summary>Reads the findings of V09 where a stored version holds a refused value.</summary>
    internal static async ValueTask AddRefusalsAsync(
        IReadingStore store, UsagePointEvaluation evaluation, UsagePointId usagePoint, LocalDayGrid grid, CancellationToken cancellationToken)
    {
        if (!evaluation.NeedsRefusals) return;
        LocalDate first = evaluation.Affected.Min(key => key.Day), last = evaluation.Affected.Max(key => key.Day);
        var findings = new List<StoredFinding>();
        await foreach (StoredFinding finding in store
            .ReadFindingsAsync(usagePoint, evaluation.SpanAround(first, last), cancellationToken).ConfigureAwait(false))
        {
            findings.Add(finding);
        }
        evaluation.AddRefusals(findings);
    }

    private sealed record Arrival(UsagePointRecord Record, LocalDayGrid Grid, List<MeterReading> Readings, EvidenceQuery Query);

    private async ValueTask<List<Arrival>> GroupAsync(IReadOnlyList<MeterReading> readings, BatchBuilder batch, CancellationToken cancellationToken)
    {
        var byUsagePoint = new Dictionary<UsagePointId, List<MeterReading>>();
        foreach (MeterReading reading in readings)
        {
            if (!byUsagePoint.TryGetValue(reading.UsagePoint, out List<MeterReading>? list)) byUsagePoint[reading.UsagePoint] = list = new List<MeterReading>(1);
            list.Add(reading);
        }
        var arrivals = new List<Arrival>(byUsagePoint.Count);
        foreach ((UsagePointId usagePoint, List<MeterReading> own) in byUsagePoint)
        {
            UsagePointRecord? record = await _directory.FindAsync(usagePoint, cancellationToken).ConfigureAwait(false);
            if (record is null)
            {
                foreach (MeterReading reading in own) PutAside(reading, batch);
                continue;
            }
            LocalDayGrid grid = _grids.Of(record.UsagePoint.TimeZone);
            if (QueryFor(own, grid) is { } query) arrivals.Add(new Arrival(record, grid, own, query));
        }
        return arrivals;
    }

    private static void PutAside(MeterReading reading, BatchBuilder batch)
    {
        foreach (IntervalBlock block in reading.Blocks)
        {
            batch.Quarantine.Add(new QuarantinedBlock(reading.EndDevice, block, RuleId.Identity));
            var finding = new Finding(RuleId.Identity, Severity.Fail, block.Start, Note: "unknown-usage-point");
            batch.Findings.Add(new StoredFinding(reading.UsagePoint, block.Type, block.Start, null, finding));
        }
        foreach (RegisterReading register in reading.Registers)
        {
            if (!register.Type.IsRegister()) continue;
            Instant at = RegisterBook.FloorToMinute(register.At);
            var block = IntervalBlock.CreateRegister(reading.UsagePoint, register.Type, at, register.Value, new IntervalQuality(IntervalState.Failed));
            batch.Quarantine.Add(new QuarantinedBlock(register.EndDevice, block, RuleId.Identity));
            var finding = new Finding(RuleId.Identity, Severity.Fail, at, Note: "unknown-usage-point");
            batch.Findings.Add(new StoredFinding(reading.UsagePoint, register.Type, at, null, finding));
        }
    }

    /// <summary>The days that readings can change, with the day before and after each register; null for readings with nothing in them.</summary>
    private static EvidenceQuery? QueryFor(List<MeterReading> readings, LocalDayGrid grid)
    {
        Instant first = Instant.MaxValue, last = Instant.MinValue;
        foreach (MeterReading reading in readings)
        {
            foreach (IntervalBlock block in reading.Blocks) Include(block.Start, block.Header.End);
            foreach (RegisterReading register in reading.Registers) Include(register.At - Duration.FromTicks(1), register.At + Duration.FromTicks(1));
            foreach (EndDeviceEvent meterEvent in reading.Events)
            {
                bool isSupply = meterEvent.Code is SupplyBook.PowerFailure or SupplyBook.PowerRestoration;
                Include(isSupply ? meterEvent.At - Duration.FromDays(7) : meterEvent.At, meterEvent.At);
            }
            if (reading.ClockDrift is not null) Include(reading.ReadAt, reading.ReadAt);
        }
        if (first > last) return null;
        Instant start = grid.Start(grid.DayOf(first));
        LocalDate lastDay = grid.DayOf(last);
        Instant end = grid.Start(lastDay) == last ? last : grid.End(lastDay);
        return new EvidenceQuery(readings[0].UsagePoint, start, end, Instant.MaxValue);

        void Include(Instant from, Instant until)
        {
            if (from < first) first = from;
            if (until > last) last = until;
        }
    }
}

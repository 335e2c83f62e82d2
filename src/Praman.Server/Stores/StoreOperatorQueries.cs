using System.Collections.Concurrent;
using NodaTime;
using Praman.Billing.Stores;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.MeterData.Ingest;
using Praman.MeterData.Validation;
using Praman.Metering;
using Praman.Server.Queries;
using Praman.Storage;

namespace Praman.Server.Stores;

/// <summary>What the operator's and the auditor's pages ask, answered from the embedded stores.</summary>
/// <param name="zone">Zone whose local days are collected.</param>
internal sealed class StoreOperatorQueries(PramanStore store, DateTimeZone zone) : IOperatorQueries
{
    private const int ExamplesMax = 20, FailureDaysMax = 30, CoverageDaysMax = 400, OpenDays = 3;
    private static readonly Duration LateAfter = Duration.FromHours(12);

    /// <summary>
    /// Days that are no longer read, and what their meters' outcomes were when they were counted: a day that is read late is counted again.
    /// To count a day is to decode all its blocks.
    /// </summary>
    private readonly ConcurrentDictionary<LocalDate, (MeterDayOutcome[] Outcomes, CoverageDay Day)> _finished = [];

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<CoverageDay>> CoverageAsync(LocalDate from, LocalDate to, CancellationToken cancellationToken)
    {
        var days = new List<CoverageDay>();
        LocalDate? open = await LastDayAsync(cancellationToken).ConfigureAwait(false) is { } last ? last.PlusDays(1 - OpenDays) : null;
        for (LocalDate day = from; day <= to && days.Count < CoverageDaysMax; day = day.PlusDays(1))
        {
            IReadOnlyList<MeterDayOutcome> outcomes = await store.Coverage.ReadDayAsync(day, cancellationToken).ConfigureAwait(false);
            if (outcomes.Count == 0) continue;
            if (_finished.TryGetValue(day, out var finished) && finished.Outcomes.AsSpan().SequenceEqual([.. outcomes]))
            {
                days.Add(finished.Day);
                continue;
            }
            Interval bounds = LocalDays.Bounds(day, zone);
            int measured = 0, estimated = 0;
            await foreach (StoredBlock stored in store.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, bounds, Instant.MaxValue, cancellationToken).ConfigureAwait(false))
            {
                (_, IntervalQuality[] qualities) = stored.Block.Decode();
                if (Array.Exists(qualities, quality => !quality.HasValue || quality.State == IntervalState.Failed)) continue;
                if (Array.Exists(qualities, quality => quality.IsEstimated)) estimated++;
                else measured++;
            }
            // Two meters that share a day, at an exchange, owe one block of it.
            int expected = outcomes.Select(outcome => outcome.UsagePoint).Distinct().Count();
            int late = outcomes.Count(outcome => outcome.State == DayState.Complete && outcome.At > bounds.End + LateAfter);
            var counted = new CoverageDay(day, Math.Max(expected, measured + estimated), measured, estimated, Math.Min(late, measured));
            days.Add(counted);
            if (!(day < open)) continue;
            if (_finished.Count >= CoverageDaysMax) _finished.Clear();
            _finished[day] = ([.. outcomes], counted);
        }
        return days;
    }

    /// <inheritdoc/>
    public async ValueTask<LocalDate?> LastDayAsync(CancellationToken cancellationToken)
    {
        Instant? last = null;
        await foreach (CollectionProgress progress in store.Progress.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (last is null || progress.BlockLoadUntil > last) last = progress.BlockLoadUntil;
        }
        return last is { } until ? LocalDays.DayOf(until - Duration.FromTicks(1), zone) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FailingMeter>> FailingMetersAsync(CancellationToken cancellationToken)
    {
        if (await LastDayAsync(cancellationToken).ConfigureAwait(false) is not { } last) return [];
        var failing = new List<FailingMeter>();
        foreach (MeterDayOutcome outcome in await store.Coverage.ReadDayAsync(last, cancellationToken).ConfigureAwait(false))
        {
            if (outcome.State == DayState.Complete) continue;
            CollectionProgress? progress = await store.Progress.FindAsync(outcome.EndDevice, cancellationToken).ConfigureAwait(false);
            int failures = 0;
            var days = new DateInterval(last.PlusDays(-FailureDaysMax), last);
            foreach (MeterDayOutcome before in (await store.Coverage.ReadMeterAsync(outcome.EndDevice, days, cancellationToken).ConfigureAwait(false)).Reverse())
            {
                if (before.State == DayState.Complete) break;
                failures += before.Attempts;
            }
            string reason = outcome.Fault is { } fault ? fault.InWords() : $"{outcome.Intervals} of {outcome.IntervalsExpected} intervals";
            failing.Add(new FailingMeter(outcome.EndDevice, outcome.UsagePoint, reason, failures, progress?.ReadAt));
        }
        return [.. failing.OrderBy(meter => meter.LastSuccessAt ?? Instant.MinValue)];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FindingGroup>> FindingsAsync(LocalDate from, LocalDate to, CancellationToken cancellationToken)
    {
        var period = new Interval(LocalDays.Bounds(from, zone).Start, LocalDays.Bounds(to, zone).End);
        var groups = new Dictionary<string, (int Count, HashSet<UsagePointId> UsagePoints, Queue<FindingRow> Newest)>(StringComparer.Ordinal);
        var days = new FindingDays();
        await foreach (StoredFinding stored in store.Readings.ReadFindingsAsync(null, period, cancellationToken).ConfigureAwait(false))
        {
            if (!days.Add(stored)) continue;
            string rule = stored.Finding.Rule.ToString();
            (int count, HashSet<UsagePointId> usagePoints, Queue<FindingRow> newest) = groups.TryGetValue(rule, out var group) ? group : (0, [], new Queue<FindingRow>());
            usagePoints.Add(stored.UsagePoint);
            newest.Enqueue(new FindingRow(rule, stored.UsagePoint, LocalDays.DayOf(stored.DayStart, zone), stored.Finding.Measured, stored.Finding.Limit));
            if (newest.Count > ExamplesMax) newest.Dequeue();
            groups[rule] = (count + 1, usagePoints, newest);
        }
        return [.. groups.Select(pair => new FindingGroup(pair.Key, pair.Value.Count, pair.Value.UsagePoints.Count, [.. pair.Value.Newest.Reverse()]))
            .OrderByDescending(group => group.Count).ThenBy(group => group.RuleId, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<UsagePointRow>> UsagePointsAsync(UsagePointId? after, int count, CancellationToken cancellationToken)
    {
        var rows = new List<UsagePointRow>(count);
        await foreach (UsagePointRecord record in store.UsagePoints.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (after is { } last && record.UsagePoint.Id <= last) continue;
            if (rows.Count == count) break;
            Installation? standing = record.Installations.Count == 0 ? null : record.Installations[^1];
            CollectionProgress? progress = standing is null ? null : await store.Progress.FindAsync(standing.EndDevice, cancellationToken).ConfigureAwait(false);
            rows.Add(new UsagePointRow(record.UsagePoint.Id, record.UsagePoint.ServicePoint, standing?.EndDevice, progress?.ReadAt, record.UsagePoint.TariffId));
        }
        return rows;
    }

    /// <inheritdoc/>
    public async ValueTask<IssuedBills> BillsAsync(int skip, int count, CancellationToken cancellationToken)
    {
        IReadOnlyList<BillFacts> bills = await store.Bills.ReadAsync(null, skip, count, cancellationToken).ConfigureAwait(false);
        return new IssuedBills([.. bills.Select(StoreConsumerQueries.Summary)], await store.Bills.CountAsync(cancellationToken).ConfigureAwait(false));
    }
}

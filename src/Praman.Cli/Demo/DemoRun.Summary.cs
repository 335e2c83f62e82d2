using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.Cli.Demo;

internal sealed partial class DemoRun
{
    private async Task<DemoResult> SummariseAsync(
        DemoBills bills, SortedDictionary<string, int> verdicts, List<DemoAlteration> alterations, CancellationToken cancellationToken)
    {
        int meterDays = 0, complete = 0;
        for (int day = 0; day < _options.Days; day++)
        {
            foreach (MeterDayOutcome outcome in await _store.Coverage.ReadDayAsync(DemoOptions.FirstDay.PlusDays(day), cancellationToken).ConfigureAwait(false))
            {
                meterDays++;
                if (outcome.State == DayState.Complete) complete++;
            }
        }
        long intervals = 0, estimated = 0;
        Instant end = LocalDays.Bounds(bills.Months[^1].Period.End, _options.Zone).End;
        var billed = new Interval(LocalDays.Bounds(bills.Months[0].Period.Start, _options.Zone).Start, end);
        await foreach (var stored in _store.Fleet.ReadFleetAsync(ReadingType.ImportEnergy, billed, Instant.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            (_, IntervalQuality[] qualities) = stored.Block.Decode();
            intervals += qualities.Length;
            estimated += qualities.Count(quality => quality.IsEstimated);
        }
        var findings = new FindingDays();
        var lived = new Interval(_street.Start, LocalDays.Bounds(DemoOptions.FirstDay.PlusDays(_options.Days), _options.Zone).End);
        await foreach (StoredFinding finding in _store.Readings.ReadFindingsAsync(null, lived, cancellationToken).ConfigureAwait(false))
        {
            findings.Add(finding);
        }
        return new DemoResult
        {
            Options = _options,
            Currency = _tariffs.Tariffs[_options.Tariff].Currency,
            Homes = _street.Homes.Count,
            Readings = _readings,
            Folder = _store.Folder,
            Incidents = _incidents,
            Sessions = _sessions,
            SessionsFailed = _sessionsFailed,
            MeterDays = meterDays,
            MeterDaysComplete = complete,
            Intervals = intervals,
            EstimatedIntervals = estimated,
            Findings = findings.Counts.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
            Bills = bills,
            Verdicts = verdicts,
            Alterations = alterations,
            LogSize = _log.Head?.Size ?? 0,
            Keys = [.. _log.Keys.Select(key => key.ToString())],
            SecondsByStep = _seconds,
            Prepaid = await SummarisePrepaidAsync(bills, cancellationToken).ConfigureAwait(false),
        };
    }
}

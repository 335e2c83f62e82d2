using NodaTime;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

// A value that the meter still holds is better than any estimate (E1): a day that came in part is asked for again, a bounded number of times.
public sealed partial class MeterReader
{
    /// <summary>
    /// Asks again for days of which something was missing: rows, and the registers at both ends. At most as many days as are asked for at once, the
    /// latest first. What the meter refuses, or gives as no rows, ends nothing: what is new was read before.
    /// </summary>
    private async ValueTask<SessionError?> RereadAsync(Work work, MeterSession session, CancellationToken cancellationToken)
    {
        if (work.Order.Progress is not { } progress) return null;
        foreach (PartialDay partial in progress.PartialDays.OrderByDescending(day => day.Day))
        {
            Interval bounds = LocalDays.Bounds(partial.Day, work.Order.Zone);
            if (!IsHeld(work, partial.Day) || partial.Tries >= options.RereadCountMax || bounds.End > work.Start || work.Reread.Count == options.DaysPerRequestMax) continue;
            work.Reread.Add(partial.Day);
            foreach (Installation installation in work.Meter.Installations)
            {
                if (installation.From >= bounds.End || installation.Until <= bounds.Start) continue;
                OneReading reading = ReadingOf(work, installation);
                SessionError? error = await ReadBlockLoadAsync(work, reading, partial.Day, partial.Day, session, cancellationToken).ConfigureAwait(false)
                    ?? await ReadRegistersAsync(work, reading, bounds.Start, bounds.End, session, cancellationToken).ConfigureAwait(false);
                // A refusal, or rows that are none, end nothing; the link's faults and the key's do.
                if (error is not null && session.ClientError?.Access is null && (session.ClientError is not null || error.Fault != SessionFault.Malformed)) return error;
            }
        }
        return null;
    }

    private bool IsHeld(Work work, LocalDate day) => day >= LocalDays.DayOf(work.Order.Until, work.Order.Zone).PlusDays(-options.CatchUpDaysMax);

    /// <summary>What is being gathered for an installation; the last of all stays the last, to which events go.</summary>
    private static OneReading ReadingOf(Work work, Installation installation)
    {
        if (work.Readings.Find(reading => reading.Installation == installation) is { } known) return known;
        var reading = new OneReading(installation);
        work.Readings.Insert(0, reading);
        return reading;
    }

    /// <summary>Days that are still to be asked for: those in part now, and those of before whose turn did not come.</summary>
    private List<PartialDay> PartialDays(Work work, List<(UsagePointId UsagePoint, DayCount Count)> days, CollectionProgress progress)
    {
        var partial = new SortedDictionary<LocalDate, int>();
        foreach (PartialDay known in work.Order.Progress?.PartialDays ?? [])
        {
            int tries = known.Tries + (work.Reread.Contains(known.Day) ? 1 : 0);
            if (tries < options.RereadCountMax && IsHeld(work, known.Day)) partial[known.Day] = tries;
        }
        foreach (IGrouping<LocalDate, DayCount> day in days.Select(day => day.Count).GroupBy(count => count.Day))
        {
            Instant end = LocalDays.Bounds(day.Key, work.Order.Zone).End;
            if (day.All(count => progress.IsWhole(count, end))) partial.Remove(day.Key);
            else if (end <= progress.BlockLoadUntil && !work.Reread.Contains(day.Key) && options.RereadCountMax > 0) partial.TryAdd(day.Key, 0);
        }
        return [.. partial.Select(day => new PartialDay(day.Key, day.Value))];
    }
}

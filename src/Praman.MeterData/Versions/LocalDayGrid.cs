using System.Collections.Concurrent;
using NodaTime;

namespace Praman.MeterData.Versions;

/// <summary>Local days of one time zone as instants, remembered: a zone's transitions are looked up once a day, not once a block.</summary>
public sealed class LocalDayGrid(DateTimeZone zone)
{
    private const int DaysRememberedMax = 20_000;

    private readonly ConcurrentDictionary<LocalDate, Instant> _starts = new();

    public DateTimeZone Zone { get; } = zone;

    /// <summary>Start of a local day.</summary>
    public Instant Start(LocalDate day)
    {
        if (_starts.TryGetValue(day, out Instant start)) return start;
        start = Zone.AtStartOfDay(day).ToInstant();
        if (_starts.Count < DaysRememberedMax) _starts[day] = start;
        return start;
    }

    /// <summary>End of a local day: the start of the next.</summary>
    public Instant End(LocalDate day) => Start(day.PlusDays(1));

    /// <summary>The local day that holds an instant.</summary>
    public LocalDate DayOf(Instant instant) => instant.InZone(Zone).Date;

    /// <summary>Intervals that a local day holds (N).</summary>
    public int Count(LocalDate day, int minutes) => (int)((End(day) - Start(day)).BclCompatibleTicks / NodaConstants.TicksPerMinute / minutes);

    /// <summary>Place of an interval in a day of 24 hours by its local time: how like days are laid beside one another.</summary>
    public int PlaceInDay(Instant start, int minutes)
    {
        LocalTime time = start.InZone(Zone).TimeOfDay;
        return ((time.Hour * 60) + time.Minute) / minutes;
    }
}

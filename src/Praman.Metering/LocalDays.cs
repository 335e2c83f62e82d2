using NodaTime;

namespace Praman.Metering;

/// <summary>Local days as instants. A day has 23, 24 or 25 hours; its intervals are counted, never assumed.</summary>
public static class LocalDays
{
    /// <summary>Start of a local day and of the next one, as a half-open interval.</summary>
    public static Interval Bounds(LocalDate day, DateTimeZone zone) =>
        new(zone.AtStartOfDay(day).ToInstant(), zone.AtStartOfDay(day.PlusDays(1)).ToInstant());

    /// <summary>Intervals of <paramref name="minutes"/> that a local day holds: 46, 48 or 50 half-hours.</summary>
    public static int IntervalCount(LocalDate day, DateTimeZone zone, int minutes) =>
        (int)(Bounds(day, zone).Duration.TotalMinutes / minutes);

    /// <summary>The local day in which an interval that starts at <paramref name="start"/> lies.</summary>
    public static LocalDate DayOf(Instant start, DateTimeZone zone) => start.InZone(zone).Date;
}

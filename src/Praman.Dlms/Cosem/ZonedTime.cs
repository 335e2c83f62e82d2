using NodaTime;
using NodaTime.TimeZones;

namespace Praman.Dlms.Cosem;

/// <summary>A local time without a deviation, put where the rules of its zone have it (IEC 62056-6-2, date and time formats).</summary>
/// <param name="UnixSeconds">Seconds since 1970 in UTC.</param>
/// <param name="IsGuess">True where the zone has the time twice or not at all and neither the status octet nor the order of the rows says which is meant.</param>
/// <param name="IsSteady">True where the offset is the same all of that local day.</param>
internal readonly record struct ZonedTime(long UnixSeconds, bool IsGuess, bool IsSteady)
{
    /// <summary>Daylight saving is in force, in the status octet; an octet of 0xFF says nothing.</summary>
    private const byte DaylightSaving = 0x80, StatusNotSpecified = 0xFF;

    private static readonly long FirstSecond = Instant.MinValue.ToUnixTimeSeconds(), LastSecond = Instant.MaxValue.ToUnixTimeSeconds();

    /// <summary>Finds the instant of one time in a series.</summary>
    /// <param name="zone">Whose rules the meter's clock follows.</param>
    /// <param name="localSeconds">Seconds since 1970-01-01T00:00 of the local calendar, of the years 1970 to 9999.</param>
    /// <param name="status">The clock status octet.</param>
    /// <param name="previous">The time before it in the series; <see cref="ProfileRowReader.Absent"/> where there is none.</param>
    /// <param name="periodSeconds">From one time to the next, where none is missing; 0 where that is not known.</param>
    /// <param name="saysDaylight">True once a status octet said that daylight saving is in force: from then on one that does not denies it.</param>
    public static ZonedTime Find(DateTimeZone zone, long localSeconds, byte status, long previous, long periodSeconds, ref bool saysDaylight)
    {
        ZoneLocalMapping mapping = zone.MapLocal(Instant.FromUnixTimeSeconds(localSeconds).InUtc().LocalDateTime);
        bool isKnown = status != StatusNotSpecified, isDaylight = isKnown && (status & DaylightSaving) != 0;
        saysDaylight |= isDaylight;
        long next = previous == ProfileRowReader.Absent || periodSeconds == 0 ? ProfileRowReader.Absent : previous + periodSeconds;
        long early = localSeconds - mapping.EarlyInterval.WallOffset.Seconds, late = localSeconds - mapping.LateInterval.WallOffset.Seconds;
        switch (mapping.Count)
        {
            case 0: // clocks jump over it: one that does not jump in time shows it, and one that stamps the interval that ends with the jump
                return new(early, early != mapping.LateInterval.Start.ToUnixTimeSeconds(), false);
            case 1:
                bool isSteady = HoldsAround(mapping.EarlyInterval, early);
                // The interval that ends as clocks go back may be stamped as the clock stood, not as it stands then.
                if (!isSteady && mapping.EarlyInterval.HasStart && mapping.EarlyInterval.Start.ToUnixTimeSeconds() is var change && next == change
                    && change + zone.GetUtcOffset(mapping.EarlyInterval.Start - Duration.FromSeconds(1)).Seconds == localSeconds) return new(change, false, false);
                return new(early, false, isSteady);
            default:
                if (isDaylight) return new(early, false, false);
                if (saysDaylight && isKnown) return new(late, false, false);
                // Rows go on in time. Without a period several may have one time, as events have.
                bool isLate = previous != ProfileRowReader.Absent && (periodSeconds == 0 ? previous > early : previous >= early);
                long chosen = isLate ? late : early;
                return new(chosen, next != chosen, false);
        }
    }

    /// <summary>Local time less UTC in minutes.</summary>
    public static int OffsetMinutes(DateTimeZone zone, long unixSeconds) =>
        zone.GetUtcOffset(Instant.FromUnixTimeSeconds(Math.Clamp(unixSeconds, FirstSecond, LastSecond))).Seconds / 60;

    // Two days on either side: no local day near the change has all its times in one interval.
    private static bool HoldsAround(ZoneInterval interval, long unixSeconds) =>
        (!interval.HasStart || unixSeconds - interval.Start.ToUnixTimeSeconds() > 2 * NodaConstants.SecondsPerDay)
        && (!interval.HasEnd || interval.End.ToUnixTimeSeconds() - unixSeconds > 2 * NodaConstants.SecondsPerDay);
}

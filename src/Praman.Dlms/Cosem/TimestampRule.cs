using System.Buffers.Binary;
using NodaTime;

namespace Praman.Dlms.Cosem;

/// <summary>Turns the twelve octets of a date-time into seconds of UTC without allocating (IEC 62056-6-2, date and time formats).</summary>
/// <param name="OffsetMinutes">Local time minus UTC, where the meter does not say.</param>
/// <param name="Sign">How its deviation is meant.</param>
public readonly record struct TimestampRule(short OffsetMinutes, DeviationSign Sign = DeviationSign.Auto)
{
    /// <summary>Octets of a date-time.</summary>
    public const int Length = 12;

    /// <summary>UTC+5:30, whichever sign the meter sends.</summary>
    public static TimestampRule India { get; } = new(330);

    /// <summary>
    /// Whose rules the meter's clock follows, for times that do not say their deviation, and for whichever sign a deviation has; null where
    /// <see cref="OffsetMinutes"/> holds all year.
    /// </summary>
    public DateTimeZone? Zone { get; init; }

    private const short NotSpecified = unchecked((short)0x8000);
    private const int SecondsPerDay = 86_400;

    /// <summary>Local time minus UTC in minutes for a deviation as sent.</summary>
    public int OffsetOf(short deviation) => deviation == NotSpecified ? OffsetMinutes : Sign switch
    {
        DeviationSign.Standard => -deviation,
        DeviationSign.Reversed => deviation,
        _ => Math.Abs((int)deviation) == Math.Abs((int)OffsetMinutes) ? OffsetMinutes : -deviation,
    };

    /// <summary>
    /// Seconds since 1970 in UTC; false for wildcards and for values out of their range. A time that a <see cref="Zone"/> has twice is the first,
    /// where its status does not say otherwise: <see cref="ProfileRowReader"/> knows the rows before.
    /// </summary>
    /// <param name="octets">Twelve octets.</param>
    /// <param name="unixSeconds">The result; hundredths are dropped.</param>
    /// <param name="clockStatus">The status octet, as sent.</param>
    public bool TryToUnixSeconds(ReadOnlySpan<byte> octets, out long unixSeconds, out byte clockStatus)
    {
        unixSeconds = 0;
        if (!TryReadLocal(octets, out long local, out short deviation, out clockStatus)) return false;
        bool saysDaylight = false;
        unixSeconds = ToUnixSeconds(local, deviation, clockStatus, ProfileRowReader.Absent, 0, ref saysDaylight).UnixSeconds;
        return true;
    }

    /// <summary>One time of a series; the parameters are those of <see cref="ZonedTime.Find"/>.</summary>
    internal ZonedTime ToUnixSeconds(long local, short deviation, byte status, long previous, long periodSeconds, ref bool saysDaylight) =>
        Zone is not null && deviation == NotSpecified
            ? ZonedTime.Find(Zone, local, status, previous, periodSeconds, ref saysDaylight)
            : new(local - (OffsetAt(local, deviation) * 60L), false, true);

    // Either sign is meant where the zone then has that offset.
    private int OffsetAt(long local, short deviation)
    {
        if (Zone is null || Sign != DeviationSign.Auto || deviation == NotSpecified) return OffsetOf(deviation);
        if (ZonedTime.OffsetMinutes(Zone, local + (deviation * 60L)) == -deviation) return -deviation;
        return ZonedTime.OffsetMinutes(Zone, local - (deviation * 60L)) == deviation ? deviation : OffsetOf(deviation);
    }

    /// <summary>The fields of a date-time as sent; false as <see cref="TryToUnixSeconds"/>.</summary>
    internal static bool TryReadLocal(ReadOnlySpan<byte> octets, out long localSeconds, out short deviation, out byte clockStatus)
    {
        localSeconds = 0;
        deviation = 0;
        clockStatus = 0;
        if (octets.Length != Length) return false;
        int year = BinaryPrimitives.ReadUInt16BigEndian(octets), month = octets[2], day = octets[3];
        int hour = octets[5], minute = octets[6], second = octets[7];
        if (year is 0xFFFF or < 1970 or > 9999 || month is < 1 or > 12 || day < 1 || hour > 23 || minute > 59) return false;
        if (second == 0xFF) second = 0; // seconds that the meter does not keep
        if (second > 59 || day > DateTime.DaysInMonth(year, month)) return false;
        deviation = BinaryPrimitives.ReadInt16BigEndian(octets[9..]);
        if (deviation is not NotSpecified and (< -1440 or > 1440)) return false;
        clockStatus = octets[11];
        localSeconds = (DaysSince1970(year, month, day) * SecondsPerDay) + (((hour * 60) + minute) * 60L) + second;
        return true;
    }

    // Days by the proleptic Gregorian calendar; years start in March, so that the leap day is the last.
    private static long DaysSince1970(int year, int month, int day)
    {
        int y = month <= 2 ? year - 1 : year;
        int era = y / 400, yearOfEra = y - (era * 400);
        int dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        int dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097L) + dayOfEra - 719_468;
    }
}

using System.Buffers.Binary;
using NodaTime;

namespace Praman.Dlms.Cosem;

/// <summary>
/// Dates and times with fields left open, as schedules and calendars name them (IEC 62056-6-2, date, time): 0xFF is any, day 0xFE the last of the
/// month, 0xFD the one before. Day and weekday together mean that weekday on the day or next after it; with 0xFE the last one of the month.
/// </summary>
internal static class DatePattern
{
    public const int DateLength = 5, TimeLength = 4;

    private const byte Any = 0xFF, LastDay = 0xFE, SecondLastDay = 0xFD;
    private const int DaysPerWeek = 7, SecondsPerHour = 3600, SecondsPerMinute = 60;

    /// <summary>True where the five octets mean that day. The months 0xFD and 0xFE (turns of daylight saving) mean none here.</summary>
    public static bool Matches(ReadOnlySpan<byte> date, LocalDate day)
    {
        int year = BinaryPrimitives.ReadUInt16BigEndian(date);
        if (year != CosemDateTime.YearNotSpecified && year != day.Year) return false;
        if (date[2] != Any && date[2] != day.Month) return false;
        if (date[3] == Any) return date[4] == Any || date[4] == (int)day.DayOfWeek;
        return TryDayOf(day.Year, day.Month, date[3], date[4], out LocalDate meant) && meant == day;
    }

    /// <summary>The day that five octets mean in a year; false where month or day is open or there is no such day.</summary>
    public static bool TryDateIn(ReadOnlySpan<byte> date, int year, out LocalDate day)
    {
        day = default;
        return date[2] is >= 1 and <= 12 && date[3] != Any && TryDayOf(year, date[2], date[3], date[4], out day);
    }

    /// <summary>
    /// The first time of a day later than <paramref name="after"/>, of the whole day where that is null, that four octets mean: each hour where the
    /// hour is open, each minute where the minute is; null where there is none.
    /// </summary>
    public static LocalTime? TimeAfter(ReadOnlySpan<byte> time, LocalTime? after)
    {
        (byte hour, byte minute, byte second) = (time[0], time[1], time[2]);
        if ((hour != Any && hour > 23) || (minute != Any && minute > 59) || (second != Any && second > 59)) return null;
        int from = after is { } earlier ? (int)(earlier.NanosecondOfDay / NodaConstants.NanosecondsPerSecond) + 1 : 0, s = second == Any ? 0 : second;
        for (int h = hour == Any ? from / SecondsPerHour : hour; h <= (hour == Any ? 23 : hour); h++)
        {
            int left = from - (h * SecondsPerHour) - s; // seconds that its minutes have to make up for
            int m = minute != Any ? minute : left <= 0 ? 0 : (left + SecondsPerMinute - 1) / SecondsPerMinute;
            if (m <= 59 && m * SecondsPerMinute >= left) return new LocalTime(h, m, s);
        }
        return null;
    }

    /// <summary>The time that four octets mean; false where hour or minute is open or out of range.</summary>
    public static bool TryTime(ReadOnlySpan<byte> time, out LocalTime value)
    {
        value = default;
        if (time[0] > 23 || time[1] > 59 || (time[2] > 59 && time[2] != Any)) return false;
        value = new(time[0], time[1], time[2] == Any ? 0 : time[2]);
        return true;
    }

    private static bool TryDayOf(int year, int month, byte dayOfMonth, byte dayOfWeek, out LocalDate day)
    {
        day = default;
        if (year is < 1 or > 9998) return false;
        int days = CalendarSystem.Iso.GetDaysInMonth(year, month);
        if (dayOfWeek != Any && dayOfWeek is < 1 or > DaysPerWeek) return false;
        if (dayOfMonth is LastDay or SecondLastDay)
        {
            if (dayOfWeek == Any)
            {
                day = new LocalDate(year, month, dayOfMonth == LastDay ? days : days - 1);
                return true;
            }
            var last = new LocalDate(year, month, days);
            last = last.PlusDays(-(((int)last.DayOfWeek - dayOfWeek + DaysPerWeek) % DaysPerWeek));
            day = dayOfMonth == LastDay ? last : last.PlusDays(-DaysPerWeek);
            return true;
        }
        if (dayOfMonth < 1 || dayOfMonth > days) return false;
        day = new LocalDate(year, month, dayOfMonth);
        if (dayOfWeek != Any) day = day.PlusDays((dayOfWeek - (int)day.DayOfWeek + DaysPerWeek) % DaysPerWeek);
        return true;
    }
}

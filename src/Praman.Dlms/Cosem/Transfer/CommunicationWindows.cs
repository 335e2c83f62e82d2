using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>Windows of time, each from a begin to an end whose fields may be open: daily from an hour to another, or once (IEC 62056-6-2, class 40, attribute 4).</summary>
internal static class CommunicationWindows
{
    public const string Shape = "array[16] of { start_time: date-time-octets, end_time: date-time-octets }";

    private const int DaysAheadMax = 366;

    /// <summary>The first instant at or after <paramref name="from"/> that lies in a window; always where there is none. Null where no window comes within a year.</summary>
    public static LocalDateTime? FirstWithin(in CosemData windows, LocalDateTime from)
    {
        if (windows.Count == 0) return from;
        LocalDateTime? first = null;
        foreach (ref readonly CosemData window in windows.Items)
        {
            LocalDateTime? candidate = FirstWithin(window[0].OctetSpan, window[1].OctetSpan, from);
            if (candidate is not null && (first is null || candidate < first)) first = candidate;
        }
        return first;
    }

    // Begins with yesterday, whose window may reach over midnight.
    private static LocalDateTime? FirstWithin(ReadOnlySpan<byte> start, ReadOnlySpan<byte> end, LocalDateTime from)
    {
        for (int ahead = -1; ahead <= DaysAheadMax; ahead++)
        {
            LocalDate day = from.Date.PlusDays(ahead);
            if (!DatePattern.Matches(start[..DatePattern.DateLength], day)) continue;
            LocalDateTime begins = day.At(TimeOf(start));
            bool once = CosemDateTime.TryRead(end, out CosemDateTime until) && until.TryToLocal(out _);
            LocalDateTime ends = day.At(TimeOf(end));
            if (once) until.TryToLocal(out ends);
            else if (ends <= begins) ends = ends.PlusDays(1);
            if (from < ends) return from > begins ? from : begins;
        }
        return null;
    }

    // An open field of a time of day is its least.
    private static LocalTime TimeOf(ReadOnlySpan<byte> dateTime)
    {
        int hour = dateTime[5] <= 23 ? dateTime[5] : 0, minute = dateTime[6] <= 59 ? dateTime[6] : 0, second = dateTime[7] <= 59 ? dateTime[7] : 0;
        return new(hour, minute, second);
    }
}

using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>On which days, and at what hours, supply may be cut for want of credit. Local time of the connection.</summary>
public sealed class CutCalendar(RulePack pack, HolidayCalendar holidays)
{
    /// <summary>Days looked ahead for a permitted one. A pack that has none within them permits no cut.</summary>
    public const int DaysAheadMax = 60;

    /// <summary>Whether a day is permitted at all.</summary>
    public bool IsPermittedDay(LocalDate date) => !IsNoCutDay(date) && !(pack.HasDayBefore && IsNoCutDay(date.PlusDays(1)));

    /// <summary>Whether an instant is within the hours of a permitted day: start included, end excluded.</summary>
    public bool IsPermitted(LocalDateTime at) => IsPermittedHour(at.TimeOfDay) && IsPermittedDay(at.Date);

    public bool IsPermittedHour(LocalTime time) => time >= pack.Open && time < pack.Close;

    /// <summary>The first permitted instant from a given one on, itself included; null: none within <see cref="DaysAheadMax"/> days.</summary>
    public LocalDateTime? Earliest(LocalDateTime from)
    {
        LocalDate day = from.Date;
        LocalTime time = from.TimeOfDay < pack.Open ? pack.Open : from.TimeOfDay;
        if (time >= pack.Close) (day, time) = (day.PlusDays(1), pack.Open);
        for (int ahead = 0; ahead <= DaysAheadMax; ahead++)
        {
            if (IsPermittedDay(day)) return day + time;
            (day, time) = (day.PlusDays(1), pack.Open);
        }
        return null;
    }

    private bool IsNoCutDay(LocalDate date) =>
        pack.NoCutWeekdays.Contains(date.DayOfWeek) ||
        (pack.HasSecondSaturday && date is { DayOfWeek: IsoDayOfWeek.Saturday, Day: > 7 and <= 14 }) ||
        (pack.HasPublicHolidays && holidays.Contains(date));
}

using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>What to post for a day that was not read: the mean of the last valid days of the same kind; else the same days of last year; else
/// the mean of the last valid days of any kind; else nothing.</summary>
public static class DayEstimate
{
    /// <summary>Valid days that the mean looks at, and days in a row that are estimated before only fixed charges are posted.</summary>
    public const int ValidDaysMax = 7, EstimatedDaysMax = 3;

    /// <summary>Estimates a day.</summary>
    /// <param name="date">The day that was not read.</param>
    /// <param name="unreadBefore">Days just before it that were estimated or posted without energy.</param>
    /// <param name="valid">Days that were read, in any order; days on or after <paramref name="date"/> are not looked at.</param>
    /// <param name="isHoliday">Whether a day counts as a holiday: with Saturdays and Sundays it is of one kind, working days are of the other.</param>
    /// <returns>The use to post: estimated, or without energy once there were too many.</returns>
    public static DayUse For(LocalDate date, int unreadBefore, IReadOnlyCollection<(LocalDate Date, decimal Kwh)> valid, Func<LocalDate, bool> isHoliday)
    {
        ArgumentNullException.ThrowIfNull(valid);
        ArgumentNullException.ThrowIfNull(isHoliday);
        if (unreadBefore >= EstimatedDaysMax) return new(0, DayQuality.FixedOnly);
        bool IsRest(LocalDate day) => day.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday || isHoliday(day);
        bool rest = IsRest(date);
        LocalDate yearAgo = date.PlusDays(-364); // the same day of the week
        decimal? mean = MeanOf(valid.Where(v => v.Date < date && v.Date > date.PlusDays(-60) && IsRest(v.Date) == rest)) ??
            MeanOf(valid.Where(v => v.Date >= yearAgo.PlusDays(-3) && v.Date <= yearAgo.PlusDays(3) && IsRest(v.Date) == rest)) ??
            MeanOf(valid.Where(v => v.Date < date && v.Date > date.PlusDays(-60)));
        return mean is { } kwh ? new(kwh, DayQuality.Estimated) : new(0, DayQuality.FixedOnly);
    }

    /// <summary>Mean of the latest days, to the Wh, half up.</summary>
    private static decimal? MeanOf(IEnumerable<(LocalDate Date, decimal Kwh)> days)
    {
        decimal sum = 0;
        int count = 0;
        foreach ((_, decimal kwh) in days.OrderByDescending(d => d.Date).Take(ValidDaysMax))
        {
            sum += kwh;
            count++;
        }
        return count == 0 ? null : decimal.Round(sum / count, 3, MidpointRounding.AwayFromZero);
    }

    /// <summary>Energy between two registers, spread evenly over the days between them, in whole Wh that add up.</summary>
    public static IReadOnlyList<DayUse> Spread(decimal kwh, int days)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(kwh);
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        DayUse[] uses = new DayUse[days];
        decimal before = 0;
        for (int day = 1; day <= days; day++)
        {
            decimal upTo = day == days ? kwh : decimal.Round(kwh * day / days, 3, MidpointRounding.AwayFromZero);
            uses[day - 1] = new(upTo - before, DayQuality.Spread);
            before = upTo;
        }
        return uses;
    }
}

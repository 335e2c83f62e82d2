using NodaTime;
using Praman.Metering;

namespace Praman.MeterData.Estimation;

/// <summary>A day that others may be estimated from: all its intervals measured, none in question, supply on.</summary>
/// <param name="Day">The local day.</param>
/// <param name="Values">Energies by place in a day of 24 hours, Wh.</param>
public sealed record ReferenceDay(LocalDate Day, IReadOnlyList<long> Values)
{
    /// <summary>Whether a day may serve as a reference.</summary>
    public static bool IsUsable(ReadOnlySpan<IntervalQuality> qualities)
    {
        foreach (IntervalQuality quality in qualities) if (!LinearInterpolation.IsAnchor(quality)) return false;
        return true;
    }
}

/// <summary>
/// E4: the mean of like days at the same local time, halves rounded up to whole Wh. Like days are the nearest earlier ones of the same
/// weekday; where there are too few, of the same day type (Monday to Friday, Saturday and Sunday).
/// </summary>
public sealed class LikeDayEstimate(int dayCount)
{
    /// <summary>Chooses like days among those before <paramref name="day"/>; empty where there are too few.</summary>
    /// <param name="day">The day to estimate; nothing on or after it is read.</param>
    /// <param name="candidates">Usable days, in any order, one an entry.</param>
    public IReadOnlyList<ReferenceDay> Choose(LocalDate day, IReadOnlyList<ReferenceDay> candidates)
    {
        List<ReferenceDay> chosen = Nearest(day, candidates, other => other.DayOfWeek == day.DayOfWeek);
        if (chosen.Count < dayCount) chosen = Nearest(day, candidates, other => IsWeekend(other) == IsWeekend(day));
        return chosen.Count < dayCount ? [] : chosen;
    }

    /// <summary>The mean at one place of the day.</summary>
    public static long Mean(IReadOnlyList<ReferenceDay> days, int place)
    {
        Int128 sum = 0;
        foreach (ReferenceDay day in days) sum += day.Values[place];
        return WholeWh.DivideHalfUp(sum, days.Count);
    }

    private List<ReferenceDay> Nearest(LocalDate day, IReadOnlyList<ReferenceDay> candidates, Func<LocalDate, bool> isLike) =>
        [.. candidates.Where(candidate => candidate.Day < day && isLike(candidate.Day)).OrderByDescending(candidate => candidate.Day).Take(dayCount)];

    private static bool IsWeekend(LocalDate day) => day.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday;
}

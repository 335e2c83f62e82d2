using NodaTime;
using Praman.HeadEnd.Stores;

namespace Praman.HeadEnd.Collection;

/// <summary>What an operator asks about collection: how complete a day is, which meters fail and why.</summary>
public sealed class Coverage(ICoverageStore store)
{
    /// <summary>Days that are answered at once.</summary>
    public const int DayCountMax = 400;

    /// <summary>One local day, with at most <paramref name="failingMax"/> of the meters that are not complete.</summary>
    public async ValueTask<DayCoverage> FindAsync(LocalDate day, int failingMax, CancellationToken cancellationToken) =>
        DayCoverage.Of(day, await store.ReadDayAsync(day, cancellationToken).ConfigureAwait(false), failingMax);

    /// <summary>Each day of a range, without the failing meters.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="DayCountMax"/> days.</exception>
    public async ValueTask<IReadOnlyList<DayCoverage>> FindAsync(DateInterval days, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(days);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days.Length, DayCountMax, nameof(days));
        var found = new List<DayCoverage>(days.Length);
        foreach (LocalDate day in days) found.Add(await FindAsync(day, 0, cancellationToken).ConfigureAwait(false));
        return found;
    }
}

using NodaTime;
using Praman.Metering;

namespace Praman.MeterData.Estimation;

/// <summary>
/// Days that wait for estimates, or hold some that are not billed. The nightly run takes each of them again: what came for a neighbour, a like
/// day or a register since then may change its estimates, so that the order in which days came does not matter in the end.
/// </summary>
public sealed class OpenDays(MeterDataEstimation estimation)
{
    /// <summary>A day that no bill took for so long is left as it is: what then comes for it is seen by its own arrival.</summary>
    private const int AgeDaysMax = 400;

    private readonly SortedSet<(LocalDate Day, UsagePointId UsagePoint)> _days = [];

    /// <summary>Days to take in the next run.</summary>
    public int Count => _days.Count;

    /// <summary>Puts a day on the list: it is not complete, or a rule refused something of it.</summary>
    public void Add(UsagePointId usagePoint, LocalDate day) => _days.Add((day, usagePoint));

    /// <summary>Estimates every day on the list, the earliest first; what is settled then leaves it.</summary>
    /// <param name="asOf">The time of the run.</param>
    /// <param name="cancellationToken">Stops between two days.</param>
    public async ValueTask RunAsync(Instant asOf, CancellationToken cancellationToken)
    {
        foreach ((LocalDate day, UsagePointId usagePoint) in _days.ToArray())
        {
            EstimationOutcome outcome = await estimation.EstimateAsync(usagePoint, day, asOf, cancellationToken).ConfigureAwait(false);
            bool isSettled = outcome is { State: EstimationState.Appended or EstimationState.Unchanged, OpenCount: 0 };
            bool isLetGo = outcome.State == EstimationState.UnknownUsagePoint || Period.DaysBetween(day, asOf.InUtc().Date) > AgeDaysMax;
            if (isSettled || isLetGo) _days.Remove((day, usagePoint));
        }
    }
}

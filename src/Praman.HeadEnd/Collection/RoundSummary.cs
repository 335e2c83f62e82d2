using NodaTime;

namespace Praman.HeadEnd.Collection;

/// <summary>What one round of collection did.</summary>
/// <param name="Day">The latest local day that was over.</param>
/// <param name="Due">Meters that were not read up to the end of that day.</param>
/// <param name="Attempted">Sessions tried now.</param>
/// <param name="Read">Sessions that brought what they were to bring.</param>
/// <param name="Failed">Sessions that did not.</param>
/// <param name="Waiting">Meters that will be tried again this day.</param>
/// <param name="GivenUp">Meters left to the next day's round.</param>
/// <param name="NextAttempt">When the next of the waiting is due; null where none waits.</param>
public sealed record RoundSummary(LocalDate Day, int Due, int Attempted, int Read, int Failed, int Waiting, int GivenUp, Instant? NextAttempt)
{
    /// <summary>True where nothing more is to be done for this day.</summary>
    public bool IsDone => Waiting == 0;
}

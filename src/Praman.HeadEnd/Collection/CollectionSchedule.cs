using NodaTime;

namespace Praman.HeadEnd.Collection;

/// <summary>Runs rounds when they are due: after each local midnight, and again for those that failed.</summary>
public sealed class CollectionSchedule(Collector collector, TimeProvider clock)
{
    private static readonly Duration WaitMax = Duration.FromHours(1);

    /// <summary>Runs until cancelled. A failing store ends it: its host decides about starting again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            RoundSummary summary = await collector.RunRoundAsync(cancellationToken).ConfigureAwait(false);
            Instant now = Instant.FromDateTimeOffset(clock.GetUtcNow());
            Instant wake = collector.NextRoundAfter(now);
            if (summary.NextAttempt is { } retry && retry < wake) wake = retry;
            // Now and then in any case: meters come and go in the inventory.
            Duration wait = Duration.Min(WaitMax, Duration.Max(Duration.FromSeconds(1), wake - now));
            await Task.Delay(wait.ToTimeSpan(), clock, cancellationToken).ConfigureAwait(false);
        }
    }
}

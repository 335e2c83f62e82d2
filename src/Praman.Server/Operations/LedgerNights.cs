using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Stores;
using Praman.Proof.Logs;
using Praman.Proof.Stores;

namespace Praman.Server.Operations;

/// <summary>Each midnight, the trial balance of the day that ended goes into the log; days that were missed while nothing ran are made up for, oldest first.</summary>
public sealed class LedgerNights(LedgerClose close, ILedgerStore ledger, ILogIndex index, DateTimeZone zone, TimeProvider time)
{
    /// <summary>Days that are looked back for missed ones.</summary>
    public const int DaysBack = 31;

    /// <summary>Time after midnight: what was under way at midnight is written by then.</summary>
    private static readonly Duration AfterMidnight = Duration.FromMinutes(5);

    /// <summary>Publishes the trial balance of every day that is over and is not in the log yet. Days before the first record have none.</summary>
    /// <returns>The days that were published, oldest first.</returns>
    public async ValueTask<IReadOnlyList<LocalDate>> CatchUpAsync(CancellationToken cancellationToken)
    {
        Instant now = Now();
        LocalDate today = now.InZone(zone).Date;
        var days = new List<LocalDate>();
        for (LocalDate day = today.PlusDays(-1); day >= today.PlusDays(-DaysBack); day = day.PlusDays(-1))
        {
            // An entry is in the index when it is published: what was cut off before that is done again.
            if ((await index.FindAsync(LogEntryKind.TrialBalance, LedgerClose.Subject(day), cancellationToken).ConfigureAwait(false)).Count > 0) continue;
            if ((await ledger.HeadAsync(TrialBalance.EndOf(day, zone), cancellationToken).ConfigureAwait(false)).Sequence == 0) break;
            days.Insert(0, day);
        }
        foreach (LocalDate day in days) await close.RunAsync(day, now, cancellationToken).ConfigureAwait(false);
        return days;
    }

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await CatchUpAsync(cancellationToken).ConfigureAwait(false);
            Instant next = TrialBalance.EndOf(Now().InZone(zone).Date, zone) + AfterMidnight;
            await Task.Delay((next - Now()).ToTimeSpan(), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}

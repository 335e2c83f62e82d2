using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Stores;

namespace Praman.Server.Operations;

/// <summary>The end of a day for the ledger: the trial balance of all that was written before midnight, and its hash into the log.</summary>
public sealed class LedgerClose(ILedgerStore ledger, PublicLog log, DateTimeZone zone)
{
    /// <summary>What the log's index calls the trial balance of a day.</summary>
    public static string Subject(LocalDate day) => FormattableString.Invariant($"trial balance {day:uuuu-MM-dd}");

    /// <summary>Makes the trial balance of a day that is over and publishes its hash. The same day again is the same entry.</summary>
    /// <returns>The trial balance, and its entry's index.</returns>
    /// <exception cref="InvalidOperationException">The day is not over, or debits and credits differ: then nothing is signed.</exception>
    public async ValueTask<(TrialBalance Trial, long Entry)> RunAsync(LocalDate day, Instant now, CancellationToken cancellationToken)
    {
        Instant end = TrialBalance.EndOf(day, zone);
        if (now < end) throw new InvalidOperationException($"{day} ends at {end}; a trial balance was asked for at {now}");
        JournalHead head = await ledger.HeadAsync(end, cancellationToken).ConfigureAwait(false);
        var trial = TrialBalance.Of(day, head, await ledger.BalancesAsync(new AsOf(null, end), cancellationToken).ConfigureAwait(false));
        if (trial.Differences is [var (currency, difference), ..]) throw new InvalidOperationException($"the ledger is out of balance on {day}: debits less credits in {currency} are {difference}");
        long entry = await log.AppendOnceAsync(trial.ToLogEntry(), Subject(day), cancellationToken).ConfigureAwait(false);
        if (log.Head is not { } published || published.Size <= entry) await log.PublishAsync(now, cancellationToken).ConfigureAwait(false);
        return (trial, entry);
    }
}

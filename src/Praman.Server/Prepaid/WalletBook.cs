using NodaTime;
using Praman.Billing.Rating;
using Praman.Billing.Stores;
using Praman.Billing.Wallets;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.Server.Prepaid;

/// <summary>A wallet that is open, with the usage point that it belongs to.</summary>
public sealed record OpenWallet(UsagePoint UsagePoint, Wallet Wallet);

/// <summary>
/// Wallets that this process works on: read from the store when they are first asked for, and forgotten when a step of theirs could not be
/// written. Not for two threads at once.
/// </summary>
public sealed class WalletBook(IWalletStore store, IUsagePointDirectory directory, WalletPlaces places, Func<string, CompiledTariff?> tariffOf)
{
    /// <summary>Days before a period whose entries are looked at: payments that may be told again, and what days took of late.</summary>
    private const int DaysBefore = 10;

    /// <summary>A period and what may come after its end before it is closed.</summary>
    private const int DaysAfter = 80;

    private readonly SortedDictionary<UsagePointId, OpenWallet> _open = [];

    public IWalletStore Store => store;

    /// <summary>Every wallet of the store, by usage point.</summary>
    /// <exception cref="InvalidDataException">The entries of one cannot be read, or do not come out as they were posted.</exception>
    public async ValueTask<IReadOnlyList<OpenWallet>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<OpenWallet>();
        foreach (WalletHead head in await store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await FindAsync(head.UsagePoint, cancellationToken).ConfigureAwait(false) is { } wallet) found.Add(wallet);
        }
        return found;
    }

    /// <summary>The wallet of a usage point; null where it has none.</summary>
    public async ValueTask<OpenWallet?> FindAsync(UsagePointId id, CancellationToken cancellationToken)
    {
        if (_open.TryGetValue(id, out OpenWallet? open)) return open;
        if (await store.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } head) return null;
        UsagePoint point = (await directory.FindAsync(id, cancellationToken).ConfigureAwait(false))?.UsagePoint ?? throw new InvalidDataException($"wallet {id}: there is no master data of its usage point");
        WalletTerms terms = places.TermsOf(point) ?? throw new InvalidDataException($"wallet {id}: no rules are known for tariff '{point.TariffId}'");
        IReadOnlyList<WalletRecord> records = await ReadAsync(store, id, new DateInterval(head.PeriodFrom.PlusDays(-DaysBefore), head.PeriodFrom.PlusDays(DaysAfter)), cancellationToken).ConfigureAwait(false);
        return _open[id] = new OpenWallet(point, Wallet.Restore(terms, records, tariffOf));
    }

    /// <summary>Takes up a wallet that was just opened; its first step is not written yet.</summary>
    public OpenWallet Add(UsagePoint point, Wallet wallet) => _open[wallet.Terms.UsagePoint] = new OpenWallet(point, wallet);

    /// <summary>The tariff that a wallet's next period is rated by.</summary>
    public CompiledTariff? TariffOf(UsagePoint point) => tariffOf(point.TariffId);

    /// <summary>Entries of a wallet as they are read again.</summary>
    /// <exception cref="InvalidDataException">One cannot be read.</exception>
    public static async ValueTask<IReadOnlyList<WalletRecord>> ReadAsync(IWalletStore store, UsagePointId id, DateInterval days, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var records = new List<WalletRecord>();
        foreach (WalletEntry entry in await store.ReadAsync(id, days, cancellationToken).ConfigureAwait(false))
            records.Add(WalletReader.TryRead(entry, out WalletRecord? record, out string? fault) ? record : throw new InvalidDataException(fault));
        return records;
    }

    /// <summary>Writes the steps of some wallets, all at once. Where they do not fit each other or the store, nothing is written and the wallets are read anew when next asked for.</summary>
    /// <exception cref="WalletConflictException">A step does not fit.</exception>
    public async ValueTask CommitAsync(IReadOnlyList<WalletStep> steps, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(steps);
        if (steps.Count == 0) return;
        try
        {
            await store.CommitAsync(steps, now, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // What happened to the wallets in memory did not happen.
            foreach (WalletStep step in steps) _open.Remove(step.Entry.UsagePoint);
            throw;
        }
    }
}

using NodaTime;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Wallets;
using Praman.Metering;
using Praman.Server.Prepaid;
using Praman.Server.Queries;
using Praman.Storage;

namespace Praman.Server.Stores;

/// <summary>What the pages of a prepaid home ask, answered from the embedded stores.</summary>
internal sealed class StoreWalletQueries(PramanStore store, TariffSet tariffs, WalletPlaces places) : IWalletQueries
{
    /// <summary>Days around a month whose entries are read: the month before, and what comes in after its end until it is closed.</summary>
    private const int DaysBefore = 35, DaysAfter = 45;

    private readonly TariffBook _book = new(tariffs);

    /// <inheritdoc/>
    public async ValueTask<WalletStanding?> FindAsync(UsagePointId id, CancellationToken cancellationToken)
    {
        if (await TermsAsync(id, cancellationToken).ConfigureAwait(false) is not { } terms || await store.Wallets.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } head) return null;
        return WalletStanding.Of(terms, await ReadAsync(id, head.PeriodFrom, cancellationToken).ConfigureAwait(false), _book.Find);
    }

    /// <inheritdoc/>
    public async ValueTask<WalletMonth?> MonthAsync(UsagePointId id, LocalDate month, CancellationToken cancellationToken)
    {
        if (await TermsAsync(id, cancellationToken).ConfigureAwait(false) is not { } terms || await store.Wallets.FindAsync(id, cancellationToken).ConfigureAwait(false) is null) return null;
        IReadOnlyList<WalletRecord> records = await ReadAsync(id, month.With(DateAdjusters.StartOfMonth), cancellationToken).ConfigureAwait(false);
        return WalletMonth.BeginningIn(terms, records, month, _book.Find);
    }

    private async ValueTask<WalletTerms?> TermsAsync(UsagePointId id, CancellationToken cancellationToken) =>
        await store.UsagePoints.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } record ? places.TermsOf(record.UsagePoint) : null;

    private ValueTask<IReadOnlyList<WalletRecord>> ReadAsync(UsagePointId id, LocalDate from, CancellationToken cancellationToken) =>
        WalletBook.ReadAsync(store.Wallets, id, new DateInterval(from.PlusDays(-DaysBefore), from.PlusDays(DaysAfter)), cancellationToken);
}

using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Wallets;
using Praman.Metering;

namespace Praman.Server.Prepaid;

/// <summary>What is known of a home beside its wallet, before a cut.</summary>
/// <param name="Flags">Facts that may shield it; null: they could not be looked up.</param>
/// <param name="ConvertedOn">When it became prepaid; null: it always was.</param>
public sealed record CutHome(IReadOnlyCollection<string>? Flags, LocalDate? ConvertedOn = null, bool IsStorm = false, bool IsHeat = false, bool IsDisputed = false);

/// <summary>Asks for cuts, and keeps each answer with its reasons; who carries one out confirms it by the relay as it was read back.</summary>
public sealed class WalletCuts(WalletBook book, WalletMoney money, Func<UsagePointId, CutHome> homeOf)
{
    /// <summary>Days looked back for the newest one: an older balance permits no cut anyway.</summary>
    private const int DaysBack = 7;

    /// <summary>Asks for a cut now. The balance is read again from the ledger; the answer is written before it is returned.</summary>
    public async ValueTask<AccountEvent> AskAsync(OpenWallet open, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        Wallet wallet = open.Wallet;
        CutHome home = homeOf(open.UsagePoint.Id);
        WalletPosted? last = await LastAsync(open, now, cancellationToken).ConfigureAwait(false);
        // What is posted stands up to the end of the last day: that is as far as balance and reading go.
        Instant? known = last is null ? null : LocalDays.Bounds(last.Date, wallet.Terms.Zone).End;
        var facts = new CutFacts
        {
            FreshBalance = await money.SureBalanceAsync(open, cancellationToken).ConfigureAwait(false), BalanceAsOf = known, LastReadingAt = known,
            LastReadingQuality = last?.Use.Quality, SanctionedLoadKw = open.UsagePoint.SanctionedLoadW / 1000m,
            Flags = home.Flags, ConvertedOn = home.ConvertedOn, IsStorm = home.IsStorm, IsHeat = home.IsHeat, IsDisputed = home.IsDisputed,
            // The page of the wallet says so from the moment on at which the balance reached its floor.
            NoticeAt = wallet.Account.BelowFloorSince,
        };
        (WalletStep step, AccountEvent answer) = wallet.AskForCut(now, facts);
        wallet.Account.TakeEvents();
        await book.CommitAsync([step], now, cancellationToken).ConfigureAwait(false);
        return answer;
    }

    /// <summary>What stands for the newest day of the last ones, in this period or the one before.</summary>
    private async ValueTask<WalletPosted?> LastAsync(OpenWallet open, Instant now, CancellationToken cancellationToken)
    {
        LocalDate today = open.Wallet.Terms.Day(now);
        IReadOnlyList<WalletRecord> records = await WalletBook.ReadAsync(book.Store, open.UsagePoint.Id, new DateInterval(today.PlusDays(-DaysBack), today), cancellationToken).ConfigureAwait(false);
        return records.SelectMany(record => record.Posted).Where(posted => posted.Reverses is null).Aggregate((WalletPosted?)null, (newest, posted) => newest is null || posted.Date >= newest.Date ? posted : newest);
    }

    /// <summary>The relay was read back: supply is cut, or back.</summary>
    public async ValueTask ConfirmAsync(OpenWallet open, bool isCut, Instant now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        WalletStep step = open.Wallet.Relay(now, isCut);
        open.Wallet.Account.TakeEvents();
        await book.CommitAsync([step], now, cancellationToken).ConfigureAwait(false);
    }
}

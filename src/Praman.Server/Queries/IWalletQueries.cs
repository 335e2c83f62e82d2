using NodaTime;
using Praman.Metering;
using Praman.Server.Prepaid;

namespace Praman.Server.Queries;

/// <summary>What the pages of a prepaid home ask. The caller has checked that the person may see the usage point.</summary>
public interface IWalletQueries
{
    /// <summary>Where the wallet stands; null where the usage point is not prepaid.</summary>
    ValueTask<WalletStanding?> FindAsync(UsagePointId id, CancellationToken cancellationToken);

    /// <summary>The month of a wallet that began in the calendar month of a day; null where there is none.</summary>
    ValueTask<WalletMonth?> MonthAsync(UsagePointId id, LocalDate month, CancellationToken cancellationToken);
}

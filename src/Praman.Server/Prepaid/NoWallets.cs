using NodaTime;
using Praman.Metering;
using Praman.Server.Queries;

namespace Praman.Server.Prepaid;

/// <summary>A place without prepaid homes.</summary>
internal sealed class NoWallets : IWalletQueries
{
    public ValueTask<WalletStanding?> FindAsync(UsagePointId id, CancellationToken cancellationToken) => new((WalletStanding?)null);

    public ValueTask<WalletMonth?> MonthAsync(UsagePointId id, LocalDate month, CancellationToken cancellationToken) => new((WalletMonth?)null);
}

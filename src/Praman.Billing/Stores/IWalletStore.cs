using NodaTime;
using Praman.Billing.Wallets;
using Praman.Metering;

namespace Praman.Billing.Stores;

/// <summary>The entries of prepaid wallets. Nothing in them is changed or taken away. What an entry moves is posted to the ledger in the same transaction.</summary>
public interface IWalletStore
{
    /// <summary>Writes entries and their postings, durably, all or none. A step that was written before, octet for octet, is no error and writes nothing.</summary>
    /// <exception cref="WalletConflictException">A number is taken by another entry or does not follow the last one, or the ledger refuses a posting; nothing was written.</exception>
    ValueTask CommitAsync(IReadOnlyList<WalletStep> steps, Instant now, CancellationToken cancellationToken);

    /// <summary>Where a wallet stands; null where the usage point has none.</summary>
    ValueTask<WalletHead?> FindAsync(UsagePointId usagePoint, CancellationToken cancellationToken);

    /// <summary>Every wallet, by usage point.</summary>
    ValueTask<IReadOnlyList<WalletHead>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Entries of a wallet by their days, in their order.</summary>
    ValueTask<IReadOnlyList<WalletEntry>> ReadAsync(UsagePointId usagePoint, DateInterval days, CancellationToken cancellationToken);
}

/// <summary>A step does not fit what is kept: another process or an older copy of the wallet wrote it, or the ledger refuses it.</summary>
public sealed class WalletConflictException : Exception
{
    public WalletConflictException()
    {
    }

    public WalletConflictException(string message)
        : base(message)
    {
    }

    public WalletConflictException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

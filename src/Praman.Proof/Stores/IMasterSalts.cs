using Praman.Metering;

namespace Praman.Proof.Stores;

/// <summary>The master salts of usage points, kept so that they can be erased.</summary>
public interface IMasterSalts
{
    /// <summary>The masters of usage points, in their order; one is made, and durable on return, where there was none or the last was erased.</summary>
    ValueTask<IReadOnlyList<MasterSalt>> GetAsync(IReadOnlyList<UsagePointId> usagePoints, CancellationToken cancellationToken);

    /// <summary>The master of a usage point; null where none was made, or the last was erased.</summary>
    ValueTask<MasterSalt?> FindAsync(UsagePointId usagePoint, CancellationToken cancellationToken);

    /// <summary>Keeps a given master of 32 octets where the usage point has none: a restored copy, a seeded run. Durable on return.</summary>
    /// <returns>False where there is one already; it stays.</returns>
    ValueTask<bool> AddAsync(UsagePointId usagePoint, ReadOnlyMemory<byte> master, CancellationToken cancellationToken);

    /// <summary>
    /// Overwrites the master of a usage point, durable on return: no commitment of it so far can be linked to it any more, by anyone who
    /// was not given the salt before.
    /// </summary>
    /// <returns>False where there was none.</returns>
    ValueTask<bool> EraseAsync(UsagePointId usagePoint, CancellationToken cancellationToken);
}

using NodaTime;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Merkle;

namespace Praman.Proof.Stores;

/// <summary>
/// Batches of block leaves. Each block and register has a leaf from the moment it is recorded; closing a batch takes all leaves that stand in
/// no batch yet, in the order of their recording.
/// </summary>
public interface IBatchStore
{
    /// <summary>Closes a batch. Durable on return; its entry in the log is set when the log has taken it.</summary>
    /// <returns>Null where no leaf waits.</returns>
    ValueTask<StoredBatch?> CloseAsync(LocalDate date, CancellationToken cancellationToken);

    /// <summary>Keeps the index of a batch's entry in the log. Durable on return.</summary>
    ValueTask SetEntryAsync(long number, long entry, CancellationToken cancellationToken);

    ValueTask<StoredBatch?> FindAsync(long number, CancellationToken cancellationToken);

    /// <summary>Batches closed for a date, by number; all where it is null.</summary>
    ValueTask<IReadOnlyList<StoredBatch>> ReadAsync(LocalDate? date, CancellationToken cancellationToken);

    /// <summary>
    /// The paths of leaves of a batch to its root (RFC 9162 section 2.1.3.1), in the order of <paramref name="indexes"/>: read from the tiles of its tree, of
    /// which few are held at a time, however many leaves the night has. Each is held against the root before it is given.
    /// </summary>
    /// <exception cref="IOException">What is stored does not lead to the root that was closed.</exception>
    ValueTask<IReadOnlyList<Digest[]>> ReadPathsAsync(long number, IReadOnlyList<int> indexes, CancellationToken cancellationToken);

    /// <summary>The whole tree of a batch, to check it: 64 octets a leaf in memory.</summary>
    /// <exception cref="IOException">The leaves that are stored do not give the root that was closed.</exception>
    ValueTask<BatchTree> ReadTreeAsync(long number, CancellationToken cancellationToken);

    /// <summary>What proves each of some stored blocks or registers, in their order; null for one that is not stored.</summary>
    ValueTask<IReadOnlyList<BlockEvidence?>> FindEvidenceAsync(IReadOnlyList<IntervalBlock> blocks, CancellationToken cancellationToken);
}

/// <summary>A closed batch.</summary>
/// <param name="Number">From 1, in the order of closing.</param>
/// <param name="Entry">Index of its entry in the log; null until it was set.</param>
public sealed record StoredBatch(long Number, BatchHead Head, long? Entry);

/// <summary>Where a block's leaf stands, and what opens it.</summary>
/// <param name="Leaf">SHA-256(0x00 ‖ commitment).</param>
/// <param name="Salt">32 octets; null where the master was erased.</param>
/// <param name="Batch">Number of its batch; null until one is closed.</param>
/// <param name="Index">Index in that batch; 0 while there is none.</param>
public sealed record BlockEvidence(Digest Leaf, ReadOnlyMemory<byte>? Salt, long? Batch, int Index);

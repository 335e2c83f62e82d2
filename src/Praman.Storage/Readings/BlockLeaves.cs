using System.Runtime.CompilerServices;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Stores;

namespace Praman.Storage.Readings;

/// <summary>The leaf of each block: SHA-256(0x00 ‖ HMAC-SHA256(salt, octets)), the salt from the usage point's master and the block's header.</summary>
internal static class BlockLeaves
{
    /// <summary>Leaves of blocks, in their order. Runs on the caller's thread, before the writer's turn.</summary>
    public static async ValueTask<Digest[]> ComputeAsync(IMasterSalts salts, IReadOnlyList<IntervalBlock> blocks, CancellationToken cancellationToken)
    {
        var usagePoints = new UsagePointId[blocks.Count];
        for (int i = 0; i < usagePoints.Length; i++) usagePoints[i] = blocks[i].UsagePoint;
        IReadOnlyList<MasterSalt> masters = await salts.GetAsync(usagePoints, cancellationToken).ConfigureAwait(false);
        var leaves = new Digest[blocks.Count];
        for (int i = 0; i < leaves.Length; i++)
        {
            if (!TryCompute(masters[i], blocks[i], out leaves[i]))
            {
                throw new StoreException(StoreFault.Conflict, $"the salt of {usagePoints[i]} was erased while its readings were recorded: record them again");
            }
        }
        return leaves;
    }

    /// <summary>False where the master was erased.</summary>
    [SkipLocalsInit]
    public static bool TryCompute(MasterSalt master, IntervalBlock block, out Digest leaf)
    {
        Span<byte> salt = stackalloc byte[Commitment.SaltLength];
        bool derived = TrySalt(master, block, salt);
        leaf = derived ? BatchHead.LeafHash(Commitment.Compute(salt, block.Bytes.Span)) : default;
        return derived;
    }

    /// <summary>The salt of a block; false where the master was erased.</summary>
    public static bool TrySalt(MasterSalt master, IntervalBlock block, Span<byte> salt) =>
        master.TryDeriveBlockSalt(BlockOctets.Header(block.Bytes.Span), salt);
}

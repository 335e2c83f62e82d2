using System.Buffers.Binary;
using Praman.Metering;
using Praman.Proof.Logs;

namespace Praman.Proof;

/// <summary>
/// How a day block stands in the log: its octets, as they are stored, under the salt that its usage point's master gives for it; the leaf of its night's
/// tree is over that commitment.
/// </summary>
public static class BlockCommitment
{
    /// <summary>Octets that a salt is derived from: usage point (8), type (1), start in seconds since 1970 (8), version (4), all big-endian.</summary>
    public const int HeaderLength = 21;

    /// <summary>Derives the salt of a block, 32 octets. Each version of each block has its own. Nothing is allocated.</summary>
    /// <returns>False where the master is erased.</returns>
    public static bool TryDeriveSalt(MasterSalt master, in IntervalBlockHeader block, out Digest salt)
    {
        ArgumentNullException.ThrowIfNull(master);
        Span<byte> header = stackalloc byte[HeaderLength], octets = stackalloc byte[Commitment.SaltLength];
        BinaryPrimitives.WriteUInt64BigEndian(header, block.UsagePoint.Number);
        header[8] = (byte)block.Type;
        BinaryPrimitives.WriteInt64BigEndian(header[9..], block.Start.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt32BigEndian(header[17..], block.Version);
        bool derived = master.TryDeriveBlockSalt(header, octets);
        salt = derived ? new Digest(octets) : default;
        return derived;
    }

    /// <summary>The leaf of a block in its night's tree: SHA-256(0x00 ‖ HMAC-SHA256(salt, octets)).</summary>
    public static Digest Leaf(in Digest salt, ReadOnlySpan<byte> block) => BatchHead.LeafHash(Commitment.Compute(salt.Octets, block));
}

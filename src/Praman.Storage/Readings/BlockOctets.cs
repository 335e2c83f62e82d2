using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Praman.Metering;

namespace Praman.Storage.Readings;

/// <summary>What the store knows of a block's octets besides keeping them.</summary>
internal static class BlockOctets
{
    /// <summary>
    /// CRC-32C (RFC 3720) of the octets: a flipped bit is noticed on every read, without a key and after its salt was erased. It is no proof;
    /// the leaf is.
    /// </summary>
    public static uint Checksum(ReadOnlySpan<byte> octets)
    {
        uint crc = uint.MaxValue;
        for (; octets.Length >= sizeof(ulong); octets = octets[sizeof(ulong)..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets));
        foreach (byte octet in octets) crc = BitOperations.Crc32C(crc, octet);
        return ~crc;
    }

    /// <summary>The octets before the qualities: format, usage point, type, start, interval, count, version and cause. They name the block.</summary>
    public static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> octets)
    {
        int at = 1;
        SkipVarint(octets, ref at); // usage point
        at++; // type
        for (int i = 0; i < 4; i++) SkipVarint(octets, ref at); // start, interval, count, revision
        return octets[..at];
    }

    /// <summary>Takes a row apart again; false, with the reason, where the octets are not what was stored under this key.</summary>
    public static bool TryRead(in BlockKey key, ReadOnlySpan<byte> octets, uint checksum, [NotNullWhen(true)] out IntervalBlock? block, out string reason)
    {
        block = null;
        if (Checksum(octets) != checksum)
        {
            reason = $"its octets have the checksum {Checksum(octets):x8}, and {checksum:x8} was stored with them";
            return false;
        }
        if (!IntervalBlock.TryParse(octets.ToArray(), out block, out DecodeError error))
        {
            reason = $"its octets are no block: {error}";
            return false;
        }
        if (BlockKey.Of(block.Header) != key)
        {
            reason = $"its octets name {block.Header.Channel} from {block.Start}, version {block.Version}";
            return false;
        }
        reason = "";
        return true;
    }

    private static void SkipVarint(ReadOnlySpan<byte> octets, ref int at)
    {
        while (octets[at++] >= 0x80)
        {
        }
    }
}

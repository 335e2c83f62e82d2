using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Praman.Metering;

namespace Praman.Proof.Tiles;

/// <summary>Up to 256 entries in a row, each after its length in two octets, big-endian (C2SP tlog-tiles, log entries).</summary>
public static class EntryBundle
{
    /// <summary>Octets of an entry, at most.</summary>
    public const int EntryLengthMax = ushort.MaxValue;

    /// <summary>Adds an entry to a bundle under way.</summary>
    public static void Append(List<byte> bundle, ReadOnlySpan<byte> entry)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entry.Length, EntryLengthMax, nameof(entry));
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)entry.Length);
        bundle.AddRange(length);
        bundle.AddRange(entry);
    }

    /// <summary>Takes a bundle apart.</summary>
    /// <param name="octets">The bundle.</param>
    /// <param name="count">The entries that it must have.</param>
    /// <param name="entries">The entries, as parts of <paramref name="octets"/>.</param>
    /// <param name="error">Where it ends early or goes on.</param>
    public static bool TryParse(ReadOnlyMemory<byte> octets, int count, [NotNullWhen(true)] out IReadOnlyList<ReadOnlyMemory<byte>>? entries, out DecodeError error)
    {
        entries = null;
        error = default;
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, TilePath.FullWidth);
        var list = new List<ReadOnlyMemory<byte>>(count);
        int at = 0;
        for (; list.Count < count; at += list[^1].Length)
        {
            if (octets.Length - at < 2) return Refuse(out error, at, $"the length of entry {list.Count} of {count} is missing");
            int length = BinaryPrimitives.ReadUInt16BigEndian(octets.Span[at..]);
            at += 2;
            if (octets.Length - at < length) return Refuse(out error, at, $"entry {list.Count} has {length} octets, and {octets.Length - at} are left");
            list.Add(octets.Slice(at, length));
        }
        if (at != octets.Length) return Refuse(out error, at, $"octets after the last of {count} entries");
        entries = list;
        return true;
    }

    private static bool Refuse(out DecodeError error, int offset, string reason)
    {
        error = new(offset, reason, "C2SP tlog-tiles");
        return false;
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using Praman.Proof.Merkle;

namespace Praman.Proof.Tiles;

/// <summary>A tile with the nodes between its own level and the next: eight levels of full subtrees over its hashes.</summary>
internal sealed class ExpandedTile
{
    private readonly Digest[][] _levels;

    private ExpandedTile(Digest[][] levels) => _levels = levels;

    public int Width => _levels[0].Length;

    public static ExpandedTile Build(ReadOnlySpan<Digest> hashes)
    {
        int depth = BitOperations.Log2((uint)Math.Max(hashes.Length, 1));
        var levels = new Digest[depth + 1][];
        levels[0] = hashes.ToArray();
        for (int level = 1; level <= depth; level++)
        {
            Digest[] below = levels[level - 1];
            levels[level] = new Digest[below.Length / 2];
            NodeHashing.Pairs(below, levels[level]);
        }
        return new(levels);
    }

    /// <summary>Reads a tile's octets; null where their number is not that of its width.</summary>
    public static ExpandedTile? Parse(ReadOnlySpan<byte> octets, int width) =>
        octets.Length == width * Digest.Length ? Build(MemoryMarshal.Cast<byte, Digest>(octets)) : null;

    /// <summary>The full subtree of 2^level hashes that begins at index × 2^level.</summary>
    public bool TryGet(int level, int index, out Digest hash)
    {
        bool has = level < _levels.Length && index < _levels[level].Length;
        hash = has ? _levels[level][index] : default;
        return has;
    }
}

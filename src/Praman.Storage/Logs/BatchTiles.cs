using System.Runtime.InteropServices;
using Praman.Proof;
using Praman.Proof.Merkle;
using Praman.Proof.Tiles;
using Praman.Storage.Sqlite;

namespace Praman.Storage.Logs;

/// <summary>The tiles of a batch's tree: its leaves from the receipts, what is above them from the table <c>batch_tile</c>.</summary>
internal sealed class BatchTiles(SqliteSession session, long number, long firstLeaf) : ITileReader
{
    private const int TileLevelHeight = 8;
    private const string Insert = "INSERT INTO batch_tile (number, level, tile, hashes) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    private const string SelectTile = "SELECT hashes FROM batch_tile WHERE number = ?1 AND level = ?2 AND tile = ?3";
    private const string SelectLeaves =
        "SELECT first_leaf, leaves FROM receipt WHERE first_leaf >= (SELECT max(first_leaf) FROM receipt WHERE first_leaf <= ?1) AND first_leaf < ?2 ORDER BY first_leaf";

    /// <inheritdoc/>
    public bool TryRead(TilePath path, out ReadOnlyMemory<byte> octets)
    {
        octets = default;
        if (path.Level == 0)
        {
            var leaves = new Digest[path.Width];
            if (!TryReadLeaves(session, firstLeaf + (path.Index * TilePath.FullWidth), leaves)) return false;
            octets = MemoryMarshal.AsBytes(leaves.AsSpan()).ToArray();
            return true;
        }
        using SqliteStatement select = session.Prepare(SelectTile);
        if (!select.Bind(1, number).Bind(2, path.Level).Bind(3, path.Index).Step()) return false;
        octets = select.Blob(0).ToArray();
        return true;
    }

    /// <summary>Whether the tiles of a batch of so many leaves are kept; one that is smaller than a tile has none.</summary>
    public static bool AreKept(SqliteSession session, long number, long size)
    {
        if (size < TilePath.FullWidth) return true;
        using SqliteStatement select = session.Prepare(SelectTile);
        return select.Bind(1, number).Bind(2, 1).Bind(3, 0).Step();
    }

    /// <summary>Keeps the tiles of a batch.</summary>
    public static void Keep(SqliteSession session, long number, BatchTree tree)
    {
        using SqliteStatement insert = session.Prepare(Insert);
        foreach ((int level, long tile, byte[] hashes) in Of(tree)) insert.Bind(1, number).Bind(2, level).Bind(3, tile).Bind(4, hashes).Run();
    }

    /// <summary>The first tile that is kept and is not the tree's, in words; null where all are.</summary>
    public static string? FirstThatDiffers(SqliteSession session, long number, BatchTree tree)
    {
        if (!AreKept(session, number, tree.Size)) return null;
        foreach ((int level, long tile, byte[] hashes) in Of(tree))
        {
            using SqliteStatement select = session.Prepare(SelectTile);
            if (!select.Bind(1, number).Bind(2, level).Bind(3, tile).Step() || !select.Blob(0).SequenceEqual(hashes)) return $"tile {level}/{tile}";
        }
        return null;
    }

    /// <summary>Leaves in order of their numbers, wherever a receipt begins; false where one is not there.</summary>
    public static bool TryReadLeaves(SqliteSession session, long first, Span<Digest> leaves)
    {
        int at = 0;
        using SqliteStatement select = session.Prepare(SelectLeaves);
        select.Bind(1, first).Bind(2, first + leaves.Length);
        while (at < leaves.Length && select.Step())
        {
            ReadOnlySpan<Digest> part = MemoryMarshal.Cast<byte, Digest>(select.Blob(1));
            long skip = first + at - select.Integer(0);
            if (skip < 0 || skip >= part.Length) return false;
            part = part[(int)skip..];
            part = part[..Math.Min(part.Length, leaves.Length - at)];
            part.CopyTo(leaves[at..]);
            at += part.Length;
        }
        return at == leaves.Length;
    }

    private static IEnumerable<(int Level, long Tile, byte[] Hashes)> Of(BatchTree tree)
    {
        for (int level = 1; tree.Size >> (TileLevelHeight * level) > 0; level++)
        {
            int count = tree.Size >> (TileLevelHeight * level);
            for (int first = 0; first < count; first += TilePath.FullWidth)
            {
                ReadOnlySpan<Digest> hashes = tree.FullSubtrees(TileLevelHeight * level).Slice(first, Math.Min(TilePath.FullWidth, count - first));
                yield return (level, first / TilePath.FullWidth, MemoryMarshal.AsBytes(hashes).ToArray());
            }
        }
    }
}

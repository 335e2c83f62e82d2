using Praman.Proof.Merkle;

namespace Praman.Proof.Tiles;

/// <summary>
/// The nodes of a tree from its tiles, at one size: what a monitor, a witness's helper or a portal needs to compute any root or proof. Keeps the
/// tiles that were read last.
/// </summary>
public sealed class TileNodes : IMerkleNodes
{
    private readonly ITileReader _tiles;
    private readonly long _size;
    private readonly TileCache _cache;

    /// <param name="tiles">Where tiles come from.</param>
    /// <param name="size">Leaves of the tree: says which tiles are partial.</param>
    /// <param name="tileCountMax">Tiles kept in memory, at 16 KiB each.</param>
    public TileNodes(ITileReader tiles, long size, int tileCountMax = 256)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        _tiles = tiles;
        _size = size;
        _cache = new(tileCountMax);
    }

    /// <inheritdoc/>
    public bool TryGetNode(int level, long index, out Digest hash)
    {
        hash = default;
        int tileLevel = level >> 3, within = level & 7;
        long first = index << within; // of the tile level's hashes
        TilePath path = TilePath.At(tileLevel, first >> 8, _size);
        if (path.Width <= 0) return false;
        return _cache.Get(_tiles, path) is { } tile && tile.TryGet(within, (int)(first & 255) >> within, out hash);
    }
}

/// <summary>Tiles read and expanded, the oldest dropped first.</summary>
internal sealed class TileCache(int tileCountMax)
{
    private readonly Dictionary<TilePath, ExpandedTile> _tiles = [];
    private readonly Queue<TilePath> _order = new();

    /// <summary>The tile; a partial one may also be cut from the full one that came later. Null where it is not there or malformed.</summary>
    public ExpandedTile? Get(ITileReader reader, TilePath path)
    {
        if (_tiles.TryGetValue(path, out ExpandedTile? tile)) return tile;
        tile = reader.TryRead(path, out ReadOnlyMemory<byte> octets) ? ExpandedTile.Parse(octets.Span, path.Width)
            : !path.IsFull && reader.TryRead(path.Full, out octets) && octets.Length == TilePath.FullWidth * Digest.Length
                ? ExpandedTile.Parse(octets.Span[..(path.Width * Digest.Length)], path.Width)
                : null;
        if (tile is null) return null;
        if (_order.Count >= Math.Max(1, tileCountMax)) _tiles.Remove(_order.Dequeue());
        _tiles[path] = tile;
        _order.Enqueue(path);
        return tile;
    }
}

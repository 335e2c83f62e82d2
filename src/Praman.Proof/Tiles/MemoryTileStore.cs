using System.Collections.Concurrent;

namespace Praman.Proof.Tiles;

/// <summary>Tiles in memory: for tests, for small logs, and for a verifier that was handed them.</summary>
public sealed class MemoryTileStore : ITileStore
{
    private readonly ConcurrentDictionary<TilePath, byte[]> _tiles = new();

    /// <summary>The tiles that are kept.</summary>
    public ICollection<TilePath> Paths => _tiles.Keys;

    /// <inheritdoc/>
    public bool TryRead(TilePath path, out ReadOnlyMemory<byte> octets)
    {
        bool found = _tiles.TryGetValue(path, out byte[]? tile);
        octets = tile;
        return found;
    }

    /// <inheritdoc/>
    public void Write(TilePath path, ReadOnlySpan<byte> octets) => _tiles[path] = octets.ToArray();

    /// <inheritdoc/>
    public void Commit()
    {
    }
}

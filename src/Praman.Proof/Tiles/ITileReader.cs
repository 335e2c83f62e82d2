namespace Praman.Proof.Tiles;

/// <summary>Where tiles are read from: memory, files, a database, a copy on a stick.</summary>
public interface ITileReader
{
    /// <summary>The octets of a tile, exactly as they were written: width × 32 for hashes, a bundle for entries.</summary>
    /// <returns>False where this tile, at this width, is not there.</returns>
    bool TryRead(TilePath path, out ReadOnlyMemory<byte> octets);
}

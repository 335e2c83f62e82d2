namespace Praman.Proof.Tiles;

/// <summary>
/// Where a log keeps its tiles. What is written before <see cref="Commit"/> is durable after it, all or none; only then is a checkpoint signed
/// that needs it. A tile, once committed, never changes.
/// </summary>
public interface ITileStore : ITileReader
{
    /// <summary>Keeps a tile or bundle.</summary>
    void Write(TilePath path, ReadOnlySpan<byte> octets);

    /// <summary>Makes all that was written durable.</summary>
    void Commit();
}

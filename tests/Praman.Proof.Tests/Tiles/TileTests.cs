using CsCheck;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;

namespace Praman.Proof.Tests.Tiles;

public class TileTests
{
    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(1, 999, 17, "tile/1/999.p/17")]
    [InlineData(2, 1000, 1, "tile/2/x001/000.p/1")]
    [InlineData(63, long.MaxValue, 256, "tile/63/x009/x223/x372/x036/x854/x775/807")]
    [InlineData(TilePath.EntriesLevel, 273, 112, "tile/entries/273.p/112")]
    public void APathGoesBothWays(int level, long index, int width, string text)
    {
        var path = new TilePath(level, index, width);
        Assert.Equal(text, path.ToString());
        Assert.True(TilePath.TryParse(text, out TilePath back));
        Assert.Equal(path, back);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tile")]
    [InlineData("tile/0")]
    [InlineData("tile/0/")]
    [InlineData("tile/00/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/1")]
    [InlineData("tile/0/0001")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/001/001")]
    [InlineData("tile/0/x001")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/0/x009/x223/x372/x036/x854/x775/808")]
    [InlineData("tile/0/x001/x009/x223/x372/x036/x854/x775/807")]
    [InlineData("tile/entry/000")]
    public void AnotherPathIsRefused(string? text) => Assert.False(TilePath.TryParse(text, out _));

    [Fact]
    public void AnyTextEndsInAnAnswer() => Gen.String[Gen.Char['.', 'x'], 0, 30].Sample(text =>
    {
        if (TilePath.TryParse("tile/" + text, out TilePath path)) Assert.Equal("tile/" + text, path.ToString());
    }, iter: 20_000);

    [Fact]
    public void ATreeOf70000LeavesHasTheTilesThatTheSpecificationCounts()
    {
        using var key = new NoteSigningKey("log.example/a", NoteKeyType.Ed25519, new byte[32]);
        var store = new MemoryTileStore();
        var log = Log.Create(key, store);
        for (int i = 0; i < 70_000; i++) log.Append(BitConverter.GetBytes(i));
        log.Sign();
        IEnumerable<TilePath> Of(int level) => store.Paths.Where(path => path.Level == level);
        Assert.Equal(273, Of(0).Count(path => path.IsFull));
        Assert.Equal(112, Of(0).Single(path => !path.IsFull).Width);
        Assert.Equal(1, Of(1).Count(path => path.IsFull));
        Assert.Equal(17, Of(1).Single(path => !path.IsFull).Width);
        Assert.Equal(new TilePath(2, 0, 1), Of(2).Single());
        Assert.Equal(274, Of(TilePath.EntriesLevel).Count());
        foreach (TilePath path in store.Paths)
        {
            Assert.Equal(path, TilePath.At(path.Level, path.Index, 70_000));
            Assert.True(store.TryRead(path, out ReadOnlyMemory<byte> octets));
            if (!path.IsEntries)
            {
                Assert.Equal(32 * path.Width, octets.Length);
                continue;
            }
            Assert.True(EntryBundle.TryParse(octets, path.Width, out IReadOnlyList<ReadOnlyMemory<byte>>? entries, out DecodeError error), error.ToString());
            Assert.Equal(path.Index * 256, BitConverter.ToInt32(entries[0].Span));
        }
    }

    [Fact]
    public void ABundleIsTakenApartStrictly()
    {
        var octets = new List<byte>();
        EntryBundle.Append(octets, "one"u8);
        EntryBundle.Append(octets, []);
        EntryBundle.Append(octets, new byte[300]);
        byte[] bundle = [.. octets];
        Assert.Equal([0, 3, (byte)'o'], bundle[..3]);
        Assert.True(EntryBundle.TryParse(bundle, 3, out IReadOnlyList<ReadOnlyMemory<byte>>? entries, out _));
        Assert.Equal([3, 0, 300], entries.Select(entry => entry.Length));
        for (int length = 0; length < bundle.Length; length++) Assert.False(EntryBundle.TryParse(bundle.AsMemory(0, length), 3, out _, out _));
        Assert.False(EntryBundle.TryParse(bundle, 2, out _, out DecodeError error));
        Assert.Equal(7, error.Offset);
        Assert.False(EntryBundle.TryParse(bundle, 4, out _, out _));
    }

    [Fact]
    public void APartialTileIsCutFromTheFullOneThatCameLater()
    {
        using var key = new NoteSigningKey("log.example/a", NoteKeyType.Ed25519, new byte[32]);
        var store = new MemoryTileStore();
        var log = Log.Create(key, store);
        for (int i = 0; i < 300; i++) log.Append(BitConverter.GetBytes(i));
        log.Sign();
        var early = new TileNodes(store, 100); // of the tree of 100 leaves no partial tile was kept
        Assert.Equal(log.InclusionProof(42, 100), Praman.Proof.Merkle.MerkleTree.InclusionProof(early, 42, 100));
        Assert.Null(Praman.Proof.Merkle.MerkleTree.Root(new TileNodes(new MemoryTileStore(), 100), 100)); // missing is a value
        Assert.Null(Praman.Proof.Merkle.MerkleTree.InclusionProof(new TileNodes(new MemoryTileStore(), 100), 3, 100));
    }
}

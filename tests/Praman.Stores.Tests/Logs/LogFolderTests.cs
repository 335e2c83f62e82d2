using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;
using Praman.Storage.Logs;

namespace Praman.Stores.Tests.Logs;

/// <summary>A log's files in a folder that any web server can serve.</summary>
public sealed class LogFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TilesStandUnderTheirPathsAndNothingElseDoes()
    {
        var log = new LogFolder(_folder.Path);
        var path = new TilePath(0, 1_234_067, 17);
        log.Write(path, new byte[] { 1, 2, 3 });
        log.Write(new TilePath(TilePath.EntriesLevel, 0, 256), new byte[] { 4 });
        log.Commit();
        log.WriteCheckpoint("head"u8);

        Assert.Equal(
            ["checkpoint", "tile/0/x001/x234/067.p/17", "tile/entries/000"],
            Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder.Path, file).Replace('\\', '/')).Order(StringComparer.Ordinal));
        Assert.True(new LogFolder(_folder.Path).TryRead(path, out ReadOnlyMemory<byte> octets));
        Assert.Equal([1, 2, 3], octets.ToArray());
        Assert.False(log.TryRead(path.Full, out _));
        Assert.False(log.TryRead(new TilePath(5, 0, 1), out _));
        Assert.Equal("head"u8.ToArray(), log.ReadCheckpoint());
    }

    [Fact]
    public void ANewFolderHasNoCheckpoint() => Assert.Null(new LogFolder(_folder.File("log")).ReadCheckpoint());

    [Fact]
    public void ALogGoesOnFromTheFolderAsFromMemory()
    {
        NoteSigningKey key = NoteSigningKey.Create("log.example/stores", NoteKeyType.Ed25519);
        var memory = new MemoryTileStore();
        Log inMemory = Log.Create(key, memory), onDisk = Log.Create(key, new LogFolder(_folder.Path));
        SignedCheckpoint head = null!;
        for (int round = 0; round < 4; round++)
        {
            for (int i = 0; i < 211; i++)
            {
                var entry = new LogEntry(LogEntryKind.Bill, Digest.Sha256([(byte)round, (byte)i]));
                Assert.Equal(inMemory.Append(entry), onDisk.Append(entry));
            }
            inMemory.Sign();
            head = onDisk.Sign();
            var folder = new LogFolder(_folder.Path);
            folder.WriteCheckpoint(head.Note.Octets);
            onDisk = Log.Resume(key, folder, head, out string? fault)!; // as after a restart
            Assert.Null(fault);
        }
        Assert.Equal(inMemory.Root(), onDisk.Root());
        foreach (TilePath path in memory.Paths)
        {
            memory.TryRead(path, out ReadOnlyMemory<byte> expected);
            Assert.True(new LogFolder(_folder.Path).TryRead(path, out ReadOnlyMemory<byte> found), path.ToString());
            Assert.Equal(expected.ToArray(), found.ToArray());
        }
        Assert.Equal(inMemory.InclusionProof(500, 844), onDisk.InclusionProof(500, 844));
    }

    /// <summary>A crash between writing aside and renaming leaves a partial file, which is neither read nor in the way.</summary>
    [Fact]
    public void ALeftoverOfACrashIsWrittenOver()
    {
        var path = new TilePath(0, 0, 3);
        string file = Path.Combine(_folder.Path, "tile", "0", "000.p", "3");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file + ".partial", new byte[500]);
        var log = new LogFolder(_folder.Path);

        Assert.False(log.TryRead(path, out _));
        log.Write(path, new byte[96]);
        log.Commit();

        Assert.Equal(96, new FileInfo(file).Length);
        Assert.False(File.Exists(file + ".partial"));
    }
}

using Praman.Proof.Tiles;

namespace Praman.Storage.Logs;

/// <summary>
/// A log's public files in the layout of C2SP tlog-tiles: <c>checkpoint</c>, <c>tile/L/N</c>, <c>tile/entries/N</c>. Any web server can serve the
/// folder as it is. A tile is flushed before its name stands; the checkpoint is written last.
/// </summary>
public sealed class LogFolder : ITileStore
{
    /// <summary>File name of the signed head.</summary>
    public const string CheckpointName = "checkpoint";

    /// <summary>File name of the head that was last shown to witnesses.</summary>
    public const string SignedName = "checkpoint.signed";

    private readonly string _folder;
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Opens the folder, or makes it.</summary>
    public LogFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Path.GetFullPath(folder);
        if (Directory.Exists(_folder)) return;
        Directory.CreateDirectory(_folder);
        if (Path.GetDirectoryName(_folder) is { } above) DurableFile.FlushFolder(above);
    }

    /// <summary>The folder to serve.</summary>
    public string Folder => _folder;

    /// <summary>The signed head as it was last written; null for a log that signed none.</summary>
    public byte[]? ReadCheckpoint()
    {
        string path = CheckpointPath;
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>
    /// The head that was signed and shown to witnesses, whether or not it was published; null where none was. The log must go on from it: a
    /// witness that has cosigned it cosigns nothing else.
    /// </summary>
    public byte[]? ReadSigned()
    {
        string path = Path.Combine(_folder, SignedName);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>Keeps a signed head, durably, before it is shown to a witness. All tiles that it needs must have been committed.</summary>
    public void WriteSigned(ReadOnlySpan<byte> signedNote)
    {
        Commit();
        DurableFile.Replace(Path.Combine(_folder, SignedName), signedNote);
        DurableFile.FlushFolder(_folder);
    }

    /// <summary>Replaces the signed head, durably. All tiles that it needs must have been committed.</summary>
    public void WriteCheckpoint(ReadOnlySpan<byte> signedNote)
    {
        Commit();
        DurableFile.Replace(CheckpointPath, signedNote);
        DurableFile.FlushFolder(_folder);
    }

    /// <inheritdoc/>
    public bool TryRead(TilePath path, out ReadOnlyMemory<byte> octets)
    {
        try
        {
            octets = File.ReadAllBytes(PathOf(path));
            return true;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            octets = default;
            return false;
        }
    }

    /// <inheritdoc/>
    public void Write(TilePath path, ReadOnlySpan<byte> octets)
    {
        string file = PathOf(path);
        lock (_gate)
        {
            string folder = Path.GetDirectoryName(file)!;
            if (!Directory.Exists(folder)) Make(folder);
            DurableFile.Replace(file, octets);
            _changed.Add(folder);
        }
    }

    /// <inheritdoc/>
    public void Commit()
    {
        lock (_gate)
        {
            foreach (string folder in _changed) DurableFile.FlushFolder(folder);
            _changed.Clear();
        }
    }

    private string CheckpointPath => Path.Combine(_folder, CheckpointName);

    private string PathOf(TilePath path) => Path.Combine(_folder, path.ToString().Replace('/', Path.DirectorySeparatorChar));

    /// <summary>A new folder's own name stands in the one above it, which must be flushed as well, up to the log's folder.</summary>
    private void Make(string folder)
    {
        Directory.CreateDirectory(folder);
        for (string? above = Path.GetDirectoryName(folder); above is not null && above.Length >= _folder.Length; above = Path.GetDirectoryName(above)) _changed.Add(above);
    }
}

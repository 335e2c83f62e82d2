using System.Globalization;
using Praman.Metering;
using Praman.Proof.Notes;

namespace Praman.Storage.Logs;

/// <summary>
/// What a monitor keeps of one log: every head that it found good, by size, and, where the log has signed two histories, both heads as evidence.
/// </summary>
public sealed class MonitorFolder : IDisposable
{
    private const string Suffix = ".checkpoint";
    private readonly string _folder;
    private readonly FolderLock _lock;

    /// <summary>Takes a folder; made where it is not there.</summary>
    /// <exception cref="StoreException">The folder is another process's, or cannot be written.</exception>
    public MonitorFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
        _lock = FolderLock.Take(folder);
    }

    /// <summary>The largest head that was found good; null before the first.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public SignedCheckpoint? ReadLast()
    {
        string? last = HeadFiles(_folder).LastOrDefault();
        return last is null ? null : Read(last);
    }

    /// <summary>All heads in a folder that a monitor wrote, by size.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static IReadOnlyList<SignedCheckpoint> ReadAll(string folder) => [.. HeadFiles(folder).Select(Read)];

    /// <summary>Keeps a head that was found good; durable on return.</summary>
    public void Keep(SignedCheckpoint head)
    {
        ArgumentNullException.ThrowIfNull(head);
        // Sizes of 19 digits: the order of the names is the order of the sizes.
        Write(string.Create(CultureInfo.InvariantCulture, $"{head.Size:D19}{Suffix}"), head);
    }

    /// <summary>Keeps what convicts the log: the head that was seen before, and the one of now.</summary>
    /// <returns>The two files.</returns>
    public (string Before, string Now) KeepEvidence(SignedCheckpoint before, SignedCheckpoint now)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(now);
        string name = $"evidence-{before.Root.ToString()[..16]}-{now.Root.ToString()[..16]}";
        return (Write($"{name}.before", before), Write($"{name}.now", now));
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static string[] HeadFiles(string folder) => Directory.Exists(folder) ? [.. Directory.GetFiles(folder, $"*{Suffix}").Order(StringComparer.Ordinal)] : [];

    private static SignedCheckpoint Read(string path) =>
        SignedCheckpoint.TryParse(File.ReadAllBytes(path), out SignedCheckpoint? head, out DecodeError error) ? head : throw new InvalidDataException($"{path}: {error}");

    private string Write(string name, SignedCheckpoint head)
    {
        string path = Path.Combine(_folder, name);
        DurableFile.Replace(path, head.Note.Octets);
        DurableFile.FlushFolder(_folder);
        return path;
    }
}

using System.Collections.Immutable;
using System.Text;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Stores;
using Praman.Proof.Tiles;
using Praman.Server.Queries;
using Praman.Storage.Logs;

namespace Praman.Server.Stores;

/// <summary>The public log's files, from the folder that any web server could serve as well. Safe for use by several threads at once.</summary>
internal sealed class StoreLogFiles(LogFolder folder, ILogIndex index, IReadOnlyList<NoteVerifierKey> keys) : ILogFiles
{
    private const int PageLength = 1_000;

    private readonly string _origin = keys.First(key => key.Type == NoteKeyType.Ed25519).Name;
    private volatile Published? _published;

    /// <summary>Entries are never changed, so what was counted stays counted.</summary>
    private volatile Counted _counted = new(0, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    /// <inheritdoc/>
    public string LogKey { get; } = keys.First(key => key.Type == NoteKeyType.Ed25519).ToString();

    /// <inheritdoc/>
    public IReadOnlyList<string> WitnessKeys { get; } = [.. keys.Where(key => key.Type == NoteKeyType.CosignatureV1).Select(key => key.ToString())];

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> CheckpointAsync(CancellationToken cancellationToken) =>
        new(folder.ReadCheckpoint() is { } octets ? octets : (ReadOnlyMemory<byte>?)null);

    /// <inheritdoc/>
    /// <remarks>
    /// Only what the checkpoint covers: behind it may stand tiles of a publication that failed, which can still change. A narrower tile is cut
    /// from the one that the checkpoint was written with.
    /// </remarks>
    public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(string path, CancellationToken cancellationToken)
    {
        long size = PublishedSize();
        if (!TilePath.TryParse($"tile/{path}", out TilePath tile) || tile.Index > size / TilePath.FullWidth) return default;
        TilePath held = TilePath.At(tile.Level, tile.Index, size);
        return tile.Width <= held.Width && folder.TryRead(held, out ReadOnlyMemory<byte> octets) ? new(Cut(octets, held, tile.Width)) : default;
    }

    /// <inheritdoc/>
    public async ValueTask<LogSummary> SummaryAsync(CancellationToken cancellationToken)
    {
        Counted counted = _counted;
        ImmutableSortedDictionary<string, long>.Builder counts = counted.ByKind.ToBuilder();
        long size = counted.Size;
        while (true)
        {
            IReadOnlyList<LogIndexEntry> page = await index.ReadAsync(size, PageLength, cancellationToken).ConfigureAwait(false);
            foreach (LogIndexEntry entry in page)
            {
                string kind = Encoding.ASCII.GetString(LogEntry.Word(entry.Entry.Kind));
                counts[kind] = counts.GetValueOrDefault(kind) + 1;
                size = entry.Index + 1;
            }
            if (page.Count < PageLength) break;
        }
        if (size > counted.Size) _counted = counted = new Counted(size, counts.ToImmutable());
        return new LogSummary(_origin, counted.Size, [.. counted.ByKind]);
    }

    /// <summary>Entries under the checkpoint; 0 where there is none that can be read.</summary>
    private long PublishedSize()
    {
        if (folder.ReadCheckpoint() is not { } octets) return 0;
        Published? published = _published;
        if (published is null || !published.Octets.AsSpan().SequenceEqual(octets))
        {
            long size = SignedCheckpoint.TryParse(octets, out SignedCheckpoint? head, out _) ? head.Size : 0;
            _published = published = new Published(octets, size);
        }
        return published.Size;
    }

    private static ReadOnlyMemory<byte>? Cut(ReadOnlyMemory<byte> octets, TilePath held, int width)
    {
        if (width == held.Width) return octets;
        if (!held.IsEntries) return octets.Length == held.Width * Digest.Length ? octets[..(width * Digest.Length)] : null;
        if (!EntryBundle.TryParse(octets, held.Width, out IReadOnlyList<ReadOnlyMemory<byte>>? entries, out _)) return null;
        return octets[..entries.Take(width).Sum(entry => 2 + entry.Length)];
    }

    private sealed record Published(byte[] Octets, long Size);

    private sealed record Counted(long Size, ImmutableSortedDictionary<string, long> ByKind);
}

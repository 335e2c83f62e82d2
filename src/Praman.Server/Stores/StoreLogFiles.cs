using System.Text;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Stores;
using Praman.Proof.Tiles;
using Praman.Server.Queries;
using Praman.Storage;

namespace Praman.Server.Stores;

/// <summary>The public log's files, from the folder that any web server could serve as well.</summary>
internal sealed class StoreLogFiles(PramanStore store, IReadOnlyList<NoteVerifierKey> keys) : ILogFiles
{
    private const int PageLength = 1_000;

    private readonly string _origin = keys.First(key => key.Type == NoteKeyType.Ed25519).Name;

    /// <inheritdoc/>
    public string LogKey { get; } = keys.First(key => key.Type == NoteKeyType.Ed25519).ToString();

    /// <inheritdoc/>
    public IReadOnlyList<string> WitnessKeys { get; } = [.. keys.Where(key => key.Type == NoteKeyType.CosignatureV1).Select(key => key.ToString())];

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> CheckpointAsync(CancellationToken cancellationToken) =>
        new(store.Log.ReadCheckpoint() is { } octets ? octets : (ReadOnlyMemory<byte>?)null);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(string path, CancellationToken cancellationToken) =>
        new(TilePath.TryParse($"tile/{path}", out TilePath tile) && store.Log.TryRead(tile, out ReadOnlyMemory<byte> octets) ? octets : (ReadOnlyMemory<byte>?)null);

    /// <inheritdoc/>
    public async ValueTask<LogSummary> SummaryAsync(CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        long size = 0;
        while (true)
        {
            IReadOnlyList<LogIndexEntry> page = await store.LogIndex.ReadAsync(size, PageLength, cancellationToken).ConfigureAwait(false);
            foreach (LogIndexEntry entry in page)
            {
                string kind = Encoding.ASCII.GetString(LogEntry.Word(entry.Entry.Kind));
                counts[kind] = counts.GetValueOrDefault(kind) + 1;
                size = entry.Index + 1;
            }
            if (page.Count < PageLength) return new LogSummary(_origin, size, [.. counts]);
        }
    }
}

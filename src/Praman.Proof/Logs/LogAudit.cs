using Praman.Metering;
using Praman.Proof.Merkle;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;

namespace Praman.Proof.Logs;

/// <summary>A place of a log's files, and what is wrong there.</summary>
public sealed record LogFault(string Place, string Reason);

/// <summary>
/// What a log's tiles amount to under a head: every entry is read and hashed, every hash of every tile is computed again from the entries, and
/// the root is the head's. No signature is checked here (<see cref="CheckpointPolicy"/>).
/// </summary>
/// <param name="Size">Entries that were read, from the first one that was asked for.</param>
/// <param name="Entries">How many of each kind.</param>
/// <param name="Faults">What is wrong, in the order of the log; at most <see cref="FaultCountMax"/>.</param>
public sealed record LogAudit(long Size, IReadOnlyDictionary<LogEntryKind, long> Entries, IReadOnlyList<LogFault> Faults)
{
    /// <summary>Faults that are told; a log with so many is not read to its end.</summary>
    public const int FaultCountMax = 100;

    public bool IsWhole => Faults.Count == 0;

    /// <summary>Reads a whole log.</summary>
    /// <param name="tiles">The log's files.</param>
    /// <param name="head">The head that they must give.</param>
    /// <param name="kept">Heads of the same log that were kept earlier: each must be a beginning of this one.</param>
    /// <param name="seen">Told of every entry with its index; null for nobody.</param>
    /// <param name="cancellationToken">Ends it between two tiles.</param>
    public static LogAudit Whole(
        ITileReader tiles, Checkpoint head, IReadOnlyList<Checkpoint> kept, Action<long, LogEntry>? seen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(kept);
        var run = new Run(tiles, head, new CompactRange(), new TileCheck(tiles, head.Size), seen);
        foreach (Checkpoint one in kept.OrderBy(one => one.Size))
        {
            if (one.Origin != head.Origin) run.Add($"kept head of {one.Origin}", $"it is of another log than {head.Origin}");
            else if (one.Size > head.Size) run.Add($"kept head of size {one.Size}", $"the head covers only {head.Size} entries: the log was rolled back");
            else run.Kept.Enqueue(one);
        }
        return run.ToEnd(cancellationToken);
    }

    /// <summary>Reads the entries that came after a head which was checked before, and checks that the log went on from it.</summary>
    /// <param name="tiles">The log's files.</param>
    /// <param name="last">The head that was checked before, not larger than <paramref name="head"/>.</param>
    /// <param name="head">The head of now.</param>
    /// <param name="cancellationToken">Ends it between two tiles.</param>
    /// <returns>Null where the tiles do not give the root of <paramref name="last"/>: they are not its continuation, or are not all there.</returns>
    public static LogAudit? Since(ITileReader tiles, Checkpoint last, Checkpoint head, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        ArgumentNullException.ThrowIfNull(last);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last.Size, head.Size, nameof(last));
        var nodes = new TileNodes(tiles, head.Size);
        var range = CompactRange.Resume(nodes, last.Size);
        if (range is null || range.Root() != last.Root || TileCheck.Resume(tiles, head.Size, nodes, last.Size) is not { } check) return null;
        return new Run(tiles, head, range, check, null).ToEnd(cancellationToken);
    }

    /// <summary>A tile at its width; one that has grown since is cut.</summary>
    private static bool TryReadHashes(ITileReader tiles, TilePath path, out ReadOnlyMemory<byte> octets)
    {
        if (tiles.TryRead(path, out octets)) return octets.Length == path.Width * Digest.Length;
        if (path.IsFull || !tiles.TryRead(path.Full, out octets) || octets.Length != TilePath.FullWidth * Digest.Length) return false;
        octets = octets[..(path.Width * Digest.Length)];
        return true;
    }

    private static bool TryReadEntries(ITileReader tiles, TilePath path, out IReadOnlyList<ReadOnlyMemory<byte>> entries, out string reason)
    {
        entries = [];
        reason = "it is missing";
        bool cut = false;
        if (!tiles.TryRead(path, out ReadOnlyMemory<byte> octets))
        {
            if (path.IsFull || !tiles.TryRead(path.Full, out octets)) return false;
            cut = true;
        }
        if (!EntryBundle.TryParse(octets, cut ? TilePath.FullWidth : path.Width, out IReadOnlyList<ReadOnlyMemory<byte>>? read, out DecodeError error))
        {
            reason = error.ToString();
            return false;
        }
        entries = cut ? [.. read.Take(path.Width)] : read;
        return true;
    }

    private sealed class Run(ITileReader tiles, Checkpoint head, CompactRange range, TileCheck? check, Action<long, LogEntry>? seen)
    {
        private readonly List<LogFault> _faults = [];
        private readonly SortedDictionary<LogEntryKind, long> _entries = [];

        public Queue<Checkpoint> Kept { get; } = new();

        public void Add(string place, string reason)
        {
            if (_faults.Count < FaultCountMax) _faults.Add(new(place, reason));
        }

        public LogAudit ToEnd(CancellationToken cancellationToken)
        {
            long first = range.Size;
            CompareKept();
            while (range.Size < head.Size && _faults.Count < FaultCountMax)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!Bundle(range.Size >> 8)) return new(range.Size - first, _entries, _faults);
            }
            if (range.Size == head.Size)
            {
                check?.Finish(Add);
                if (range.Root() != head.Root) Add("checkpoint", $"its root is {head.Root.ToBase64()}; the entries give {range.Root().ToBase64()}");
            }
            return new(range.Size - first, _entries, _faults);
        }

        /// <summary>The entries of one bundle from where the tree stands.</summary>
        /// <returns>False where neither the entries nor their hashes are there: nothing behind them can be checked.</returns>
        private bool Bundle(long index)
        {
            TilePath path = TilePath.At(TilePath.EntriesLevel, index, head.Size);
            TilePath leaves = path with { Level = 0 };
            bool hashed = TryReadHashes(tiles, leaves, out ReadOnlyMemory<byte> hashes);
            if (!hashed) Add(leaves.ToString(), "it is missing or has the wrong length");
            bool read = TryReadEntries(tiles, path, out IReadOnlyList<ReadOnlyMemory<byte>> entries, out string reason);
            if (!read) Add(path.ToString(), reason);
            if (!read && !hashed) return false;
            for (int i = (int)(range.Size & 255); i < path.Width; i++)
            {
                Digest hash = read ? MerkleHash.Leaf(entries[i].Span) : default;
                if (hashed)
                {
                    var there = new Digest(hashes.Span.Slice(i * Digest.Length, Digest.Length));
                    if (read && there != hash) Add($"{path}, entry {range.Size}", $"it is not the one whose hash stands in {leaves}");
                    hash = there; // the tree's own: what it gives is compared with the head
                }
                if (read) Entry(path, entries[i].Span);
                range.Append(hash, check);
                CompareKept();
            }
            check?.Compare(Add);
            return true;
        }

        private void Entry(TilePath path, ReadOnlySpan<byte> text)
        {
            if (!LogEntry.TryParse(text, out LogEntry entry, out DecodeError error))
            {
                Add($"{path}, entry {range.Size}", error.ToString());
                return;
            }
            _entries[entry.Kind] = _entries.GetValueOrDefault(entry.Kind) + 1;
            seen?.Invoke(range.Size, entry);
        }

        private void CompareKept()
        {
            while (Kept.TryPeek(out Checkpoint? one) && one.Size == range.Size)
            {
                Kept.Dequeue();
                if (one.Root != range.Root()) Add($"kept head of size {one.Size}", $"its root is {one.Root.ToBase64()}; the first {one.Size} entries give {range.Root().ToBase64()}: two histories");
            }
        }
    }

    /// <summary>Compares the hashes of the tree with those of the tiles above level 0, tile by tile.</summary>
    private sealed class TileCheck(ITileReader tiles, long size) : ICollectNodes
    {
        private readonly List<List<byte>> _levels = [];
        private readonly Queue<(TilePath Path, byte[] Octets)> _ready = new();
        private readonly List<long> _full = [];

        /// <summary>Goes on from a tree of <paramref name="from"/> leaves: what the tiles under way hold of it is taken as it is. Null where some is missing.</summary>
        public static TileCheck? Resume(ITileReader tiles, long size, TileNodes nodes, long from)
        {
            var check = new TileCheck(tiles, size);
            for (int level = 8; from >> level > 0; level += 8)
            {
                long count = from >> level;
                var under = new List<byte>();
                for (long index = count & ~255L; index < count; index++)
                {
                    if (!nodes.TryGetNode(level, index, out Digest hash)) return null;
                    under.AddRange(hash.Octets);
                }
                check._levels.Add(under);
                check._full.Add(count >> 8);
            }
            return check;
        }

        public void Collect(int level, long index, in Digest hash)
        {
            if (level == 0 || (level & 7) != 0) return;
            int at = (level >> 3) - 1;
            if (at == _levels.Count)
            {
                _levels.Add([]);
                _full.Add(0);
            }
            _levels[at].AddRange(hash.Octets);
            if (_levels[at].Count < TilePath.FullWidth * Digest.Length) return;
            _ready.Enqueue((new(at + 1, _full[at]++, TilePath.FullWidth), [.. _levels[at]]));
            _levels[at].Clear();
        }

        public void Compare(Action<string, string> add)
        {
            while (_ready.TryDequeue(out (TilePath Path, byte[] Octets) one)) Compare(one.Path, one.Octets, add);
        }

        public void Finish(Action<string, string> add)
        {
            Compare(add);
            for (int at = 0; at < _levels.Count; at++)
            {
                if (_levels[at].Count > 0) Compare(TilePath.At(at + 1, _full[at], size), [.. _levels[at]], add);
            }
        }

        private void Compare(TilePath path, byte[] expected, Action<string, string> add)
        {
            if (!TryReadHashes(tiles, path, out ReadOnlyMemory<byte> octets)) add(path.ToString(), "it is missing or has the wrong length");
            else if (!octets.Span.SequenceEqual(expected)) add(path.ToString(), "its hashes are not those of the tiles below");
        }
    }
}

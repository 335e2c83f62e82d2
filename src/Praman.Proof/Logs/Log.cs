using System.Runtime.InteropServices;
using Praman.Proof.Merkle;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;

namespace Praman.Proof.Logs;

/// <summary>
/// An append-only log: entries in, their places out; a signed head over all of them; proofs at any size that was signed. No clock, no
/// file, no thread: tiles go to the store that it is given, and a head is signed only after the store has committed all that the head needs.
/// One writer at a time; not safe for use by several threads at once.
/// </summary>
public sealed class Log
{
    private readonly NoteSigningKey _key;
    private readonly ITileStore _store;
    private readonly Edge _edge;
    private readonly CompactRange _range;

    private Log(NoteSigningKey key, ITileStore store, CompactRange range, Edge edge)
    {
        _key = key;
        _store = store;
        _range = range;
        _edge = edge;
    }

    /// <summary>The log's name: its key's, and the first line of its checkpoints.</summary>
    public string Origin => _key.Name;

    /// <summary>The public key that its heads are checked with.</summary>
    public NoteVerifierKey VerifierKey => _key.VerifierKey;

    /// <summary>Entries so far, those after the last signed head included.</summary>
    public long Size => _range.Size;

    /// <summary>The last head signed or resumed from; null for a log that signed none.</summary>
    public SignedCheckpoint? Head { get; private set; }

    /// <summary>Begins an empty log.</summary>
    public static Log Create(NoteSigningKey key, ITileStore store)
    {
        Require(key, store);
        return new(key, store, new(), new(store, 0));
    }

    /// <summary>Goes on from the last head that was signed, by the tiles in the store.</summary>
    /// <param name="key">The log's key; it must have signed the head.</param>
    /// <param name="store">Holds the tiles of the head's tree.</param>
    /// <param name="head">The last head.</param>
    /// <param name="fault">Why it cannot: another key's head, a tile missing, a tile that does not give the head's root.</param>
    /// <returns>Null where it cannot go on. Nothing must be signed then: a log that forgets is a log that forks.</returns>
    public static Log? Resume(NoteSigningKey key, ITileStore store, SignedCheckpoint head, out string? fault)
    {
        Require(key, store);
        ArgumentNullException.ThrowIfNull(head);
        fault = null;
        if (head.CheckLog(key.VerifierKey) != SignatureCheck.Valid) fault = $"the head of {head.Checkpoint.Origin} is not signed by the key {key.VerifierKey}";
        var edge = new Edge(store, head.Size);
        fault ??= edge.Load();
        CompactRange? range = fault is null ? CompactRange.Resume(edge, head.Size) : null;
        if (fault is null && range is null) fault = $"the tiles of the tree of {head.Size} leaves are not all there";
        if (fault is null && range!.Root() != head.Root) fault = $"the tiles of {head.Size} leaves give the root {range.Root()}, and the head says {head.Root}";
        return fault is null ? new(key, store, range!, edge) { Head = head } : null;
    }

    /// <summary>Adds an entry.</summary>
    /// <returns>Its index. It is in the log for others once <see cref="Sign"/> has returned.</returns>
    public long Append(in LogEntry entry)
    {
        Span<byte> text = stackalloc byte[LogEntry.LengthMax];
        int length = entry.Write(text);
        return Append(text[..length]);
    }

    /// <summary>Adds an entry by its octets, at most <see cref="EntryBundle.EntryLengthMax"/>.</summary>
    public long Append(ReadOnlySpan<byte> entry)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entry.Length, EntryBundle.EntryLengthMax, nameof(entry));
        long index = Size;
        _edge.AddEntry(entry);
        _range.Append(MerkleHash.Leaf(entry), _edge);
        return index;
    }

    /// <summary>The root of the entries so far.</summary>
    public Digest Root() => _range.Root();

    /// <summary>Writes the partial tiles, commits the store, and signs the head over all entries so far.</summary>
    public SignedCheckpoint Sign()
    {
        _edge.Flush();
        _store.Commit();
        Head = SignedCheckpoint.Sign(new(Origin, Size, Root()), _key);
        return Head;
    }

    /// <summary>The inclusion proof of an entry in the first <paramref name="size"/> entries; null where a tile is missing.</summary>
    public Digest[]? InclusionProof(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return MerkleTree.InclusionProof(_edge, index, size);
    }

    /// <summary>The proof that the first <paramref name="newSize"/> entries begin with the first <paramref name="oldSize"/>; null where a tile is missing.</summary>
    public Digest[]? ConsistencyProof(long oldSize, long newSize)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newSize, Size);
        return MerkleTree.ConsistencyProof(_edge, oldSize, newSize);
    }

    /// <summary>A proof file for an entry under a head of this log; null where a tile is missing.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="head">A head of this log, with the cosignatures that the file shall carry.</param>
    /// <param name="extra">A salt, or nothing.</param>
    public TlogProof? Prove(long index, SignedCheckpoint head, ReadOnlyMemory<byte>? extra = null)
    {
        ArgumentNullException.ThrowIfNull(head);
        return InclusionProof(index, head.Size) is { } path ? new(extra, index, path, head) : null;
    }

    private static void Require(NoteSigningKey key, ITileStore store)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(store);
        if (key.VerifierKey.Type != NoteKeyType.Ed25519) throw new ArgumentException("A log signs with a key of type 0x01.", nameof(key));
    }

    /// <summary>The right edge of the tree: the tile under way of each level, and the bundle under way. Full ones go to the store.</summary>
    private sealed class Edge(ITileStore store, long size) : ICollectNodes, IMerkleNodes
    {
        private readonly List<Level> _levels = [];
        private readonly List<byte> _bundle = [];
        private readonly TileCache _full = new(256);
        private long _entries = size;

        private sealed class Level
        {
            public long FullTiles;
            public readonly List<Digest> Hashes = new(TilePath.FullWidth);
            public ExpandedTile? Expanded;
        }

        public string? Load()
        {
            for (int level = 0; level < 8 && _entries >> (8 * level) > 0; level++)
            {
                long count = _entries >> (8 * level);
                var edge = new Level { FullTiles = count >> 8 };
                _levels.Add(edge);
                if ((count & 255) == 0) continue;
                var path = new TilePath(level, edge.FullTiles, (int)(count & 255));
                if (!store.TryRead(path, out ReadOnlyMemory<byte> octets) || octets.Length != path.Width * Digest.Length)
                    return $"{path} is missing or has the wrong length";
                edge.Hashes.AddRange(MemoryMarshal.Cast<byte, Digest>(octets.Span));
            }
            if ((_entries & 255) == 0) return null;
            var bundle = new TilePath(TilePath.EntriesLevel, _entries >> 8, (int)(_entries & 255));
            if (!store.TryRead(bundle, out ReadOnlyMemory<byte> entries)) return $"{bundle} is missing";
            _bundle.AddRange(entries.Span);
            return null;
        }

        public void AddEntry(ReadOnlySpan<byte> entry)
        {
            EntryBundle.Append(_bundle, entry);
            if ((++_entries & 255) != 0) return;
            store.Write(new(TilePath.EntriesLevel, (_entries >> 8) - 1, TilePath.FullWidth), CollectionsMarshal.AsSpan(_bundle));
            _bundle.Clear();
        }

        public void Collect(int level, long index, in Digest hash)
        {
            if ((level & 7) != 0) return; // nodes between tile levels are computed again when asked for
            int tileLevel = level >> 3;
            if (tileLevel == _levels.Count) _levels.Add(new());
            Level edge = _levels[tileLevel];
            edge.Hashes.Add(hash);
            edge.Expanded = null;
            if (edge.Hashes.Count < TilePath.FullWidth) return;
            store.Write(new(tileLevel, edge.FullTiles++, TilePath.FullWidth), MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(edge.Hashes)));
            edge.Hashes.Clear();
        }

        public void Flush()
        {
            for (int level = 0; level < _levels.Count; level++)
            {
                Level edge = _levels[level];
                if (edge.Hashes.Count > 0)
                    store.Write(new(level, edge.FullTiles, edge.Hashes.Count), MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(edge.Hashes)));
            }
            if (_bundle.Count > 0) store.Write(new(TilePath.EntriesLevel, _entries >> 8, (int)(_entries & 255)), CollectionsMarshal.AsSpan(_bundle));
        }

        public bool TryGetNode(int level, long index, out Digest hash)
        {
            hash = default;
            int tileLevel = level >> 3, within = level & 7;
            if (tileLevel >= _levels.Count) return false;
            long first = index << within, tile = first >> 8;
            Level edge = _levels[tileLevel];
            ExpandedTile? expanded = tile < edge.FullTiles ? _full.Get(store, new(tileLevel, tile, TilePath.FullWidth))
                : tile == edge.FullTiles ? edge.Expanded ??= ExpandedTile.Build(CollectionsMarshal.AsSpan(edge.Hashes)) : null;
            return expanded is not null && expanded.TryGet(within, (int)(first & 255) >> within, out hash);
        }
    }
}

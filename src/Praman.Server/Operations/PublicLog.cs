using NodaTime;
using Praman.Billing.Verification;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Stores;
using Praman.Proof.Tiles;
using Praman.Storage.Logs;

namespace Praman.Server.Operations;

/// <summary>
/// The system's public log: entries in, a signed and cosigned head out, tiles on disk. Witnesses in the same process show the protocol; a witness
/// proves something only where others run it, and those are asked over HTTP (<see cref="WitnessCircle"/>). Callers at once take turns; what reads its
/// tiles for proofs does so in a turn of its own (<see cref="AloneAsync"/>).
/// </summary>
public sealed class PublicLog : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Log _log;
    private readonly LogFolder _folder;
    private readonly ILogIndex _index;
    private readonly Witness[] _witnesses;
    private readonly WitnessCircle? _others;
    private readonly long _resumedSize;
    private readonly List<LogIndexEntry> _unpublished = [];

    /// <summary>Entries to find by their content alone: those not published yet, and those whose subject a crash has lost.</summary>
    private readonly Dictionary<LogEntry, long> _pending = [], _nameless = [];

    private bool _indexIsWhole, _isBroken;

    private PublicLog(Log log, LogFolder folder, ILogIndex index, Witness[] witnesses, WitnessCircle? others)
    {
        _others = others;
        _resumedSize = log.Size;
        _log = log;
        _folder = folder;
        _index = index;
        _witnesses = witnesses;
    }

    /// <summary>Goes on from the folder's last signed head, or begins an empty log.</summary>
    /// <param name="key">The log's key.</param>
    /// <param name="witnessKeys">Witnesses that run in this process.</param>
    /// <param name="folder">The log's files.</param>
    /// <param name="index">What its entries are about.</param>
    /// <param name="others">Witnesses that others run; null for none.</param>
    /// <exception cref="InvalidDataException">The checkpoint or the tiles are not this key's, or are damaged: nothing must be signed then.</exception>
    public static PublicLog Open(NoteSigningKey key, IReadOnlyList<NoteSigningKey> witnessKeys, LogFolder folder, ILogIndex index, WitnessCircle? others = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(witnessKeys);
        ArgumentNullException.ThrowIfNull(folder);
        SignedCheckpoint? head = ReadHead(folder, LogFolder.CheckpointName, folder.ReadCheckpoint());
        // A head that a witness may have cosigned and that was not published yet: to go on from an earlier one would be a second history.
        SignedCheckpoint? signed = ReadHead(folder, LogFolder.SignedName, folder.ReadSigned());
        SignedCheckpoint? last = signed is null || signed.Size < (head?.Size ?? 0) ? head : signed;
        string? fault = null;
        Log log = last is null ? Log.Create(key, folder) : Log.Resume(key, folder, last, out fault)
            ?? throw new InvalidDataException($"{folder.Folder}: the log cannot go on: {fault}");
        // What a witness of this process last cosigned stands in the checkpoint, which is written after it: nothing newer was given out.
        WitnessHead[] heads = head is null ? [] : [new WitnessHead(head.Checkpoint.Origin, head.Size, head.Root)];
        return new PublicLog(log, folder, index, [.. witnessKeys.Select(witness => new Witness(witness, [key.VerifierKey], heads))], others) { Head = head };
    }

    private static SignedCheckpoint? ReadHead(LogFolder folder, string name, byte[]? octets)
    {
        if (octets is null) return null;
        return SignedCheckpoint.TryParse(octets, out SignedCheckpoint? head, out var error)
            ? head
            : throw new InvalidDataException($"{Path.Combine(folder.Folder, name)}: {error}");
    }

    /// <summary>Name of the log.</summary>
    public string Origin => _log.Origin;

    /// <summary>The last head that was published, with its cosignatures; null before the first.</summary>
    public SignedCheckpoint? Head { get; private set; }

    /// <summary>Keys to check heads with: the log's, then those of its witnesses.</summary>
    public IReadOnlyList<NoteVerifierKey> Keys => [_log.VerifierKey, .. _witnesses.Select(witness => witness.VerifierKey), .. _others?.Keys ?? []];

    /// <summary>Adds an entry; it is public once <see cref="PublishAsync"/> has returned.</summary>
    /// <param name="subject">What it is about, in this system's words; not public.</param>
    public long Append(in LogEntry entry, string subject)
    {
        _turn.Wait();
        try
        {
            return Add(entry, subject);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Runs what makes proofs, while nobody adds to the log. It must not wait for another turn.</summary>
    public async ValueTask<T> AloneAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return work();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private long Add(in LogEntry entry, string subject)
    {
        RequireWhole();
        // An append that a full disk cut short leaves the tree and the tiles apart: this log goes on only from its checkpoint, opened again.
        _isBroken = true;
        long index = _log.Append(entry);
        _isBroken = false;
        _unpublished.Add(new LogIndexEntry(index, entry, subject));
        _pending.TryAdd(entry, index);
        return index;
    }

    /// <summary>
    /// Adds an entry unless the same one is there already, published or waiting: a tariff is logged once, however many bills use it, and what
    /// is done again after a failure is not logged again.
    /// </summary>
    public async ValueTask<long> AppendOnceAsync(LogEntry entry, string subject, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await CompleteIndexAsync(cancellationToken).ConfigureAwait(false);
            if (_pending.TryGetValue(entry, out long index) || _nameless.TryGetValue(entry, out index)) return index;
            foreach (LogIndexEntry found in await _index.FindAsync(entry.Kind, subject, cancellationToken).ConfigureAwait(false))
            {
                if (found.Entry == entry) return found.Index;
            }
            return Add(entry, subject);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Signs the head over all entries, has it cosigned, writes it, and then keeps what the entries are about. Where it fails, the entries go on
    /// waiting: call it again.
    /// </summary>
    /// <exception cref="InvalidOperationException">A witness of this process refused, or fewer of the others cosigned than must.</exception>
    public async ValueTask<SignedCheckpoint> PublishAsync(Instant now, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await PublishInTurnAsync(now, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A proof file for an entry under a published head. Within <see cref="AloneAsync"/> where others may add to the log.</summary>
    public TlogProof Prove(long index, SignedCheckpoint head, ReadOnlyMemory<byte>? extra = null) =>
        _log.Prove(index, head, extra) ?? throw new InvalidOperationException($"a tile of the log is missing below entry {index}");

    /// <summary>A writer of evidence files under a published head. It writes within <see cref="AloneAsync"/> where others may add to the log.</summary>
    public BillEvidenceWriter EvidenceWriter(SignedCheckpoint head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return new(_log, head.Size);
    }

    private async ValueTask<SignedCheckpoint> PublishInTurnAsync(Instant now, CancellationToken cancellationToken)
    {
        RequireWhole();
        await CompleteIndexAsync(cancellationToken).ConfigureAwait(false);
        SignedCheckpoint head = _log.Sign();
        foreach (Witness witness in _witnesses)
        {
            long oldSize = witness.HeadOf(_log.Origin)?.Size ?? 0;
            Digest[] proof = oldSize == 0 || oldSize == head.Size
                ? []
                : _log.ConsistencyProof(oldSize, head.Size) ?? throw new InvalidOperationException("a tile of the log is missing");
            WitnessAnswer answer = witness.Cosign(head, oldSize, proof, now);
            if (answer.Cosignature is not { } cosignature)
            {
                throw new InvalidOperationException($"witness {witness.VerifierKey.Name} does not cosign the log at size {head.Size}: {answer.Verdict}");
            }
            head = head.With(cosignature);
        }
        if (_others is not null)
        {
            _folder.WriteSigned(head.Note.Octets);
            head = await _others.CosignAsync(_log, head, cancellationToken).ConfigureAwait(false);
        }
        _folder.WriteCheckpoint(head.Note.Octets);
        Head = head;
        await _index.AppendAsync(_unpublished, cancellationToken).ConfigureAwait(false);
        _unpublished.Clear();
        _pending.Clear();
        return head;
    }

    /// <summary>
    /// A crash between the checkpoint and the index leaves entries that the index does not know. They are taken from the tiles; what they are
    /// about is not public and so not there: their subject is empty, and they are found by their commitment.
    /// </summary>
    /// <exception cref="InvalidDataException">A bundle of entries is missing or is not what the tree holds.</exception>
    private async ValueTask CompleteIndexAsync(CancellationToken cancellationToken)
    {
        if (_indexIsWhole) return;
        long size = _resumedSize; // those of a head that was signed and not published are in the tiles as well
        for (long at = await IndexedAsync(size, cancellationToken).ConfigureAwait(false); at < size; at = Math.Min(size, ((at >> 8) + 1) << 8))
        {
            await _index.AppendAsync(ReadEntries(at, size), cancellationToken).ConfigureAwait(false);
        }
        for (LogEntryKind kind = LogEntryKind.Tariff; kind <= LogEntryKind.TrialBalance; kind++)
        {
            foreach (LogIndexEntry found in await _index.FindAsync(kind, "", cancellationToken).ConfigureAwait(false)) _nameless.TryAdd(found.Entry, found.Index);
        }
        _indexIsWhole = true;
    }

    /// <summary>How many of the first entries the index knows. It is appended to in order and whole, so it knows a first part of the log.</summary>
    private async ValueTask<long> IndexedAsync(long size, CancellationToken cancellationToken)
    {
        long known = 0, unknown = size + 1;
        while (unknown - known > 1)
        {
            // The last entry is asked for first: nearly always it is there.
            long middle = unknown > size ? size : known + ((unknown - known) / 2);
            if (middle == 0) break;
            IReadOnlyList<LogIndexEntry> found = await _index.ReadAsync(middle - 1, 1, cancellationToken).ConfigureAwait(false);
            if (found.Count > 0) known = middle;
            else unknown = middle;
        }
        return known;
    }

    /// <summary>The entries of a bundle from an index on, each checked against the tree's tile.</summary>
    private List<LogIndexEntry> ReadEntries(long first, long size)
    {
        TilePath path = TilePath.At(TilePath.EntriesLevel, first >> 8, size);
        TilePath hashes = path with { Level = 0 };
        if (!_folder.TryRead(path, out ReadOnlyMemory<byte> octets) || !EntryBundle.TryParse(octets, path.Width, out var texts, out _)
            || !_folder.TryRead(hashes, out ReadOnlyMemory<byte> leaves) || leaves.Length != path.Width * Digest.Length)
        {
            throw new InvalidDataException($"{_folder.Folder}: {path} or {hashes} is missing or damaged, and the index of the log lacks its entries");
        }
        var entries = new List<LogIndexEntry>();
        for (int i = (int)(first & 255); i < path.Width; i++)
        {
            long index = (path.Index << 8) + i;
            if (!LogEntry.TryParse(texts[i].Span, out LogEntry entry, out var error)) throw new InvalidDataException($"{path}, entry {index}: {error}");
            if (!entry.LeafHash().Octets.SequenceEqual(leaves.Span.Slice(i * Digest.Length, Digest.Length)))
            {
                throw new InvalidDataException($"{path}, entry {index}: it is not the one that the tree holds");
            }
            entries.Add(new LogIndexEntry(index, entry, ""));
        }
        return entries;
    }

    private void RequireWhole()
    {
        if (_isBroken) throw new InvalidOperationException("an append to the log has failed: open the log again, from its checkpoint");
    }
}

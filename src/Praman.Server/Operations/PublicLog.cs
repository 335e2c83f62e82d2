using NodaTime;
using Praman.Billing.Verification;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;
using Praman.Proof.Stores;
using Praman.Storage.Logs;

namespace Praman.Server.Operations;

/// <summary>
/// The system's public log: entries in, a signed and cosigned head out, tiles on disk. The witnesses given here run in the same process
/// and show the protocol; a witness proves something only where others run it. One caller at a time.
/// </summary>
public sealed class PublicLog
{
    private readonly Log _log;
    private readonly LogFolder _folder;
    private readonly ILogIndex _index;
    private readonly Witness[] _witnesses;
    private readonly List<LogIndexEntry> _unpublished = [];

    private PublicLog(Log log, LogFolder folder, ILogIndex index, Witness[] witnesses)
    {
        _log = log;
        _folder = folder;
        _index = index;
        _witnesses = witnesses;
    }

    /// <summary>Goes on from the folder's checkpoint, or begins an empty log.</summary>
    /// <exception cref="InvalidDataException">The checkpoint or the tiles are not this key's, or are damaged: nothing must be signed then.</exception>
    public static PublicLog Open(NoteSigningKey key, IReadOnlyList<NoteSigningKey> witnessKeys, LogFolder folder, ILogIndex index)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(witnessKeys);
        ArgumentNullException.ThrowIfNull(folder);
        SignedCheckpoint? head = null;
        if (folder.ReadCheckpoint() is { } octets && !SignedCheckpoint.TryParse(octets, out head, out var error))
        {
            throw new InvalidDataException($"{Path.Combine(folder.Folder, "checkpoint")}: {error}");
        }
        string? fault = null;
        Log log = head is null ? Log.Create(key, folder) : Log.Resume(key, folder, head, out fault)
            ?? throw new InvalidDataException($"{folder.Folder}: the log cannot go on: {fault}");
        // What a witness last cosigned stands in the checkpoint, which is written after it: nothing newer was given out.
        WitnessHead[] heads = head is null ? [] : [new WitnessHead(head.Checkpoint.Origin, head.Size, head.Root)];
        return new PublicLog(log, folder, index, [.. witnessKeys.Select(witness => new Witness(witness, [key.VerifierKey], heads))]) { Head = head };
    }

    /// <summary>Name of the log.</summary>
    public string Origin => _log.Origin;

    /// <summary>The last head that was published, with its cosignatures; null before the first.</summary>
    public SignedCheckpoint? Head { get; private set; }

    /// <summary>Keys to check heads with: the log's, then those of its witnesses.</summary>
    public IReadOnlyList<NoteVerifierKey> Keys => [_log.VerifierKey, .. _witnesses.Select(witness => witness.VerifierKey)];

    /// <summary>Adds an entry; it is public once <see cref="PublishAsync"/> has returned.</summary>
    /// <param name="subject">What it is about, in this system's words; not public.</param>
    public long Append(in LogEntry entry, string subject)
    {
        long index = _log.Append(entry);
        _unpublished.Add(new LogIndexEntry(index, entry, subject));
        return index;
    }

    /// <summary>Adds an entry unless the same one is there already: a tariff is logged once, however many bills use it.</summary>
    public async ValueTask<long> AppendOnceAsync(LogEntry entry, string subject, CancellationToken cancellationToken)
    {
        foreach (LogIndexEntry pending in _unpublished) if (pending.Entry == entry) return pending.Index;
        foreach (LogIndexEntry found in await _index.FindAsync(entry.Kind, subject, cancellationToken).ConfigureAwait(false))
        {
            if (found.Entry == entry) return found.Index;
        }
        return Append(entry, subject);
    }

    /// <summary>Signs the head over all entries, has it cosigned, writes it, and then keeps what the entries are about.</summary>
    /// <exception cref="InvalidOperationException">A witness refused.</exception>
    public async ValueTask<SignedCheckpoint> PublishAsync(Instant now, CancellationToken cancellationToken)
    {
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
        _folder.WriteCheckpoint(head.Note.Octets);
        await _index.AppendAsync(_unpublished, cancellationToken).ConfigureAwait(false);
        _unpublished.Clear();
        Head = head;
        return head;
    }

    /// <summary>A proof file for an entry under the published head.</summary>
    public TlogProof Prove(long index, ReadOnlyMemory<byte>? extra = null) =>
        _log.Prove(index, Published(), extra) ?? throw new InvalidOperationException($"a tile of the log is missing below entry {index}");

    /// <summary>A writer of evidence files under the published head.</summary>
    public BillEvidenceWriter EvidenceWriter() => new(_log, Published().Size);

    private SignedCheckpoint Published() => Head ?? throw new InvalidOperationException("no head of the log has been published yet");
}

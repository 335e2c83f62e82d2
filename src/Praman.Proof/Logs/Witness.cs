using NodaTime;
using Praman.Proof.Merkle;
using Praman.Proof.Notes;

namespace Praman.Proof.Logs;

/// <summary>The largest head of a log that a witness has cosigned.</summary>
public sealed record WitnessHead(string Origin, long Size, Digest Root);

/// <summary>Why a witness cosigns, or does not.</summary>
public enum WitnessVerdict
{
    Cosigned,
    /// <summary>No key of a log of this origin is known.</summary>
    UnknownLog,
    /// <summary>The log's signature is missing or false.</summary>
    BadLogSignature,
    /// <summary>The proof starts from another size than that of the last head: the caller asks again from <see cref="WitnessAnswer.Head"/>.</summary>
    OtherOldSize,
    /// <summary>The head is smaller than the last one: the log was rolled back.</summary>
    Rollback,
    /// <summary>Same size, another root: the log shows two histories.</summary>
    Fork,
    /// <summary>The proof does not lead from the last head to this one.</summary>
    Inconsistent,
}

/// <summary>A witness's answer.</summary>
/// <param name="Verdict">Whether it cosigned, else why not.</param>
/// <param name="Cosignature">The line for the note; null where it refused.</param>
/// <param name="Head">The head that it now holds: to be made durable before the cosignature is given out. Null where it holds none.</param>
public sealed record WitnessAnswer(WitnessVerdict Verdict, NoteSignature? Cosignature, WitnessHead? Head);

/// <summary>
/// Cosigns heads of the logs that it knows, each only if it continues the last one (C2SP tlog-cosignature, tlog-witness). Neither clock nor file:
/// the time is an argument and the heads are given and taken back. One caller at a time.
/// </summary>
public sealed class Witness
{
    private readonly NoteSigningKey _key;
    private readonly Action<SignedCheckpoint>? _keep;
    private readonly Dictionary<string, NoteVerifierKey> _logs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WitnessHead> _heads = new(StringComparer.Ordinal);

    /// <param name="key">The witness's key, type 0x04.</param>
    /// <param name="logs">Keys of the logs that it watches, one an origin.</param>
    /// <param name="heads">The last heads that it had cosigned.</param>
    /// <param name="keep">
    /// Makes a head durable; called before it is signed, so that no crash lets a witness sign against what it signed before. Where it throws,
    /// nothing is signed and the head held stays. Null where the caller keeps what <see cref="WitnessAnswer.Head"/> says.
    /// </param>
    public Witness(NoteSigningKey key, IEnumerable<NoteVerifierKey> logs, IEnumerable<WitnessHead>? heads = null, Action<SignedCheckpoint>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(logs);
        if (key.VerifierKey.Type != NoteKeyType.CosignatureV1) throw new ArgumentException("A witness signs with a key of type 0x04.", nameof(key));
        _key = key;
        _keep = keep;
        foreach (NoteVerifierKey log in logs)
        {
            if (log.Type != NoteKeyType.Ed25519) throw new ArgumentException($"{log} is no key of a log (type 0x01).", nameof(logs));
            _logs.Add(log.Name, log);
        }
        foreach (WitnessHead head in heads ?? []) _heads.Add(head.Origin, head);
    }

    public NoteVerifierKey VerifierKey => _key.VerifierKey;

    /// <summary>The last head of a log; null before the first.</summary>
    public WitnessHead? HeadOf(string origin) => _heads.GetValueOrDefault(origin);

    /// <summary>Checks a head and cosigns it.</summary>
    /// <param name="signed">The head with its log's signature.</param>
    /// <param name="oldSize">The size that the proof starts from: that of the last head, 0 before the first.</param>
    /// <param name="proof">The consistency proof; empty from 0 and between equal sizes.</param>
    /// <param name="now">The time that the cosignature states, in whole seconds.</param>
    public WitnessAnswer Cosign(SignedCheckpoint signed, long oldSize, ReadOnlySpan<Digest> proof, Instant now)
    {
        ArgumentNullException.ThrowIfNull(signed);
        Checkpoint head = signed.Checkpoint;
        WitnessHead? last = HeadOf(head.Origin);
        if (!_logs.TryGetValue(head.Origin, out NoteVerifierKey? log)) return new(WitnessVerdict.UnknownLog, null, null);
        if (signed.CheckLog(log) != SignatureCheck.Valid) return new(WitnessVerdict.BadLogSignature, null, last);
        long lastSize = last?.Size ?? 0;
        Digest lastRoot = last?.Root ?? MerkleHash.Empty;
        if (head.Size < lastSize) return new(WitnessVerdict.Rollback, null, last);
        if (head.Size == lastSize && head.Root != lastRoot) return new(WitnessVerdict.Fork, null, last);
        if (oldSize != lastSize) return new(WitnessVerdict.OtherOldSize, null, last);
        if (!MerkleProof.VerifyConsistency(lastSize, lastRoot, head.Size, head.Root, proof)) return new(WitnessVerdict.Inconsistent, null, last);
        var next = new WitnessHead(head.Origin, head.Size, head.Root);
        if (next != last) _keep?.Invoke(signed);
        _heads[head.Origin] = next;
        return new(WitnessVerdict.Cosigned, _key.Cosign(signed.Note.Text, now), next);
    }
}

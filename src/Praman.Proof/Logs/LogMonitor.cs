using NodaTime;
using Praman.Metering;
using Praman.Proof.Merkle;
using Praman.Proof.Notes;
using Praman.Proof.Tiles;

namespace Praman.Proof.Logs;

/// <summary>What a monitor says of the head that a log shows now.</summary>
public enum MonitorVerdict
{
    /// <summary>The first head: the whole log was read.</summary>
    First,
    /// <summary>The head of the last time.</summary>
    Unchanged,
    /// <summary>The log went on from the last head, and every new entry is what its hash says.</summary>
    Grown,
    /// <summary>Two heads are signed that cannot both be of one log.</summary>
    SplitView,
    /// <summary>The head is smaller than one seen before.</summary>
    Rollback,
    /// <summary>The head is not signed by the log, or by a known witness falsely.</summary>
    BadSignature,
    /// <summary>Fewer witnesses have cosigned than are asked for.</summary>
    TooFewWitnesses,
    /// <summary>The head is no checkpoint, or of another log.</summary>
    Unreadable,
    /// <summary>The tiles are not all there, or are not those of the head.</summary>
    Damaged,
}

/// <summary>One look at a log.</summary>
/// <param name="Verdict">What was found.</param>
/// <param name="Detail">The same in words.</param>
/// <param name="Head">The head that the log shows; null where it cannot be read.</param>
/// <param name="Audit">What was read of the entries; null where that was not reached.</param>
public sealed record MonitorStep(MonitorVerdict Verdict, string Detail, SignedCheckpoint? Head, LogAudit? Audit)
{
    /// <summary>Somebody must look. The head of such a step never becomes the last good one.</summary>
    public bool IsAlarm => Verdict > MonitorVerdict.Grown;

    /// <summary>The log itself has signed what convicts it: both heads are to be kept and published.</summary>
    public bool IsEvidence => Verdict is MonitorVerdict.SplitView or MonitorVerdict.Rollback;
}

/// <summary>
/// Follows a log from head to head, as anyone may: each must go on from the last one. Neither clock nor file nor network: the octets of the head,
/// the tiles and the last good head are given.
/// </summary>
public static class LogMonitor
{
    /// <summary>Looks once.</summary>
    /// <param name="octets">The checkpoint that the log shows.</param>
    /// <param name="last">The last head that was found good; null at the first look.</param>
    /// <param name="policy">Keys of the log and of witnesses, and how many of these must have cosigned.</param>
    /// <param name="tiles">The log's tiles.</param>
    /// <param name="now">The monitor's time, to refuse cosignatures from the future.</param>
    /// <param name="cancellationToken">Ends it between two tiles.</param>
    public static MonitorStep Look(
        ReadOnlySpan<byte> octets, SignedCheckpoint? last, CheckpointPolicy policy, ITileReader tiles, Instant? now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (!SignedCheckpoint.TryParse(octets, out SignedCheckpoint? head, out DecodeError error)) return new(MonitorVerdict.Unreadable, error.ToString(), null, null);
        CheckpointTrust trust = policy.Check(head, now);
        if (!trust.LogKnown) return new(MonitorVerdict.Unreadable, $"it is of {head.Checkpoint.Origin}, of which no key was given", head, null);
        if (trust.Log != SignatureCheck.Valid) return new(MonitorVerdict.BadSignature, $"the signature of {head.Checkpoint.Origin} is {(trust.Log == SignatureCheck.Invalid ? "false" : "not there")}", head, null);
        if (trust.InvalidWitness is { } witness) return new(MonitorVerdict.BadSignature, $"the cosignature of {witness} is false, or of the future", head, null);
        // A head that convicts the log counts whether or not a witness has signed it: it must be told first.
        if (last is not null && Compare(last, head) is { } found) return found;
        if (!trust.IsTrusted) return new(MonitorVerdict.TooFewWitnesses, $"{trust.Witnesses.Count} of {trust.WitnessesMin} witnesses have cosigned", head, null);
        if (last is null) return First(head, tiles, cancellationToken);
        return last.Size == head.Size ? new(MonitorVerdict.Unchanged, $"{Entries(head.Size)}, as before", head, null) : Grown(last, head, tiles, cancellationToken);
    }

    /// <summary>What two signed heads tell without any tile.</summary>
    private static MonitorStep? Compare(SignedCheckpoint last, SignedCheckpoint head)
    {
        if (last.Checkpoint.Origin != head.Checkpoint.Origin) return new(MonitorVerdict.Unreadable, $"it is of {head.Checkpoint.Origin}; the last was of {last.Checkpoint.Origin}", head, null);
        if (head.Size < last.Size) return new(MonitorVerdict.Rollback, $"{Entries(head.Size)}, and {last.Size} were seen before", head, null);
        return head.Size == last.Size && head.Root != last.Root
            ? new(MonitorVerdict.SplitView, $"two roots of {Entries(head.Size)}: {last.Root.ToBase64()} and {head.Root.ToBase64()}", head, null)
            : null;
    }

    private static MonitorStep First(SignedCheckpoint head, ITileReader tiles, CancellationToken cancellationToken)
    {
        var audit = LogAudit.Whole(tiles, head.Checkpoint, [], null, cancellationToken);
        return audit.IsWhole ? new(MonitorVerdict.First, $"{Entries(head.Size)}, all read", head, audit) : Damaged(head, audit);
    }

    private static MonitorStep Grown(SignedCheckpoint last, SignedCheckpoint head, ITileReader tiles, CancellationToken cancellationToken)
    {
        var nodes = new TileNodes(tiles, head.Size);
        Digest[]? proof = MerkleTree.ConsistencyProof(nodes, last.Size, head.Size);
        if (proof is null) return new(MonitorVerdict.Damaged, $"tiles between {last.Size} and {head.Size} entries are missing or have the wrong length", head, null);
        var audit = MerkleProof.VerifyConsistency(last.Size, last.Root, head.Size, head.Root, proof)
            ? LogAudit.Since(tiles, last.Checkpoint, head.Checkpoint, cancellationToken)
            : null;
        if (audit is null) return Other(last, head, tiles, cancellationToken);
        return audit.IsWhole ? new(MonitorVerdict.Grown, $"{Entries(head.Size)}, {head.Size - last.Size} new", head, audit) : Damaged(head, audit);
    }

    /// <summary>
    /// The log did not go on from the last head, as far as these tiles tell. That is a log with two histories only where the whole of the new one
    /// is there and whole; else a tile is false or missing, which accuses a disk or a server and not the log.
    /// </summary>
    private static MonitorStep Other(SignedCheckpoint last, SignedCheckpoint head, ITileReader tiles, CancellationToken cancellationToken)
    {
        bool isWhole = LogAudit.Whole(tiles, head.Checkpoint, [], null, cancellationToken) is { IsWhole: true };
        var audit = LogAudit.Whole(tiles, head.Checkpoint, [last.Checkpoint], null, cancellationToken);
        return isWhole && !audit.IsWhole
            ? new(MonitorVerdict.SplitView, $"the {head.Size} entries of now do not begin with the {last.Size} that were seen before", head, audit)
            : Damaged(head, audit);
    }

    private static string Entries(long size) => Counted.Of(size, "entry", "entries");

    private static MonitorStep Damaged(SignedCheckpoint head, LogAudit audit) =>
        new(MonitorVerdict.Damaged, audit.IsWhole ? "the tiles changed while they were read" : $"{audit.Faults[0].Place}: {audit.Faults[0].Reason}", head, audit);
}

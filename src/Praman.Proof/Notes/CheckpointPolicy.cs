using NodaTime;

namespace Praman.Proof.Notes;

/// <summary>Whom a verifier trusts. Keys come from its user, never from the files that are checked.</summary>
/// <param name="LogKeys">Keys of logs (type 0x01). One that is named after the checkpoint's origin must have signed.</param>
/// <param name="WitnessKeys">Keys of witnesses (type 0x04).</param>
/// <param name="WitnessesMin">Witnesses, by different keys, that must have cosigned.</param>
public sealed record CheckpointPolicy(IReadOnlyList<NoteVerifierKey> LogKeys, IReadOnlyList<NoteVerifierKey> WitnessKeys, int WitnessesMin)
{
    /// <summary>How far ahead of the verifier's clock a witness's may be.</summary>
    public static Duration ClockTolerance { get; } = Duration.FromMinutes(10);

    /// <summary>Checks a checkpoint's signatures.</summary>
    /// <param name="signed">The checkpoint.</param>
    /// <param name="now">The verifier's time, to refuse cosignatures from the future; null where it has none.</param>
    public CheckpointTrust Check(SignedCheckpoint signed, Instant? now = null)
    {
        ArgumentNullException.ThrowIfNull(signed);
        SignatureCheck log = SignatureCheck.Absent;
        bool logKnown = false;
        foreach (NoteVerifierKey key in LogKeys)
        {
            if (key.Name != signed.Checkpoint.Origin) continue;
            logKnown = true;
            log = Worse(log, signed.CheckLog(key));
        }
        var witnesses = new List<WitnessedAt>();
        var seen = new HashSet<Digest>();
        string? invalid = null;
        foreach (NoteVerifierKey key in WitnessKeys)
        {
            SignatureCheck check = signed.CheckWitness(key, out Instant at);
            bool future = check == SignatureCheck.Valid && now is { } clock && at > clock + ClockTolerance;
            if (check == SignatureCheck.Invalid || future) invalid ??= key.Name;
            // One key under two names is one witness.
            else if (check == SignatureCheck.Valid && seen.Add(new(key.PublicKey))) witnesses.Add(new(key.Name, at));
        }
        return new(logKnown, log, witnesses, invalid, WitnessesMin);
    }

    private static SignatureCheck Worse(SignatureCheck a, SignatureCheck b) =>
        a == SignatureCheck.Invalid || b == SignatureCheck.Invalid ? SignatureCheck.Invalid : a == SignatureCheck.Valid ? a : b;
}

/// <summary>A witness's statement that it had seen the checkpoint by then.</summary>
public sealed record WitnessedAt(string Witness, Instant At);

/// <summary>What a checkpoint's signatures amount to under a policy.</summary>
/// <param name="LogKnown">Whether the verifier has a key of the checkpoint's origin.</param>
/// <param name="Log">The log's own signature.</param>
/// <param name="Witnesses">Valid cosignatures of different known witnesses.</param>
/// <param name="InvalidWitness">A known witness under whose name a line is false or of the future; null where there is none.</param>
/// <param name="WitnessesMin">Cosignatures that the policy asks for.</param>
public sealed record CheckpointTrust(bool LogKnown, SignatureCheck Log, IReadOnlyList<WitnessedAt> Witnesses, string? InvalidWitness, int WitnessesMin)
{
    /// <summary>Signed by the log, cosigned by enough witnesses, and no known key's line is false.</summary>
    public bool IsTrusted => Log == SignatureCheck.Valid && InvalidWitness is null && Witnesses.Count >= WitnessesMin;
}

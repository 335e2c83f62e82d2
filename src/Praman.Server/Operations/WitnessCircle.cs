using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Notes;

namespace Praman.Server.Operations;

/// <summary>A way to a witness that somebody else runs.</summary>
public interface IWitnessLink
{
    /// <summary>The key that its cosignatures are checked with.</summary>
    NoteVerifierKey Key { get; }

    /// <summary>Posts a request of C2SP tlog-witness, add-checkpoint.</summary>
    /// <returns>Status and body; null where it cannot be reached or does not answer in time.</returns>
    Task<(int Status, byte[] Body)?> AddCheckpointAsync(byte[] request, CancellationToken cancellationToken);
}

/// <summary>A witness that did not cosign a head, and why.</summary>
public sealed record WitnessRefusal(string Witness, string Reason);

/// <summary>
/// The witnesses that others run. All are asked for each head; enough of them must have cosigned before it is published.
/// </summary>
/// <param name="links">The witnesses.</param>
/// <param name="cosignaturesMin">How many of them must have cosigned.</param>
public sealed class WitnessCircle(IReadOnlyList<IWitnessLink> links, int cosignaturesMin)
{
    private readonly Dictionary<string, long> _sizes = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Keys of the witnesses.</summary>
    public IReadOnlyList<NoteVerifierKey> Keys => [.. links.Select(link => link.Key)];

    /// <summary>Those that did not cosign the last head.</summary>
    public IReadOnlyList<WitnessRefusal> Refusals { get; private set; } = [];

    /// <summary>Asks all witnesses at once.</summary>
    /// <returns>The head with their lines.</returns>
    /// <exception cref="InvalidOperationException">Too few have cosigned; the message names the others and why.</exception>
    public async Task<SignedCheckpoint> CosignAsync(Log log, SignedCheckpoint head, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(head);
        (SignedCheckpoint Head, WitnessRefusal? Refusal)[] answers =
            await Task.WhenAll(links.Select(link => AskAsync(link, log, head, cancellationToken))).ConfigureAwait(false);
        SignedCheckpoint cosigned = head;
        for (int i = 0; i < answers.Length; i++)
        {
            if (answers[i].Refusal is null) cosigned = cosigned.With(answers[i].Head.Note.Signatures.Last(line => line.IsOf(links[i].Key)));
        }
        Refusals = [.. answers.Select(answer => answer.Refusal).OfType<WitnessRefusal>()];
        int count = answers.Length - Refusals.Count;
        if (count >= cosignaturesMin) return cosigned;
        string why = string.Join("; ", Refusals.Select(refusal => $"{refusal.Witness}: {refusal.Reason}"));
        throw new InvalidOperationException($"{count} of {cosignaturesMin} witnesses have cosigned the log at size {head.Size} ({why})");
    }

    private async Task<(SignedCheckpoint Head, WitnessRefusal? Refusal)> AskAsync(IWitnessLink link, Log log, SignedCheckpoint head, CancellationToken cancellationToken)
    {
        // The witness knows best what it holds: where it is not known here, or is known wrongly, its refusal names it.
        long old;
        lock (_gate) old = Math.Min(_sizes.GetValueOrDefault(link.Key.Name), head.Size);
        for (int attempt = 0; ; attempt++)
        {
            byte[]? request = Request(log, head, old);
            if (request is null) return (head, new(link.Key.Name, $"a tile of the log is missing below {old} entries"));
            if (await link.AddCheckpointAsync(request, cancellationToken).ConfigureAwait(false) is not { } answer) return (head, new(link.Key.Name, "it cannot be reached"));
            if (answer.Status == 200)
            {
                if (!WitnessProtocol.TryRead(head, link.Key, answer.Body, out SignedCheckpoint cosigned)) return (head, new(link.Key.Name, "its answer has no line of its key"));
                lock (_gate) _sizes[link.Key.Name] = head.Size;
                return (cosigned, null);
            }
            bool conflict = answer.Status == 409 && WitnessProtocol.TryReadSize(answer.Body, out old);
            if (!conflict || attempt > 0) return (head, new(link.Key.Name, $"it answers {answer.Status}"));
            if (old > head.Size) return (head, new(link.Key.Name, $"it has cosigned {old} entries, and the log has {head.Size}"));
        }
    }

    private byte[]? Request(Log log, SignedCheckpoint head, long old)
    {
        Digest[]? proof;
        lock (_gate) proof = log.ConsistencyProof(old, head.Size); // the log is not safe for several threads
        return proof is null ? null : new AddCheckpointRequest(old, proof, head).ToBytes();
    }
}

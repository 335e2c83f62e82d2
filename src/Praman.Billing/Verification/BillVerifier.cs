using System.Diagnostics.CodeAnalysis;
using NodaTime;
using Praman.Metering;
using Praman.Proof.Notes;

namespace Praman.Billing.Verification;

/// <summary>
/// Checks bills from their files alone, step by step as docs/reference/proof-format.md says. Pure: octets in, verdict out; whom to trust
/// comes from the caller. One verifier keeps what bills have in common, and serves one thread at a time.
/// </summary>
/// <param name="policy">Keys of logs and witnesses, and how many witnesses must have cosigned.</param>
/// <param name="now">The time, to refuse cosignatures from the future; null: none is known.</param>
public sealed class BillVerifier(CheckpointPolicy policy, Instant? now = null)
{
    private readonly VerifierCache _cache = new();
    private readonly EvidenceReader _evidenceReader = new();
    private SignedCheckpoint? _lastCheckpoint;

    /// <summary>Checks one bill.</summary>
    /// <returns>False, with the file, the place and what was expected there, where a file is not of the form.</returns>
    public bool TryVerify(BillFiles files, [NotNullWhen(true)] out BillVerdict? verdict, [NotNullWhen(false)] out UnreadableFile? fault)
    {
        ArgumentNullException.ThrowIfNull(files);
        verdict = null;
        TlogProof? proof = null;
        EvidenceDocument? evidence = null;
        if (TooLong(BillFiles.BillName, files.Bill, out fault) || TooLong(BillFiles.EvidenceName, files.Evidence, out fault)) return false;
        if (!BillDocumentReader.TryRead(files.Bill, out BillDocument? bill, out fault)) return false;
        if (files.Proof is { } proofBytes && !TryReadProof(proofBytes.Span, out proof, out fault)) return false;
        if (files.Evidence is { } evidenceBytes && !_evidenceReader.TryRead(evidenceBytes, out evidence, out fault)) return false;
        // What a reversal takes back is checked as the bill that it was; what is logged is the reversal.
        BillDocument given = bill;
        if (given.Reverses is not null && !BillDocumentReader.TryRead(ReversalDocument.Reversed(given), out bill, out fault)) return false;
        var run = new VerificationRun(bill, proof, evidence, policy, now, _cache) { Given = given };
        verdict = run.Run();
        fault = run.Fault;
        if (fault is not null) verdict = null;
        return verdict is not null;
    }

    private bool TryReadProof(ReadOnlySpan<byte> bytes, out TlogProof? proof, [NotNullWhen(false)] out UnreadableFile? fault)
    {
        fault = null;
        if (!TlogProof.TryParse(bytes, _lastCheckpoint, out proof, out DecodeError error)) fault = new(BillFiles.ProofName, "", error);
        else if (proof.Extra is { } salt && salt.Length != Proof.Commitment.SaltLength)
            fault = new(BillFiles.ProofName, "extra", new DecodeError(23, $"a salt has {Proof.Commitment.SaltLength} octets, not {salt.Length}"));
        if (proof is not null) _lastCheckpoint = proof.Checkpoint;
        return fault is null;
    }

    private static bool TooLong(string name, ReadOnlyMemory<byte>? bytes, [NotNullWhen(true)] out UnreadableFile? fault)
    {
        fault = bytes is { Length: > BillFiles.LengthMax } ? new(name, "", new DecodeError(BillFiles.LengthMax, $"more than {BillFiles.LengthMax} octets")) : null;
        return fault is not null;
    }
}

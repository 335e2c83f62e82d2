using System.Globalization;
using System.Text;
using NodaTime;
using Praman.Metering;
using Praman.Proof.Notes;

namespace Praman.Proof.Logs;

/// <summary>What a witness answers by HTTP.</summary>
/// <param name="Status">The status code.</param>
/// <param name="MediaType">The content's type.</param>
/// <param name="Body">Lines of cosignatures, the size that the witness holds, or one line that says why not.</param>
public sealed record WitnessResponse(int Status, string MediaType, byte[] Body);

/// <summary>
/// The witness's side of C2SP tlog-witness without the network: body in, status and body out. What a log does with the answer is
/// <see cref="TryRead"/>.
/// </summary>
public static class WitnessProtocol
{
    /// <summary>Below the witness's submission prefix.</summary>
    public const string Path = "add-checkpoint";

    /// <summary>Type of an answer that holds the size of the last cosigned tree.</summary>
    public const string SizeMediaType = "text/x.tlog.size";

    /// <summary>Octets of an answer, at most: what is longer is not read.</summary>
    public const int AnswerLengthMax = 64 * 1024;

    /// <summary>Answers one request. One at a time: the check of the old size and the keeping of the new head are one act.</summary>
    public static WitnessResponse Answer(Witness witness, ReadOnlySpan<byte> body, Instant now)
    {
        ArgumentNullException.ThrowIfNull(witness);
        if (!AddCheckpointRequest.TryParse(body, out AddCheckpointRequest? request, out DecodeError error)) return Line(400, error.ToString());
        WitnessAnswer answer = witness.Cosign(request.Checkpoint, request.OldSize, [.. request.Proof], now);
        string origin = request.Checkpoint.Checkpoint.Origin;
        return answer.Verdict switch
        {
            WitnessVerdict.Cosigned => new(200, "text/plain; charset=utf-8", answer.Cosignature!.ToLine()),
            WitnessVerdict.UnknownLog => Line(404, $"this witness does not watch the log {origin}"),
            WitnessVerdict.BadLogSignature => Line(403, $"no signature of {origin} by a key that this witness knows"),
            // The order of the protocol: a proof that goes beyond the head is malformed, whatever the witness holds.
            _ when request.OldSize > request.Checkpoint.Size => Line(400, $"old {request.OldSize} is more than the checkpoint's size {request.Checkpoint.Size}"),
            WitnessVerdict.Inconsistent => Line(422, $"the proof does not lead from {request.OldSize} to {request.Checkpoint.Size} entries"),
            _ => new(409, SizeMediaType, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{answer.Head?.Size ?? 0}\n"))),
        };
    }

    /// <summary>Takes a witness's cosignature out of its answer; lines of other keys, and of keys that are not known, are passed over.</summary>
    /// <param name="head">The head that was asked for.</param>
    /// <param name="key">The witness's key.</param>
    /// <param name="body">The answer.</param>
    /// <param name="signed">The head with that line.</param>
    public static bool TryRead(SignedCheckpoint head, NoteVerifierKey key, ReadOnlySpan<byte> body, out SignedCheckpoint signed)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(key);
        signed = head;
        byte[] bare = [.. head.Note.Text, (byte)'\n', .. body];
        if (body.Length > AnswerLengthMax || !SignedCheckpoint.TryParse(bare, out SignedCheckpoint? answered, out _)) return false;
        // What the answer adds must not change what is signed: an empty line in it would move the end of the text.
        if (!answered.Note.Text.SequenceEqual(head.Note.Text) || answered.CheckWitness(key, out _) != SignatureCheck.Valid) return false;
        signed = head.With(answered.Note.Signatures.Last(line => line.IsOf(key)));
        return true;
    }

    /// <summary>The size that a witness holds, from the body of a 409.</summary>
    public static bool TryReadSize(ReadOnlySpan<byte> body, out long size)
    {
        size = 0;
        return body.EndsWith("\n"u8) && DecimalText.TryParse(body[..^1], out size);
    }

    private static WitnessResponse Line(int status, string text) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));
}

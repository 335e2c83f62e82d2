using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Praman.Metering;
using Praman.Proof.Notes;

namespace Praman.Proof.Logs;

/// <summary>
/// What a log asks of a witness (C2SP tlog-witness, add-checkpoint): the line <c>old N</c>, the hashes of the consistency proof in base64, a line
/// each, an empty line, the signed checkpoint.
/// </summary>
public sealed record AddCheckpointRequest(long OldSize, IReadOnlyList<Digest> Proof, SignedCheckpoint Checkpoint)
{
    /// <summary>Lines of a proof, at most.</summary>
    public const int ProofLineCountMax = 63;

    /// <summary>Octets of a request, at most: the proof's lines and the longest note.</summary>
    public const int LengthMax = 24 + ((ProofLineCountMax + 1) * 45) + SignedNote.LengthMax;

    private const string Clause = "C2SP tlog-witness, add-checkpoint";

    /// <summary>The body of the request.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"old {OldSize}\n");
        foreach (Digest hash in Proof) text.Append(hash.ToBase64()).Append('\n');
        text.Append('\n');
        return [.. Encoding.ASCII.GetBytes(text.ToString()), .. Checkpoint.Note.Octets];
    }

    /// <summary>Reads a body; one body stands for one request.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, [NotNullWhen(true)] out AddCheckpointRequest? request, out DecodeError error)
    {
        request = null;
        if (body.Length > LengthMax) return Refuse(out error, LengthMax, $"more than {LengthMax} octets");
        int end = body.IndexOf((byte)'\n');
        if (end < 0 || !body.StartsWith("old "u8) || !DecimalText.TryParse(body[4..end], out long oldSize))
            return Refuse(out error, 0, "the first line is written: old, space, the size of the last cosigned tree, decimal, without leading zeros");
        int at = end + 1;
        var proof = new List<Digest>();
        while (true)
        {
            end = body[at..].IndexOf((byte)'\n');
            if (end == 0) break;
            if (proof.Count == ProofLineCountMax) return Refuse(out error, at, $"more than {ProofLineCountMax} lines of a consistency proof");
            if (end < 0 || !Digest.TryParseBase64(body.Slice(at, end), out Digest hash))
                return Refuse(out error, at, "a line of the consistency proof is a hash, 44 characters of base64; an empty line ends them");
            proof.Add(hash);
            at += end + 1;
        }
        at++;
        if (!SignedCheckpoint.TryParse(body[at..], out SignedCheckpoint? checkpoint, out error))
        {
            error = error with { Offset = at + error.Offset };
            return false;
        }
        request = new(oldSize, proof, checkpoint);
        return true;
    }

    private static bool Refuse(out DecodeError error, int offset, string reason)
    {
        error = new(offset, reason, Clause);
        return false;
    }
}

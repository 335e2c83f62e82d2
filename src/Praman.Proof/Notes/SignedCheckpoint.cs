using System.Diagnostics.CodeAnalysis;
using NodaTime;
using Praman.Metering;

namespace Praman.Proof.Notes;

/// <summary>A checkpoint as it travels: a signed note whose text is a checkpoint.</summary>
public sealed record SignedCheckpoint(SignedNote Note, Checkpoint Checkpoint)
{
    public long Size => Checkpoint.Size;

    public Digest Root => Checkpoint.Root;

    /// <summary>Signs a checkpoint as its log.</summary>
    public static SignedCheckpoint Sign(Checkpoint checkpoint, NoteSigningKey key)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(key);
        byte[] text = checkpoint.ToText();
        return new(SignedNote.Create(text, key.Sign(text)), checkpoint);
    }

    /// <summary>The same checkpoint with a witness's line at its end.</summary>
    public SignedCheckpoint With(NoteSignature cosignature) => this with { Note = Note.With(cosignature) };

    /// <summary>Reads a checkpoint with its signatures; none is verified.</summary>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out SignedCheckpoint? signed, out DecodeError error)
    {
        signed = null;
        if (!SignedNote.TryParse(octets, out SignedNote? note, out error) || !Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out error)) return false;
        signed = new(note, checkpoint);
        return true;
    }

    /// <summary>Whether the log of this key signed. A key answers for the origin that it is named after, and for no other.</summary>
    public SignatureCheck CheckLog(NoteVerifierKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Type == NoteKeyType.Ed25519 && key.Name == Checkpoint.Origin ? Note.Check(key) : SignatureCheck.Absent;
    }

    /// <summary>Whether the witness of this key cosigned, and when.</summary>
    public SignatureCheck CheckWitness(NoteVerifierKey key, out Instant at)
    {
        ArgumentNullException.ThrowIfNull(key);
        at = default;
        SignatureCheck check = SignatureCheck.Absent;
        if (key.Type != NoteKeyType.CosignatureV1) return check;
        foreach (NoteSignature line in Note.Signatures)
        {
            if (!line.IsOf(key)) continue;
            if (!Cosignature.Verify(key, Note.Text, line.Octets.Span, out Instant time)) return SignatureCheck.Invalid;
            check = SignatureCheck.Valid;
            if (time > at) at = time;
        }
        return check;
    }
}

namespace Praman.Proof.Notes;

/// <summary>The octet that says how a key signs (C2SP signed-note, signature types).</summary>
public enum NoteKeyType : byte
{
    /// <summary>Ed25519 over the note's text.</summary>
    Ed25519 = 0x01,
    /// <summary>A witness's Ed25519 over time and text (C2SP tlog-cosignature, cosignature/v1).</summary>
    CosignatureV1 = 0x04,
}

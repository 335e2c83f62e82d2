using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using NodaTime;

namespace Praman.Proof.Notes;

/// <summary>
/// A witness's cosignature/v1: at this time, this was the largest consistent head that it had seen of the log. 72 octets: seconds since 1970, big-endian,
/// and Ed25519 over <c>cosignature/v1</c> LF <c>time N</c> LF text (C2SP tlog-cosignature).
/// </summary>
public static class Cosignature
{
    /// <summary>Octets of a cosignature after its key id.</summary>
    public const int Length = 8 + Ed25519Signature.SignatureLength;

    /// <summary>What is signed.</summary>
    public static byte[] Message(long seconds, ReadOnlySpan<byte> text)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n");
        return [.. Encoding.ASCII.GetBytes(head), .. text];
    }

    /// <summary>Whether the octets are this witness's over the text; and when it says that it signed.</summary>
    public static bool Verify(NoteVerifierKey witness, ReadOnlySpan<byte> text, ReadOnlySpan<byte> octets, out Instant at)
    {
        ArgumentNullException.ThrowIfNull(witness);
        at = default;
        if (witness.Type != NoteKeyType.CosignatureV1 || octets.Length != Length) return false;
        ulong seconds = BinaryPrimitives.ReadUInt64BigEndian(octets);
        if (seconds > (ulong)Instant.MaxValue.ToUnixTimeSeconds()) return false;
        at = Instant.FromUnixTimeSeconds((long)seconds);
        return witness.Verify(Message((long)seconds, text), octets[8..]);
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Praman.Proof.Notes;

/// <summary>One signature line of a note: <c>— name base64(key id ‖ octets)</c>.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="KeyId">The key's id.</param>
/// <param name="Octets">The signature after the key id: 64 octets of Ed25519, 72 of a cosignature, more of types not known here.</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Octets)
{
    /// <summary>The line with its line feed, in UTF-8.</summary>
    public byte[] ToLine()
    {
        byte[] octets = new byte[4 + Octets.Length];
        BinaryPrimitives.WriteUInt32BigEndian(octets, KeyId);
        Octets.Span.CopyTo(octets.AsSpan(4));
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\u2014 {Name} {Convert.ToBase64String(octets)}\n"));
    }

    /// <summary>Whether the line claims to be of this key.</summary>
    public bool IsOf(NoteVerifierKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return KeyId == key.Id && Name == key.Name;
    }
}

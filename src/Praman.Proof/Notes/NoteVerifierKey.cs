using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Praman.Metering;

namespace Praman.Proof.Notes;

/// <summary>
/// A public key that notes are checked with: name, type, 32 octets. Text form (vkey): <c>name+keyid+base64(type ‖ key)</c>, key id in eight hex digits
/// (C2SP signed-note).
/// </summary>
public sealed class NoteVerifierKey : IEquatable<NoteVerifierKey>
{
    private readonly byte[] _publicKey;

    /// <summary>A key of a known owner.</summary>
    /// <exception cref="ArgumentException">The name is empty or holds white space or a plus, or the octets are no Ed25519 key.</exception>
    public NoteVerifierKey(string name, NoteKeyType type, ReadOnlySpan<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsName(name)) throw new ArgumentException($"\"{name}\" cannot name a key: empty, or with white space or a plus.", nameof(name));
        if (type is not (NoteKeyType.Ed25519 or NoteKeyType.CosignatureV1))
            throw new ArgumentOutOfRangeException(nameof(type), type, "Not a key type that is known here.");
        if (!Ed25519Signature.IsPublicKey(publicKey)) throw new ArgumentException("Not an Ed25519 public key.", nameof(publicKey));
        Name = name;
        Type = type;
        _publicKey = publicKey.ToArray();
        Id = ComputeId(name, type, publicKey);
    }

    public string Name { get; }

    public NoteKeyType Type { get; }

    /// <summary>First four octets of SHA-256(name LF type key), big-endian: tells keys apart, proves nothing.</summary>
    public uint Id { get; }

    /// <summary>The key, 32 octets.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Whether this key made the Ed25519 signature over the message.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Ed25519Signature.Verify(_publicKey, message, signature);

    /// <summary>Reads a vkey; white space around it is passed over.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NoteVerifierKey? key, out DecodeError error)
    {
        key = null;
        string[] parts = (text ?? "").Trim().Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0]))
        {
            error = new(0, "a verifier key is written name+keyid+base64", "C2SP signed-note");
            return false;
        }
        if (parts[1].Length != 8 || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint id))
        {
            error = new(parts[0].Length + 1, "the key id has eight hex digits", "C2SP signed-note");
            return false;
        }
        int at = parts[0].Length + 10;
        byte[]? octets = parts[2].Length > 1024 ? null : CanonicalBase64.Decode(Encoding.UTF8.GetBytes(parts[2]), 1024);
        if (octets is null || octets.Length == 0)
        {
            error = new(at, "the key is base64 of its type and its octets", "C2SP signed-note");
            return false;
        }
        if (octets[0] is not ((byte)NoteKeyType.Ed25519 or (byte)NoteKeyType.CosignatureV1))
        {
            string found = string.Create(CultureInfo.InvariantCulture, $"key type 0x{octets[0]:x2}");
            error = new(at, $"{found}; 0x01 (Ed25519) and 0x04 (cosignature/v1) are known", "C2SP signed-note");
            return false;
        }
        if (octets.Length != 33 || !Ed25519Signature.IsPublicKey(octets.AsSpan(1)))
        {
            error = new(at, "not an Ed25519 public key of 32 octets", "RFC 8032 5.1.5");
            return false;
        }
        key = new(parts[0], (NoteKeyType)octets[0], octets.AsSpan(1));
        error = default;
        if (key.Id == id) return true;
        string reason = string.Create(CultureInfo.InvariantCulture, $"key id {id:x8} does not belong to this name and key, whose id is {key.Id:x8}");
        error = new(parts[0].Length + 1, reason, "C2SP signed-note");
        key = null;
        return false;
    }

    /// <summary>The vkey.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}+{Id:x8}+{Convert.ToBase64String([(byte)Type, .. _publicKey])}");

    public bool Equals(NoteVerifierKey? other) =>
        other is not null && Name == other.Name && Type == other.Type && _publicKey.AsSpan().SequenceEqual(other._publicKey);

    public override bool Equals(object? obj) => Equals(obj as NoteVerifierKey);

    public override int GetHashCode() => (int)Id;

    internal static bool IsName(string name)
    {
        if (name.Length == 0) return false;
        foreach (Rune rune in name.EnumerateRunes())
        {
            // A lone surrogate is read as U+FFFD, which no name holds.
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || rune.Value is '+' or 0xFFFD) return false;
        }
        return true;
    }

    private static uint ComputeId(string name, NoteKeyType type, ReadOnlySpan<byte> publicKey) =>
        BinaryPrimitives.ReadUInt32BigEndian(Digest.Sha256([.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)type, .. publicKey]).Octets);
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Praman.Metering;

namespace Praman.Proof.Notes;

/// <summary>
/// A private key that signs notes. Text form (skey): <c>PRIVATE+KEY+name+keyid+base64(type ‖ seed)</c>; it comes out only by
/// <see cref="ToSecretText"/>, never by ToString.
/// </summary>
public sealed class NoteSigningKey : IDisposable
{
    private const string Prefix = "PRIVATE+KEY+";
    private readonly byte[] _seed;

    /// <summary>A key from its 32-octet seed.</summary>
    public NoteSigningKey(string name, NoteKeyType type, ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Ed25519Signature.SeedLength)
            throw new ArgumentException($"A seed has {Ed25519Signature.SeedLength} octets, not {seed.Length}.", nameof(seed));
        VerifierKey = new(name, type, Ed25519Signature.PublicKey(seed));
        _seed = seed.ToArray();
    }

    /// <summary>The public half.</summary>
    public NoteVerifierKey VerifierKey { get; }

    public string Name => VerifierKey.Name;

    /// <summary>A new key from the system's generator.</summary>
    public static NoteSigningKey Create(string name, NoteKeyType type)
    {
        Span<byte> seed = stackalloc byte[Ed25519Signature.SeedLength];
        RandomNumberGenerator.Fill(seed);
        var key = new NoteSigningKey(name, type, seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    /// <summary>Reads a skey; white space around it is passed over.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NoteSigningKey? key, out DecodeError error)
    {
        key = null;
        string trimmed = (text ?? "").Trim();
        string[] parts = trimmed.StartsWith(Prefix, StringComparison.Ordinal) ? trimmed[Prefix.Length..].Split('+', 3) : [];
        if (parts.Length != 3 || !NoteVerifierKey.IsName(parts[0]) || parts[2].Length > 64
            || CanonicalBase64.Decode(Encoding.UTF8.GetBytes(parts[2]), 48) is not { Length: 33 } octets
            || octets[0] is not ((byte)NoteKeyType.Ed25519 or (byte)NoteKeyType.CosignatureV1))
        {
            error = new(0, "a signing key is written PRIVATE+KEY+name+keyid+base64(type, seed of 32 octets)", "C2SP signed-note");
            return false;
        }
        key = new(parts[0], (NoteKeyType)octets[0], octets.AsSpan(1));
        CryptographicOperations.ZeroMemory(octets);
        if (parts[1] == key.VerifierKey.Id.ToString("x8", CultureInfo.InvariantCulture))
        {
            error = default;
            return true;
        }
        error = new(Prefix.Length + parts[0].Length + 1, "the key id does not belong to this name and key", "C2SP signed-note");
        key.Dispose();
        key = null;
        return false;
    }

    /// <summary>The skey, for the key store.</summary>
    public string ToSecretText() => string.Create(CultureInfo.InvariantCulture,
        $"{Prefix}{Name}+{VerifierKey.Id:x8}+{Convert.ToBase64String([(byte)VerifierKey.Type, .. _seed])}");

    /// <summary>The name only: a key is never printed by accident.</summary>
    public override string ToString() => Name;

    /// <summary>Signs a note's text as its author (type 0x01).</summary>
    public NoteSignature Sign(ReadOnlySpan<byte> text)
    {
        Require(NoteKeyType.Ed25519);
        return new(Name, VerifierKey.Id, Ed25519Signature.Sign(_seed, text));
    }

    /// <summary>Cosigns a checkpoint's text as a witness (type 0x04) at a time of whole seconds (C2SP tlog-cosignature).</summary>
    public NoteSignature Cosign(ReadOnlySpan<byte> text, Instant at)
    {
        Require(NoteKeyType.CosignatureV1);
        long seconds = at.ToUnixTimeSeconds();
        ArgumentOutOfRangeException.ThrowIfNegative(seconds, nameof(at));
        byte[] octets = new byte[Cosignature.Length];
        BinaryPrimitives.WriteInt64BigEndian(octets, seconds);
        Ed25519Signature.Sign(_seed, Cosignature.Message(seconds, text)).CopyTo(octets, 8);
        return new(Name, VerifierKey.Id, octets);
    }

    /// <summary>Overwrites the seed.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_seed);

    private void Require(NoteKeyType type)
    {
        if (VerifierKey.Type != type) throw new InvalidOperationException($"The key {Name} is of type {VerifierKey.Type}, not {type}.");
    }
}

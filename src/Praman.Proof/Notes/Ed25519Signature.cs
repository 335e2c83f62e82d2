using Bc = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;

namespace Praman.Proof.Notes;

/// <summary>Ed25519 (RFC 8032 section 5.1), octets in and out.</summary>
public static class Ed25519Signature
{
    public const int SeedLength = 32, PublicKeyLength = 32, SignatureLength = 64;

    /// <summary>The public key of a private seed.</summary>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        Require(seed, SeedLength, nameof(seed));
        byte[] publicKey = new byte[PublicKeyLength];
        Bc.GeneratePublicKey(seed, publicKey);
        return publicKey;
    }

    /// <summary>Signs a message with a private seed.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        Require(seed, SeedLength, nameof(seed));
        byte[] signature = new byte[SignatureLength], secret = seed.ToArray(), text = message.ToArray();
        Bc.Sign(secret, 0, text, 0, text.Length, signature, 0);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
        return signature;
    }

    /// <summary>Whether the signature is that key's over the message. A wrong length or a point off the curve is a no, not an error.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyLength || signature.Length != SignatureLength) return false;
        byte[] text = message.ToArray();
        return Bc.Verify(signature.ToArray(), 0, publicKey.ToArray(), 0, text, 0, text.Length);
    }

    /// <summary>Whether 32 octets are a point of the right order, so that no signature of nobody passes under them.</summary>
    public static bool IsPublicKey(ReadOnlySpan<byte> publicKey) =>
        publicKey.Length == PublicKeyLength && Bc.ValidatePublicKeyFull(publicKey.ToArray(), 0);

    private static void Require(ReadOnlySpan<byte> octets, int length, string name)
    {
        if (octets.Length != length) throw new ArgumentException($"{length} octets are expected, not {octets.Length}.", name);
    }
}

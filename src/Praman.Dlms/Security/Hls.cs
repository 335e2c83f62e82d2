using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Praman.Dlms.Security;

/// <summary>What each peer sends to prove that it holds the secret (IEC 62056-5-3, LLS and HLS authentication).</summary>
public static class Hls
{
    /// <summary>Octets of a GMAC answer: security control, invocation counter and tag.</summary>
    public const int GmacLength = SecurityHeader.Length + GcmCipher.TagLength;

    private const int Block = 16;

    /// <summary>Compares a password (LLS) or an answer in fixed time.</summary>
    public static bool FixedTimeEquals(ReadOnlySpan<byte> given, ReadOnlySpan<byte> expected) => CryptographicOperations.FixedTimeEquals(given, expected);

    /// <summary>
    /// Mechanism 2 as Indian meters use it (IS 15959): the challenge of one or more blocks of 16 octets, encrypted with AES-128 under the HLS
    /// secret of 16 octets, each block by itself.
    /// </summary>
    [SuppressMessage("Security", "CA5358:Review cipher mode usage with cryptography experts", Justification = "The companion specification asks for it; one block, used once.")]
    public static byte[] EncryptChallenge(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge)
    {
        if (challenge.IsEmpty || challenge.Length % Block != 0) throw new ArgumentException($"A challenge of {challenge.Length} octets: expected a multiple of 16.", nameof(challenge));
        using var aes = Aes.Create();
        aes.Key = secret.ToArray();
        return aes.EncryptEcb(challenge, PaddingMode.None);
    }

    /// <summary>Mechanism 5: security control 0x10 | suite, invocation counter and the GMAC tag of the peer's challenge, 17 octets.</summary>
    public static void WriteGmac(GcmCipher cipher, ReadOnlySpan<byte> authenticationKey, ReadOnlySpan<byte> ownSystemTitle, uint invocationCounter,
        ReadOnlySpan<byte> peerChallenge, Span<byte> destination, int suite = 0)
    {
        ArgumentNullException.ThrowIfNull(cipher);
        var control = new SecurityControl(suite, authenticated: true, encrypted: false);
        destination[0] = control.Octet;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], invocationCounter);
        cipher.Authenticate(ownSystemTitle, new(control, invocationCounter), authenticationKey, peerChallenge, destination.Slice(SecurityHeader.Length, GcmCipher.TagLength));
    }

    /// <summary>Checks the peer's answer of mechanism 5 to our challenge; <paramref name="invocationCounter"/> is the one it used.</summary>
    public static bool TryVerifyGmac(GcmCipher cipher, ReadOnlySpan<byte> authenticationKey, ReadOnlySpan<byte> peerSystemTitle, ReadOnlySpan<byte> ownChallenge,
        ReadOnlySpan<byte> answer, out uint invocationCounter)
    {
        ArgumentNullException.ThrowIfNull(cipher);
        invocationCounter = 0;
        if (answer.Length != GmacLength) return false;
        var control = new SecurityControl(answer[0]);
        if (!control.IsAuthenticated || control.IsEncrypted) return false;
        invocationCounter = BinaryPrimitives.ReadUInt32BigEndian(answer[1..]);
        return cipher.Verify(peerSystemTitle, new(control, invocationCounter), authenticationKey, ownChallenge, answer[SecurityHeader.Length..]);
    }

    /// <summary>Mechanism 6: SHA-256 of the secret, the sender's and the receiver's system titles and both challenges, the receiver's first.</summary>
    public static byte[] HashChallenge(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> senderTitle, ReadOnlySpan<byte> receiverTitle,
        ReadOnlySpan<byte> receiverChallenge, ReadOnlySpan<byte> senderChallenge)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(secret);
        hash.AppendData(senderTitle);
        hash.AppendData(receiverTitle);
        hash.AppendData(receiverChallenge);
        hash.AppendData(senderChallenge);
        return hash.GetHashAndReset();
    }
}

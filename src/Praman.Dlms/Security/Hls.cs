using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Praman.Dlms.Acse;

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
        aes.SetKey(secret);
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
        ReadOnlySpan<byte> answer, out uint invocationCounter, int suite = 0)
    {
        ArgumentNullException.ThrowIfNull(cipher);
        invocationCounter = 0;
        if (answer.Length != GmacLength) return false;
        var control = new SecurityControl(suite, authenticated: true, encrypted: false);
        if (answer[0] != control.Octet) return false;
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

    /// <summary>Mechanism 3: MD5 of the challenge and the secret.</summary>
    [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "The mechanism is MD5; who can avoids it, and a server offers it only where told to.")]
    public static byte[] Md5Challenge(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge) => Digest(HashAlgorithmName.MD5, challenge, secret);

    /// <summary>Mechanism 4: SHA-1 of the challenge and the secret.</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The mechanism is SHA-1; who can avoids it, and a server offers it only where told to.")]
    public static byte[] Sha1Challenge(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge) => Digest(HashAlgorithmName.SHA1, challenge, secret);

    private static byte[] Digest(HashAlgorithmName algorithm, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> secret)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        hash.AppendData(challenge);
        hash.AppendData(secret);
        return hash.GetHashAndReset();
    }

    /// <summary>What mechanism 7 signs: the sender's and the receiver's system titles and both challenges, the receiver's first.</summary>
    public static byte[] ChallengeToSign(ReadOnlySpan<byte> senderTitle, ReadOnlySpan<byte> receiverTitle, ReadOnlySpan<byte> receiverChallenge, ReadOnlySpan<byte> senderChallenge) =>
        [.. senderTitle, .. receiverTitle, .. receiverChallenge, .. senderChallenge];

    /// <summary>Least octets of a challenge: 32 where it is signed, else 8.</summary>
    public static int ChallengeLengthMin(AuthenticationMechanism mechanism) => mechanism == AuthenticationMechanism.HlsEcdsa ? 32 : 8;

    /// <summary>Most octets of a challenge.</summary>
    public const int ChallengeLengthMax = 64;

    /// <summary>Octets of the challenges that are sent from here.</summary>
    public static int ChallengeLength(AuthenticationMechanism mechanism) => Math.Max(Block, ChallengeLengthMin(mechanism));

    /// <summary>True where a challenge of the peer may be answered: its length, for mechanism 2 whole blocks, and not our own sent back.</summary>
    public static bool IsChallenge(AuthenticationMechanism mechanism, ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> ownChallenge = default) =>
        peerChallenge.Length <= ChallengeLengthMax && peerChallenge.Length >= ChallengeLengthMin(mechanism)
        && (mechanism != AuthenticationMechanism.Hls || peerChallenge.Length % Block == 0) && !peerChallenge.SequenceEqual(ownChallenge);

    /// <summary>
    /// The answer to the peer's challenge under every mechanism but 5, whose counters are the association's own matter. Null where what it needs is
    /// not here: a secret, of 16 octets for mechanism 2, or a signature key.
    /// </summary>
    public static byte[]? Answer(AuthenticationMechanism mechanism, in HlsParties parties, EllipticKeys? ownKeys) => mechanism switch
    {
        AuthenticationMechanism.HlsEcdsa => ownKeys?.Signature is null ? null
            : ownKeys.Sign(ChallengeToSign(parties.OwnTitle, parties.PeerTitle, parties.PeerChallenge, parties.OwnChallenge)),
        _ => Expected(mechanism, parties.Secret, parties.OwnTitle, parties.PeerTitle, parties.PeerChallenge, parties.OwnChallenge),
    };

    /// <summary>Checks the peer's answer to our challenge, in fixed time, under every mechanism but 5.</summary>
    public static bool Check(AuthenticationMechanism mechanism, in HlsParties parties, EllipticKeys? peerKeys, ReadOnlySpan<byte> answer)
    {
        if (mechanism == AuthenticationMechanism.HlsEcdsa)
            return peerKeys is not null && peerKeys.Verify(ChallengeToSign(parties.PeerTitle, parties.OwnTitle, parties.OwnChallenge, parties.PeerChallenge), answer);
        byte[]? expected = Expected(mechanism, parties.Secret, parties.PeerTitle, parties.OwnTitle, parties.OwnChallenge, parties.PeerChallenge);
        return expected is not null && FixedTimeEquals(answer, expected);
    }

    private static byte[]? Expected(AuthenticationMechanism mechanism, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> senderTitle, ReadOnlySpan<byte> receiverTitle,
        ReadOnlySpan<byte> receiverChallenge, ReadOnlySpan<byte> senderChallenge)
    {
        if (secret.IsEmpty || receiverChallenge.IsEmpty) return null;
        return mechanism switch
        {
            AuthenticationMechanism.Hls => secret.Length == Block && receiverChallenge.Length % Block == 0 ? EncryptChallenge(secret, receiverChallenge) : null,
            AuthenticationMechanism.HlsMd5 => Md5Challenge(secret, receiverChallenge),
            AuthenticationMechanism.HlsSha1 => Sha1Challenge(secret, receiverChallenge),
            AuthenticationMechanism.HlsSha256 => HashChallenge(secret, senderTitle, receiverTitle, receiverChallenge, senderChallenge),
            _ => null,
        };
    }
}

/// <summary>What the answers of high-level security are made of, from one party's view.</summary>
public readonly ref struct HlsParties
{
    /// <summary>The secret that both hold; empty for mechanisms without one.</summary>
    public ReadOnlySpan<byte> Secret { get; init; }

    public ReadOnlySpan<byte> OwnTitle { get; init; }

    public ReadOnlySpan<byte> PeerTitle { get; init; }

    public ReadOnlySpan<byte> OwnChallenge { get; init; }

    public ReadOnlySpan<byte> PeerChallenge { get; init; }
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Praman.Dlms.Security;

/// <summary>
/// Keys that two parties compute from elliptic-curve keys of theirs (NIST SP 800-56A; IEC 62056-5-3, key agreement): one-pass Diffie-Hellman
/// C(1e, 1s) and the static unified model C(0e, 2s) within general-ciphering, the ephemeral unified model C(2e, 0s) through Security setup.
/// </summary>
public static class KeyAgreement
{
    /// <summary>Key parameters of C(1e, 1s).</summary>
    public const byte OnePass = 1;

    /// <summary>Key parameters of C(0e, 2s).</summary>
    public const byte StaticUnified = 2;

    private const int TransactionMax = 16;

    /// <summary>
    /// The originator's side of C(1e, 1s): a new key pair, its public half signed, and the key agreed with the recipient's static public key.
    /// </summary>
    /// <returns>False where a key that is needed is not here.</returns>
    public static bool TryBeginOnePass(EllipticKeys own, EllipticKeys recipient, ReadOnlySpan<byte> ownTitle, ReadOnlySpan<byte> recipientTitle, Span<byte> key, out byte[] keyData)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(recipient);
        keyData = [];
        if (own.Signature is null || recipient.Agreement is null || own.Suite != recipient.Suite) return false;
        using var ephemeral = ECDiffieHellman.Create(SecuritySuite.Curve(own.Suite));
        byte[] point = EllipticKeys.Raw(own.Suite, ephemeral.ExportParameters(false));
        if (!TryDerive(own.Suite, ephemeral, recipient.Agreement, KeyPurpose.Encryption, ownTitle, recipientTitle, key)) return false;
        keyData = [.. point, .. own.Sign(point)];
        return true;
    }

    /// <summary>The recipient's side of C(1e, 1s). The ephemeral key must be signed by the originator.</summary>
    public static SecurityOutcome FinishOnePass(EllipticKeys own, EllipticKeys originator, ReadOnlySpan<byte> keyData, ReadOnlySpan<byte> originatorTitle, ReadOnlySpan<byte> ownTitle, Span<byte> key)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(originator);
        if (own.Agreement is null || originator.Signature is null || own.Suite != originator.Suite) return SecurityOutcome.MissingKey;
        int length = SecuritySuite.PublicKeyLength(own.Suite);
        if (keyData.Length != length + SecuritySuite.SignatureLength(own.Suite)) return SecurityOutcome.Malformed;
        if (!originator.Verify(keyData[..length], keyData[length..])) return SecurityOutcome.SignatureMismatch;
        using ECDiffieHellman? ephemeral = EllipticKeys.ReadAgreement(own.Suite, keyData[..length]);
        if (ephemeral is null) return SecurityOutcome.Malformed;
        return TryDerive(own.Suite, own.Agreement, ephemeral, KeyPurpose.Encryption, originatorTitle, ownTitle, key) ? SecurityOutcome.Success : SecurityOutcome.Malformed;
    }

    /// <summary>Either side of C(0e, 2s): both static keys, the transaction-id making each key another.</summary>
    /// <returns>False where a key that is needed is not here, or the transaction-id is missing or too long.</returns>
    public static bool TryStatic(EllipticKeys own, EllipticKeys peer, ReadOnlySpan<byte> originatorTitle, ReadOnlySpan<byte> transactionId, ReadOnlySpan<byte> recipientTitle, Span<byte> key)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(peer);
        if (own.Agreement is null || peer.Agreement is null || own.Suite != peer.Suite || transactionId.Length is 0 or > TransactionMax) return false;
        Span<byte> partyU = stackalloc byte[GcmCipher.SystemTitleLength + 1 + TransactionMax];
        originatorTitle.CopyTo(partyU);
        partyU[originatorTitle.Length] = (byte)transactionId.Length;
        transactionId.CopyTo(partyU[(originatorTitle.Length + 1)..]);
        return TryDerive(own.Suite, own.Agreement, peer.Agreement, KeyPurpose.Encryption, partyU[..(originatorTitle.Length + 1 + transactionId.Length)], recipientTitle, key);
    }

    internal static bool TryDerive(int suite, ECDiffieHellman own, ECDiffieHellman peer, KeyPurpose purpose, ReadOnlySpan<byte> partyU, ReadOnlySpan<byte> partyV, Span<byte> key)
    {
        byte[]? secret = null;
        try
        {
            using ECDiffieHellmanPublicKey point = peer.PublicKey;
            secret = own.DeriveRawSecretAgreement(point);
            ConcatKdf.Derive(suite, secret, purpose, partyU, partyV, key);
            return true;
        }
        catch (CryptographicException)
        {
            return false; // the curves differ
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}

/// <summary>
/// One party's half of the ephemeral unified model C(2e, 0s), by which Security setup agrees on a global key (IEC 62056-6-2, class 64, key_agreement):
/// a key pair that lives as long as this, and key data of its public half and a signature over key id and public half.
/// </summary>
public sealed class EphemeralOffer : IDisposable
{
    private readonly EllipticKeys _own;
    private readonly ECDiffieHellman _ephemeral;

    /// <param name="own">The party's keys: it signs with them.</param>
    /// <param name="keyId">Which key is agreed on.</param>
    public EphemeralOffer(EllipticKeys own, byte keyId)
    {
        ArgumentNullException.ThrowIfNull(own);
        _own = own;
        KeyId = keyId;
        _ephemeral = ECDiffieHellman.Create(SecuritySuite.Curve(own.Suite));
        byte[] point = EllipticKeys.Raw(own.Suite, _ephemeral.ExportParameters(false));
        KeyData = [.. point, .. own.Sign([keyId, .. point])];
    }

    public byte KeyId { get; }

    /// <summary>What the other party gets.</summary>
    public byte[] KeyData { get; }

    /// <summary>The agreed key; party U is the one that asked, the client.</summary>
    /// <returns>False where the other party's key data has a wrong length, is not signed by it, or is no point of the curve.</returns>
    public bool TryAgree(EllipticKeys peer, ReadOnlySpan<byte> peerKeyData, KeyPurpose purpose, ReadOnlySpan<byte> titleU, ReadOnlySpan<byte> titleV, [NotNullWhen(true)] out byte[]? key)
    {
        ArgumentNullException.ThrowIfNull(peer);
        key = null;
        int length = SecuritySuite.PublicKeyLength(_own.Suite);
        if (peer.Suite != _own.Suite || peerKeyData.Length != length + SecuritySuite.SignatureLength(_own.Suite)) return false;
        if (!peer.Verify([KeyId, .. peerKeyData[..length]], peerKeyData[length..])) return false;
        using ECDiffieHellman? other = EllipticKeys.ReadAgreement(_own.Suite, peerKeyData[..length]);
        byte[] agreed = new byte[SecuritySuite.KeyLength(_own.Suite)];
        if (other is null || !KeyAgreement.TryDerive(_own.Suite, _ephemeral, other, purpose, titleU, titleV, agreed)) return false;
        key = agreed;
        return true;
    }

    public void Dispose() => _ephemeral.Dispose();
}

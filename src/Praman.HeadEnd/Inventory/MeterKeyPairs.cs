using System.Security.Cryptography;
using Praman.Dlms.Security;

namespace Praman.HeadEnd.Inventory;

/// <summary>
/// What suites 1 and 2 need beside the global keys: private keys of ours, and of the meter its public keys, as such or in certificates. Which suite
/// they are of, their lengths say. Its text says nothing; disposing wipes what is private.
/// </summary>
public sealed class MeterKeyPairs : IDisposable
{
    private readonly byte[] _signature;
    private readonly byte[] _agreement;

    /// <param name="signature">Our private key of digital signature: 32 octets in suite 1, 48 in suite 2, or empty.</param>
    /// <param name="agreement">Our private key of key agreement, likewise.</param>
    /// <param name="meterSignature">The meter's public key of digital signature, x and y, or its certificate (DER); or empty.</param>
    /// <param name="meterAgreement">The meter's public key of key agreement, likewise.</param>
    /// <param name="authority">Certificate of the authority that must have signed the meter's; empty where nobody's signature is asked for.</param>
    /// <exception cref="ArgumentException">A key has another length, or a certificate is too long; the message holds no octet of it.</exception>
    public MeterKeyPairs(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> agreement, ReadOnlySpan<byte> meterSignature, ReadOnlySpan<byte> meterAgreement, ReadOnlySpan<byte> authority = default)
    {
        CheckPrivate(signature, nameof(signature));
        CheckPrivate(agreement, nameof(agreement));
        CheckPublic(meterSignature, nameof(meterSignature));
        CheckPublic(meterAgreement, nameof(meterAgreement));
        CheckPublic(authority, nameof(authority));
        _signature = signature.ToArray();
        _agreement = agreement.ToArray();
        (MeterSignature, MeterAgreement, Authority) = (meterSignature.ToArray(), meterAgreement.ToArray(), authority.ToArray());
    }

    /// <summary>Octets of the longest private key.</summary>
    public static int PrivateLengthMax => SecuritySuite.CoordinateLength(SecuritySuite.Max);

    public ReadOnlyMemory<byte> Signature => _signature;

    public ReadOnlyMemory<byte> Agreement => _agreement;

    public ReadOnlyMemory<byte> MeterSignature { get; }

    public ReadOnlyMemory<byte> MeterAgreement { get; }

    public ReadOnlyMemory<byte> Authority { get; }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_signature);
        CryptographicOperations.ZeroMemory(_agreement);
    }

    public override string ToString() => "key pairs";

    private static void CheckPrivate(ReadOnlySpan<byte> key, string name)
    {
        if (key.Length != 0 && key.Length != SecuritySuite.CoordinateLength(1) && key.Length != SecuritySuite.CoordinateLength(2))
            throw new ArgumentException($"a private key has {SecuritySuite.CoordinateLength(1)} octets in suite 1 and {SecuritySuite.CoordinateLength(2)} in suite 2, not {key.Length}", name);
    }

    private static void CheckPublic(ReadOnlySpan<byte> key, string name)
    {
        if (key.Length > DlmsCertificate.LengthMax) throw new ArgumentException($"a certificate has at most {DlmsCertificate.LengthMax} octets, not {key.Length}", name);
    }
}

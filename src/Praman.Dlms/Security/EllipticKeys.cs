using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Praman.Dlms.Security;

/// <summary>
/// The key pairs of one party under suite 1 or 2: one to sign with, one to agree on keys with (IEC 62056-5-3, elliptic curve cryptography). Of
/// another party only the public halves are here. On the wire a public key is x and y, a signature r and s, each of fixed length.
/// </summary>
public sealed class EllipticKeys : IDisposable
{
    /// <summary>Takes the keys over; either may be missing.</summary>
    public EllipticKeys(int suite, ECDsa? signature, ECDiffieHellman? agreement)
    {
        _ = SecuritySuite.Curve(suite); // refuses others
        (Suite, Signature, Agreement) = (suite, signature, agreement);
    }

    public int Suite { get; }

    /// <summary>The key pair of digital signature, or null.</summary>
    public ECDsa? Signature { get; }

    /// <summary>The key pair of key agreement, or null.</summary>
    public ECDiffieHellman? Agreement { get; }

    /// <summary>The public signature key, x and y; empty where there is none.</summary>
    public byte[] SignaturePublic => Signature is null ? [] : Raw(Suite, Signature.ExportParameters(false));

    /// <summary>The public agreement key, x and y; empty where there is none.</summary>
    public byte[] AgreementPublic => Agreement is null ? [] : Raw(Suite, Agreement.ExportParameters(false));

    /// <summary>Two new key pairs.</summary>
    public static EllipticKeys Generate(int suite) => new(suite, ECDsa.Create(SecuritySuite.Curve(suite)), ECDiffieHellman.Create(SecuritySuite.Curve(suite)));

    /// <summary>The same public keys without the private ones.</summary>
    public EllipticKeys PublicOnly() => TryImportPublic(Suite, SignaturePublic, AgreementPublic, out EllipticKeys? keys) ? keys : throw new CryptographicException("a public key does not lie on its curve");

    /// <summary>Public keys as they travel; empty for one that is not known.</summary>
    /// <returns>False where a length does not fit the suite or a point does not lie on the curve.</returns>
    public static bool TryImportPublic(int suite, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> agreement, [NotNullWhen(true)] out EllipticKeys? keys)
    {
        keys = null;
        ECDsa? signs = null;
        ECDiffieHellman? agrees = null;
        if (!SecuritySuite.HasCurve(suite)) return false;
        if (!signature.IsEmpty && (!TryReadPoint(suite, signature, out ECParameters point) || (signs = CreateSignature(point)) is null)) return false;
        if (!agreement.IsEmpty && (!TryReadPoint(suite, agreement, out point) || (agrees = CreateAgreement(point)) is null))
        {
            signs?.Dispose();
            return false;
        }
        keys = new(suite, signs, agrees);
        return true;
    }

    /// <summary>Key pairs from their private keys; empty for one that is not there.</summary>
    /// <returns>False where a length does not fit the suite or a key is out of range.</returns>
    public static bool TryImportPrivate(int suite, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> agreement, [NotNullWhen(true)] out EllipticKeys? keys)
    {
        keys = null;
        if (!SecuritySuite.HasCurve(suite)) return false;
        int length = SecuritySuite.CoordinateLength(suite);
        if ((!signature.IsEmpty && signature.Length != length) || (!agreement.IsEmpty && agreement.Length != length)) return false;
        ECDsa? signs = signature.IsEmpty ? null : CreateSignature(new() { Curve = SecuritySuite.Curve(suite), D = signature.ToArray() });
        ECDiffieHellman? agrees = agreement.IsEmpty ? null : CreateAgreement(new() { Curve = SecuritySuite.Curve(suite), D = agreement.ToArray() });
        if ((signs is null && !signature.IsEmpty) || (agrees is null && !agreement.IsEmpty))
        {
            signs?.Dispose();
            agrees?.Dispose();
            return false;
        }
        keys = new(suite, signs, agrees);
        return true;
    }

    /// <summary>Signs octets with the suite's hash; r and s.</summary>
    /// <exception cref="InvalidOperationException">There is no signature key.</exception>
    public byte[] Sign(ReadOnlySpan<byte> octets) =>
        (Signature ?? throw new InvalidOperationException("there is no signature key")).SignData(octets, SecuritySuite.Hash(Suite), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>Checks a signature of r and s; false too where there is no key.</summary>
    public bool Verify(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature) => Signature is not null && signature.Length == SecuritySuite.SignatureLength(Suite)
        && Signature.VerifyData(octets, signature, SecuritySuite.Hash(Suite), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>x and y of a public key, of the curve's length each.</summary>
    internal static byte[] Raw(int suite, ECParameters point)
    {
        int length = SecuritySuite.CoordinateLength(suite);
        byte[] raw = new byte[2 * length];
        point.Q.X!.CopyTo(raw, length - point.Q.X.Length);
        point.Q.Y!.CopyTo(raw, (2 * length) - point.Q.Y.Length);
        return raw;
    }

    /// <summary>A public agreement key as it travels, or null where it is none of the suite's curve.</summary>
    internal static ECDiffieHellman? ReadAgreement(int suite, ReadOnlySpan<byte> raw) => TryReadPoint(suite, raw, out ECParameters point) ? CreateAgreement(point) : null;

    private static bool TryReadPoint(int suite, ReadOnlySpan<byte> raw, out ECParameters point)
    {
        int length = SecuritySuite.CoordinateLength(suite);
        point = default;
        if (raw.Length != 2 * length) return false;
        point = new() { Curve = SecuritySuite.Curve(suite), Q = new() { X = raw[..length].ToArray(), Y = raw[length..].ToArray() } };
        return true;
    }

    private static ECDsa? CreateSignature(ECParameters parameters)
    {
        try
        {
            return ECDsa.Create(parameters);
        }
        catch (CryptographicException)
        {
            return null; // not on the curve
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    private static ECDiffieHellman? CreateAgreement(ECParameters parameters)
    {
        try
        {
            return ECDiffieHellman.Create(parameters);
        }
        catch (CryptographicException)
        {
            return null; // not on the curve
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    public void Dispose()
    {
        Signature?.Dispose();
        Agreement?.Dispose();
    }
}

using System.Security.Cryptography;

namespace Praman.Dlms.Security;

/// <summary>
/// What a security suite is made of (IEC 62056-5-3, security suites). 0: AES-GCM-128 and AES-128 key wrap. 1: the same with ECDSA and ECDH on P-256
/// and SHA-256. 2: AES-GCM-256, AES-256 key wrap, ECDSA and ECDH on P-384, SHA-384.
/// </summary>
public static class SecuritySuite
{
    public const int Max = 2;

    private const int KeyLength128 = 16, KeyLength256 = 32, Coordinate256 = 32, Coordinate384 = 48;

    public static bool IsKnown(int suite) => suite is >= 0 and <= Max;

    /// <summary>Octets of every symmetric key of the suite.</summary>
    public static int KeyLength(int suite) => suite == 2 ? KeyLength256 : KeyLength128;

    /// <summary>True where the suite has digital signature and key agreement.</summary>
    public static bool HasCurve(int suite) => suite is 1 or 2;

    /// <summary>Octets of a coordinate, of a private key, and of each half of a signature.</summary>
    public static int CoordinateLength(int suite) => suite == 2 ? Coordinate384 : Coordinate256;

    /// <summary>Octets of a public key: x and y.</summary>
    public static int PublicKeyLength(int suite) => 2 * CoordinateLength(suite);

    /// <summary>Octets of a signature: r and s.</summary>
    public static int SignatureLength(int suite) => 2 * CoordinateLength(suite);

    /// <exception cref="ArgumentOutOfRangeException">The suite has no elliptic curve.</exception>
    public static ECCurve Curve(int suite) => suite switch
    {
        1 => ECCurve.NamedCurves.nistP256,
        2 => ECCurve.NamedCurves.nistP384,
        _ => throw new ArgumentOutOfRangeException(nameof(suite), suite, "only suites 1 and 2 have an elliptic curve"),
    };

    public static HashAlgorithmName Hash(int suite) => suite == 2 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
}

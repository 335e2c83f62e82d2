using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Praman.Meter.Firmware;

/// <summary>
/// A firmware image of the virtual meter: <c>PRMIMG01</c>, one octet with the length of the version, the version in ASCII, the program, and 64 octets of
/// ECDSA signature (P-256, SHA-256, r and s) by the maker over all that stands before it.
/// </summary>
public sealed record FirmwareImage(string Version, ReadOnlyMemory<byte> Program, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Longest version.</summary>
    public const int VersionLengthMax = 16;

    /// <summary>Octets of a maker's public key: both coordinates.</summary>
    public const int KeyLength = 64;

    private const int SignatureLength = 64, CoordinateLength = KeyLength / 2;

    private static ReadOnlySpan<byte> Magic => "PRMIMG01"u8;

    /// <summary>Writes and signs an image.</summary>
    public static byte[] Write(string version, ReadOnlySpan<byte> program, ECDsa makerKey)
    {
        ArgumentNullException.ThrowIfNull(makerKey);
        ArgumentException.ThrowIfNullOrEmpty(version);
        if (version.Length > VersionLengthMax || !Ascii.IsValid(version)) throw new ArgumentException($"a version has 1 to {VersionLengthMax} characters of ASCII", nameof(version));
        byte[] head = [.. Magic, (byte)version.Length, .. Encoding.ASCII.GetBytes(version), .. program];
        return [.. head, .. makerKey.SignData(head, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)];
    }

    /// <summary>Reads an image; false where it is none, or is not signed by the owner of that key.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> octets, ReadOnlySpan<byte> makerKey, [NotNullWhen(true)] out FirmwareImage? image)
    {
        image = null;
        ReadOnlySpan<byte> span = octets.Span;
        if (makerKey.Length != KeyLength || span.Length < Magic.Length + 2 + SignatureLength || !span.StartsWith(Magic)) return false;
        int versionLength = span[Magic.Length], programAt = Magic.Length + 1 + versionLength, end = span.Length - SignatureLength;
        if (versionLength is 0 or > VersionLengthMax || programAt > end || !Ascii.IsValid(span[(Magic.Length + 1)..programAt])) return false;
        try
        {
            using var key = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = makerKey[..CoordinateLength].ToArray(), Y = makerKey[CoordinateLength..].ToArray() },
            });
            if (!key.VerifyData(span[..end], span[end..], HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)) return false;
        }
        catch (CryptographicException)
        {
            return false; // no point of the curve
        }
        image = new(Encoding.ASCII.GetString(span[(Magic.Length + 1)..programAt]), octets[programAt..end], octets[end..]);
        return true;
    }
}

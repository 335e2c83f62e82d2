using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Praman.Meter.Firmware;

/// <summary>
/// A firmware image of the virtual meter: <c>PRMIMG02</c>, four octets of its number (the highest first), one octet with the length of the version, the
/// version in ASCII, the program, and 64 octets of ECDSA signature (P-256, SHA-256, r and s) by the maker over all that stands before it.
/// </summary>
/// <param name="Number">Rises with each image that the maker gives out: a meter takes none that is older than what it runs.</param>
/// <param name="Version">What people call it; nothing is concluded from it.</param>
/// <param name="Program">What the meter would run.</param>
/// <param name="Signature">The maker's.</param>
public sealed record FirmwareImage(uint Number, string Version, ReadOnlyMemory<byte> Program, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Longest version.</summary>
    public const int VersionLengthMax = 16;

    /// <summary>Octets of a maker's public key: both coordinates.</summary>
    public const int KeyLength = 64;

    private const int SignatureLength = 64, CoordinateLength = KeyLength / 2, NumberLength = sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "PRMIMG02"u8;

    // Magic, number and the length of the version.
    private static int VersionAt => Magic.Length + NumberLength + 1;

    /// <summary>Writes and signs an image.</summary>
    public static byte[] Write(uint number, string version, ReadOnlySpan<byte> program, ECDsa makerKey)
    {
        ArgumentNullException.ThrowIfNull(makerKey);
        ArgumentException.ThrowIfNullOrEmpty(version);
        if (version.Length > VersionLengthMax || !Ascii.IsValid(version)) throw new ArgumentException($"a version has 1 to {VersionLengthMax} characters of ASCII", nameof(version));
        byte[] counted = new byte[NumberLength];
        BinaryPrimitives.WriteUInt32BigEndian(counted, number);
        byte[] head = [.. Magic, .. counted, (byte)version.Length, .. Encoding.ASCII.GetBytes(version), .. program];
        return [.. head, .. makerKey.SignData(head, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)];
    }

    /// <summary>Reads an image; false where it is none, or is not signed by the owner of that key.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> octets, ReadOnlySpan<byte> makerKey, [NotNullWhen(true)] out FirmwareImage? image)
    {
        image = null;
        ReadOnlySpan<byte> span = octets.Span;
        if (makerKey.Length != KeyLength || span.Length < VersionAt + 1 + SignatureLength || !span.StartsWith(Magic)) return false;
        int versionLength = span[VersionAt - 1], programAt = VersionAt + versionLength, end = span.Length - SignatureLength;
        if (versionLength is 0 or > VersionLengthMax || programAt > end || !Ascii.IsValid(span[VersionAt..programAt])) return false;
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
        image = new(BinaryPrimitives.ReadUInt32BigEndian(span[Magic.Length..]), Encoding.ASCII.GetString(span[VersionAt..programAt]), octets[programAt..end], octets[end..]);
        return true;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace Praman.Dlms.Security;

/// <summary>Whose a certificate is (IEC 62056-6-2, class 64, certificate_entity).</summary>
public enum CertificateEntity : byte
{
    Server = 0,
    Client = 1,
    Authority = 2,
    Other = 3,
}

/// <summary>What a certificate's key is for (IEC 62056-6-2, class 64, certificate_type).</summary>
public enum CertificateType : byte
{
    Signature = 0,
    KeyAgreement = 1,
    Tls = 2,
    Other = 3,
}

/// <summary>
/// An X.509 version 3 certificate as DLMS uses them (IEC 62056-5-3, public key certificates; RFC 5280): a key on P-256 or P-384, signed with ECDSA;
/// an end entity is named by its system title, 16 hex digits in the subject's common name, and its key is for signature or for key agreement.
/// </summary>
public sealed class DlmsCertificate
{
    /// <summary>Octets of the longest certificate that is taken.</summary>
    public const int LengthMax = 2048;

    private const string P256 = "1.2.840.10045.3.1.7", P384 = "1.3.132.0.34";
    private const string EcdsaSha256 = "1.2.840.10045.4.3.2", EcdsaSha384 = "1.2.840.10045.4.3.3", CommonName = "2.5.4.3", SubjectAltName = "2.5.29.17";

    private readonly byte[] _signed;
    private readonly byte[] _signature;
    private readonly HashAlgorithmName _hash;

    private DlmsCertificate(byte[] der, byte[] signed, byte[] signature, HashAlgorithmName hash, X509Certificate2 read)
    {
        (Der, _signed, _signature, _hash) = (der, signed, signature, hash);
        byte[] serial = read.GetSerialNumber(); // least octet first
        Array.Reverse(serial);
        SerialNumber = serial;
        Issuer = read.IssuerName.RawData;
        Subject = read.SubjectName.RawData;
        SubjectAlternative = read.Extensions.FirstOrDefault(e => e.Oid?.Value == SubjectAltName)?.RawData ?? [];
        NotBefore = Instant.FromDateTimeUtc(read.NotBefore.ToUniversalTime());
        NotAfter = Instant.FromDateTimeUtc(read.NotAfter.ToUniversalTime());
    }

    /// <summary>The whole certificate, DER.</summary>
    public byte[] Der { get; }

    public byte[] SerialNumber { get; }

    /// <summary>The issuer's name, DER.</summary>
    public byte[] Issuer { get; }

    /// <summary>The subject's name, DER.</summary>
    public byte[] Subject { get; }

    /// <summary>The subject alternative name extension, DER; empty where there is none.</summary>
    public byte[] SubjectAlternative { get; }

    public Instant NotBefore { get; }

    public Instant NotAfter { get; }

    /// <summary>The system title of an end entity; empty for an authority.</summary>
    public byte[] SystemTitle { get; private init; } = [];

    public bool IsAuthority { get; private init; }

    /// <summary>True where its authority calls itself its issuer.</summary>
    public bool IsRoot => IsAuthority && Subject.AsSpan().SequenceEqual(Issuer);

    public CertificateType Type { get; private init; }

    /// <summary>1 on P-256, 2 on P-384.</summary>
    public int Suite { get; private init; }

    /// <summary>The public key, x and y.</summary>
    public byte[] PublicKey { get; private init; } = [];

    /// <summary>Reads a certificate; <paramref name="fault"/> says what is wrong with one that is not taken.</summary>
    public static bool TryRead(ReadOnlySpan<byte> der, [NotNullWhen(true)] out DlmsCertificate? certificate, [NotNullWhen(false)] out string? fault)
    {
        certificate = null;
        fault = null;
        if (der.Length is 0 or > LengthMax)
        {
            fault = $"a certificate of {der.Length} octets: expected at most {LengthMax}";
            return false;
        }
        try
        {
            byte[] copy = der.ToArray();
            var outer = new AsnReader(copy, AsnEncodingRules.DER);
            AsnReader fields = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            byte[] signed = fields.ReadEncodedValue().ToArray();
            string algorithm = fields.ReadSequence().ReadObjectIdentifier();
            byte[] signature = fields.ReadBitString(out int unused);
            fields.ThrowIfNotEmpty();
            if (unused != 0)
            {
                fault = "no certificate: a signature is whole octets";
                return false;
            }
            if (algorithm is not (EcdsaSha256 or EcdsaSha384))
            {
                fault = $"signed with {algorithm}: expected ECDSA with SHA-256 or SHA-384";
                return false;
            }
            using X509Certificate2 read = X509CertificateLoader.LoadCertificate(copy);
            certificate = Read(copy, signed, signature, algorithm == EcdsaSha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384, read, out fault);
        }
        catch (Exception error) when (error is CryptographicException or AsnContentException or ArgumentException)
        {
            fault = "no certificate: " + error.Message;
        }
        return certificate is not null && fault is null;
    }

    /// <summary>True where the issuer's key signed this, and the issuer is an authority of that name.</summary>
    public bool IsIssuedBy(DlmsCertificate issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        if (!issuer.IsAuthority || !issuer.Subject.AsSpan().SequenceEqual(Issuer)) return false;
        if (!EllipticKeys.TryImportPublic(issuer.Suite, issuer.PublicKey, default, out EllipticKeys? keys)) return false;
        using (keys) return keys.Signature!.VerifyData(_signed, _signature, _hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static DlmsCertificate? Read(byte[] der, byte[] signed, byte[] signature, HashAlgorithmName hash, X509Certificate2 read, out string? fault)
    {
        fault = null;
        bool authority = read.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority);
        X509KeyUsageFlags usage = read.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages ?? X509KeyUsageFlags.None;
        bool signs = (usage & X509KeyUsageFlags.DigitalSignature) != 0, agrees = (usage & X509KeyUsageFlags.KeyAgreement) != 0;
        if (authority && (usage & X509KeyUsageFlags.KeyCertSign) == 0) fault = "an authority whose key may not sign certificates";
        else if (!authority && signs == agrees) fault = "the key usage is to be digital signature or key agreement, one of them";
        if (fault is not null) return null;
        (string? curve, byte[]? key, int suite) = ReadKey(read, agreement: !authority && agrees);
        if (key is null)
        {
            fault = $"a key on {curve ?? "no elliptic curve"}: expected P-256 or P-384";
            return null;
        }
        byte[] title = authority ? [] : ReadTitle(read.SubjectName);
        if (!authority && title.Length == 0)
        {
            fault = "the subject's common name is no system title: expected 16 hex digits";
            return null;
        }
        return new DlmsCertificate(der, signed, signature, hash, read)
        {
            IsAuthority = authority, Type = agrees && !authority ? CertificateType.KeyAgreement : CertificateType.Signature, Suite = suite, PublicKey = key, SystemTitle = title,
        };
    }

    private static (string? Curve, byte[]? Key, int Suite) ReadKey(X509Certificate2 read, bool agreement)
    {
        ECParameters parameters;
        if (agreement)
        {
            using ECDiffieHellman? key = read.GetECDiffieHellmanPublicKey();
            if (key is null) return default;
            parameters = key.ExportParameters(false);
        }
        else
        {
            using ECDsa? key = read.GetECDsaPublicKey();
            if (key is null) return default;
            parameters = key.ExportParameters(false);
        }
        string? curve = parameters.Curve.Oid?.Value;
        int suite = curve switch { P256 => 1, P384 => 2, _ => 0 };
        return (curve, suite == 0 ? null : EllipticKeys.Raw(suite, parameters), suite);
    }

    private static byte[] ReadTitle(X500DistinguishedName subject)
    {
        const int digits = 2 * GcmCipher.SystemTitleLength;
        foreach (X500RelativeDistinguishedName name in subject.EnumerateRelativeDistinguishedNames())
        {
            if (name.HasMultipleElements || name.GetSingleElementType().Value != CommonName) continue;
            string? value = name.GetSingleElementValue();
            if (value is { Length: digits } && value.All(char.IsAsciiHexDigit)) return Convert.FromHexString(value);
        }
        return [];
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace Praman.Dlms.Security;

/// <summary>
/// An authority that signs certificates in the form that DLMS asks for (IEC 62056-5-3, public key certificates): its own, and those of parties,
/// each named by its system title and for signature or for key agreement.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    private const int SerialLength = 16;

    private readonly ECDsa _key;
    private readonly X509Certificate2 _certificate;
    private readonly int _suite;
    private readonly DateTimeOffset _from, _until;

    /// <param name="suite">1 or 2: which curve.</param>
    /// <param name="name">Its name: letters, digits and blanks.</param>
    /// <param name="key">Its key pair of that curve; taken over.</param>
    /// <param name="validity">How long its own certificate holds, and at most those that it signs.</param>
    public CertificateAuthority(int suite, string name, ECDsa key, Interval validity)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == ' ')) throw new ArgumentException("an authority's name is letters, digits and blanks", nameof(name));
        (_suite, _key) = (suite, key);
        (_from, _until) = (validity.Start.ToDateTimeOffset(), validity.End.ToDateTimeOffset());
        var request = new CertificateRequest("CN=" + name, key, SecuritySuite.Hash(suite));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        _certificate = request.CreateSelfSigned(_from, _until);
    }

    /// <summary>The authority's own certificate, DER.</summary>
    public byte[] Certificate => _certificate.RawData;

    /// <summary>A certificate of a party's public key, DER.</summary>
    /// <param name="systemTitle">Whose it is.</param>
    /// <param name="type">Signature or key agreement: which of the keys.</param>
    /// <param name="keys">The party's keys; the public half is enough.</param>
    /// <param name="validity">When it holds; the authority's own validity where null.</param>
    /// <exception cref="ArgumentException">There is no such key.</exception>
    public byte[] Issue(ReadOnlySpan<byte> systemTitle, CertificateType type, EllipticKeys keys, Interval? validity = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        bool agrees = type == CertificateType.KeyAgreement;
        ECAlgorithm key = (agrees ? keys.Agreement : (ECAlgorithm?)keys.Signature) ?? throw new ArgumentException($"there is no key of type {type}", nameof(keys));
        using var point = ECDsa.Create(key.ExportParameters(includePrivateParameters: false));
        var request = new CertificateRequest(new X500DistinguishedName("CN=" + Convert.ToHexString(systemTitle)), new PublicKey(point), SecuritySuite.Hash(_suite));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(agrees ? X509KeyUsageFlags.KeyAgreement : X509KeyUsageFlags.DigitalSignature, critical: true));
        byte[] serial = RandomNumberGenerator.GetBytes(SerialLength);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40); // positive, and of that length
        using X509Certificate2 issued = request.Create(
            _certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), validity?.Start.ToDateTimeOffset() ?? _from, validity?.End.ToDateTimeOffset() ?? _until, serial);
        return issued.RawData;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}

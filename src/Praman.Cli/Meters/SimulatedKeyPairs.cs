using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Praman.Dlms.Security;

namespace Praman.Cli.Meters;

/// <summary>
/// The key pairs of one meter of <c>praman simulate</c> in suite 1 or 2 and those of its client, which follow from the seed and protect nothing, and
/// its certificates where it has such.
/// </summary>
internal sealed record SimulatedKeyPairs
{
    private static readonly Duration Validity = Duration.FromDays(20 * 365);

    /// <summary>The meter's.</summary>
    public required EllipticKeys Meter { get; init; }

    /// <summary>The client's public keys, as the meter knows them.</summary>
    public required EllipticKeys Client { get; init; }

    /// <summary>The client's private keys of signature and of key agreement.</summary>
    public required ReadOnlyMemory<byte> ClientSignature { get; init; }

    public required ReadOnlyMemory<byte> ClientAgreement { get; init; }

    /// <summary>The meter's certificates of both keys and their authority's; empty where it has none.</summary>
    public ReadOnlyMemory<byte> SignatureCertificate { get; private init; }

    public ReadOnlyMemory<byte> AgreementCertificate { get; private init; }

    public ReadOnlyMemory<byte> Authority { get; private init; }

    /// <summary>Pairs that follow from the seed: the client's is one for all meters of a seed.</summary>
    /// <param name="suite">1 or 2.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="title">The meter's system title.</param>
    /// <param name="certifiedAt">From when on certificates hold; null for none.</param>
    public static SimulatedKeyPairs Create(int suite, ulong seed, ReadOnlySpan<byte> title, Instant? certifiedAt)
    {
        byte[] signature = Private(suite, seed, "client signature", default), agreement = Private(suite, seed, "client agreement", default);
        using EllipticKeys client = Import(suite, signature, agreement);
        EllipticKeys meter = Import(suite, Private(suite, seed, "meter signature", title), Private(suite, seed, "meter agreement", title));
        var pairs = new SimulatedKeyPairs { Meter = meter, Client = client.PublicOnly(), ClientSignature = signature, ClientAgreement = agreement };
        if (certifiedAt is not { } from) return pairs;
        using var authority = new CertificateAuthority(suite, "Praman simulated authority", Import(suite, Private(suite, seed, "authority", default), default).Signature!, new Interval(from, from + Validity));
        return pairs with
        {
            SignatureCertificate = authority.Issue(title, CertificateType.Signature, meter),
            AgreementCertificate = authority.Issue(title, CertificateType.KeyAgreement, meter),
            Authority = authority.Certificate,
        };
    }

    /// <summary>What the meter holds: its authority first.</summary>
    public IReadOnlyList<DlmsCertificate> Certificates() =>
        Authority.IsEmpty ? [] : [.. new[] { Authority, SignatureCertificate, AgreementCertificate }.Select(Read)];

    /// <summary>What an address says of the meter's key of signature: its certificate, or the key.</summary>
    public ReadOnlyMemory<byte> ToldSignature => SignatureCertificate.IsEmpty ? Meter.SignaturePublic : SignatureCertificate;

    public ReadOnlyMemory<byte> ToldAgreement => AgreementCertificate.IsEmpty ? Meter.AgreementPublic : AgreementCertificate;

    private static DlmsCertificate Read(ReadOnlyMemory<byte> der) =>
        DlmsCertificate.TryRead(der.Span, out DlmsCertificate? certificate, out string? fault) ? certificate : throw new InvalidOperationException(fault);

    private static EllipticKeys Import(int suite, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> agreement) =>
        EllipticKeys.TryImportPrivate(suite, signature, agreement, out EllipticKeys? keys) ? keys : throw new InvalidOperationException("a private key is out of range");

    // With the highest bit off it is below the order of the curve, and with the one below set it is not zero.
    private static byte[] Private(int suite, ulong seed, string name, ReadOnlySpan<byte> title)
    {
        byte[] material = Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"praman simulate {seed}"));
        byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA384, material, SecuritySuite.CoordinateLength(suite), [.. title], Encoding.ASCII.GetBytes($"{name}, suite {suite}"));
        key[0] = (byte)((key[0] & 0x7F) | 0x40);
        return key;
    }
}

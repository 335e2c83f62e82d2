using NodaTime;

namespace Praman.Dlms.Security;

/// <summary>
/// The certificates of a device, few and short (IEC 62056-6-2, class 64, certificates). What is trusted begins with roots, authorities that signed
/// themselves: the host alone puts them in. Any other certificate comes in when an authority here signed it, and is believed for as long as it, that
/// authority, and whoever signed that are here and valid.
/// </summary>
public sealed class CertificateStore
{
    /// <summary>Certificates at most.</summary>
    public const int CountMax = 16;

    private readonly List<(CertificateEntity Entity, DlmsCertificate Certificate)> _all = [];

    /// <summary>All certificates with whose they are.</summary>
    public IReadOnlyList<(CertificateEntity Entity, DlmsCertificate Certificate)> All => _all;

    /// <summary>Takes in a root, as its maker or its owner sets it; one of the same name is replaced. No client's word is enough for that.</summary>
    /// <param name="root">An authority that signed itself.</param>
    /// <param name="now">When.</param>
    /// <param name="fault">Why it is not taken; null where it is.</param>
    public bool TryTrust(DlmsCertificate root, Instant now, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(root);
        fault = !root.IsRoot || !root.IsIssuedBy(root) ? "no root: an authority that signed itself is expected" : WhyNotValid(root, now);
        return fault is null && TryKeep(CertificateEntity.Authority, root, out fault);
    }

    /// <summary>Takes in a certificate that an authority here signed, as a client may hand it in; one of the same entity, title and type is replaced, a root never.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="ownTitle">The device's system title: which certificate is its own.</param>
    /// <param name="ownKeys">The device's key pairs: a certificate of its own must be of one of them.</param>
    /// <param name="now">When.</param>
    /// <param name="fault">Why it is not taken; null where it is.</param>
    public bool TryImport(DlmsCertificate certificate, ReadOnlySpan<byte> ownTitle, EllipticKeys? ownKeys, Instant now, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        CertificateEntity entity = certificate.IsAuthority ? CertificateEntity.Authority
            : certificate.SystemTitle.AsSpan().SequenceEqual(ownTitle) ? CertificateEntity.Server : CertificateEntity.Client;
        fault = Judge(entity, certificate, ownKeys, now);
        return fault is null && TryKeep(entity, certificate, out fault);
    }

    private bool TryKeep(CertificateEntity entity, DlmsCertificate certificate, out string? fault)
    {
        fault = null;
        int place = _all.FindIndex(held => held.Entity == entity && held.Certificate.Type == certificate.Type
            && (entity == CertificateEntity.Authority ? held.Certificate.Subject.AsSpan().SequenceEqual(certificate.Subject) : held.Certificate.SystemTitle.AsSpan().SequenceEqual(certificate.SystemTitle)));
        if (place >= 0) _all[place] = (entity, certificate);
        else if (_all.Count < CountMax) _all.Add((entity, certificate));
        else fault = $"{CountMax} certificates are here already: remove one first";
        return fault is null;
    }

    /// <summary>The certificate of an entity, type and title; null where there is none.</summary>
    public DlmsCertificate? Find(CertificateEntity entity, CertificateType type, ReadOnlySpan<byte> title)
    {
        foreach ((CertificateEntity held, DlmsCertificate certificate) in _all)
        {
            if (held == entity && certificate.Type == type && (entity == CertificateEntity.Authority || title.SequenceEqual(certificate.SystemTitle))) return certificate;
        }
        return null;
    }

    /// <summary>The certificate of a serial number and issuer; null where there is none.</summary>
    public DlmsCertificate? Find(ReadOnlySpan<byte> serialNumber, ReadOnlySpan<byte> issuer)
    {
        foreach ((_, DlmsCertificate certificate) in _all)
        {
            if (serialNumber.SequenceEqual(certificate.SerialNumber) && issuer.SequenceEqual(certificate.Issuer)) return certificate;
        }
        return null;
    }

    /// <summary>Takes a certificate out; false where it is not here.</summary>
    public bool Remove(DlmsCertificate certificate) => _all.RemoveAll(held => ReferenceEquals(held.Certificate, certificate)) > 0;

    /// <summary>The public keys that certificates here give a party, for a suite and at a time; null where there are none. The caller disposes them.</summary>
    public EllipticKeys? FindKeys(CertificateEntity entity, ReadOnlySpan<byte> title, int suite, Instant now)
    {
        byte[] signature = KeyOf(Find(entity, CertificateType.Signature, title), suite, now), agreement = KeyOf(Find(entity, CertificateType.KeyAgreement, title), suite, now);
        if (signature.Length == 0 && agreement.Length == 0) return null;
        return EllipticKeys.TryImportPublic(suite, signature, agreement, out EllipticKeys? keys) ? keys : null;
    }

    private byte[] KeyOf(DlmsCertificate? certificate, int suite, Instant now) => certificate?.Suite == suite && IsBelieved(certificate, now) ? certificate.PublicKey : [];

    // From a certificate that is here, or asks to be, up to a root that is. No chain is longer than there is room, whatever names its certificates have.
    private bool IsBelieved(DlmsCertificate certificate, Instant now, int depth = 0)
    {
        if (depth > CountMax || WhyNotValid(certificate, now) is not null) return false;
        foreach ((CertificateEntity held, DlmsCertificate issuer) in _all)
        {
            if (held != CertificateEntity.Authority) continue;
            if (certificate.IsRoot ? ReferenceEquals(issuer, certificate) : certificate.IsIssuedBy(issuer) && IsBelieved(issuer, now, depth + 1)) return true;
        }
        return false;
    }

    private static string? WhyNotValid(DlmsCertificate certificate, Instant now) =>
        now < certificate.NotBefore || now > certificate.NotAfter ? $"valid from {certificate.NotBefore} to {certificate.NotAfter}, not now" : null;

    private string? Judge(CertificateEntity entity, DlmsCertificate certificate, EllipticKeys? ownKeys, Instant now)
    {
        if (WhyNotValid(certificate, now) is { } fault) return fault;
        if (certificate.IsRoot) return "a root: only its maker or its owner sets it";
        if (!IsBelieved(certificate, now)) return "no authority here signed it, or that authority's own certificate is not valid now";
        if (entity == CertificateEntity.Authority)
            return _all.Any(held => held.Certificate.IsRoot && held.Certificate.Subject.AsSpan().SequenceEqual(certificate.Subject)) ? "a root has that name" : null;
        if (entity != CertificateEntity.Server) return null;
        byte[] own = ownKeys is null ? [] : certificate.Type == CertificateType.Signature ? ownKeys.SignaturePublic : ownKeys.AgreementPublic;
        return own.AsSpan().SequenceEqual(certificate.PublicKey) ? null : "the device has another key pair than this certificate's";
    }
}

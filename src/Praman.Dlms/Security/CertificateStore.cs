namespace Praman.Dlms.Security;

/// <summary>
/// The certificates of a device, few and short (IEC 62056-6-2, class 64, certificates). An authority comes in when it signed itself or another
/// authority here signed it; everybody else's certificate only when an authority here signed it and it is valid now.
/// </summary>
public sealed class CertificateStore
{
    /// <summary>Certificates at most.</summary>
    public const int CountMax = 16;

    private readonly List<(CertificateEntity Entity, DlmsCertificate Certificate)> _all = [];

    /// <summary>All certificates with whose they are.</summary>
    public IReadOnlyList<(CertificateEntity Entity, DlmsCertificate Certificate)> All => _all;

    /// <summary>Takes a certificate in; one of the same entity, title and type is replaced.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="ownTitle">The device's system title: which certificate is its own.</param>
    /// <param name="ownKeys">The device's key pairs: a certificate of its own must be of one of them.</param>
    /// <param name="now">When.</param>
    /// <param name="fault">Why it is not taken; null where it is.</param>
    public bool TryImport(DlmsCertificate certificate, ReadOnlySpan<byte> ownTitle, EllipticKeys? ownKeys, NodaTime.Instant now, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        CertificateEntity entity = certificate.IsAuthority ? CertificateEntity.Authority
            : certificate.SystemTitle.AsSpan().SequenceEqual(ownTitle) ? CertificateEntity.Server : CertificateEntity.Client;
        fault = Judge(entity, certificate, ownKeys, now);
        if (fault is not null) return false;
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

    /// <summary>The public keys that certificates here give a party, for a suite; null where there are none. The caller disposes them.</summary>
    public EllipticKeys? FindKeys(CertificateEntity entity, ReadOnlySpan<byte> title, int suite)
    {
        byte[] signature = KeyOf(Find(entity, CertificateType.Signature, title), suite), agreement = KeyOf(Find(entity, CertificateType.KeyAgreement, title), suite);
        if (signature.Length == 0 && agreement.Length == 0) return null;
        return EllipticKeys.TryImportPublic(suite, signature, agreement, out EllipticKeys? keys) ? keys : null;
    }

    private static byte[] KeyOf(DlmsCertificate? certificate, int suite) => certificate?.Suite == suite ? certificate.PublicKey : [];

    private string? Judge(CertificateEntity entity, DlmsCertificate certificate, EllipticKeys? ownKeys, NodaTime.Instant now)
    {
        if (now < certificate.NotBefore || now > certificate.NotAfter) return $"valid from {certificate.NotBefore} to {certificate.NotAfter}, not now";
        bool trusted = entity == CertificateEntity.Authority && certificate.IsIssuedBy(certificate);
        foreach ((CertificateEntity held, DlmsCertificate issuer) in _all) trusted |= held == CertificateEntity.Authority && certificate.IsIssuedBy(issuer);
        if (!trusted) return "no authority here signed it";
        if (entity != CertificateEntity.Server) return null;
        byte[] own = ownKeys is null ? [] : certificate.Type == CertificateType.Signature ? ownKeys.SignaturePublic : ownKeys.AgreementPublic;
        return own.AsSpan().SequenceEqual(certificate.PublicKey) ? null : "the device has another key pair than this certificate's";
    }
}

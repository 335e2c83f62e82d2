using NodaTime;
using Praman.Dlms.Security;
using Praman.HeadEnd.Inventory;

namespace Praman.HeadEnd.Sessions;

/// <summary>
/// The key pairs of a session in suites 1 and 2: our own, and the meter's public ones, from its certificates where such are kept. A certificate is
/// looked at before the meter is called: whose it is, for what, until when, and who signed it.
/// </summary>
internal sealed class SessionCredentials : IDisposable
{
    public static readonly SessionCredentials None = new();

    /// <summary>Our key pairs; null where there are none.</summary>
    public EllipticKeys? Own { get; private init; }

    /// <summary>The meter's public keys; null where there are none.</summary>
    public EllipticKeys? Meter { get; private init; }

    /// <summary>The meter's system title as its certificates say it; empty where there are none.</summary>
    public byte[] MeterTitle { get; private init; } = [];

    /// <summary>What a session needs, or why it is not there.</summary>
    public static SessionError? Make(SessionTarget target, Instant now, out SessionCredentials credentials)
    {
        credentials = None;
        MeterAccess access = target.Access;
        SessionError Fail(SessionFault fault, string detail) => new(fault, target.EndDevice, detail);
        if (!SecuritySuite.IsKnown(access.Suite)) return Fail(SessionFault.NoKeys, $"there is no security suite {access.Suite}: expected 0 to {SecuritySuite.Max}");
        int length = SecuritySuite.KeyLength(access.Suite);
        foreach (ReadOnlyMemory<byte> key in (ReadOnlyMemory<byte>[])[target.Keys.Encryption, target.Keys.Authentication])
        {
            if (key.Length != 0 && key.Length != length) return Fail(SessionFault.NoKeys, $"a global key of {key.Length} octets is kept, where suite {access.Suite} has {length}");
        }
        (bool signs, bool agrees) = (access.NeedsSignature, access.NeedsAgreement);
        if (!signs && !agrees) return null;
        if (!SecuritySuite.HasCurve(access.Suite)) return Fail(SessionFault.NoKeys, "mechanism 7, agreed keys and signatures are of suites 1 and 2, and the meter is of suite 0");
        if (target.Keys.Pairs is not { } pairs) return Fail(SessionFault.NoKeys, $"no key pairs are kept for this meter, which suite {access.Suite} needs");
        foreach ((bool needed, ReadOnlyMemory<byte> key, string name) in new[]
        {
            (signs, pairs.Signature, "our signature key"), (agrees, pairs.Agreement, "our key agreement key"),
            (signs, pairs.MeterSignature, "the meter's signature key or certificate"), (agrees, pairs.MeterAgreement, "the meter's key agreement key or certificate"),
        })
        {
            if (needed && key.IsEmpty) return Fail(SessionFault.NoKeys, $"{name} is not kept");
        }
        byte[] title = target.SystemTitle.Length == 2 * GcmCipher.SystemTitleLength ? Convert.FromHexString(target.SystemTitle) : [];
        var judge = new Judge(access.Suite, title, now);
        string? fault = judge.ReadAuthority(pairs.Authority.Span);
        byte[] signature = [], agreement = [];
        fault ??= judge.ReadKey(pairs.MeterSignature.Span, CertificateType.Signature, out signature);
        fault ??= judge.ReadKey(pairs.MeterAgreement.Span, CertificateType.KeyAgreement, out agreement);
        if (fault is not null) return Fail(SessionFault.WrongCertificate, fault);
        if (!EllipticKeys.TryImportPublic(access.Suite, signature, agreement, out EllipticKeys? meter))
            return Fail(SessionFault.WrongCertificate, $"a public key of the meter is none of suite {access.Suite}: expected a point of {CurveName(access.Suite)}");
        if (!EllipticKeys.TryImportPrivate(access.Suite, pairs.Signature.Span, pairs.Agreement.Span, out EllipticKeys? own))
        {
            meter.Dispose();
            return Fail(SessionFault.NoKeys, $"a private key of ours is none of suite {access.Suite}: expected {SecuritySuite.CoordinateLength(access.Suite)} octets for {CurveName(access.Suite)}");
        }
        credentials = new() { Own = own, Meter = meter, MeterTitle = judge.Title };
        return null;
    }

    public void Dispose()
    {
        Own?.Dispose();
        Meter?.Dispose();
    }

    private static string CurveName(int suite) => suite == 2 ? "P-384" : "P-256";

    private sealed class Judge(int suite, byte[] title, Instant now)
    {
        private DlmsCertificate? _authority;

        /// <summary>The meter's title: what is known of it, or what its first certificate says.</summary>
        public byte[] Title { get; private set; } = title;

        public string? ReadAuthority(ReadOnlySpan<byte> der)
        {
            if (der.IsEmpty) return null;
            if (!DlmsCertificate.TryRead(der, out DlmsCertificate? authority, out string? fault)) return $"the authority's certificate: {fault}";
            _authority = authority;
            if (authority.Subject.AsSpan().SequenceEqual(authority.Issuer) && !authority.IsIssuedBy(authority)) return "the authority's certificate was altered: its own signature does not fit";
            return authority.IsAuthority ? Validity(authority, "the authority's certificate") : "the authority's certificate is of one who may sign no certificates";
        }

        // A public key as such is longer than nothing and shorter than any certificate.
        public string? ReadKey(ReadOnlySpan<byte> kept, CertificateType type, out byte[] key)
        {
            key = kept.ToArray();
            string name = type == CertificateType.KeyAgreement ? "the meter's key agreement" : "the meter's signature";
            if (kept.IsEmpty || kept.Length == SecuritySuite.PublicKeyLength(suite)) return _authority is null || kept.IsEmpty ? null : $"{name} key is kept without a certificate, where an authority's signature is asked for";
            if (!DlmsCertificate.TryRead(kept, out DlmsCertificate? certificate, out string? fault)) return $"{name} certificate: {fault}";
            if (certificate.IsAuthority || certificate.Type != type) return $"{name} certificate is of a key for {(certificate.IsAuthority ? "signing certificates" : certificate.Type == CertificateType.KeyAgreement ? "key agreement" : "signature")}";
            if (certificate.Suite != suite) return $"{name} certificate is of a key on {CurveName(certificate.Suite)}, where suite {suite} has {CurveName(suite)}";
            if (Title.Length != 0 && !Title.AsSpan().SequenceEqual(certificate.SystemTitle))
                return $"{name} certificate is of {Convert.ToHexString(certificate.SystemTitle)}, where the meter is {Convert.ToHexString(Title)}";
            Title = certificate.SystemTitle;
            key = certificate.PublicKey;
            if (_authority is { } authority && !certificate.IsIssuedBy(authority)) return $"{name} certificate is not signed by the authority whose certificate is kept";
            return Validity(certificate, $"{name} certificate");
        }

        private string? Validity(DlmsCertificate certificate, string name) =>
            now < certificate.NotBefore ? $"{name} is not valid before {certificate.NotBefore}"
            : now > certificate.NotAfter ? $"{name} was valid until {certificate.NotAfter}" : null;
    }
}

using NodaTime;
using Praman.Dlms.Security;
using Praman.HeadEnd.Inventory;
using MeterModel = Praman.Meter.MeterModel;

namespace Praman.HeadEnd.Tests.Simulation;

/// <summary>Key pairs of a meter and of the head-end, new in each run: their values do not matter.</summary>
internal sealed record StreetKeyPairs
{
    // The head-end's, one for all its meters of a suite.
    private static readonly EllipticKeys[] Owns = [EllipticKeys.Generate(1), EllipticKeys.Generate(2)];

    public required EllipticKeys Meter { get; init; }

    public required EllipticKeys Client { get; init; }

    public required byte[] SignatureKey { get; init; }

    public required byte[] AgreementKey { get; init; }

    /// <summary>What is kept of the meter: its public keys, or its certificates.</summary>
    public required byte[] MeterSignature { get; init; }

    public required byte[] MeterAgreement { get; init; }

    public byte[] Authority { get; init; } = [];

    public IReadOnlyList<DlmsCertificate> Certificates { get; init; } = [];

    public MeterKeyPairs Kept() => new(SignatureKey, AgreementKey, MeterSignature, MeterAgreement, Authority);

    public static StreetKeyPairs Create(MeterModel model, byte[] title, Instant at)
    {
        EllipticKeys own = Owns[model.SecuritySuite - 1], meter = EllipticKeys.Generate(model.SecuritySuite);
        var pairs = new StreetKeyPairs
        {
            Meter = meter, Client = own.PublicOnly(), SignatureKey = own.Signature!.ExportParameters(true).D!, AgreementKey = own.Agreement!.ExportParameters(true).D!,
            MeterSignature = meter.SignaturePublic, MeterAgreement = meter.AgreementPublic,
        };
        if (!model.HasCertificates) return pairs;
        using CertificateAuthority authority = NewAuthority(model.SecuritySuite, at);
        byte[] signature = authority.Issue(title, CertificateType.Signature, meter), agreement = authority.Issue(title, CertificateType.KeyAgreement, meter);
        return pairs with
        {
            MeterSignature = signature,
            MeterAgreement = agreement,
            Authority = authority.Certificate,
            Certificates = [.. new[] { authority.Certificate, signature, agreement }.Select(Read)],
        };
    }

    public static CertificateAuthority NewAuthority(int suite, Instant at) =>
        new(suite, "Street authority", EllipticKeys.Generate(suite).Signature!, new Interval(at, at + Duration.FromDays(3650)));

    private static DlmsCertificate Read(byte[] der)
    {
        Assert.True(DlmsCertificate.TryRead(der, out DlmsCertificate? certificate, out string? fault), fault);
        return certificate;
    }
}

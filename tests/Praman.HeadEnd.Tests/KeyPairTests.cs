using NodaTime;
using Praman.Dlms.Security;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;
using Praman.Metering;
using MeterKeys = Praman.HeadEnd.Inventory.MeterKeys;
using MeterModel = Praman.Meter.MeterModel;

namespace Praman.HeadEnd.Tests;

/// <summary>Meters of suites 1 and 2: mechanism 7, general ciphering, certificates; and each thing that can be wrong with them, in its own words.</summary>
public class KeyPairTests
{
    private const byte Everything = 0xFC; // class 64 version 1: authenticated, encrypted and signed, both ways
    private static readonly LocalDate FirstDay = new(2026, 4, 1);

    public static TheoryData<int, byte, Protection, bool, byte?> Models
    {
        get
        {
            var data = new TheoryData<int, byte, Protection, bool, byte?>();
            foreach (int suite in new[] { 1, 2 })
            {
                foreach (Protection envelope in new[] { Protection.ServiceGlobal, Protection.GeneralGlobal, Protection.GeneralIdentified, Protection.GeneralOnePass, Protection.GeneralStatic })
                {
                    data.Add(suite, 7, envelope, envelope >= Protection.GeneralIdentified, null);
                }
                data.Add(suite, 7, Protection.GeneralOnePass, true, Everything);
                data.Add(suite, 5, Protection.ServiceGlobal, false, null);
                data.Add(suite, 5, Protection.GeneralStatic, false, null);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void TheHeadEndReadsMetersOfSuites1And2DayAfterDay(int suite, byte mechanism, Protection envelope, bool certificates, byte? policy)
    {
        var model = new MeterModel { SecuritySuite = suite, UtilityMechanism = mechanism, Envelope = envelope, HasCertificates = certificates };
        if (policy is { } asked) model = model with { SecurityPolicy = asked };
        using var street = new Street(2, model: model);
        for (int day = 1; day <= 2; day++)
        {
            street.MoveTo(FirstDay.PlusDays(day), 0, 6);
            street.StartHeadEnd(); // a restart between: what a meter takes once only, it must not be asked again
            RoundSummary summary = street.CollectDay();
            Assert.True(summary.Failed == 0, string.Join('\n', street.Coverage(FirstDay.PlusDays(day - 1)).Failing.Select(outcome => outcome.Detail)));
        }
        Assert.Equal((2, 2), (street.Coverage(FirstDay).Complete, street.Coverage(FirstDay.PlusDays(1)).Complete));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void AWrongKeyOfEitherSideIsToldInItsOwnWords(int suite)
    {
        var model = new MeterModel { SecuritySuite = suite, UtilityMechanism = 7 };
        using var street = new Street(1, model: model);
        using EllipticKeys stranger = EllipticKeys.Generate(suite);
        byte[] foreign = stranger.Signature!.ExportParameters(true).D!;
        Expect(street, kept => new(foreign, kept.Agreement.Span, kept.MeterSignature.Span, kept.MeterAgreement.Span), SessionFault.WrongKey, "it holds another public key of this client than goes with our signature key");
        Expect(street, kept => new(kept.Signature.Span, kept.Agreement.Span, stranger.SignaturePublic, kept.MeterAgreement.Span), SessionFault.WrongKey, "does not fit the public key");
        Expect(street, kept => new(default, kept.Agreement.Span, kept.MeterSignature.Span, default), SessionFault.NoKeys, "our signature key is not kept");
        Expect(street, kept => new(kept.Signature.Span, default, default, default), SessionFault.NoKeys, "the meter's signature key or certificate is not kept");
        Expect(street, _ => null, SessionFault.NoKeys, $"no key pairs are kept for this meter, which suite {suite} needs");
        byte[] nowhere = new byte[SecuritySuite.PublicKeyLength(suite)];
        Expect(street, kept => new(kept.Signature.Span, default, nowhere, default), SessionFault.WrongCertificate, "is none of suite");
        Expect(street, kept => new(new byte[suite == 1 ? 48 : 32], default, kept.MeterSignature.Span, default), SessionFault.NoKeys, $"a private key of ours is none of suite {suite}");
        street.Change(street.Meters[0], m => m with { Access = m.Access with { Suite = 0 } });
        Expect(street, kept => kept.Again(), SessionFault.NoKeys, suite == 2 ? "where suite 0 has 16" : "of suites 1 and 2");
    }

    [Fact]
    public void AWrongCertificateIsToldBeforeTheMeterIsCalled()
    {
        using var street = new Street(1, model: new MeterModel { SecuritySuite = 1, UtilityMechanism = 7, HasCertificates = true });
        VirtualMeter meter = street.Meters[0];
        using CertificateAuthority other = StreetKeyPairs.NewAuthority(1, Street.Start);
        using CertificateAuthority others = StreetKeyPairs.NewAuthority(2, Street.Start);
        byte[] title = meter.Security.SystemTitle.ToArray();
        EllipticKeys pair = meter.Security.OwnKeys!;
        using EllipticKeys ofSuite2 = EllipticKeys.Generate(2);
        int links = street.Links.LinkCount;
        Expect(street, kept => kept.With(other.Issue(title, CertificateType.Signature, pair)), SessionFault.WrongCertificate, "is not signed by the authority whose certificate is kept");
        Expect(street, kept => kept.With(other.Issue([.. title.AsSpan(0, 7), 0x77], CertificateType.Signature, pair), other.Certificate), SessionFault.WrongCertificate, "0000000077, where the meter is 50524D");
        Expect(street, kept => kept.With(other.Issue(title, CertificateType.KeyAgreement, pair), other.Certificate), SessionFault.WrongCertificate, "is of a key for key agreement");
        Expect(street, kept => kept.With(others.Issue(title, CertificateType.Signature, ofSuite2), others.Certificate), SessionFault.WrongCertificate, "on P-384, where suite 1 has P-256");
        Expect(street, kept => kept.With(other.Issue(title, CertificateType.Signature, pair, new Interval(Street.Start, Street.Start + Duration.FromSeconds(1))), other.Certificate), SessionFault.WrongCertificate, "was valid until");
        Expect(street, kept => kept.With(other.Issue(title, CertificateType.Signature, pair, new Interval(Street.Start + Duration.FromDays(900), Street.Start + Duration.FromDays(901))), other.Certificate), SessionFault.WrongCertificate, "is not valid before");
        Expect(street, kept => kept.With(pair.SignaturePublic), SessionFault.WrongCertificate, "without a certificate, where an authority's signature is asked for");
        Expect(street, kept => kept.With(kept.MeterSignature.ToArray(), kept.MeterSignature.ToArray()), SessionFault.WrongCertificate, "of one who may sign no certificates");
        Expect(street, kept => kept.With([.. kept.MeterSignature.Span[..100]]), SessionFault.WrongCertificate, "the meter's signature certificate: ");
        Assert.Equal(links, street.Links.LinkCount);
        // The meter has another pair by now: its certificate here is old.
        meter.Security.OwnKeys = EllipticKeys.Generate(1);
        Expect(street, kept => kept.Again(), SessionFault.WrongKey, "does not fit the public key");
    }

    // Keeps other pairs for the first meter, reads, and puts back what was.
    private static void Expect(Street street, Func<MeterKeyPairs, MeterKeyPairs?> change, SessionFault fault, string words)
    {
        EndDeviceId id = Street.IdOf(street.Meters[0]);
        street.MoveTo(street.Now + Duration.FromMinutes(1));
        (_, SessionError? error) = street.Run(async () =>
        {
            using MeterKeys was = (await street.Keys.OpenAsync(id, CancellationToken.None))!;
            using var changed = new MeterKeys(was.Encryption.Span, was.Authentication.Span, was.HighSecret.Span, was.LowSecret.Span, change(was.Pairs!));
            await street.Keys.PutAsync([(id, changed)], CancellationToken.None);
            (CollectedReading?, SessionError?) result = await street.Collector.ReadNowAsync(id, null, CancellationToken.None);
            await street.Keys.PutAsync([(id, was)], CancellationToken.None);
            return result;
        });
        Assert.NotNull(error);
        Assert.True(error.Fault == fault && error.Detail.Contains(words, StringComparison.Ordinal), error.ToString());
    }
}

internal static class KeptPairs
{
    public static MeterKeyPairs Again(this MeterKeyPairs kept) => kept.With(kept.MeterSignature.ToArray());

    public static MeterKeyPairs With(this MeterKeyPairs kept, byte[] meterSignature, byte[]? authority = null) =>
        new(kept.Signature.Span, kept.Agreement.Span, meterSignature, authority is null ? kept.MeterAgreement.Span : default, authority ?? kept.Authority.Span);
}

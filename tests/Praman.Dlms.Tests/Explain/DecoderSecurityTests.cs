using System.Text.Json.Nodes;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Explain;
using Praman.Dlms.Security;
using Praman.Dlms.Tests.Security;
using Praman.Metering;

namespace Praman.Dlms.Tests.Explain;

/// <summary>What the decoder says of protected APDUs: opened with the right keys, and each fault told apart.</summary>
public class DecoderSecurityTests
{
    private static readonly byte[] Request = new GetRequestNormal(new InvokeIdAndPriority(1), new(3, ObisCode.Parse("1-0:1.8.0.255"), 2)).Encode();

    public static TheoryData<Protection, int, bool> Envelopes
    {
        get
        {
            var data = new TheoryData<Protection, int, bool>();
            for (int suite = 0; suite <= SecuritySuite.Max; suite++)
            {
                foreach (Protection protection in (Protection[])[Protection.GeneralIdentified, Protection.GeneralWrapped, Protection.GeneralOnePass, Protection.GeneralStatic, Protection.GeneralGlobal, Protection.SignatureOnly])
                {
                    bool curve = protection is Protection.GeneralOnePass or Protection.GeneralStatic or Protection.SignatureOnly;
                    if (suite == 0 && curve) continue;
                    if (protection != Protection.SignatureOnly) data.Add(protection, suite, false);
                    if (suite > 0) data.Add(protection, suite, true);
                }
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Envelopes))]
    public void EveryEnvelopeIsOpenedWithItsKeysAndWithoutThemSaysWhatIsMissing(Protection protection, int suite, bool sign)
    {
        using EllipticKeys? client = suite == 0 ? null : EllipticKeys.Generate(suite), meter = suite == 0 ? null : EllipticKeys.Generate(suite);
        byte[] apdu = Protect(protection, suite, sign, client, meter);
        DlmsKeys all = Keys(suite, client, meter);
        DlmsDocument document = Decode(all, apdu);
        JsonNode json = document.ToJson()["apdu"]!;
        while (json["inner"] is { } inner) json = inner;
        Assert.Equal("get-request-normal", json["name"]!.GetValue<string>());
        Assert.False(document.IsRefused, string.Join("; ", document.Notes));
        Assert.Empty(document.Notes);
        string text = document.ToJson().ToJsonString();
        Assert.Equal(protection != Protection.SignatureOnly, text.Contains("\"tagVerified\":true", StringComparison.Ordinal));
        Assert.Equal(sign, text.Contains("\"signatureVerified\":true", StringComparison.Ordinal));

        DlmsDocument without = Decode(new DlmsKeys(), apdu);
        Assert.False(without.IsRefused);
        Assert.NotEmpty(without.Notes);
        Assert.All(without.Notes, note => Assert.Contains("--key", note, StringComparison.Ordinal));

        // Altered anywhere it is refused, or no longer an APDU; the content of what does not verify is not shown.
        for (int at = 0; at < apdu.Length; at++)
        {
            byte[] altered = [.. apdu];
            altered[at] ^= 0x10;
            if (!new DlmsDecoder(all).TryDecode(altered, out DlmsDocument? other, out _)) continue;
            Assert.True(other.IsRefused || other.Notes.Count > 0, $"octet {at} was altered: {other.ToJson()}");
        }
    }

    [Fact]
    public void EachFaultIsToldApart()
    {
        using EllipticKeys client = EllipticKeys.Generate(1), meter = EllipticKeys.Generate(1), stranger = EllipticKeys.Generate(1);
        byte[] wrapped = Protect(Protection.GeneralWrapped, 0, false, null, null), onePass = Protect(Protection.GeneralOnePass, 1, false, client, meter), signed = Protect(Protection.SignatureOnly, 1, true, client, meter);
        byte[] gak = SuiteDevice.Key(0, 0x40), other = SuiteDevice.Key(0, 0xE0), kek = SuiteDevice.Key(0, 0xA0);
        byte[] own = meter.Agreement!.ExportParameters(true).D!, foreign = stranger.Agreement!.ExportParameters(true).D!;
        Says("the wrapped key does not unwrap", Key(("kek", other), ("gak", gak)), wrapped);
        Says("the encryption key fits, but the authentication key is another", Key(("kek", kek), ("gak", other)), wrapped);
        Says("another encryption key", Key(("cek", other), ("gak", gak)), wrapped);
        Says("the ephemeral key's signature does not verify", Key(("signingPublic", stranger.SignaturePublic), ("agreementPrivate", own), ("gak", gak)), onePass);
        Says("another encryption key", Key(("signingPublic", client.SignaturePublic), ("agreementPrivate", foreign), ("gak", gak)), onePass);
        Says("the signature does not verify", Key(("signingPublic", stranger.SignaturePublic)), signed);
        byte[] compressed = [.. wrapped];
        compressed[Array.LastIndexOf(compressed, (byte)0x30, compressed.Length - 30)] |= 0x80;
        Assert.Contains("compressed", Assert.Single(Decode(Key(("kek", kek), ("gak", gak)), compressed).Notes), StringComparison.Ordinal);

        static void Says(string expected, DlmsKeys keys, byte[] apdu)
        {
            DlmsDocument document = Decode(keys, apdu);
            Assert.True(document.IsRefused);
            Assert.Contains(expected, Assert.Single(document.Notes), StringComparison.Ordinal);
            Assert.DoesNotContain("plaintextHex", document.ToJson().ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ACertificateGivesItsKey()
    {
        byte[] der = SecuritySetupTests.ClientCertificate(1);
        Assert.True(DlmsCertificate.TryRead(der, out DlmsCertificate? certificate, out _));
        byte[] signed = Protect(Protection.SignatureOnly, 1, true, SuiteDevice.ClientKeys(1), null);
        Assert.Empty(Decode(Key(("certificate", der)), signed).Notes);
        Assert.Equal(SuiteDevice.ClientKeys(1).SignaturePublic, certificate.PublicKey);
        Assert.False(new DlmsKeys().TryAdd("certificate", der[1..], out string? fault));
        Assert.NotEmpty(fault);
    }

    [Theory]
    [InlineData("kek", 15)]
    [InlineData("cek", 33)]
    [InlineData("gbek", 0)]
    [InlineData("signingPublic", 65)]
    [InlineData("agreementPrivate", 64)]
    [InlineData("agreementPublic", 32)]
    public void AKeyOfAnotherLengthIsRefusedByName(string name, int length)
    {
        Assert.False(new DlmsKeys().TryAdd(name, new byte[length], out string? fault));
        Assert.Contains(length.ToString(System.Globalization.CultureInfo.InvariantCulture), fault, StringComparison.Ordinal);
    }

    private static byte[] Protect(Protection protection, int suite, bool sign, EllipticKeys? client, EllipticKeys? meter)
    {
        var control = new SecurityControl(suite, true, true);
        using var context = new SecurityContext(control, SuiteDevice.ClientTitle, SuiteDevice.Key(suite, 0x10), SuiteDevice.Key(suite, 0x40)) { SendCounter = 100, OwnKeys = client };
        context.SetPeerSystemTitle(SuiteDevice.Title);
        context.SetKeyEncryptionKey(SuiteDevice.Key(suite, 0xA0));
        context.SetPeerKeys(meter, owned: false);
        var writer = new AxdrWriter(new byte[1024]);
        Assert.Equal(SecurityOutcome.Success, context.Protect(protection, control, sign, Request, ref writer));
        return writer.Written.ToArray();
    }

    private static DlmsKeys Keys(int suite, EllipticKeys? client, EllipticKeys? meter)
    {
        DlmsKeys keys = Key(("guek", SuiteDevice.Key(suite, 0x10)), ("gak", SuiteDevice.Key(suite, 0x40)), ("kek", SuiteDevice.Key(suite, 0xA0)));
        if (client is null || meter is null) return keys;
        foreach ((string name, byte[] value) in ((string, byte[])[])
            [("signingPublic", client.SignaturePublic), ("agreement-private", meter.Agreement!.ExportParameters(true).D!), ("agreement_public", client.AgreementPublic)])
            Assert.True(keys.TryAdd(name, value, out string? fault), fault);
        return keys;
    }

    private static DlmsKeys Key(params (string Name, byte[] Value)[] given)
    {
        var keys = new DlmsKeys();
        foreach ((string name, byte[] value) in given) Assert.True(keys.TryAdd(name, value, out string? fault), fault);
        return keys;
    }

    private static DlmsDocument Decode(DlmsKeys keys, byte[] apdu)
    {
        Assert.True(new DlmsDecoder(keys).TryDecode(apdu, out DlmsDocument? document, out DecodeError error), error.ToString());
        return document;
    }
}

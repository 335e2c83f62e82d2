using Praman.Dlms.Explain;
using Praman.Dlms.Security;

namespace Praman.Dlms.Tests.Security;

/// <summary>Key agreement, key derivation and signatures: published examples, and what must be refused.</summary>
public class EllipticCurveTests
{
    // The Green Book's worked examples in suite 1 (facts): key pairs, an ephemeral key with its signature, shared secrets and keys.
    private const string SignatureClient = "BAAFFDE06A8CB1C9DAE8D94023C601DBBB249254BA22EDD827E820BCA2BCC64362FBB83D86A82B87BB8B7161D2AAB5521911A946B97A284A90F7785CD9047D25";
    private const string SignaturePrivateClient = "418073C239FA6125011DE4D6CD2E645780289F761BB21BFB0835CB5585E8B373";
    private const string EphemeralClient = "C323C2BD45711DE4688637D919F92E9DB8FB2DFC213A88D21C9DC8DCBA917D8170511DE1BADB360D50058F794B0960AE11FA28D392CFF907A62D13E3357B1DC0";
    private const string EphemeralSignature = "B51BE089D0B682863B2217201E73A1A9031968A9B4121DCBC3281A69739AF87429F5B3AC5471E7B6A04A2C0F2F8A25FD772A317DF97FC5463FEAC248EB8AB8BE";
    private const string AgreementPrivateServer = "AAD3FD0732E991CF52A74C66C1F2827DDC53522A2E0A169D7C4FFCC0FB5D6A4D";
    private const string TitleClient = "4D4D4D0000BC614E", TitleServer = "4D4D4D0000000001";
    private const string GeneralCipheringAccess =
        "DD080102030405060708084D4D4D0000BC614E084D4D4D00000000010000010201018180" + EphemeralClient + EphemeralSignature
        + "81EB3100000000F435069679270C5BF4425EE5777402A6C8D51C620EED52DBB188378B836E2857D5C053E6DDF27FA87409AEF502CD9618AE47017C010224FD109CC0BEB21E742D44AB40CD11"
        + "908743EC90EC8C40E221D517F72228E1A26E827F43DC18ED27B5F458D66508B05A2A4CC6FED178C881AFC3BC67064689BE8BB41C80ABB3C114A31F4CB03B8B64C7E0B4CE77B2399C93347858888F9223"
        + "9713B38DF01C4858245827A92EF334172EA636B31CBBDF2A96AD5D035F66AA38F1A2D97D4BBA99622E6B5F18789CECB2DFB3937D9F3E17F8B472098E6563238F37528374809836002AEA6E7012D2ADFAA7";

    [Theory] // Green Book, one-pass Diffie-Hellman in suite 1, both directions
    [InlineData("0D4385BA0DD756CBCAB9887EB538396EE8F090A14C1079B4359F115B977F4615", TitleClient, TitleServer, "59A71FD81C929A86A99438DA17A66C05")]
    [InlineData("2B4302DC49790E2E78D990CFB52ED6E2F273DECE441A2D95E4301B93812A9FAC", TitleServer, TitleClient, "F0184BDA9466BFA4601A64A7EF46504A")]
    public void DerivesThePublishedKey(string secret, string partyU, string partyV, string expected)
    {
        byte[] key = new byte[16];
        ConcatKdf.Derive(1, Hex(secret), KeyPurpose.Encryption, Hex(partyU), Hex(partyV), key);
        Assert.Equal(expected, Convert.ToHexString(key));
        byte[] wrapping = new byte[16];
        ConcatKdf.Derive(1, Hex(secret), KeyPurpose.Wrapping, Hex(partyU), Hex(partyV), wrapping);
        Assert.NotEqual(key, wrapping); // the purpose enters
    }

    [Theory] // RFC 5903, 8.1 and 8.2; the keys over the secrets were computed with another program
    [InlineData(1, "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433", "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53")]
    [InlineData(2, "099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF896783AB194", "41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312916B8ED2960E4BD55A7448FC")]
    public void BothPartiesComputeTheSameKey(int suite, string privateU, string privateV)
    {
        Assert.True(EllipticKeys.TryImportPrivate(suite, default, Hex(privateU), out EllipticKeys? u));
        Assert.True(EllipticKeys.TryImportPrivate(suite, default, Hex(privateV), out EllipticKeys? v));
        using (u) using (v)
        {
            byte[] one = new byte[SecuritySuite.KeyLength(suite)], other = new byte[one.Length];
            Assert.True(KeyAgreement.TryStatic(u, v, Hex(TitleClient), Hex("0102030405060708"), Hex(TitleServer), one));
            Assert.True(KeyAgreement.TryStatic(v, u, Hex(TitleClient), Hex("0102030405060708"), Hex(TitleServer), other));
            Assert.Equal(one, other);
            Assert.Equal(KdfOutput[suite], Convert.ToHexString(one));
            Assert.True(KeyAgreement.TryStatic(v, u, Hex(TitleClient), Hex("0102030405060709"), Hex(TitleServer), other));
            Assert.NotEqual(one, other); // the transaction-id makes another key
            Assert.False(KeyAgreement.TryStatic(v, u, Hex(TitleClient), [], Hex(TitleServer), other));
        }
    }

    private static readonly Dictionary<int, string> KdfOutput = new() { [1] = "E36EEADB4581661CD0F69E67679D1C2D", [2] = "FB734C87152009A017D86290EE13B44BC29002B40D4F26602A5A711FBC1710D7" };

    [Fact]
    public void TheEphemeralKeyOfTheExampleIsSignedByItsClientAndBySomebodyElseNot()
    {
        Assert.True(EllipticKeys.TryImportPublic(1, Hex(SignatureClient), default, out EllipticKeys? client));
        Assert.True(client.Verify(Hex(EphemeralClient), Hex(EphemeralSignature)));
        // key_id and ephemeral key, as key_agreement of Security setup signs them
        Assert.True(client.Verify(
            Hex("002914D60E10AB705F62ED6CC349D7CB99B9AB3F3978E59278C7AF595B3AF987941372DAB6D5AF1FA867E134167E6F23DE664A6693E05F43414611058D1B48F894"),
            Hex("06F0607702AA0E2435A183E2F6B1ECD19629712E389A213610C03F77B2590860EA840AF5C3FA1F2BCDF055D4744E9A01CE9A0E55026BCAA4EEBEB764CED64BB3")));
        using EllipticKeys other = EllipticKeys.Generate(1);
        Assert.False(other.Verify(Hex(EphemeralClient), Hex(EphemeralSignature)));
        Assert.True(EllipticKeys.TryImportPrivate(1, Hex(SignaturePrivateClient), default, out EllipticKeys? own));
        Assert.Equal(SignatureClient, Convert.ToHexString(own.SignaturePublic));
        Assert.True(client.Verify("abc"u8, own.Sign("abc"u8)));
        client.Dispose();
        own.Dispose();
    }

    [Fact]
    public void TheExampleOfGeneralCipheringIsAgreedOnAndDeciphered()
    {
        Assert.True(EllipticKeys.TryImportPrivate(1, default, Hex(AgreementPrivateServer), out EllipticKeys? server));
        Assert.True(EllipticKeys.TryImportPublic(1, Hex(SignatureClient), default, out EllipticKeys? client));
        byte[] key = new byte[16];
        Assert.Equal(SecurityOutcome.Success, KeyAgreement.FinishOnePass(server, client, Hex(EphemeralClient + EphemeralSignature), Hex(TitleClient), Hex(TitleServer), key));
        Assert.Equal("59A71FD81C929A86A99438DA17A66C05", Convert.ToHexString(key));
        Assert.Equal(SecurityOutcome.SignatureMismatch, KeyAgreement.FinishOnePass(server, client, Hex(EphemeralClient + "00" + EphemeralSignature[2..]), Hex(TitleClient), Hex(TitleServer), key));
        Assert.Equal(SecurityOutcome.Malformed, KeyAgreement.FinishOnePass(server, client, Hex(EphemeralClient), Hex(TitleClient), Hex(TitleServer), key));

        var keys = new DlmsKeys();
        Assert.True(keys.TryAdd("agreementPrivate", Hex(AgreementPrivateServer), out _));
        Assert.True(keys.TryAdd("signingPublic", Hex(SignatureClient), out _));
        Assert.True(new DlmsDecoder(keys).TryDecode(Hex(GeneralCipheringAccess), out DlmsDocument? document, out _));
        Assert.Equal("access-request", document.ToJson()["apdu"]!["inner"]!["name"]!.GetValue<string>());
        // The tag that is printed with the example does not verify under the authentication key that the book names; so it is said, and nothing is shown.
        Assert.True(keys.TryAdd("gak", Hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"), out _));
        Assert.True(new DlmsDecoder(keys).TryDecode(Hex(GeneralCipheringAccess), out document, out _));
        Assert.True(document.IsRefused);
        Assert.Contains("the encryption key fits", string.Join(' ', document.Notes), StringComparison.Ordinal);
        server.Dispose();
        client.Dispose();
    }

    [Fact] // Suite B Implementer's Guide to FIPS 186-3, P-384 with SHA-384
    public void VerifiesThePublishedSignatureOfP384()
    {
        Assert.True(EllipticKeys.TryImportPublic(2,
            Hex("1FBAC8EEBD0CBF35640B39EFE0808DD774DEBFF20A2A329E91713BAF7D7F3C3E81546D883730BEE7E48678F857B02CA0EB213103BD68CE343365A8A4C3D4555FA385F5330203BDD76FFAD1F3AFFB95751C132007E1B240353CB0A4CF1693BDF9"),
            default, out EllipticKeys? keys));
        byte[] text = Hex("54686973206973206F6E6C7920612074657374206D6573736167652E204974206973203438206279746573206C6F6E67");
        byte[] signature = Hex("A0C27EC893092DEA1E1BD2CCFED3CF945C8134ED0C9F81311A0F4A05942DB8DBED8DD59F267471D5462AA14FE72DE85620AB3F45B74F10B6E11F96A2C8EB694D206B9DDA86D3C7E331C26B22C987B7537726577667ADADF168EBBE803794A402");
        Assert.True(keys.Verify(text, signature));
        for (int at = 0; at < signature.Length; at++)
        {
            signature[at] ^= 1;
            Assert.False(keys.Verify(text, signature));
            signature[at] ^= 1;
        }
        Assert.False(keys.Verify(text, signature.AsSpan(1)));
        keys.Dispose();
    }

    [Theory, InlineData(1), InlineData(2)]
    public void AKeyOfAnotherLengthOrOffTheCurveIsRefused(int suite)
    {
        int length = SecuritySuite.PublicKeyLength(suite);
        using EllipticKeys good = EllipticKeys.Generate(suite);
        byte[] point = good.AgreementPublic;
        Assert.Equal(length, point.Length);
        Assert.True(EllipticKeys.TryImportPublic(suite, point, point, out _));
        point[^1] ^= 1;
        Assert.False(EllipticKeys.TryImportPublic(suite, point, default, out _));
        Assert.False(EllipticKeys.TryImportPublic(suite, default, point, out _));
        Assert.False(EllipticKeys.TryImportPublic(suite, default, new byte[length], out _)); // the point at infinity's stand-in
        Assert.False(EllipticKeys.TryImportPublic(suite, default, point.AsSpan(1), out _));
        Assert.False(EllipticKeys.TryImportPublic(3 - suite, default, point, out _));
        Assert.False(EllipticKeys.TryImportPrivate(suite, new byte[length], default, out _));
        Assert.False(EllipticKeys.TryImportPublic(0, default, point, out _));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void TheEphemeralModelAgreesAndRefusesWhatThePeerDidNotSign(int suite)
    {
        using EllipticKeys client = EllipticKeys.Generate(suite), meter = EllipticKeys.Generate(suite), stranger = EllipticKeys.Generate(suite);
        using var asked = new EphemeralOffer(client, 0);
        using var answered = new EphemeralOffer(meter, 0);
        Assert.True(asked.TryAgree(meter, answered.KeyData, KeyPurpose.Encryption, Hex(TitleClient), Hex(TitleServer), out byte[]? one));
        Assert.True(answered.TryAgree(client, asked.KeyData, KeyPurpose.Encryption, Hex(TitleClient), Hex(TitleServer), out byte[]? other));
        Assert.Equal(one, other);
        Assert.Equal(SecuritySuite.KeyLength(suite), one.Length);
        Assert.False(answered.TryAgree(stranger, asked.KeyData, KeyPurpose.Encryption, Hex(TitleClient), Hex(TitleServer), out _));
        using var anotherKey = new EphemeralOffer(client, 2);
        Assert.False(answered.TryAgree(client, anotherKey.KeyData, KeyPurpose.Encryption, Hex(TitleClient), Hex(TitleServer), out _)); // signed for another key
        for (int at = 0; at < asked.KeyData.Length; at += 7)
        {
            byte[] altered = [.. asked.KeyData];
            altered[at] ^= 4;
            Assert.False(answered.TryAgree(client, altered, KeyPurpose.Encryption, Hex(TitleClient), Hex(TitleServer), out _));
        }
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}

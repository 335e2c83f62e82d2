using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Explain;
using Praman.Dlms.Security;
using Praman.Metering;

namespace Praman.Dlms.Tests.Explain;

/// <summary>Wrong key, wrong counter, wrong context, wrong policy and wrong title, told apart within a conversation.</summary>
public class FindingTests
{
    private static readonly byte[] Guek = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    private static readonly byte[] Gak = Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    private static readonly byte[] Dedicated = Convert.FromHexString("00112233445566778899AABBCCDDEEFF");
    private static readonly byte[] ClientTitle = "HES\0\0\0\0\u0001"u8.ToArray();
    private static readonly byte[] ServerTitle = "HPL\0\0\0\0\u0007"u8.ToArray();
    private static readonly byte[] Request = Convert.FromHexString("C001C100030100010800FF0200");

    private static DlmsDecoder Decoder(byte[]? guek = null, byte[]? gak = null)
    {
        var keys = new DlmsKeys();
        Assert.True(keys.TryAdd("guek", guek ?? Guek, out _) && keys.TryAdd("gak", gak ?? Gak, out _));
        return new DlmsDecoder(keys);
    }

    private static byte[] Protect(byte[] apdu, uint counter, byte[]? title = null, Protection protection = Protection.ServiceGlobal, SecurityControl? control = null, byte[]? guek = null)
    {
        using var context = new SecurityContext(control ?? SecurityControl.AuthenticatedEncryption, title ?? ClientTitle, guek ?? Guek, Gak) { SendCounter = counter };
        if (protection is Protection.ServiceDedicated or Protection.GeneralDedicated) context.SetDedicatedKey(Dedicated);
        var writer = new AxdrWriter(new byte[256]);
        Assert.Equal(SecurityOutcome.Success, context.Protect(protection, apdu, ref writer));
        return writer.Written.ToArray();
    }

    private static byte[] Aarq(SecurityControl? control = null, ApplicationContext context = ApplicationContext.LogicalNameCiphered, uint counter = 1) => Praman.Dlms.Acse.Aarq.Create(
        context, ClientTitle, AuthenticationMechanism.HlsGmac, new byte[16],
        Protect(new InitiateRequest(Conformance.Get, 512) { DedicatedKey = Dedicated }.Encode(), counter, control: control)).Encode();

    private static byte[] Aare(AcseDiagnostic diagnostic = AcseDiagnostic.Null, ApplicationContext context = ApplicationContext.LogicalNameCiphered) => new Aare
    {
        Context = context, Result = diagnostic == AcseDiagnostic.Null ? AssociationResult.Accepted : AssociationResult.RejectedPermanent, Diagnostic = diagnostic,
        RespondingApTitle = ServerTitle,
    }.Encode();

    private static DlmsDocument Decode(DlmsDecoder decoder, byte[] octets)
    {
        Assert.True(decoder.TryDecode(octets, out DlmsDocument? document, out DecodeError error), error.ToString());
        return document;
    }

    private static DlmsDecoder Associated(DlmsDecoder? decoder = null, SecurityControl? control = null, uint counter = 1)
    {
        decoder ??= Decoder();
        Assert.Empty(Decode(decoder, Aarq(control, counter: counter)).Findings);
        Assert.Empty(Decode(decoder, Aare()).Findings);
        return decoder;
    }

    private static void AssertFinds(DlmsFindingKind kind, DlmsDocument document, string words)
    {
        DlmsFinding finding = Assert.Single(document.Findings);
        Assert.Equal(kind, finding.Kind);
        Assert.Contains(words, finding.Text, StringComparison.Ordinal);
        Assert.Contains(finding.Text, document.Notes);
        Assert.Equal(finding.Name, document.ToJson()["findings"]![0]!["kind"]!.GetValue<string>());
    }

    [Fact]
    public void ARightConversationHasNoFinding()
    {
        DlmsDecoder decoder = Associated();
        foreach (uint counter in (uint[])[2, 3, 7]) Assert.Empty(Decode(decoder, Protect(Request, counter)).Findings);
        Assert.Empty(Decode(decoder, Protect(Request, 1, protection: Protection.ServiceDedicated)).Findings); // another key, its own counter
    }

    [Fact]
    public void AWrongEncryptionKeyAndAWrongAuthenticationKeyAreTwoThings()
    {
        byte[] apdu = Protect(Request, 2, protection: Protection.GeneralGlobal);
        DlmsDocument wrong = Decode(Decoder(guek: Dedicated), apdu);
        AssertFinds(DlmsFindingKind.WrongKey, wrong, "does not verify");
        Assert.True(wrong.IsRefused);
        AssertFinds(DlmsFindingKind.WrongAuthenticationKey, Decode(Decoder(gak: Dedicated), apdu), "the encryption key and the title fit");
    }

    [Fact]
    public void AKeyOfAnotherSuiteIsToldByItsLength() => AssertFinds(
        DlmsFindingKind.WrongKey, Decode(Decoder(guek: [.. Guek, .. Guek]), Protect(Request, 2, protection: Protection.GeneralGlobal)), "takes keys of 16 octets, and the one given has 32");

    [Fact]
    public void ANewAssociationsDedicatedKeyCountsAnew()
    {
        DlmsDecoder decoder = Associated();
        Assert.Empty(Decode(decoder, Protect(Request, 5, protection: Protection.ServiceDedicated)).Findings);
        Associated(decoder, counter: 2);
        Assert.Empty(Decode(decoder, Protect(Request, 1, protection: Protection.ServiceDedicated)).Findings);
        Assert.Equal(DlmsFindingKind.WrongCounter, Assert.Single(Decode(decoder, Protect(new GetRequestNormal(new(0xC1), new(1, new(0, 0, 42, 0, 0), 2), null).Encode(), 1, protection: Protection.ServiceDedicated)).Findings).Kind);
    }

    [Fact]
    public void TheOtherKeyIsNamed()
    {
        byte[] apdu = Protect(Request, 2, protection: Protection.ServiceDedicated);
        apdu[0] = 0xC8; // says glo-get-request
        AssertFinds(DlmsFindingKind.WrongKey, Decode(Associated(), apdu), "protected with the key 'dedicated'");
        byte[] global = Protect(Request, 2);
        global[0] = 0xD0;
        AssertFinds(DlmsFindingKind.WrongKey, Decode(Associated(), global), "protected with the key 'guek'");
    }

    [Fact]
    public void AWrongTitleIsNamedByWhatItFits()
    {
        DlmsDocument document = Decode(Associated(), Protect(Request, 2, title: ServerTitle)); // a request under the server's title
        AssertFinds(DlmsFindingKind.WrongTitle, document, "48504C0000000007");
        Assert.True(document.IsRefused);
    }

    [Fact]
    public void AWrongCounterIsOneUsedBeforeOrAnotherThanTheNamed()
    {
        DlmsDecoder decoder = Associated();
        byte[] first = Protect(Request, 9);
        Assert.Empty(Decode(decoder, first).Findings);
        DlmsDocument again = Decode(decoder, first);
        Assert.Empty(again.Findings); // the same octets: sent again by the link, or replayed
        Assert.Contains("the same APDU again", Assert.Single(again.Notes), StringComparison.Ordinal);
        AssertFinds(DlmsFindingKind.WrongCounter, Decode(decoder, Protect(Request, 8)), "8 is not above 9");

        byte[] off = Protect(Request, 20);
        off[6]++; // the counter's last octet: 21
        AssertFinds(DlmsFindingKind.WrongCounter, Decode(decoder, off), "protected with 20, and names 21");
        AssertFinds(DlmsFindingKind.WrongCounter, Decode(decoder, new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.InvocationCounterError, 77).Encode()), "expects 77");
    }

    [Fact]
    public void AForgedCounterDoesNotMoveTheOneThatIsKept()
    {
        DlmsDecoder decoder = Associated();
        byte[] forged = Protect(Request, 5);
        forged[3] = 0x7F; // a counter far ahead
        Assert.True(Decode(decoder, forged).IsRefused);
        Assert.Empty(Decode(decoder, Protect(Request, 6)).Findings);
    }

    [Fact]
    public void AWrongContextIsRefusedByTheServerOrContradictsTheProtection()
    {
        DlmsDecoder decoder = Decoder();
        Decode(decoder, Aarq());
        AssertFinds(DlmsFindingKind.WrongContext, Decode(decoder, Aare(AcseDiagnostic.ApplicationContextNameNotSupported)), "does not offer LN-ciphered");

        DlmsDecoder plain = Decoder();
        AssertFinds(DlmsFindingKind.WrongContext, Decode(plain, Aarq(context: ApplicationContext.LogicalName)), "the initiate request is ciphered");
        Decode(plain, Aare(context: ApplicationContext.LogicalName));
        AssertFinds(DlmsFindingKind.WrongContext, Decode(plain, Protect(Request, 2)), "of the context LN");
    }

    [Fact]
    public void AnAnswerThatStandsAloneSaysItsContextItself()
    {
        byte[] aare = new Aare
        {
            Context = ApplicationContext.LogicalNameCiphered, Result = AssociationResult.Accepted, RespondingApTitle = ServerTitle,
            UserInformation = Protect(new InitiateResponse(Conformance.Get, 512).Encode(), 1, ServerTitle, Protection.GeneralGlobal),
        }.Encode();
        DlmsDecoder decoder = Decoder();
        DlmsDocument document = Decode(decoder, aare);
        Assert.Empty(document.Findings);
        Assert.False(document.IsRefused);
        Assert.Empty(Decode(decoder, Protect(Request, 2)).Findings);

        // An answer without ciphering is believed as well.
        DlmsDecoder plain = Decoder();
        Decode(plain, Aare(context: ApplicationContext.LogicalName));
        AssertFinds(DlmsFindingKind.WrongContext, Decode(plain, Protect(Request, 2)), "of the context LN");
        Assert.Empty(Decode(plain, aare).Findings);
    }

    [Fact]
    public void ATitleOfAnotherLengthIsNotTried()
    {
        DlmsDecoder decoder = Decoder(guek: new byte[16]);
        Decode(decoder, new Aare { Context = ApplicationContext.LogicalNameCiphered, Result = AssociationResult.Accepted, RespondingApTitle = new byte[2] }.Encode());
        AssertFinds(DlmsFindingKind.WrongKey, Decode(decoder, Protect(Request, 2, protection: Protection.GeneralGlobal)), "another encryption key");
    }

    [Fact]
    public void ACipheredServiceThatStandsAloneHasNoWrongContext() => Assert.Empty(Decode(Decoder(), Protect(Request, 2, protection: Protection.GeneralGlobal)).Findings);

    [Fact]
    public void AWrongPolicyIsLessProtectionThanTheAssociationWasOpenedWith()
    {
        DlmsDecoder decoder = Associated();
        AssertFinds(DlmsFindingKind.WrongPolicy, Decode(decoder, Protect(Request, 2, control: SecurityControl.EncryptionOnly)), "protected less (security control 0x20) than the association was opened with (0x30)");
        AssertFinds(DlmsFindingKind.WrongPolicy, Decode(decoder, Request), "in clear");
        Assert.Empty(Decode(Associated(control: SecurityControl.EncryptionOnly), Protect(Request, 2, control: SecurityControl.EncryptionOnly)).Findings);
    }

    [Fact]
    public void RecordedConversationsHaveNoFinding()
    {
        foreach (IGrouping<string, Vector> session in Vectors.All.Where(v => v.File == "sessions" && !v.Name.Contains("wrongpw", StringComparison.Ordinal)).GroupBy(v => v.Name[..^7]))
        {
            var decoder = new DlmsDecoder(session.First().DlmsKeys(withTitle: false));
            foreach (Vector vector in session)
            {
                Assert.True(decoder.TryDecode(vector.Bytes, out DlmsDocument? document, out _));
                Assert.True(document.Findings.Count == 0, $"{vector}: {string.Join("; ", document.Notes)}");
            }
        }
        Praman.Testing.TestFiles.SharedOrSkip("vectors/dlms/sessions.json");
    }
}

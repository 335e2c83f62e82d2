using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;
using static Praman.Dlms.Tests.Security.AssociationMatrixTests;

namespace Praman.Dlms.Tests.Security;

/// <summary>Security setup, class 64, through whole associations: policy, keys in each way, key pairs and certificates.</summary>
public class SecuritySetupTests
{
    private const sbyte Activate = 1, Transfer = 2, Agree = 3, Generate = 4, Request = 5, Import = 6, Export = 7, Remove = 8;

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void EveryKeyIsTransferredWrappedAndHoldsFromTheNextAssociation(int suite)
    {
        var device = new SuiteDevice(suite: suite, policyVersion: suite == 0 ? 0 : 1, policy: suite == 0 ? (byte)3 : (byte)0x6C);
        DlmsClientSettings settings = SuiteDevice.Settings(suite: suite);
        byte[] guek = SuiteDevice.Key(suite, 1), gbek = SuiteDevice.Key(suite, 2), gak = SuiteDevice.Key(suite, 3), kek = SuiteDevice.Key(suite, 4);
        using (Link link = Link.Open(device, settings, 1))
        {
            Assert.Null(link.Action(Transfer, Keys(settings.MasterKey.Span, (0, guek), (1, gbek), (2, gak), (3, kek))));
            Assert.Null(link.Read()); // this association goes on with the old ones
        }
        Assert.Equal(ClientErrorKind.WrongKey, Open(device, settings, out _, out _).Error!.Kind);
        DlmsClientSettings renewed = settings with { Guek = guek, Gak = gak, MasterKey = kek };
        using (Link link = Link.Open(device, renewed, 1))
        {
            Assert.Equal(ActionResult.OtherReason, link.Action(Transfer, Keys(settings.MasterKey.Span, (0, guek)))); // the old master key wraps nothing any more
            Assert.Null(link.Action(Transfer, Keys(kek, (0, settings.Guek.ToArray()), (2, settings.Gak.ToArray()))));
        }
        Link.Open(device, settings with { MasterKey = kek }, 5_000).Dispose();
        Assert.Equal(gbek, device.Security.KeysOf(SuiteDevice.Setup).Gbek.ToArray());
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void ATransferThatIsWrongInOneKeyChangesNone(int suite)
    {
        var device = new SuiteDevice(suite: suite);
        DlmsClientSettings settings = SuiteDevice.Settings(suite: suite);
        KeySet before = device.Security.KeysOf(SuiteDevice.Setup);
        using Link link = Link.Open(device, settings, 1);
        byte[] kek = settings.MasterKey.ToArray(), key = SuiteDevice.Key(suite, 1);
        CosemData good = Keys(kek, (0, key))[0];
        byte[] altered = KeyWrap.Wrap(kek, key);
        altered[5] ^= 1;
        Assert.Equal(ActionResult.OtherReason, link.Action(Transfer, CosemData.Array(good, Item(2, altered))));
        Assert.Equal(ActionResult.OtherReason, link.Action(Transfer, CosemData.Array(good, Item(2, KeyWrap.Wrap(kek, SuiteDevice.Key(suite == 2 ? 0 : 2, 1)))))); // of another suite's length
        Assert.Equal(ActionResult.OtherReason, link.Action(Transfer, CosemData.Array(good, Item(2, key)))); // not wrapped
        Assert.Equal(ActionResult.ReadWriteDenied, link.Action(Transfer, CosemData.Array(good, Item(4, KeyWrap.Wrap(kek, key)))));
        Assert.Equal(ActionResult.ReadWriteDenied, link.Action(Transfer, CosemData.Array(good, good)));
        Assert.Equal(ActionResult.TypeUnmatched, link.Action(Transfer, CosemData.Array()));
        Assert.Equal(ActionResult.TypeUnmatched, link.Action(Transfer, CosemData.Array(CosemData.Unsigned(1))));
        Assert.Same(before, device.Security.KeysOf(SuiteDevice.Setup));
        Assert.Null(link.Read());
    }

    [Theory, InlineData(1), InlineData(2)]
    public void KeysAreAgreedOnAndHoldFromTheNextAssociation(int suite)
    {
        var device = new SuiteDevice(suite: suite, policyVersion: 1, policy: 0x6C);
        DlmsClientSettings settings = SuiteDevice.Settings(suite: suite);
        byte[]? guek, gak, kek;
        using (Link link = Link.Open(device, settings, 1))
        {
            using EphemeralOffer first = new(settings.Keys!, 0), second = new(settings.Keys!, 2), third = new(settings.Keys!, 3);
            Assert.Null(link.Action(Agree, CosemData.Array(Item(0, first.KeyData), Item(2, second.KeyData), Item(3, third.KeyData))));
            CosemData answer = link.Client.Returned;
            Assert.True(first.TryAgree(settings.ServerKeys!, answer[0][1].OctetSpan, KeyPurpose.Encryption, SuiteDevice.ClientTitle, SuiteDevice.Title, out guek));
            Assert.True(second.TryAgree(settings.ServerKeys!, answer[1][1].OctetSpan, KeyPurpose.Encryption, SuiteDevice.ClientTitle, SuiteDevice.Title, out gak));
            Assert.True(third.TryAgree(settings.ServerKeys!, answer[2][1].OctetSpan, KeyPurpose.Wrapping, SuiteDevice.ClientTitle, SuiteDevice.Title, out kek));
        }
        using (Link link = Link.Open(device, settings with { Guek = guek, Gak = gak, MasterKey = kek }, 1))
        {
            Assert.Null(link.Action(Transfer, Keys(kek, (0, settings.Guek.ToArray()), (2, settings.Gak.ToArray()))));

            // What the client did not sign, or signed for another key, agrees on nothing.
            KeySet before = device.Security.KeysOf(SuiteDevice.Setup);
            using EllipticKeys stranger = EllipticKeys.Generate(suite);
            using EphemeralOffer foreign = new(stranger, 0), own = new(settings.Keys!, 0);
            Assert.Equal(ActionResult.OtherReason, link.Action(Agree, CosemData.Array(Item(0, foreign.KeyData))));
            Assert.Equal(ActionResult.OtherReason, link.Action(Agree, CosemData.Array(Item(2, own.KeyData))));
            Assert.Equal(ActionResult.OtherReason, link.Action(Agree, CosemData.Array(Item(0, own.KeyData[1..]))));
            Assert.Equal(ActionResult.ReadWriteDenied, link.Action(Agree, CosemData.Array(Item(7, own.KeyData))));
            Assert.Same(before, device.Security.KeysOf(SuiteDevice.Setup));
        }
        using Link none = Link.Open(new SuiteDevice(policyVersion: 1, policy: 0x6C), SuiteDevice.Settings(), 1);
        Assert.Equal(ActionResult.ObjectUnavailable, none.Action(Agree, CosemData.Array(Item(0, new byte[128])))); // suite 0 agrees on nothing
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    public void APolicyIsRaisedAndNeverLowered(int version, int suite)
    {
        byte start = 0, some = version == 0 ? (byte)1 : (byte)0x24, all = version == 0 ? (byte)3 : suite == 0 ? (byte)0x6C : (byte)0xFC;
        var device = new SuiteDevice(suite: suite, policy: start, policyVersion: version);
        using Link link = Link.Open(device, SuiteDevice.Settings(suite: suite) with { Signs = suite != 0 }, 1);
        Assert.Null(link.Action(Activate, CosemData.Enumeration(some)));
        Assert.Null(link.Action(Activate, CosemData.Enumeration(all)));
        Assert.Equal(all, device.PolicyOf(SuiteDevice.Setup));
        Assert.Equal(ActionResult.ReadWriteDenied, link.Action(Activate, CosemData.Enumeration(some)));
        Assert.Equal(ActionResult.ReadWriteDenied, link.Action(Activate, CosemData.Enumeration(0)));
        foreach (byte unknown in version == 0 ? (byte[])[4, 7, 255] : suite == 0 ? [1, 2, 3, 0x6D, 0x7C, 0xEC, 0xFC] : [0xFD, 0xFE, 0xFF])
            Assert.Equal(ActionResult.ReadWriteDenied, link.Action(Activate, CosemData.Enumeration(unknown)));
        Assert.Equal(ActionResult.TypeUnmatched, link.Action(Activate, CosemData.Unsigned(all)));
        Assert.Equal(all, device.PolicyOf(SuiteDevice.Setup));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void ACertificateGoesItsWholeWay(int suite)
    {
        var device = new SuiteDevice(AuthenticationMechanism.HlsEcdsa, suite, policyVersion: 1, policy: 0x6C, certificates: true);
        device.Security.OwnKeys = EllipticKeys.Generate(suite);
        using var authority = new Authority(suite);
        // In the works: the authority and the client's certificates; the client proves itself with what they certify.
        Assert.True(Take(device, authority.Own));
        Assert.True(Take(device, authority.Issue(SuiteDevice.ClientTitle, SuiteDevice.ClientKeys(suite).Signature!)));
        Assert.True(Take(device, authority.Issue(SuiteDevice.ClientTitle, SuiteDevice.ClientKeys(suite).Agreement!)));

        using EllipticKeys meter = device.Security.OwnKeys.PublicOnly();
        DlmsClientSettings settings = SuiteDevice.Settings(AuthenticationMechanism.HlsEcdsa, suite) with { ServerKeys = meter };
        using Link link = Link.Open(device, settings, 1);
        Assert.Null(link.Action(Generate, CosemData.Enumeration(0)));
        Assert.Null(link.Action(Generate, CosemData.Enumeration(1)));
        Assert.Equal(ActionResult.ReadWriteDenied, link.Action(Generate, CosemData.Enumeration(2)));
        foreach (byte type in (byte[])[0, 1])
        {
            Assert.Null(link.Action(Request, CosemData.Enumeration(type)));
            byte[] request = link.Client.Returned.OctetSpan.ToArray();
            byte[] issued = authority.Issue(request, out byte[] key);
            Assert.Equal(type == 0 ? device.Security.OwnKeys.SignaturePublic : device.Security.OwnKeys.AgreementPublic, key);
            Assert.Null(link.Action(Import, CosemData.OctetString(issued)));
            Assert.Null(link.Action(Export, ByEntity(0, type, SuiteDevice.Title)));
            Assert.Equal(issued, link.Client.Returned.OctetSpan.ToArray());
        }
        Assert.Equal(5, link.Get(6).Count);
        CosemData listed = link.Get(6)[3];
        Assert.Equal((CosemData.Enumeration(0), CosemData.Enumeration(0)), (listed[0], listed[1]));
        Assert.Null(link.Action(Export, CosemData.Structure(CosemData.Enumeration(1), CosemData.Structure(listed[2], listed[3]))));
        Assert.Null(link.Action(Remove, ByEntity(0, 1, SuiteDevice.Title)));
        Assert.Equal(ActionResult.ObjectUndefined, link.Action(Remove, ByEntity(0, 1, SuiteDevice.Title)));
        Assert.Equal(ActionResult.TypeUnmatched, link.Action(Export, CosemData.Structure(CosemData.Enumeration(2), CosemData.Structure())));
        // 256 is no entity and no type: not taken for 0.
        Assert.Equal(ActionResult.TypeUnmatched, link.Action(Remove, CosemData.Structure(CosemData.Enumeration(0), CosemData.Structure(CosemData.LongUnsigned(256), CosemData.Enumeration(0), CosemData.OctetString(SuiteDevice.Title)))));
        Assert.Equal(ActionResult.TypeUnmatched, link.Action(Remove, CosemData.Structure(CosemData.Enumeration(0), CosemData.Structure(CosemData.Enumeration(0), CosemData.LongUnsigned(256), CosemData.OctetString(SuiteDevice.Title)))));
        Assert.Equal(4, link.Get(6).Count);
        link.Dispose();

        // The next association is proved with the new key pair.
        using (var old = new DlmsClient(settings, new CounterLease(3_000, 100)))
        using (var server = new DlmsServerAssociation(device))
            Assert.Equal(ClientErrorKind.ServerNotAuthentic, Wire.Walk(old, server, old.Connect(), SuiteDevice.Now).Error!.Kind);
        using EllipticKeys renewed = device.Security.OwnKeys.PublicOnly();
        Link.Open(device, settings with { ServerKeys = renewed }, 5_000).Dispose();
    }

    [Theory, InlineData(1), InlineData(2)]
    public void ACertificateThatNobodyHereVouchesForIsNotTaken(int suite)
    {
        var device = new SuiteDevice(suite: suite);
        using Authority authority = new(suite), stranger = new(suite);
        Assert.True(Take(device, authority.Own));
        byte[] good = authority.Issue(SuiteDevice.ClientTitle, SuiteDevice.ClientKeys(suite).Signature!);
        Assert.False(Take(device, stranger.Issue(SuiteDevice.ClientTitle, SuiteDevice.ClientKeys(suite).Signature!)));
        Assert.False(Take(device, authority.Issue(SuiteDevice.Title, SuiteDevice.ClientKeys(suite).Signature!))); // the meter's title over another's key
        Assert.False(Take(device, authority.Issue(SuiteDevice.ClientTitle, SuiteDevice.ClientKeys(suite).Signature!, until: SuiteDevice.Now - Duration.FromDays(1))));
        Assert.False(Take(device, authority.Issue("7 octets"u8.ToArray()[..7], SuiteDevice.ClientKeys(suite).Signature!)));
        for (int at = 0; at < good.Length; at++)
        {
            Assert.False(DlmsCertificate.TryRead(good.AsSpan(0, at), out _, out string? fault));
            Assert.NotEmpty(fault);
            byte[] altered = [.. good];
            altered[at] ^= 0x04;
            Assert.False(Take(device, altered), $"octet {at} was altered");
        }
        Assert.False(DlmsCertificate.TryRead(new byte[DlmsCertificate.LengthMax + 1], out _, out _));
        Assert.False(DlmsCertificate.TryRead([.. good, 0], out _, out _));
        Assert.True(Take(device, good));
        Assert.True(Take(device, good)); // again: it takes the same place
        Assert.Equal(2, device.Security.Certificates.All.Count);
        using var key = ECDsa.Create(SecuritySuite.Curve(suite));
        for (int number = 2; number < CertificateStore.CountMax; number++) Assert.True(Take(device, authority.Issue([0, 0, 0, 0, 0, 0, 0, (byte)number], key)));
        Assert.False(Take(device, authority.Issue([0, 0, 0, 0, 0, 0, 0, 99], key))); // the store is full
        Assert.True(Take(device, good));
    }

    /// <summary>What is trusted begins with roots, and those are the host's: over the wire comes in only what an authority here signed.</summary>
    [Theory, InlineData(1), InlineData(2)]
    public void AClientMayNotMakeItsOwnRootTrusted(int suite)
    {
        var device = new SuiteDevice(suite: suite, policyVersion: 1, policy: 0x6C);
        using Authority root = new(suite), rogue = new(suite, "Rogue"), sameName = new(suite), middle = new(suite, "Middle", root), usurper = new(suite, "Root", middle);
        Assert.True(Take(device, root.Own));
        using Link link = Link.Open(device, SuiteDevice.Settings(suite: suite), 1);
        Assert.Equal(ActionResult.OtherReason, link.Action(Import, CosemData.OctetString(rogue.Own)));
        Assert.Equal(ActionResult.OtherReason, link.Action(Import, CosemData.OctetString(sameName.Own)));
        Assert.Equal(ActionResult.OtherReason, link.Action(Import, CosemData.OctetString(middle.Issue(SuiteDevice.ClientTitle, SuiteDevice.ClientKeys(suite).Signature!)))); // not here yet
        Assert.Null(link.Action(Import, CosemData.OctetString(middle.Own)));
        Assert.Equal(ActionResult.OtherReason, link.Action(Import, CosemData.OctetString(usurper.Own))); // signed by one that is here, in the name of the root
        Assert.Null(link.Action(Import, CosemData.OctetString(middle.Issue(SuiteDevice.ClientTitle, SuiteDevice.ClientKeys(suite).Signature!))));
        CosemData listed = link.Get(6)[0];
        Assert.Equal(ActionResult.ReadWriteDenied, link.Action(Remove, CosemData.Structure(CosemData.Enumeration(1), CosemData.Structure(listed[2], listed[3]))));
        Assert.Equal(root.Own, device.Security.Certificates.All[0].Certificate.Der);
        Assert.Equal(3, device.Security.Certificates.All.Count);
    }

    /// <summary>A certificate is believed while it and all above it are valid and here; once a client has one, what the works set for it counts no more.</summary>
    [Theory, InlineData(1), InlineData(2)]
    public void AnExpiredCertificateProvesNothing(int suite)
    {
        Instant soon = SuiteDevice.Now + Duration.FromDays(30), late = SuiteDevice.Now + Duration.FromDays(200);
        foreach (string expires in (string[])["nothing", "client", "middle", "root", "gone"])
        {
            var device = new SuiteDevice(AuthenticationMechanism.HlsEcdsa, suite, policyVersion: 1, policy: 0x6C);
            using Authority root = new(suite, days: expires == "root" ? 100 : 1000), middle = new(suite, "Middle", root, expires == "middle" ? 100 : 1000);
            Assert.True(Take(device, root.Own));
            Assert.True(Take(device, middle.Own));
            Assert.True(Take(device, middle.Issue(SuiteDevice.ClientTitle, SuiteDevice.ClientKeys(suite).Signature!, expires == "client" ? SuiteDevice.Now + Duration.FromDays(100) : null)));
            Assert.True(Opens(device, soon, 1));
            if (expires == "gone") Assert.True(device.Security.Certificates.Remove(device.Security.Certificates.All[1].Certificate));
            Assert.True(Opens(device, late, 1_000) == (expires == "nothing"), expires);
        }

        bool Opens(SuiteDevice device, Instant now, uint counter)
        {
            using var client = new DlmsClient(SuiteDevice.Settings(AuthenticationMechanism.HlsEcdsa, suite), new CounterLease(counter, 100));
            using var server = new DlmsServerAssociation(device);
            return Wire.Walk(client, server, client.Connect(), now).IsDone;
        }
    }

    /// <summary>Policy and keys that a client gives one security setup are not those of another.</summary>
    [Fact]
    public void EachSecuritySetupHasItsOwnPolicyAndKeys()
    {
        var device = new SuiteDevice(policy: 0);
        DlmsClientSettings settings = SuiteDevice.Settings(), other = settings with { ClientSap = SuiteDevice.Other, Protection = new(0) };
        byte[] guek = SuiteDevice.Key(0, 1);
        using (Link link = Link.Open(device, settings, 1))
        {
            Assert.Null(link.Action(Activate, CosemData.Enumeration(3)));
            Assert.Null(link.Action(Transfer, Keys(settings.MasterKey.Span, (0, guek))));
            Assert.Equal((CosemData.Enumeration(3), (byte)3, (byte)0), (link.Get(2), device.PolicyOf(SuiteDevice.Setup), device.PolicyOf(SuiteDevice.OtherSetup)));
        }
        // The other's clients go on as they were: in clear, and under the old keys.
        using (Link link = Link.Open(device, other, 1)) Assert.Null(link.Read());
        using (Link link = Link.Open(device, settings with { ClientSap = SuiteDevice.Other }, 1_000)) Assert.Null(link.Read());
        Assert.Equal(ClientErrorKind.WrongKey, Open(device, settings, out _, out _).Error!.Kind);
        Assert.Equal(ClientErrorKind.PolicyRefused, Open(device, settings with { Guek = guek, Protection = new(0) }, out _, out _).Error!.Kind);

        // Given the same key, the second counts on where the first is: no counter is met twice under one key.
        using (Link link = Link.Open(device, settings with { Guek = guek }, 1)) Assert.Null(link.Read());
        using (Link link = Link.Open(device, settings with { ClientSap = SuiteDevice.Other }, 2_000))
            Assert.Null(Act(link, SuiteDevice.OtherSetup, Transfer, Keys(settings.MasterKey.Span, (0, guek))));
        Assert.True(device.Security.KeysOf(SuiteDevice.Setup).TryTakeNext(out uint first) && device.Security.KeysOf(SuiteDevice.OtherSetup).TryTakeNext(out uint second) && first > 0 && second == first + 1);
    }

    /// <summary>Whoever changes keys may finish; all others under the replaced keys are closed.</summary>
    [Theory]
    [InlineData(0, Transfer)]
    [InlineData(1, Transfer)]
    [InlineData(1, Generate)]
    public void ReplacedKeysCloseTheOtherAssociationsUnderThem(int suite, sbyte method)
    {
        foreach (byte id in method == Transfer ? (byte[])[0, 1, 2, 3] : [0, 1])
        {
            var device = new SuiteDevice(suite: suite, policyVersion: suite == 0 ? 0 : 1, policy: suite == 0 ? (byte)3 : (byte)0x6C);
            DlmsClientSettings settings = SuiteDevice.Settings(suite: suite);
            using Link one = Link.Open(device, settings with { ClientSap = SuiteDevice.Other }, 1), two = Link.Open(device, settings, 1);
            Assert.Null(two.Read());
            Assert.Null(one.Action(method, method == Transfer ? Keys(settings.MasterKey.Span, (id, SuiteDevice.Key(suite, 0xE0))) : CosemData.Enumeration(id)));
            ClientStep step = Wire.Walk(two.Client, two.Server, two.Client.Set(new(1, SuiteDevice.Text, 2), CosemData.Unsigned(1)), SuiteDevice.Now);
            Assert.Equal((false, 0, false), (step.IsDone, device.Writes, two.Server.IsAssociated));
            Assert.Null(one.Read());
        }
    }

    /// <summary>Keys that are replaced are erased, by the host's hand and by a client's.</summary>
    [Fact]
    public void OldKeysAreErasedWhenChanged()
    {
        byte[] given = SuiteDevice.Key(0, 0x10);
        var security = new DeviceSecurity(SuiteDevice.Title, new KeySet(given, SuiteDevice.Key(0, 0x40), 1, gbek: SuiteDevice.Key(0, 0x70)), SuiteDevice.Key(0, 0xA0), default, default);
        ReadOnlyMemory<byte> guek = security.Keys.Guek, gak = security.Keys.Gak, gbek = security.Keys.Gbek, master = security.MasterKey;
        security.ChangeKeys(SuiteDevice.Key(0, 1), null, null);
        Assert.True(IsErased(guek) && !IsErased(gak) && !IsErased(gbek) && !IsErased(master));
        Assert.Equal(SuiteDevice.Key(0, 0x10), given); // the host's own is the host's
        security.ChangeKeys(null, SuiteDevice.Key(0, 2), SuiteDevice.Key(0, 3), SuiteDevice.Key(0, 4));
        Assert.True(IsErased(gak) && IsErased(gbek) && IsErased(master));
        Assert.Equal(SuiteDevice.Key(0, 1), security.Keys.Guek.ToArray());
        Assert.Equal(SuiteDevice.Key(0, 3), security.MasterKey.ToArray());

        // Of setups that began with the same keys the first change erases nothing that the other needs; the last does.
        var device = new SuiteDevice();
        DlmsClientSettings settings = SuiteDevice.Settings();
        guek = device.Security.Keys.Guek;
        using (Link link = Link.Open(device, settings, 1)) Assert.Null(link.Action(Transfer, Keys(settings.MasterKey.Span, (0, SuiteDevice.Key(0, 1)))));
        Assert.False(IsErased(guek));
        using (Link link = Link.Open(device, settings with { ClientSap = SuiteDevice.Other }, 1)) Assert.Null(Act(link, SuiteDevice.OtherSetup, Transfer, Keys(settings.MasterKey.Span, (0, SuiteDevice.Key(0, 2)))));
        Assert.True(IsErased(guek));
        Assert.Equal(SuiteDevice.Key(0, 1), device.Security.KeysOf(SuiteDevice.Setup).Guek.ToArray());
        Assert.Equal(SuiteDevice.Key(0, 2), device.Security.KeysOf(SuiteDevice.OtherSetup).Guek.ToArray());

        static bool IsErased(ReadOnlyMemory<byte> key) => key.Span.IndexOfAnyExcept((byte)0) < 0;
    }

    /// <summary>A key pair that the device made, and that a client has another made for, is disposed once nobody uses it; one that the host set never.</summary>
    [Fact]
    public void AKeyPairThatIsReplacedIsDisposedWithTheAssociation()
    {
        var device = new SuiteDevice(suite: 1, policyVersion: 1, policy: 0x6C);
        EllipticKeys host = device.Security.OwnKeys!;
        Link link = Link.Open(device, SuiteDevice.Settings(suite: 1), 1);
        foreach (byte type in (byte[])[0, 1]) Assert.Null(link.Action(Generate, CosemData.Enumeration(type)));
        EllipticKeys made = device.Security.OwnKeys!;
        foreach (byte type in (byte[])[0, 1]) Assert.Null(link.Action(Generate, CosemData.Enumeration(type)));
        Assert.NotEmpty(made.SignaturePublic); // not yet
        link.Dispose();
        Assert.Throws<ObjectDisposedException>(() => made.SignaturePublic);
        Assert.Throws<ObjectDisposedException>(() => made.AgreementPublic);
        Assert.True(host.SignaturePublic.Length > 0 && device.Security.OwnKeys!.AgreementPublic.Length > 0);
    }

    /// <summary>Once an association has ended, nothing that came or went ciphered on it is in the server's memory.</summary>
    [Fact]
    public void PlainTextOfTheServerIsErasedWithTheAssociation()
    {
        byte[] dedicated = SuiteDevice.Key(0, 0xC1), marker = [.. Enumerable.Range(0, 4_000).Select(i => (byte)(i % 251))];
        using var client = new DlmsClient(SuiteDevice.Settings() with { DedicatedKey = dedicated }, new CounterLease(1, 1_000));
        using var server = new DlmsServerAssociation(new SuiteDevice());
        Assert.True(Wire.Walk(client, server, client.Connect(), SuiteDevice.Now).IsDone);
        Assert.True(Wire.Walk(client, server, client.Set(new(1, SuiteDevice.Text, 2), CosemData.OctetString(marker)), SuiteDevice.Now).IsDone); // by blocks
        Assert.True(Wire.Walk(client, server, client.Get(new(1, SuiteDevice.Text, 2)), SuiteDevice.Now).IsDone);
        server.Close();
        int seen = 0;
        foreach ((string name, byte[] octets) in OctetsOf(server, "server", 3))
        {
            Assert.True(octets.AsSpan().IndexOf(dedicated.AsSpan(0, 8)) < 0 && octets.AsSpan().IndexOf(marker.AsSpan(8, 16)) < 0, name);
            seen++;
        }
        Assert.True(seen > 5, "the walk found the buffers");
    }

    // All arrays of octets that an object holds, itself or in its parts; the device is another's.
    private static IEnumerable<(string Name, byte[] Octets)> OctetsOf(object owner, string name, int depth)
    {
        foreach (System.Reflection.FieldInfo field in owner.GetType().GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic))
        {
            object? held = field.GetValue(owner);
            if (held is byte[] octets) yield return ($"{name}.{field.Name}", octets);
            else if (held is not null and not LogicalDevice and not KeySet and not string && depth > 0 && !field.FieldType.IsPrimitive && !field.FieldType.IsEnum)
            {
                foreach ((string Name, byte[] Octets) inner in OctetsOf(held, $"{name}.{field.Name}", depth - 1)) yield return inner;
            }
        }
    }

    [Theory, InlineData(1), InlineData(2)]
    public void HostileOctetsAreNoCertificateAndNeverThrow(int suite)
    {
        byte[] good = ClientCertificate(suite);
        var random = new Random(7);
        for (int number = 0; number < 20_000; number++)
        {
            byte[] hostile = [.. good];
            for (int change = random.Next(1, 6); change > 0; change--) hostile[random.Next(hostile.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) hostile = hostile[..random.Next(hostile.Length)];
            Assert.True(DlmsCertificate.TryRead(hostile, out DlmsCertificate? read, out string? fault) ? !read.IsIssuedBy(read) : fault.Length > 0);
        }
    }

    [Fact]
    public void AnUnconfirmedRequestUnderTheBroadcastKeyIsServedOnceAndNothingElseIs()
    {
        var device = new SuiteDevice();
        using Link link = Link.Open(device, SuiteDevice.Settings(), 1);
        using var all = new SecurityContext(new(0x70), SuiteDevice.ClientTitle, SuiteDevice.Key(0, 0x10), SuiteDevice.Key(0, 0x40)) { SendCounter = 7 };
        all.SetBroadcastKey(SuiteDevice.Key(0, 0x70));
        byte[] unconfirmed = Frame(new InvokeIdAndPriority(1, confirmed: false));
        Assert.True(link.Server.Receive(unconfirmed, SuiteDevice.Now).IsEmpty);
        Assert.Equal(1, device.Writes);
        link.Server.Receive(unconfirmed, SuiteDevice.Now); // again: refused
        Assert.Equal(1, device.Writes);
        Assert.Equal((7L, true), (device.Security.KeysOf(SuiteDevice.Setup).AcceptedBroadcast(1), device.Security.KeysOf(SuiteDevice.Setup).Accepted(1) < 7)); // its own counter
        Assert.IsType<ExceptionResponse>(Wire.Decode(link.Server.Receive(Frame(new InvokeIdAndPriority(1)), SuiteDevice.Now).ToArray())); // asks for an answer
        Assert.Equal(1, device.Writes);
        Assert.Null(link.Read());

        byte[] Frame(InvokeIdAndPriority invoke)
        {
            var writer = new AxdrWriter(new byte[256]);
            Assert.Equal(SecurityOutcome.Success, all.Protect(Protection.ServiceGlobal, new SetRequestNormal(invoke, new(1, SuiteDevice.Text, 2), null, CosemData.Unsigned(1)).Encode(), ref writer));
            return Wire.ToServer(SuiteDevice.Client, writer.Written);
        }
    }

    /// <summary>A certificate of the client's signature key, of an authority that is not kept.</summary>
    internal static byte[] ClientCertificate(int suite)
    {
        using var authority = new Authority(suite);
        return authority.Issue(SuiteDevice.ClientTitle, SuiteDevice.ClientKeys(suite).Signature!);
    }

    // As the works do it: roots too.
    private static bool Take(SuiteDevice device, byte[] der) => DlmsCertificate.TryRead(der, out DlmsCertificate? certificate, out _)
        && (certificate.IsRoot ? device.Security.Certificates.TryTrust(certificate, SuiteDevice.Now, out _)
            : device.Security.Certificates.TryImport(certificate, SuiteDevice.Title, device.Security.OwnKeys, SuiteDevice.Now, out _));

    private static ActionResult? Act(Link link, Metering.ObisCode setup, sbyte method, CosemData parameters) =>
        Wire.Walk(link.Client, link.Server, link.Client.Action(new(64, setup, method), parameters), SuiteDevice.Now).Error?.Action;

    private static CosemData Keys(ReadOnlySpan<byte> kek, params (byte Id, byte[] Key)[] keys)
    {
        var items = new List<CosemData>();
        foreach ((byte id, byte[] key) in keys) items.Add(Item(id, KeyWrap.Wrap(kek, key)));
        return CosemData.Array([.. items]);
    }

    private static CosemData Item(byte id, byte[] octets) => CosemData.Structure(CosemData.Enumeration(id), CosemData.OctetString(octets));

    private static CosemData ByEntity(byte entity, byte type, byte[] title) => CosemData.Structure(
        CosemData.Enumeration(0), CosemData.Structure(CosemData.Enumeration(entity), CosemData.Enumeration(type), CosemData.OctetString(title)));

    /// <summary>An open association to a device.</summary>
    private sealed class Link(DlmsClient client, DlmsServerAssociation server) : IDisposable
    {
        public DlmsClient Client { get; } = client;

        public DlmsServerAssociation Server { get; } = server;

        public static Link Open(SuiteDevice device, DlmsClientSettings settings, uint counter)
        {
            var link = new Link(new DlmsClient(settings, new CounterLease(counter, 1_000)), new DlmsServerAssociation(device));
            ClientStep step = link.Walk(link.Client.Connect());
            Assert.True(step.IsDone, step.Error?.ToString());
            return link;
        }

        /// <summary>The method's refusal; null where it succeeded.</summary>
        public ActionResult? Action(sbyte method, CosemData parameters)
        {
            ClientStep step = Walk(Client.Action(new(64, SuiteDevice.Setup, method), parameters));
            Assert.True(step.IsDone || step.Error!.Action is not null, step.Error?.ToString());
            return step.Error?.Action;
        }

        public ClientError? Read() => Walk(Client.Get(new(3, SuiteDevice.Import, 2))).Error;

        public CosemData Get(sbyte attribute)
        {
            Assert.True(Walk(Client.Get(new(64, SuiteDevice.Setup, attribute))).IsDone);
            Assert.True(Client.TryGetValue(out CosemData value, out _));
            return value;
        }

        private ClientStep Walk(ClientStep step) => Wire.Walk(Client, Server, step, SuiteDevice.Now);

        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }

    /// <summary>A certification authority for tests.</summary>
    private sealed class Authority : IDisposable
    {
        private readonly int _suite;
        private readonly ECDsa _key;
        private readonly X509Certificate2 _certificate;

        public Authority(int suite, string name = "Root", Authority? issuer = null, int days = 1000)
        {
            _suite = suite;
            _key = ECDsa.Create(SecuritySuite.Curve(suite));
            var request = new CertificateRequest("CN=" + name, _key, SecuritySuite.Hash(suite));
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            _certificate = issuer is null ? request.CreateSelfSigned(At(-100), At(days))
                : request.Create(issuer._certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer._key), At(-50), At(days), [9, 9, 9, (byte)name.Length]);
        }

        public byte[] Own => _certificate.RawData;

        public byte[] Issue(byte[] title, ECAlgorithm key, Instant? until = null)
        {
            bool agreement = key is ECDiffieHellman;
            using ECDsa point = ECDsa.Create(key.ExportParameters(false));
            var request = new CertificateRequest(new X500DistinguishedName("CN=" + Convert.ToHexString(title)), new PublicKey(point), SecuritySuite.Hash(_suite));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(agreement ? X509KeyUsageFlags.KeyAgreement : X509KeyUsageFlags.DigitalSignature, true));
            return Sign(request, until);
        }

        /// <summary>Checks a request's own signature and issues what it asks for.</summary>
        public byte[] Issue(byte[] pkcs10, out byte[] key)
        {
            CertificateRequest request = CertificateRequest.LoadSigningRequest(pkcs10, SecuritySuite.Hash(_suite), CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            Assert.Equal("CN=" + Convert.ToHexString(SuiteDevice.Title), request.SubjectName.Name);
            ECParameters point;
            using (ECDsa read = ECDsa.Create())
            {
                read.ImportSubjectPublicKeyInfo(request.PublicKey.ExportSubjectPublicKeyInfo(), out _);
                point = read.ExportParameters(false);
            }
            key = [.. point.Q.X!, .. point.Q.Y!];
            return Sign(request, null);
        }

        private byte[] Sign(CertificateRequest request, Instant? until)
        {
            using X509Certificate2 issued = request.Create(_certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), At(-50),
                until?.ToDateTimeOffset() ?? At(500), [1, 2, 3, (byte)RandomNumberGenerator.GetInt32(256), (byte)RandomNumberGenerator.GetInt32(256)]);
            return issued.RawData;
        }

        private static DateTimeOffset At(int days) => (SuiteDevice.Now + Duration.FromDays(days)).ToDateTimeOffset();

        public void Dispose()
        {
            _key.Dispose();
            _certificate.Dispose();
        }
    }
}

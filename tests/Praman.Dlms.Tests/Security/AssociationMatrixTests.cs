using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;

namespace Praman.Dlms.Tests.Security;

/// <summary>Whole associations between our client and our server: every mechanism, suite and policy, and everything below them refused (goal S3).</summary>
public class AssociationMatrixTests
{
    private static readonly AuthenticationMechanism[] Mechanisms = Enum.GetValues<AuthenticationMechanism>();

    public static TheoryData<AuthenticationMechanism, int> MechanismsAndSuites
    {
        get
        {
            var data = new TheoryData<AuthenticationMechanism, int>();
            foreach (AuthenticationMechanism mechanism in Mechanisms)
            {
                for (int suite = mechanism == AuthenticationMechanism.HlsEcdsa ? 1 : 0; suite <= SecuritySuite.Max; suite++) data.Add(mechanism, suite);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(MechanismsAndSuites))]
    public void EveryPolicyIsServedAndEverythingBelowItRefused(AuthenticationMechanism mechanism, int suite)
    {
        for (byte policy = 0; policy <= 3; policy++)
        {
            for (byte offered = 0; offered <= 3; offered++)
            {
                bool meets = (offered & policy) == policy;
                var device = new SuiteDevice(mechanism, suite, policy);
                ClientStep step = Open(device, SuiteDevice.Settings(mechanism, suite, (offered & 1) != 0, (offered & 2) != 0), out DlmsClient client, out DlmsServerAssociation server);
                Assert.True(step.IsDone == meets, $"{mechanism}, suite {suite}, policy {policy}, offered {offered}: {step.Error}");
                if (meets) Use(device, client, server);
                else Assert.Equal((ClientErrorKind.PolicyRefused, false), (step.Error!.Kind, server.IsAssociated));
            }
        }
    }

    [Theory, MemberData(nameof(MechanismsAndSuites))]
    public void EveryOtherSuiteIsRefused(AuthenticationMechanism mechanism, int suite)
    {
        for (int other = 0; other <= SecuritySuite.Max; other++)
        {
            if (other == suite) continue;
            // The same keys as far as they go, so that nothing but the suite differs.
            DlmsClientSettings settings = SuiteDevice.Settings(mechanism, suite) with { Protection = new(other, true, true) };
            if (SecuritySuite.KeyLength(other) != SecuritySuite.KeyLength(suite))
                settings = settings with { Guek = SuiteDevice.Key(other, 0x10), Gak = SuiteDevice.Key(other, 0x40) };
            ClientStep step = Open(new SuiteDevice(mechanism, suite), settings, out _, out DlmsServerAssociation server);
            Assert.True(step.IsFailed && !server.IsAssociated, $"suite {other} against {suite}");
        }
    }

    [Fact]
    public void EveryOtherMechanismIsRefused()
    {
        foreach (AuthenticationMechanism wanted in Mechanisms)
        {
            foreach (AuthenticationMechanism offered in Mechanisms)
            {
                if (offered == wanted) continue;
                ClientStep step = Open(new SuiteDevice(wanted, 1), SuiteDevice.Settings(offered, 1), out _, out DlmsServerAssociation server);
                Assert.Equal((ClientErrorKind.WrongMechanism, false), (step.Error!.Kind, server.IsAssociated));
            }
        }
    }

    [Theory]
    [InlineData(AuthenticationMechanism.HlsMd5)]
    [InlineData(AuthenticationMechanism.HlsSha1)]
    [InlineData(AuthenticationMechanism.HlsSha256)]
    [InlineData(AuthenticationMechanism.HlsEcdsa)]
    public void AMechanismServesAnAssociationInClearToo(AuthenticationMechanism mechanism)
    {
        var device = new SuiteDevice(mechanism, 1, policy: 0, ciphered: false);
        ClientStep step = Open(device, SuiteDevice.Settings(mechanism, 1, ciphered: false), out DlmsClient client, out DlmsServerAssociation server);
        Assert.True(step.IsDone, step.Error?.ToString());
        Use(device, client, server);
    }

    public static TheoryData<AuthenticationMechanism, int, int> ContextsInClear
    {
        get
        {
            var data = new TheoryData<AuthenticationMechanism, int, int>();
            foreach (AuthenticationMechanism mechanism in Mechanisms)
            {
                if (mechanism == AuthenticationMechanism.HlsGmac) continue; // its proof is made with the keys of a ciphered association
                data.Add(mechanism, 1, 0);
                data.Add(mechanism, 1, 1);
                if (mechanism != AuthenticationMechanism.HlsEcdsa) data.Add(mechanism, 0, 0);
            }
            return data;
        }
    }

    /// <summary>An association that has a security setup and no ciphering: it opens only while that setup asks for nothing, and serves no longer than that.</summary>
    [Theory, MemberData(nameof(ContextsInClear))]
    public void AContextInClearServesOnlyAPolicyThatAsksForNothing(AuthenticationMechanism mechanism, int suite, int version)
    {
        for (int policy = 0; policy < 256; policy++)
        {
            if (!RequiredProtection.IsValid(version, (byte)policy, suite)) continue;
            var device = new SuiteDevice(mechanism, suite, (byte)policy, version, ciphered: false);
            ClientStep step = Open(device, SuiteDevice.Settings(mechanism, suite, ciphered: false), out _, out DlmsServerAssociation refused);
            Assert.True(step.IsDone == (policy == 0), $"policy {policy}: {step.Error}");
            if (policy != 0) Assert.Equal((ClientErrorKind.PolicyRefused, false), (step.Error!.Kind, refused.IsAssociated));

            // The same policy, raised while the association stands.
            device = new SuiteDevice(mechanism, suite, 0, version, ciphered: false);
            Assert.True(Open(device, SuiteDevice.Settings(mechanism, suite, ciphered: false), out DlmsClient client, out DlmsServerAssociation server).IsDone);
            Assert.True(device.TryActivatePolicy(SuiteDevice.Setup, (byte)policy));
            step = Wire.Walk(client, server, client.Set(new(1, SuiteDevice.Text, 2), CosemData.Unsigned(1)), SuiteDevice.Now);
            Assert.Equal((policy == 0, policy == 0 ? 1 : 0), (step.IsDone, device.Writes));
            var notification = new DataNotification(new LongInvokeId(1, confirmed: false).Octets, default, CosemData.Unsigned(1));
            Assert.Equal(policy != 0, server.Notify(notification).IsEmpty);
            client.Dispose();
            server.Dispose();
        }
    }

    /// <summary>A policy that is raised holds for the next request of every association that stands, the one that raised it among them.</summary>
    [Fact]
    public void ARaisedPolicyHoldsForEveryAssociation()
    {
        var device = new SuiteDevice(policy: 1);
        Assert.True(Open(device, SuiteDevice.Settings(encrypted: false), out DlmsClient first, out DlmsServerAssociation firstServer).IsDone);
        using var second = new DlmsClient(SuiteDevice.Settings(encrypted: false), new CounterLease(200_000, 1_000));
        using var secondServer = new DlmsServerAssociation(device);
        Assert.True(Wire.Walk(second, secondServer, second.Connect(), SuiteDevice.Now).IsDone);
        Assert.True(Wire.Walk(second, secondServer, second.Action(new(64, SuiteDevice.Setup, 1), CosemData.Enumeration(3)), SuiteDevice.Now).IsDone);
        foreach ((DlmsClient client, DlmsServerAssociation server) in new[] { (second, secondServer), (first, firstServer) })
        {
            ClientStep step = Wire.Walk(client, server, client.Set(new(1, SuiteDevice.Text, 2), CosemData.Unsigned(1)), SuiteDevice.Now);
            Assert.Equal((ClientErrorKind.ServiceRefused, 0), (step.Error?.Kind, device.Writes));
        }
        first.Dispose();
        firstServer.Dispose();
    }

    [Theory]
    [InlineData(AuthenticationMechanism.Hls)]
    [InlineData(AuthenticationMechanism.HlsMd5)]
    [InlineData(AuthenticationMechanism.HlsSha1)]
    [InlineData(AuthenticationMechanism.HlsSha256)]
    public void AWrongSecretIsRefusedAndNamedOnEitherSide(AuthenticationMechanism mechanism)
    {
        DlmsClientSettings settings = SuiteDevice.Settings(mechanism) with { Secret = "ABCDEFGHABCDEFGh"u8.ToArray() };
        Assert.Equal(ClientErrorKind.AuthenticationFailed, Open(new SuiteDevice(mechanism), settings, out _, out DlmsServerAssociation server).Error!.Kind);
        Assert.False(server.IsAssociated);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void AClientThatSignsWithAnotherKeyIsRefusedAndAMeterThatDoesIsNotBelieved(int suite)
    {
        using EllipticKeys stranger = EllipticKeys.Generate(suite);
        DlmsClientSettings settings = SuiteDevice.Settings(AuthenticationMechanism.HlsEcdsa, suite);
        Assert.Equal(ClientErrorKind.AuthenticationFailed, Open(new SuiteDevice(AuthenticationMechanism.HlsEcdsa, suite), settings with { Keys = stranger }, out _, out _).Error!.Kind);
        Assert.Equal(ClientErrorKind.ServerNotAuthentic, Open(new SuiteDevice(AuthenticationMechanism.HlsEcdsa, suite), settings with { ServerKeys = stranger }, out _, out _).Error!.Kind);
        Assert.Equal(ClientErrorKind.AuthenticationFailed, Open(new SuiteDevice(AuthenticationMechanism.HlsEcdsa, suite), settings with { Keys = null }, out _, out _).Error!.Kind);
    }

    public static TheoryData<int, byte> PoliciesOfVersion1
    {
        get
        {
            var data = new TheoryData<int, byte>();
            for (int suite = 0; suite <= SecuritySuite.Max; suite++)
            {
                for (int policy = 0; policy < 256; policy += 4)
                {
                    if (RequiredProtection.IsValid(1, (byte)policy, suite)) data.Add(suite, (byte)policy);
                }
            }
            return data;
        }
    }

    /// <summary>Each request that a client can make, against each policy of version 1: it is served where it meets the policy, and the answer is protected as the policy says.</summary>
    [Theory, MemberData(nameof(PoliciesOfVersion1))]
    public void EveryPolicyOfVersion1IsServedAndEverythingBelowItRefused(int suite, byte policy)
    {
        RequiredProtection required = RequiredProtection.Of(1, policy, suite);
        for (int offered = 0; offered < 8; offered++)
        {
            bool authenticated = (offered & 1) != 0, encrypted = (offered & 2) != 0, signs = (offered & 4) != 0;
            if (signs && suite == 0) continue;
            bool meets = (!required.Request.IsAuthenticated || authenticated) && (!required.Request.IsEncrypted || encrypted) && (!required.SignedRequest || signs);
            var device = new SuiteDevice(AuthenticationMechanism.Hls, suite, policy, policyVersion: 1);
            DlmsClientSettings settings = SuiteDevice.Settings(AuthenticationMechanism.Hls, suite, authenticated, encrypted) with
            {
                Signs = signs,
                AnswerProtection = required.Response,
            };
            ClientStep step = Open(device, settings, out DlmsClient client, out DlmsServerAssociation server);
            Assert.True(step.IsDone == meets, $"policy {policy:X2}, offered {offered}: {step.Error}");
            if (meets) Use(device, client, server);
            else Assert.Equal(ClientErrorKind.PolicyRefused, step.Error!.Kind);
        }
    }

    [Theory]
    [InlineData(Protection.GeneralGlobal, 0)]
    [InlineData(Protection.GeneralIdentified, 0)]
    [InlineData(Protection.GeneralWrapped, 0)]
    [InlineData(Protection.GeneralIdentified, 1)]
    [InlineData(Protection.GeneralWrapped, 1)]
    [InlineData(Protection.GeneralOnePass, 1)]
    [InlineData(Protection.GeneralStatic, 1)]
    [InlineData(Protection.GeneralIdentified, 2)]
    [InlineData(Protection.GeneralWrapped, 2)]
    [InlineData(Protection.GeneralOnePass, 2)]
    [InlineData(Protection.GeneralStatic, 2)]
    public void EveryEnvelopeCarriesAnAssociation(Protection envelope, int suite)
    {
        foreach (bool signs in (bool[])[false, true])
        {
            if (signs && suite == 0) continue;
            foreach (AuthenticationMechanism mechanism in (AuthenticationMechanism[])[AuthenticationMechanism.HlsGmac, suite == 0 ? AuthenticationMechanism.HlsSha256 : AuthenticationMechanism.HlsEcdsa])
            {
                var device = new SuiteDevice(mechanism, suite);
                ClientStep step = Open(device, SuiteDevice.Settings(mechanism, suite) with { Envelope = envelope, Signs = signs }, out DlmsClient client, out DlmsServerAssociation server);
                Assert.True(step.IsDone, $"{envelope}, {mechanism}, signs {signs}: {step.Error}");
                Use(device, client, server);
            }
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void ADedicatedKeyOfTheSuiteIsUsed(int suite)
    {
        var device = new SuiteDevice(suite: suite);
        ClientStep step = Open(device, SuiteDevice.Settings(suite: suite) with { DedicatedKey = SuiteDevice.Key(suite, 0xC0) }, out DlmsClient client, out DlmsServerAssociation server);
        Assert.True(step.IsDone, step.Error?.ToString());
        Use(device, client, server);
        // Of another length it is refused.
        DlmsClientSettings other = SuiteDevice.Settings(suite: suite) with { DedicatedKey = SuiteDevice.Key(suite == 2 ? 0 : 2, 0xC0) };
        Assert.Equal(ClientErrorKind.PolicyRefused, Open(new SuiteDevice(suite: suite), other, out _, out _).Error!.Kind);
    }

    /// <summary>A meter that answers in every suite and protection: only what is in the suite and protects as much as was asked is believed.</summary>
    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void AnAnswerBelowWhatWasAskedIsNotBelieved(int suite)
    {
        byte[] answer = new GetResponseNormal(new(1), CosemData.DoubleLongUnsigned(7)).Encode();
        for (byte asked = 1; asked <= 3; asked++)
        {
            for (int other = 0; other <= SecuritySuite.Max; other++)
            {
                for (byte given = 0; given <= 3; given++)
                {
                    ClientStep step = Open(new SuiteDevice(AuthenticationMechanism.Lls, suite, policy: 0), SuiteDevice.Settings(AuthenticationMechanism.Lls, suite, (asked & 1) != 0, (asked & 2) != 0), out DlmsClient client, out _);
                    Assert.True(step.IsDone, step.Error?.ToString());
                    using var meter = new SecurityContext(new((byte)other), SuiteDevice.Title, SuiteDevice.Key(other, 0x10), SuiteDevice.Key(other, 0x40)) { SendCounter = 50_000 };
                    var writer = new AxdrWriter(new byte[256]);
                    Assert.Equal(SecurityOutcome.Success, meter.Protect(Protection.ServiceGlobal, new(other, (given & 1) != 0, (given & 2) != 0), answer, ref writer));
                    client.Get(new(3, SuiteDevice.Import, 2));
                    step = client.Received(Wire.ToClient(SuiteDevice.Client, writer.Written));
                    bool believed = other == suite && (given & asked) == asked;
                    Assert.True(step.IsDone == believed, $"asked {asked} in suite {suite}, answered {given} in suite {other}: {step.Error}");
                    if (!believed) Assert.Equal(ClientErrorKind.ServerNotAuthentic, step.Error!.Kind);
                    client.Dispose();
                }
            }
        }
    }

    internal static ClientStep Open(SuiteDevice device, DlmsClientSettings settings, out DlmsClient client, out DlmsServerAssociation server)
    {
        client = new DlmsClient(settings, new CounterLease(1, 100_000));
        server = new DlmsServerAssociation(device);
        return Wire.Walk(client, server, client.Connect(), SuiteDevice.Now);
    }

    // A read, a long write and its read by blocks, and the release.
    private static void Use(SuiteDevice device, DlmsClient client, DlmsServerAssociation server)
    {
        Assert.True(client.IsAssociated && server.IsAssociated);
        Done(client.Get(new(3, SuiteDevice.Import, 2)));
        Assert.True(client.TryGetValue(out CosemData value, out _));
        if (value != CosemData.DoubleLongUnsigned(1_234_567)) Assert.Fail("another value");
        byte[] text = [.. Enumerable.Range(0, 3_000).Select(at => (byte)at)];
        Done(client.Set(new(1, SuiteDevice.Text, 2), CosemData.OctetString(text)));
        Assert.Equal(1, device.Writes);
        Done(client.Get(new(1, SuiteDevice.Text, 2)));
        Assert.True(client.TryGetValue(out value, out _));
        Assert.True(value.OctetSpan.SequenceEqual(text));
        Done(client.Release());
        Assert.False(server.IsAssociated);
        client.Dispose();
        server.Dispose();

        void Done(ClientStep step)
        {
            ClientStep last = Wire.Walk(client, server, step, SuiteDevice.Now);
            Assert.True(last.IsDone, last.Error?.ToString() ?? "no answer came");
        }
    }
}

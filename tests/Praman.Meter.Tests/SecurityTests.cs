using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;

namespace Praman.Meter.Tests;

/// <summary>What must be refused, how the reason is told apart, and what survives it (goals S2 to S5).</summary>
public class SecurityTests
{
    private static readonly Instant Now = TestMeter.Start + Duration.FromDays(2);
    private static readonly AttributeDescriptor ImportWh = new(3, MeterObis.ImportWh, 2);
    private static readonly byte[] OtherKey = [.. Enumerable.Repeat((byte)0x55, 16)];

    [Fact]
    public void AWrongEncryptionKeyIsNamed()
    {
        using TestLink link = TestMeter.Make().Link(TestMeter.Utility with { Guek = OtherKey }, Now);
        ClientError error = link.Fails(link.Client.Connect());
        Assert.Equal(ClientErrorKind.WrongKey, error.Kind);
        Assert.Equal(AcseDiagnostic.AuthenticationFailure, error.Diagnostic);
    }

    [Fact]
    public void AWrongAuthenticationKeyIsNamed()
    {
        using TestLink link = TestMeter.Make().Link(TestMeter.Utility with { Gak = OtherKey }, Now);
        Assert.Equal(ClientErrorKind.WrongKey, link.Fails(link.Client.Connect()).Kind);
    }

    [Fact]
    public void ACounterThatWasUsedIsNamedWithTheOneExpectedAndTheNextConnectSucceeds()
    {
        VirtualMeter meter = TestMeter.Make();
        using (TestLink first = meter.Link(TestMeter.Utility, Now, counter: 100).Connected()) first.Done(first.Client.Get(ImportWh));
        using TestLink second = meter.Link(TestMeter.Utility, Now, counter: 50);
        ClientError error = second.Fails(second.Client.Connect());
        Assert.Equal(ClientErrorKind.WrongCounter, error.Kind);
        Assert.Equal(104u, error.CounterExpected); // AARQ, proof and its envelope, one GET
        using TestLink third = meter.Link(TestMeter.Utility, Now, counter: error.CounterExpected!.Value).Connected();
        third.Done(third.Client.Get(ImportWh));
    }

    [Fact]
    public void ThePublicClientReadsTheCounterThatTheUtilityUsed()
    {
        VirtualMeter meter = TestMeter.Make();
        using (TestLink first = meter.Link(TestMeter.Utility, Now, counter: 700).Connected()) first.Done(first.Client.Release());
        using TestLink link = meter.Link(TestMeter.Public, Now).Connected();
        link.Done(link.Client.Get(new(1, MeterObis.UtilityCounter, 2)));
        Assert.True(link.Client.TryGetValue(out CosemData value, out _));
        Assert.Equal(CosemData.DoubleLongUnsigned(703), value);
    }

    [Fact]
    public void AWrongContextIsNamed()
    {
        using TestLink link = TestMeter.Make().Link(TestMeter.Reader with { IsCiphered = true, SystemTitle = TestMeter.ClientTitle, Guek = TestMeter.Guek, Gak = TestMeter.Gak }, Now);
        ClientError error = link.Fails(link.Client.Connect());
        Assert.Equal(ClientErrorKind.WrongContext, error.Kind);
        Assert.Equal(AcseDiagnostic.ApplicationContextNameNotSupported, error.Diagnostic);
    }

    [Fact]
    public void AWrongTitleIsNamedOnBothSides()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink expecting = meter.Link(TestMeter.Utility with { ServerTitle = VirtualMeter.MakeSystemTitle("ABC", 1) }, Now);
        Assert.Equal(ClientErrorKind.WrongTitle, expecting.Fails(expecting.Client.Connect()).Kind);

        using TestLink own = meter.Link(TestMeter.Utility with { SystemTitle = TestMeter.MeterTitle }, Now, counter: 200);
        ClientError error = own.Fails(own.Client.Connect());
        Assert.Equal(ClientErrorKind.WrongTitle, error.Kind);
        Assert.Equal(AcseDiagnostic.CallingApTitleNotRecognized, error.Diagnostic);

        meter.Security.ClientTitle = VirtualMeter.MakeSystemTitle("HES", 99);
        using TestLink stranger = meter.Link(TestMeter.Utility, Now, counter: 300);
        Assert.Equal(ClientErrorKind.WrongTitle, stranger.Fails(stranger.Client.Connect()).Kind);
    }

    [Fact]
    public void AWrongMechanismPasswordOrSecretIsNamed()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink password = meter.Link(TestMeter.Reader with { Secret = "abc"u8.ToArray() }, Now);
        ClientError error = password.Fails(password.Client.Connect());
        Assert.Equal(ClientErrorKind.AuthenticationFailed, error.Kind);
        Assert.Equal(AcseDiagnostic.AuthenticationFailure, error.Diagnostic);

        using TestLink mechanism = meter.Link(TestMeter.Reader with { Mechanism = AuthenticationMechanism.Hls, Secret = TestMeter.HlsSecret }, Now);
        Assert.Equal(AcseDiagnostic.AuthenticationMechanismNameNotRecognized, mechanism.Fails(mechanism.Client.Connect()).Diagnostic);

        using TestLink none = meter.Link(TestMeter.Reader with { Mechanism = AuthenticationMechanism.None }, Now);
        error = none.Fails(none.Client.Connect());
        Assert.Equal((ClientErrorKind.WrongMechanism, AcseDiagnostic.AuthenticationRequired), (error.Kind, error.Diagnostic));

        VirtualMeter hls2 = TestMeter.Make(new MeterModel { UtilityMechanism = 2 });
        using TestLink secret = hls2.Link(TestMeter.Utility with { Mechanism = AuthenticationMechanism.Hls, Secret = OtherKey }, Now);
        error = secret.Fails(secret.Client.Connect());
        Assert.Equal(ClientErrorKind.AuthenticationFailed, error.Kind);
        Assert.False(secret.Server.IsAssociated);
    }

    [Theory]
    [InlineData(AuthenticationMechanism.HlsMd5)]
    [InlineData(AuthenticationMechanism.HlsSha1)]
    [InlineData(AuthenticationMechanism.HlsSha256)]
    public void AWrongSecretOfAHashedMechanismIsNamed(AuthenticationMechanism mechanism)
    {
        VirtualMeter meter = TestMeter.Make(new MeterModel { UtilityMechanism = (byte)mechanism });
        using TestLink link = meter.Link(TestMeter.Utility with { Mechanism = mechanism, Secret = OtherKey }, Now);
        Assert.Equal(ClientErrorKind.AuthenticationFailed, link.Fails(link.Client.Connect()).Kind);
        Assert.False(link.Server.IsAssociated);
        Assert.Contains("2 to 7", Assert.Throws<ArgumentException>(() => new MeterModel { UtilityMechanism = 8, SecuritySuite = 1 }.Checked()).Message, StringComparison.Ordinal);
        Assert.Contains("UtilityMechanism 7", Assert.Throws<ArgumentException>(() => new MeterModel { UtilityMechanism = 7 }.Checked()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 2)]
    public void LessProtectionThanThePolicyIsRefused(byte policy, byte offered)
    {
        VirtualMeter meter = TestMeter.Make(new MeterModel { SecurityPolicy = policy });
        using TestLink link = meter.Link(TestMeter.Utility with { Protection = new SecurityControl(0, (offered & 1) != 0, (offered & 2) != 0) }, Now);
        Assert.Equal(ClientErrorKind.PolicyRefused, link.Fails(link.Client.Connect()).Kind);
    }

    [Fact]
    public void APlainRequestOnACipheredAssociationIsRefusedAndTheAssociationSurvives()
    {
        using TestLink link = TestMeter.Make().Link(TestMeter.Utility, Now).Connected();
        byte[] answer = link.Server.Receive(Frame(48, new GetRequestNormal(new(1), ImportWh).Encode()), Now).ToArray();
        Assert.Equal(new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible), Decode(answer));
        answer = link.Server.Receive(Frame(48, new Rlrq(0).Encode()), Now).ToArray(); // nor can it be ended in plain words
        Assert.IsType<ExceptionResponse>(Decode(answer));
        link.Done(link.Client.Get(ImportWh));
    }

    [Fact]
    public void TenThousandReplaysAreRefusedAndTheAssociationSurvives()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        for (int i = 0; i < 20; i++) link.Done(link.Client.Get(ImportWh));
        byte[][] recorded = [.. link.Requests]; // the AARQ among them
        int accepted = 0;
        for (int i = 0; i < 10_000; i++)
        {
            Apdu answer = Decode(link.Server.Receive(recorded[i % recorded.Length], Now).ToArray());
            if (answer is not ExceptionResponse { ServiceError: ServiceError.InvocationCounterError, InvocationCounter: not null }) accepted++;
        }
        Assert.Equal(0, accepted);
        link.Done(link.Client.Get(ImportWh));
    }

    [Fact]
    public void ReplayedOpeningsAreRefusedOnEveryConnection()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        for (int i = 0; i < 1_000; i++)
        {
            using DlmsServerAssociation other = meter.OpenAssociation();
            foreach (byte[] request in link.Requests)
            {
                Apdu answer = Decode(other.Receive(request, Now).ToArray());
                Assert.True(answer is ExceptionResponse or Aare { Result: not AssociationResult.Accepted });
            }
            Assert.False(other.IsAssociated);
        }
        link.Done(link.Client.Get(ImportWh)); // what another connection was sent did no harm
    }

    [Fact]
    public void FlippedBitsAreRefusedAndMoveNoCounter()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        link.Done(link.Client.Get(ImportWh));
        long accepted = meter.Security.Keys.Accepted(2);
        ClientStep step = link.Client.Get(ImportWh);
        byte[] good = step.Send.ToArray();
        for (int bit = WrapperHeader.Length * 8; bit < good.Length * 8; bit++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            if (bad[WrapperHeader.Length] == Aarq.Tag) continue; // an AARQ begins anew by right
            Assert.IsType<ExceptionResponse>(Decode(link.Server.Receive(bad, Now).ToArray()));
            Assert.Equal(accepted, meter.Security.Keys.Accepted(2));
        }
        Assert.True(link.Run(step).IsDone); // the good one still stands
    }

    [Fact]
    public void AShortTagIsRefused()
    {
        using TestLink link = TestMeter.Make().Link(TestMeter.Utility, Now).Connected();
        byte[] good = link.Client.Get(ImportWh).Send.ToArray();
        for (int cut = 1; cut <= GcmCipher.TagLength; cut++)
        {
            byte[] apdu = good[WrapperHeader.Length..^cut];
            apdu[1] -= (byte)cut; // the length octet follows the tag
            Assert.IsType<ExceptionResponse>(Decode(link.Server.Receive(Frame(48, apdu), Now).ToArray()));
        }
        Assert.True(link.Server.IsAssociated);
    }

    [Fact]
    public void AReflectedProofAndEqualChallengesAreRefused()
    {
        // A server that sends the client's own challenge back.
        VirtualMeter meter = TestMeter.Make();
        byte[] challenge = [.. Enumerable.Repeat((byte)7, 16)];
        byte fill = 7;
        using (var client = new DlmsClient(TestMeter.Utility with { FillRandom = o => o.Fill(7) }, new CounterLease(1, 100)))
        using (DlmsServerAssociation server = meter.OpenAssociation(o => o.Fill(fill++)))
        {
            ClientStep opening = client.Connect();
            var answer = (Aare)Decode(server.Receive(opening.Send.Span, Now).ToArray());
            Assert.NotEqual(challenge, answer.AuthenticationValue!.Value.ToArray()); // the meter drew again
            Aare reflected = answer with { AuthenticationValue = challenge };
            ClientStep step = client.Received(Frame(1, reflected.Encode(), to: 48));
            Assert.Equal(ClientErrorKind.ServerNotAuthentic, step.Error!.Kind);
        }

        // A client that answers with what the meter could have said of its own: the title in the tag differs.
        meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, Now);
        ClientStep connect = link.Client.Connect();
        var aare = (Aare)Decode(link.Server.Receive(connect.Send.Span, Now).ToArray());
        using var cipher = new GcmCipher(TestMeter.Guek);
        byte[] proof = new byte[Hls.GmacLength];
        Hls.WriteGmac(cipher, TestMeter.Gak, TestMeter.MeterTitle, 50, aare.AuthenticationValue!.Value.Span, proof);
        using var security = new SecurityContext(SecurityControl.AuthenticatedEncryption, TestMeter.ClientTitle, TestMeter.Guek, TestMeter.Gak) { SendCounter = 60 };
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        security.Protect(Protection.ServiceGlobal, new ActionRequestNormal(new(1), new(15, LogicalDevice.CurrentAssociation, 1), CosemData.OctetString(proof)).Encode(), ref writer);
        writer.Flush();
        link.Server.Receive(Frame(48, buffer.WrittenSpan), Now);
        Assert.False(link.Server.IsAssociated);
    }

    [Fact]
    public void CountersAreNeverUsedTwiceByEitherSide()
    {
        VirtualMeter meter = TestMeter.Make();
        var seen = new HashSet<(bool FromMeter, uint Counter)>();
        uint next = 1;
        for (int session = 0; session < 20; session++)
        {
            var lease = new CounterLease(next, 64);
            next = (uint)lease.End; // stored before the lease is used
            using var client = new DlmsClient(TestMeter.Utility, lease);
            using var link = new TestLink(client, meter.OpenAssociation(), Now);
            link.ChangeRequest = request => Note(request, false);
            link.ChangeAnswer = answer => Note(answer, true);
            link.Done(client.Connect());
            for (int i = 0; i < 10; i++) link.Done(client.Get(ImportWh));
            if (session % 2 == 0) link.Done(client.Release()); // else the link breaks
        }
        Assert.True(seen.Count > 20 * 2 * 12);

        byte[] Note(byte[] frame, bool fromMeter)
        {
            ReadOnlySpan<byte> apdu = frame.AsSpan(WrapperHeader.Length);
            if (apdu[0] is Aarq.Tag or Aare.Tag or Rlrq.Tag or Rlre.Tag)
            {
                Assert.True(Apdu.TryDecode(apdu, out Apdu? acse, out _));
                apdu = acse switch { Aarq q => q.UserInformation.Span, Aare e => e.UserInformation.Span, Rlrq q => q.UserInformation.Span, _ => ((Rlre)acse!).UserInformation.Span };
            }
            Assert.Equal(SecurityOutcome.Success, CipheredParts.TryParse(apdu, out CipheredParts parts));
            Assert.True(seen.Add((fromMeter, parts.Header.InvocationCounter)), $"counter {parts.Header.InvocationCounter} was used twice");
            return frame;
        }
    }

    [Fact]
    public void AnExhaustedLeaseStopsBeforeACounterIsUsedAndGoesOnWhenExtended()
    {
        VirtualMeter meter = TestMeter.Make();
        var lease = new CounterLease(1, 4);
        using var link = new TestLink(new DlmsClient(TestMeter.Utility, lease), meter.OpenAssociation(), Now).Connected();
        link.Done(link.Client.Get(ImportWh));
        Assert.Equal(ClientErrorKind.CounterExhausted, link.Fails(link.Client.Get(ImportWh)).Kind);
        lease.Extend(10);
        link.Done(link.Client.Get(ImportWh));
    }

    [Fact]
    public void TransferredKeysHoldFromTheNextAssociationOnAndCountersBeginAnew()
    {
        VirtualMeter meter = TestMeter.Make();
        using (TestLink link = meter.Link(TestMeter.Utility, Now, counter: 1_000).Connected())
        {
            CosemData transfer = CosemData.Array(
                CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString(KeyWrap.Wrap(TestMeter.Master, OtherKey))),
                CosemData.Structure(CosemData.Enumeration(2), CosemData.OctetString(KeyWrap.Wrap(TestMeter.Master, TestMeter.Master))));
            link.Done(link.Client.Action(new(64, MeterObis.UtilitySecurity, 2), transfer));
            link.Done(link.Client.Get(ImportWh)); // still under the old keys
        }
        using TestLink old = meter.Link(TestMeter.Utility, Now, counter: 2_000);
        Assert.Equal(ClientErrorKind.WrongKey, old.Fails(old.Client.Connect()).Kind);
        using TestLink changed = meter.Link(TestMeter.Utility with { Guek = OtherKey, Gak = TestMeter.Master }, Now, counter: 1).Connected();
        changed.Done(changed.Client.Get(ImportWh));
        Assert.Contains(meter.Events.Of(3), e => e.Code == Events.MeterEventCode.GlobalKeysChanged);
    }

    [Fact]
    public void KeysUnderAWrongMasterKeyChangeNothing()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        CosemData transfer = CosemData.Array(
            CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString(KeyWrap.Wrap(TestMeter.Master, OtherKey))),
            CosemData.Structure(CosemData.Enumeration(2), CosemData.OctetString(KeyWrap.Wrap(OtherKey, OtherKey))));
        Assert.Equal(ActionResult.OtherReason, link.Fails(link.Client.Action(new(64, MeterObis.UtilitySecurity, 2), transfer)).Action);
        Assert.Equal(TestMeter.Guek, meter.Security.Keys.Guek.ToArray());
        Assert.Equal(TestMeter.Gak, meter.Security.Keys.Gak.ToArray());
    }

    private static byte[] Frame(ushort from, ReadOnlySpan<byte> apdu, ushort to = 1)
    {
        byte[] frame = new byte[WrapperHeader.Length + apdu.Length];
        new WrapperHeader(from, to, (ushort)apdu.Length).Write(frame);
        apdu.CopyTo(frame.AsSpan(WrapperHeader.Length));
        return frame;
    }

    private static Apdu Decode(byte[] frame)
    {
        Assert.True(frame.Length > WrapperHeader.Length, "no answer came");
        Assert.True(Apdu.TryDecode(frame.AsSpan(WrapperHeader.Length), out Apdu? apdu, out var error), error.ToString());
        return apdu!;
    }
}

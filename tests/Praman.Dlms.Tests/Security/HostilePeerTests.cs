using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;

namespace Praman.Dlms.Tests.Security;

/// <summary>Peers that hold no key, against each side: repeated, reordered and rolled-back frames (goal S2); reflected, copied, cut and altered proofs (goal S4).</summary>
public class HostilePeerTests
{
    public static TheoryData<Protection, int, bool, int> Replays => new()
    {
        { Protection.ServiceGlobal, 0, false, 60_000 }, { Protection.GeneralGlobal, 1, false, 10_000 }, { Protection.ServiceGlobal, 2, false, 10_000 },
        { Protection.GeneralIdentified, 2, false, 5_000 }, { Protection.GeneralWrapped, 0, false, 5_000 }, { Protection.GeneralOnePass, 1, false, 5_000 },
        { Protection.GeneralStatic, 2, false, 2_500 }, { Protection.GeneralGlobal, 1, true, 2_500 },
    };

    /// <summary>A client that connects again, while what it heard in its first session is played to it: neither the opening nor a reading is taken.</summary>
    [Theory]
    [InlineData(Protection.ServiceGlobal, 0, AuthenticationMechanism.Lls, false, false)]
    [InlineData(Protection.ServiceGlobal, 0, AuthenticationMechanism.Lls, true, false)]
    [InlineData(Protection.GeneralGlobal, 1, AuthenticationMechanism.Lls, false, true)]
    [InlineData(Protection.GeneralWrapped, 0, AuthenticationMechanism.Lls, false, false)]
    [InlineData(Protection.GeneralOnePass, 1, AuthenticationMechanism.HlsGmac, false, false)]
    [InlineData(Protection.SignatureOnly, 2, AuthenticationMechanism.HlsEcdsa, false, true)]
    public void AClientThatConnectsAgainTakesNothingOfItsFirstSession(Protection envelope, int suite, AuthenticationMechanism mechanism, bool dedicated, bool signs)
    {
        bool signedOnly = envelope == Protection.SignatureOnly;
        DlmsClientSettings settings = SuiteDevice.Settings(mechanism, suite, !signedOnly, !signedOnly) with
        {
            Signs = signs,
            InvokeIdMax = 1,
            DedicatedKey = dedicated ? SuiteDevice.Key(suite, 0xC0) : default,
            Envelope = envelope is Protection.ServiceGlobal or Protection.SignatureOnly ? null : envelope,
        };
        var device = new SuiteDevice(mechanism, suite, policy: 0);
        using var client = new DlmsClient(settings, new CounterLease(1, 1_000));
        using var server = new DlmsServerAssociation(device);
        var recorded = new List<byte[]>();
        Assert.True(Live(client.Connect(), record: true).IsDone);
        Assert.True(Live(client.Get(new(3, SuiteDevice.Import, 2)), record: true).IsDone);

        client.Reset(); // the link was lost
        ClientStep step = client.Connect();
        Assert.False(client.Received(recorded[0]).IsDone);
        Assert.False(client.IsAssociated);
        client.Reset();
        step = Live(client.Connect(), record: false);
        Assert.True(step.IsDone, step.Error?.ToString());
        client.Get(new(3, SuiteDevice.Import, 2));
        Assert.False(client.Received(recorded[^1]).IsDone);

        ClientStep Live(ClientStep step, bool record)
        {
            while (step.Status == ClientStatus.Pending && !step.Send.IsEmpty)
            {
                byte[] answer = server.Receive(step.Send.Span, SuiteDevice.Now).ToArray();
                if (record) recorded.Add(answer);
                step = client.Received(answer);
            }
            return step;
        }
    }

    /// <summary>What a device that was never given a secret would have each client prove itself by.</summary>
    [Theory]
    [InlineData(AuthenticationMechanism.Lls)]
    [InlineData(AuthenticationMechanism.Hls)]
    [InlineData(AuthenticationMechanism.HlsMd5)]
    [InlineData(AuthenticationMechanism.HlsSha1)]
    [InlineData(AuthenticationMechanism.HlsSha256)]
    public void ADeviceWithoutASecretLetsNobodyIn(AuthenticationMechanism mechanism)
    {
        var device = new SuiteDevice(mechanism, policy: 0, ciphered: false);
        (device.Security.LowSecret, device.Security.HighSecret) = (default, default);
        using var client = new DlmsClient(SuiteDevice.Settings(mechanism, ciphered: false) with { Secret = default });
        using var server = new DlmsServerAssociation(device);
        ClientStep step = Wire.Walk(client, server, client.Connect(), SuiteDevice.Now);
        Assert.Equal((ClientErrorKind.AuthenticationFailed, AcseDiagnostic.AuthenticationFailure, false), (step.Error!.Kind, step.Error.Diagnostic, server.IsAssociated));
    }

    [Fact]
    public void AHolderOfTheBroadcastKeyEndsNothing()
    {
        using var client = new DlmsClient(SuiteDevice.Settings(), new CounterLease(1, 1_000));
        using var server = new DlmsServerAssociation(new SuiteDevice());
        Assert.True(Wire.Walk(client, server, client.Connect(), SuiteDevice.Now).IsDone);
        // Only what every meter of the group has: the broadcast key and the authentication key.
        using var other = new SecurityContext(new(0x30), SuiteDevice.ClientTitle, default, SuiteDevice.Key(0, 0x40));
        other.SetBroadcastKey(SuiteDevice.Key(0, 0x70));
        var writer = new AxdrWriter(new byte[256]);
        Assert.Equal(SecurityOutcome.Success, other.Protect(Protection.ServiceGlobal, new SecurityControl(0x70), new InitiateRequest(Conformance.Get, 1024).Encode(), ref writer));
        byte[] release = new Rlrq(0) { UserInformation = writer.Written.ToArray() }.Encode();
        Assert.IsType<ExceptionResponse>(Wire.Decode(server.Receive(Wire.ToServer(SuiteDevice.Client, release), SuiteDevice.Now).ToArray()));
        Assert.True(server.IsAssociated);
        Assert.True(Wire.Walk(client, server, client.Release(), SuiteDevice.Now).IsDone);
        Assert.False(server.IsAssociated);
    }

    /// <summary>100,000 frames over all rows: none is accepted, and the association goes on.</summary>
    [Theory, MemberData(nameof(Replays))]
    public void RepeatedReorderedAndRolledBackFramesAreRefusedAndTheAssociationSurvives(Protection envelope, int suite, bool signs, int count)
    {
        var device = new SuiteDevice(suite: suite);
        DlmsClientSettings settings = SuiteDevice.Settings(suite: suite) with { Envelope = envelope, Signs = signs };
        using var client = new DlmsClient(settings, new CounterLease(1, 100_000));
        using var server = new DlmsServerAssociation(device);
        var recorded = new List<byte[]>();
        Run(client.Connect());
        for (int number = 0; number < 20; number++) Run(client.Set(new(1, SuiteDevice.Text, 2), CosemData.Unsigned((byte)number)));

        // Frames that the client itself would have sent, held back and overtaken by a later one; and frames made with counters that were used.
        var held = new List<byte[]>();
        using (SecurityContext overtaken = Sender(settings, 50_000))
        {
            for (int number = 0; number < 20; number++) held.Add(Frame(overtaken, settings));
            Assert.NotEqual(ServiceError.InvocationCounterError, (Answer(server.Receive(Frame(overtaken, settings), SuiteDevice.Now)) as ExceptionResponse)?.ServiceError);
        }
        var old = new List<byte[]>();
        for (int number = 0; number < 20; number++)
        {
            using SecurityContext back = Sender(settings, (uint)(1 + (number * 2_000)));
            old.Add(Frame(back, settings));
        }
        byte[][] frames = [.. recorded, .. held, .. old];
        int writes = device.Writes, accepted = 0;
        var random = new Random(20260303);
        for (int number = 0; number < count; number++)
        {
            Apdu? answer = Answer(server.Receive(frames[random.Next(frames.Length)], SuiteDevice.Now));
            if (answer is not ExceptionResponse { ServiceError: ServiceError.InvocationCounterError, InvocationCounter: not null }) accepted++;
        }
        Assert.Equal(0, accepted);
        Assert.Equal(writes, device.Writes);
        Assert.True(server.IsAssociated);
        using SecurityContext after = Sender(settings, 60_000);
        server.Receive(Frame(after, settings), SuiteDevice.Now);
        Assert.Equal(writes + 1, device.Writes);

        void Run(ClientStep step)
        {
            while (step.Status == ClientStatus.Pending && !step.Send.IsEmpty)
            {
                recorded.Add(step.Send.ToArray());
                step = client.Received(server.Receive(step.Send.Span, SuiteDevice.Now).Span);
            }
            Assert.True(step.IsDone, step.Error?.ToString());
        }
    }

    [Theory, InlineData(Protection.ServiceGlobal, 0), InlineData(Protection.GeneralOnePass, 1), InlineData(Protection.GeneralStatic, 2)]
    public void AMeterThatRepeatsItsAnswersIsNotBelieved(Protection envelope, int suite)
    {
        using var client = new DlmsClient(SuiteDevice.Settings(suite: suite) with { Envelope = envelope }, new CounterLease(1, 100_000));
        using var server = new DlmsServerAssociation(new SuiteDevice(suite: suite));
        Assert.True(Wire.Walk(client, server, client.Connect(), SuiteDevice.Now).IsDone);
        var answers = new List<byte[]>();
        for (int number = 0; number < 50; number++)
        {
            ClientStep step = client.Get(new(3, SuiteDevice.Import, 2));
            foreach (byte[] earlier in answers) Assert.Equal(ClientStatus.Pending, client.Received(earlier).Status); // passed over, whatever its invoke id
            byte[] answer = server.Receive(step.Send.Span, SuiteDevice.Now).ToArray();
            answers.Add(answer);
            Assert.True(client.Received(answer).IsDone);
        }
    }

    /// <summary>10,000 proofs of a client that are another's, cut, altered, or our own words: none opens the association, and the right one still does.</summary>
    [Fact]
    public void NoProofButTheClientsOwnOpensAnAssociation()
    {
        var random = new Random(4);
        byte[] copied = [];
        for (int number = 0; number < 5_000; number++)
        {
            AuthenticationMechanism mechanism = Mechanism(number);
            var device = new SuiteDevice(mechanism, 1, policy: 0, ciphered: false);
            using var client = new DlmsClient(SuiteDevice.Settings(mechanism, 1, ciphered: false), new CounterLease(1, 100));
            using var server = new DlmsServerAssociation(device);
            var aarq = Assert.IsType<Aarq>(Wire.Decode(client.Connect().Send.ToArray()));
            var aare = Assert.IsType<Aare>(Answer(server.Receive(Wire.ToServer(SuiteDevice.Client, aarq.Encode()), SuiteDevice.Now)));
            byte[] ours = aarq.AuthenticationValue!.Value.ToArray(), theirs = aare.AuthenticationValue!.Value.ToArray();
            Assert.NotEqual(ours, theirs);
            ClientStep proof = client.Received(Wire.ToClient(SuiteDevice.Client, aare.Encode()));
            var request = Assert.IsType<ActionRequestNormal>(Wire.Decode(proof.Send.ToArray()));
            byte[] genuine = request.Parameters!.Value.OctetSpan.ToArray();
            byte[] forged = Forge(random, genuine, ours, theirs, copied);
            copied = genuine;
            server.Receive(Wire.ToServer(SuiteDevice.Client, (request with { Parameters = CosemData.OctetString(forged) }).Encode()), SuiteDevice.Now);
            Assert.False(server.IsAssociated, $"{mechanism}: {Convert.ToHexString(forged)} was taken for {Convert.ToHexString(genuine)}");
            server.Receive(proof.Send.Span, SuiteDevice.Now); // one attempt a challenge: the right one comes too late
            Assert.False(server.IsAssociated);
            if (number % 100 != 0) continue;
            using var honest = new DlmsClient(SuiteDevice.Settings(mechanism, 1, ciphered: false), new CounterLease(1_000, 100));
            Assert.True(Wire.Walk(honest, server, honest.Connect(), SuiteDevice.Now).IsDone);
        }
    }

    [Fact]
    public void NoProofButTheMetersOwnIsBelieved()
    {
        var random = new Random(5);
        byte[] copied = [];
        for (int number = 0; number < 5_000; number++)
        {
            AuthenticationMechanism mechanism = Mechanism(number);
            using var client = new DlmsClient(SuiteDevice.Settings(mechanism, 1, ciphered: false) with { ServerTitle = null }, new CounterLease(1, 100));
            using var server = new DlmsServerAssociation(new SuiteDevice(mechanism, 1, policy: 0, ciphered: false));
            ClientStep opening = client.Connect();
            byte[] ours = Assert.IsType<Aarq>(Wire.Decode(opening.Send.ToArray())).AuthenticationValue!.Value.ToArray();
            var aare = Assert.IsType<Aare>(Answer(server.Receive(opening.Send.Span, SuiteDevice.Now)));
            if (Falsify(number, mechanism, aare, ours) is { } falsified)
            {
                ClientStep refused = client.Received(Wire.ToClient(SuiteDevice.Client, falsified.Encode()));
                Assert.True(refused.Error!.Kind is ClientErrorKind.ServerNotAuthentic or ClientErrorKind.WrongTitle, refused.Error.ToString());
                continue;
            }
            ClientStep proof = client.Received(Wire.ToClient(SuiteDevice.Client, aare.Encode()));
            byte[] own = Assert.IsType<ActionRequestNormal>(Wire.Decode(proof.Send.ToArray())).Parameters!.Value.OctetSpan.ToArray();
            var answer = Assert.IsType<ActionResponseNormal>(Answer(server.Receive(proof.Send.Span, SuiteDevice.Now)));
            byte[] genuine = answer.Item.Return.Data.OctetSpan.ToArray();
            byte[] forged = random.Next(4) == 0 ? own : Forge(random, genuine, ours, aare.AuthenticationValue!.Value.ToArray(), copied);
            copied = genuine;
            var response = new ActionResponseNormal(answer.Invoke, new ActionResponseItem(ActionResult.Success, CosemData.OctetString(forged)));
            ClientStep step = client.Received(Wire.ToClient(SuiteDevice.Client, response.Encode()));
            Assert.Equal(ClientErrorKind.ServerNotAuthentic, step.Error!.Kind);
            Assert.False(client.IsAssociated);
        }
    }

    [Theory]
    [InlineData(AuthenticationMechanism.Hls)]
    [InlineData(AuthenticationMechanism.HlsMd5)]
    [InlineData(AuthenticationMechanism.HlsSha1)]
    [InlineData(AuthenticationMechanism.HlsGmac)]
    [InlineData(AuthenticationMechanism.HlsSha256)]
    [InlineData(AuthenticationMechanism.HlsEcdsa)]
    public void AMeterDrawsAgainWhereItsChallengeIsTheClients(AuthenticationMechanism mechanism)
    {
        byte fill = 7;
        using var client = new DlmsClient(SuiteDevice.Settings(mechanism, 1) with { FillRandom = octets => octets.Fill(7) }, new CounterLease(1, 100));
        using var server = new DlmsServerAssociation(new SuiteDevice(mechanism, 1), octets => octets.Fill(fill++));
        var aare = Assert.IsType<Aare>(Answer(server.Receive(client.Connect().Send.Span, SuiteDevice.Now)));
        Assert.Equal(8, aare.AuthenticationValue!.Value.Span[0]);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void AClientUnderTheMetersOwnTitleIsRefusedInEverySuite(int suite)
    {
        ClientStep step = AssociationMatrixTests.Open(new SuiteDevice(suite: suite), SuiteDevice.Settings(suite: suite) with { SystemTitle = SuiteDevice.Title }, out _, out DlmsServerAssociation server);
        Assert.Equal((ClientErrorKind.WrongTitle, false), (step.Error!.Kind, server.IsAssociated));
    }

    private static AuthenticationMechanism Mechanism(int number) => (AuthenticationMechanism)((int)AuthenticationMechanism.Hls + (number % 6));

    private static Aare? Falsify(int number, AuthenticationMechanism mechanism, Aare aare, byte[] ours) => (number / 6 % 8) switch
    {
        0 => aare with { AuthenticationValue = ours },
        1 => aare with { AuthenticationValue = new byte[number % (mechanism == AuthenticationMechanism.HlsEcdsa ? 32 : 8)] },
        2 => aare with { AuthenticationValue = new byte[65] },
        3 when mechanism >= AuthenticationMechanism.HlsGmac => aare with { RespondingApTitle = SuiteDevice.ClientTitle },
        4 when mechanism >= AuthenticationMechanism.HlsGmac => aare with { RespondingApTitle = new byte[7] },
        _ => null,
    };

    private static byte[] Forge(Random random, byte[] genuine, byte[] ours, byte[] theirs, byte[] copied)
    {
        switch (random.Next(8))
        {
            case 0: return ours;
            case 1: return theirs;
            case 2: return genuine[..random.Next(genuine.Length)];
            case 3: return [.. genuine, 0];
            case 4: return new byte[genuine.Length];
            case 5 when copied.Length > 0: return copied;
            case 6: return [];
            default:
                byte[] altered = [.. genuine];
                altered[random.Next(altered.Length)] ^= (byte)(1 << random.Next(8));
                return altered;
        }
    }

    private static SecurityContext Sender(DlmsClientSettings settings, uint counter)
    {
        var context = new SecurityContext(settings.Protection, SuiteDevice.ClientTitle, settings.Guek.Span, settings.Gak.Span) { SendCounter = counter, OwnKeys = settings.Keys };
        context.SetPeerSystemTitle(SuiteDevice.Title);
        context.SetKeyEncryptionKey(settings.MasterKey.Span);
        context.SetPeerKeys(settings.ServerKeys, owned: false);
        return context;
    }

    private static byte[] Frame(SecurityContext context, DlmsClientSettings settings)
    {
        var writer = new AxdrWriter(new byte[1024]);
        byte[] request = new SetRequestNormal(new(3), new(1, SuiteDevice.Text, 2), null, CosemData.Unsigned(99)).Encode();
        Assert.Equal(SecurityOutcome.Success, context.Protect(settings.Envelope!.Value, settings.Protection, settings.Signs, request, ref writer));
        return Wire.ToServer(SuiteDevice.Client, writer.Written);
    }

    private static Apdu? Answer(ReadOnlyMemory<byte> frame) =>
        frame.Length > WrapperHeader.Length && Apdu.TryDecode(frame.Span[WrapperHeader.Length..], out Apdu? apdu, out _) ? apdu : null;
}

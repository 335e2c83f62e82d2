using CsCheck;
using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Metering;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>The server's state machine: diagnostics, negotiation, services, block transfer both ways, and whatever a client may send it.</summary>
public class ServerTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 0, 0);
    private static readonly AttributeDescriptor Text = new(1, TestDevice.Text, 2);

    [Fact]
    public void ConformanceIsWhatBothSidesHave()
    {
        using var server = new DlmsServerAssociation(new TestDevice());
        Aare aare = Assert.IsType<Aare>(Answer(server, 16, Aarq(new InitiateRequest(Conformance.Get | Conformance.ReservedSeven | Conformance.ParameterizedAccess, 500))));
        Assert.True(Apdu.TryDecode(aare.UserInformation.Span, out Apdu? user, out _));
        Assert.Equal(Conformance.Get, Assert.IsType<InitiateResponse>(user).Conformance);
        // What was not granted is not served.
        Assert.Equal(new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.ServiceNotSupported), Answer(server, 16, new SetRequestNormal(new(1), Text, null, CosemData.Unsigned(1))));
        Assert.IsType<ExceptionResponse>(Answer(server, 16, new GetRequestWithList(new(1), [new(Text)])));
        Assert.IsType<GetResponseNormal>(Answer(server, 16, new GetRequestNormal(new(1), new(1, new(0, 0, 42, 0, 0), 2))));
    }

    [Theory]
    [InlineData(5, 0xFFFF, (int)Conformance.Get, 1)]
    [InlineData(6, 0xFFFF, (int)Conformance.Read, 2)]
    [InlineData(6, 20, (int)Conformance.Get, 3)]
    public void AnInitiateThatCannotBeServedIsAnsweredWithItsError(byte version, int size, int conformance, byte error)
    {
        using var server = new DlmsServerAssociation(new TestDevice());
        Aare aare = Assert.IsType<Aare>(Answer(server, 16, Aarq(new InitiateRequest((Conformance)conformance, (ushort)size) { DlmsVersion = version })));
        Assert.Equal((AssociationResult.RejectedPermanent, AcseDiagnostic.NoReasonGiven), (aare.Result, aare.Diagnostic));
        Assert.True(Apdu.TryDecode(aare.UserInformation.Span, out Apdu? user, out _));
        Assert.Equal(new ConfirmedServiceError(1, 6, error), user);
        Assert.False(server.IsAssociated);
    }

    [Fact]
    public void EveryRejectionHasItsDiagnostic()
    {
        var initiate = new InitiateRequest(Conformance.Get, 1024).Encode();
        Aarq plain = Aarq(new InitiateRequest(Conformance.Get, 1024));
        byte[] requirement = [0x07, 0x80];
        Reject(99, plain, AcseDiagnostic.NoReasonGiven);
        Reject(16, plain with { Context = ApplicationContext.ShortName }, AcseDiagnostic.ApplicationContextNameNotSupported);
        Reject(16, plain with { Context = ApplicationContext.LogicalNameCiphered }, AcseDiagnostic.ApplicationContextNameNotSupported);
        Reject(16, plain with { CalledApTitle = new byte[8] }, AcseDiagnostic.CalledApTitleNotRecognized);
        Reject(16, plain with { Mechanism = AuthenticationMechanism.Lls, AcseRequirements = requirement }, AcseDiagnostic.AuthenticationMechanismNameNotRecognized);
        Reject(32, plain, AcseDiagnostic.AuthenticationRequired);
        Reject(32, plain with { AcseRequirements = requirement }, AcseDiagnostic.AuthenticationMechanismNameRequired);
        Reject(32, plain with { AcseRequirements = requirement, Mechanism = AuthenticationMechanism.HlsGmac }, AcseDiagnostic.AuthenticationMechanismNameNotRecognized);
        Reject(32, Acse.Aarq.Create(ApplicationContext.LogicalName, default(ReadOnlyMemory<byte>?), AuthenticationMechanism.Lls, "lnt"u8.ToArray(), initiate), AcseDiagnostic.AuthenticationFailure);
        Aarq utility = Acse.Aarq.Create(ApplicationContext.LogicalNameCiphered, TestDevice.ClientTitle, AuthenticationMechanism.HlsGmac, new byte[16], initiate);
        Reject(48, utility with { CallingApTitle = default(ReadOnlyMemory<byte>?) }, AcseDiagnostic.CallingApTitleNotRecognized);
        Reject(48, utility with { CallingApTitle = new byte[7] }, AcseDiagnostic.CallingApTitleNotRecognized);
        Reject(48, utility with { CallingApTitle = TestDevice.Title }, AcseDiagnostic.CallingApTitleNotRecognized);
        Reject(48, utility with { AuthenticationValue = new byte[7] }, AcseDiagnostic.AuthenticationFailure);
        Reject(48, utility, AcseDiagnostic.NoReasonGiven); // plain, where the policy asks for ciphering

        static void Reject(ushort client, Aarq aarq, AcseDiagnostic expected)
        {
            using var server = new DlmsServerAssociation(new TestDevice());
            Aare aare = Assert.IsType<Aare>(Answer(server, client, aarq));
            Assert.Equal((AssociationResult.RejectedPermanent, false, expected), (aare.Result, aare.IsProviderDiagnostic, aare.Diagnostic));
            Assert.False(server.IsAssociated);
        }
    }

    [Fact]
    public void AnUnreadableOpeningIsRejectedByTheProvider()
    {
        using var server = new DlmsServerAssociation(new TestDevice());
        Aare aare = Assert.IsType<Aare>(Decode(server.Receive(ToServer(16, [0x60, 0x02, 0xA1, 0x05]), Now)));
        Assert.True(aare.IsProviderDiagnostic);
    }

    [Fact]
    public void ARefusedOpeningLeavesTheStandingAssociationAlone()
    {
        using var client = Utility();
        using var server = new DlmsServerAssociation(new TestDevice());
        Run(client, server, client.Connect());
        Assert.IsType<Aare>(Decode(server.Receive(ToServer(48, [0x60, 0x00]), Now)));
        Assert.IsType<Aare>(Answer(server, 32, Aarq(new InitiateRequest(Conformance.Get, 1024)))); // no password
        Assert.IsType<Aare>(Answer(server, 16, Aarq(new InitiateRequest(Conformance.Read, 1024))));
        Run(client, server, client.Get(new(3, TestDevice.Import, 2)));
        // One that is accepted takes its place.
        Assert.IsType<Aare>(Answer(server, 16, Aarq(new InitiateRequest(Conformance.Get, 1024))));
        Assert.Equal(ClientErrorKind.ServiceRefused, Walk(client, server, client.Get(new(3, TestDevice.Import, 2))).Error!.Kind);
    }

    [Fact]
    public void WithoutAnAssociationNothingIsServed()
    {
        using var server = new DlmsServerAssociation(new TestDevice());
        var get = new GetRequestNormal(new(1), new(1, new(0, 0, 42, 0, 0), 2));
        var refused = new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible);
        Assert.Equal(refused, Answer(server, 16, get));
        Assert.IsType<Aare>(Answer(server, 16, Aarq(new InitiateRequest(Conformance.Get, 1024))));
        Assert.Equal(refused, Answer(server, 32, get)); // another client's port
        Assert.IsType<GetResponseNormal>(Answer(server, 16, get));
        Assert.IsType<Rlre>(Answer(server, 16, new Rlrq(0)));
        Assert.Equal(refused, Answer(server, 16, get));
    }

    [Fact]
    public void BeforeItsProofAClientIsServedNothing()
    {
        using var client = Utility();
        using var server = new DlmsServerAssociation(new TestDevice());
        ClientStep proof = client.Received(server.Receive(client.Connect().Send.Span, Now).Span);
        Assert.False(proof.IsFailed);
        using var security = new SecurityContext(SecurityControl.AuthenticatedEncryption, TestDevice.ClientTitle, TestDevice.Guek, TestDevice.Gak) { SendCounter = 50 };
        foreach (Apdu early in (Apdu[])[new GetRequestNormal(new(1), Text), new ActionRequestNormal(new(1), new(70, TestDevice.Relay, 1), CosemData.Integer(0))])
        {
            var buffer = new System.Buffers.ArrayBufferWriter<byte>();
            var writer = new AxdrWriter(buffer);
            Assert.Equal(SecurityOutcome.Success, security.Protect(Protection.ServiceGlobal, early.Encode(), ref writer));
            writer.Flush();
            Assert.Equal(new ExceptionResponse(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible), Decode(server.Receive(ToServer(48, buffer.WrittenSpan), Now)));
        }
        Assert.False(server.IsAssociated);
    }

    [Theory]
    [InlineData(0, 0x00)]
    [InlineData(0, 0x20)]
    [InlineData(2, 0x20)]
    [InlineData(3, 0x30)]
    public void AnOpeningWithoutAKeyAndTheHighestCounterLocksNobodyOut(byte policy, byte control)
    {
        var device = new TestDevice(policy);
        using var server = new DlmsServerAssociation(device);
        byte[] initiate = new InitiateRequest(Conformance.Get, 1024).Encode();
        byte[] content = [control, 0xFF, 0xFF, 0xFF, 0xFF, .. initiate, .. new byte[12]];
        foreach (byte[] forged in (byte[][])[content[..^12], content])
        {
            byte[] ciphered = [0x21, (byte)forged.Length, .. forged];
            Aarq aarq = Acse.Aarq.Create(ApplicationContext.LogicalNameCiphered, TestDevice.ClientTitle, AuthenticationMechanism.HlsGmac, new byte[16], ciphered);
            server.Receive(ToServer(48, aarq.Encode()), Now);
            Assert.False(server.IsAssociated);
            Assert.Equal(-1, device.Security.Keys.Accepted(2));
        }
        using var client = new DlmsClient(new DlmsClientSettings
        {
            ClientSap = 48, Mechanism = AuthenticationMechanism.HlsGmac, IsCiphered = true, SystemTitle = TestDevice.ClientTitle, Guek = TestDevice.Guek, Gak = TestDevice.Gak,
            Protection = new(0, (policy & 1) != 0, (policy & 2) != 0),
        }, new CounterLease(1, 1000));
        Run(client, server, client.Connect());
        Assert.True(server.IsAssociated);
    }

    [Fact]
    public void WithoutATagWhatDoesNotDecodeMovesNoCounterHoweverItsFirstOctetFits()
    {
        var device = new TestDevice(policy: 2);
        using var server = new DlmsServerAssociation(device);
        using var security = new SecurityContext(SecurityControl.EncryptionOnly, TestDevice.ClientTitle, TestDevice.Guek, TestDevice.Gak);
        byte[] whole = new InitiateRequest(Conformance.Get, 1024).Encode();
        Send(whole[..^1], 500, -1);
        Send(whole, DlmsServerAssociation.UnverifiedCounterJumpMax + 1, -1);
        Send(whole, 500, 500);

        void Send(byte[] plain, uint counter, long accepted)
        {
            security.SendCounter = counter;
            var writer = new AxdrWriter(new byte[256]);
            Assert.Equal(SecurityOutcome.Success, security.Protect(Protection.ServiceGlobal, plain, ref writer));
            Aarq aarq = Acse.Aarq.Create(
                ApplicationContext.LogicalNameCiphered, TestDevice.ClientTitle, AuthenticationMechanism.HlsGmac, new byte[16], writer.Written.ToArray());
            server.Receive(ToServer(48, aarq.Encode()), Now);
            Assert.Equal(accepted, device.Security.Keys.Accepted(2));
        }
    }

    [Fact]
    public void FramesInPiecesAndManyAtOnceAreAnsweredEach()
    {
        using var server = new DlmsServerAssociation(new TestDevice());
        byte[] aarq = ToServer(16, Aarq(new InitiateRequest(Conformance.Get, 1024)).Encode());
        byte[] all = [.. aarq, .. Enumerable.Range(1, 10).SelectMany(i => ToServer(16, new GetRequestNormal(new(i), new(1, new(0, 0, 42, 0, 0), 2)).Encode()))];
        var framer = new WrapperFramer();
        foreach (byte[] piece in all.Chunk(7)) framer.Append(server.Receive(piece, Now).Span);
        List<Apdu> inPieces = Answers(framer);
        using var other = new DlmsServerAssociation(new TestDevice());
        framer = new WrapperFramer();
        framer.Append(other.Receive(all, Now).Span);
        List<Apdu> atOnce = Answers(framer);
        Assert.Equal(11, atOnce.Count);
        Assert.Equal(inPieces.Select(a => Convert.ToHexString(a.Encode())), atOnce.Select(a => Convert.ToHexString(a.Encode())));
        Assert.Equal(Enumerable.Range(1, 10), atOnce.Skip(1).Select(a => ((GetResponseNormal)a).Invoke.InvokeId));
    }

    [Fact]
    public void AnswersKeepToTheClientsPduSize()
    {
        foreach (int size in (int[])[64, 100, 250, 1000])
        {
            using var server = new DlmsServerAssociation(new TestDevice(pduSize: 1024));
            using var client = new DlmsClient(new DlmsClientSettings { ClientSap = 32, Mechanism = AuthenticationMechanism.Lls, Secret = "lnt1"u8.ToArray(), MaxReceivePduSize = (ushort)size });
            Run(client, server, client.Connect());
            int longest = 0, count = 0;
            ClientStep step = client.Get(new(7, TestDevice.Profile, 2));
            while (step.Status == ClientStatus.Pending)
            {
                ReadOnlyMemory<byte> answer = server.Receive(step.Send.Span, Now);
                longest = Math.Max(longest, answer.Length - WrapperHeader.Length);
                count++;
                step = client.Received(answer.Span);
            }
            Assert.True(step.IsDone);
            Assert.InRange(longest, size - 3, size); // lengths take one octet to three
            Assert.True(ProfileRowReader.TryOpen(client.Data, TimestampRule.India, 0, out ProfileRowReader rows, out _));
            Assert.Equal(96, rows.RowCount);
            Assert.InRange(count, client.Data.Length / size, (client.Data.Length / (size - 20)) + 2);
        }
    }

    [Fact]
    public void LongValuesAreWrittenAndReadBackByBlocks()
    {
        var device = new TestDevice(pduSize: 256);
        using var client = Utility();
        using var server = new DlmsServerAssociation(device);
        Run(client, server, client.Connect());
        byte[] text = [.. Enumerable.Range(0, 5_000).Select(i => (byte)i)];
        Run(client, server, client.Set(Text, CosemData.OctetString(text)));
        Assert.Equal(text, device.Written.OctetSpan.ToArray());
        Run(client, server, client.Get(Text));
        Assert.True(client.TryGetValue(out CosemData read, out _));
        Assert.Equal(text, read.OctetSpan.ToArray());
        // More than the server takes in is stopped, and the association goes on.
        ClientStep tooLong = Walk(client, server, client.Set(Text, CosemData.OctetString(new byte[DlmsServerAssociation.RequestLengthMax + 1])));
        Assert.Equal(DataAccessResult.LongSetAborted, tooLong.Error!.Access);
        Run(client, server, client.Get(new(3, TestDevice.Import, 2)));
        // Long parameters of a method travel the same way: keys under a wrong master key, refused at their end.
        ClientStep action = Walk(client, server, client.Action(new(64, new(0, 0, 43, 0, 3), 2), CosemData.Array(CosemData.OctetString(new byte[900]))));
        Assert.Equal(ActionResult.TypeUnmatched, action.Error!.Action);
    }

    [Fact]
    public void ListsAreAnsweredInOrderAlsoByBlocks()
    {
        using var client = Utility();
        using var server = new DlmsServerAssociation(new TestDevice(pduSize: 300));
        Run(client, server, client.Connect());
        Run(client, server, client.GetWithList([new(new(3, TestDevice.Import, 2)), new(new(3, new(9, 9, 9, 9, 9), 2)), new(new(1, TestDevice.Import, 2)), new(new(7, TestDevice.Profile, 2))]));
        Assert.Equal(CosemData.DoubleLongUnsigned(1_234_567), client.Results[0].Data);
        Assert.Equal(DataAccessResult.ObjectUndefined, client.Results[1].Result);
        Assert.Equal(DataAccessResult.ObjectClassInconsistent, client.Results[2].Result);
        Assert.Equal(96, client.Results[3].Data.Count);
    }

    [Fact]
    public void BlocksOutOfTurnAreRefusedWithTheirResult()
    {
        using var server = new DlmsServerAssociation(new TestDevice());
        const Conformance asked = Conformance.Get | Conformance.Set | Conformance.Action | Conformance.BlockTransferWithGetOrRead | Conformance.BlockTransferWithSetOrWrite | Conformance.BlockTransferWithAction;
        Answer(server, 32, Acse.Aarq.Create(ApplicationContext.LogicalName, default(ReadOnlyMemory<byte>?), AuthenticationMechanism.Lls, "lnt1"u8.ToArray(), new InitiateRequest(asked, 1024).Encode()));
        Assert.Equal(DataAccessResult.NoLongGetInProgress, Assert.IsType<GetResponseWithDatablock>(Answer(server, 32, new GetRequestNext(new(1), 1))).Result);
        Assert.Equal(1u, Assert.IsType<GetResponseWithDatablock>(Answer(server, 32, new GetRequestNormal(new(1), new(7, TestDevice.Profile, 2)))).BlockNumber);
        Assert.Equal(DataAccessResult.DataBlockNumberInvalid, Assert.IsType<GetResponseWithDatablock>(Answer(server, 32, new GetRequestNext(new(1), 2))).Result);
        Assert.Equal(DataAccessResult.NoLongGetInProgress, Assert.IsType<GetResponseWithDatablock>(Answer(server, 32, new GetRequestNext(new(1), 1))).Result);
        Assert.Equal(DataAccessResult.NoLongSetInProgress, Assert.IsType<SetResponseLastDatablock>(Answer(server, 32, new SetRequestWithDatablock(new(1), new(true, 1, default)))).Result);
        Assert.Equal(ActionResult.NoLongActionInProgress, Assert.IsType<ActionResponseNormal>(Answer(server, 32, new ActionRequestWithBlock(new(1), new(true, 1, default)))).Item.Result);
        Assert.Equal(DataAccessResult.LongSetAborted, Assert.IsType<SetResponseLastDatablock>(Answer(server, 32, new SetRequestWithFirstDatablock(new(1), Text, null, new(false, 2, default)))).Result);
    }

    [Fact]
    public void RightsAreThoseOfTheAssociation()
    {
        var device = new TestDevice();
        using var server = new DlmsServerAssociation(device);
        using var reader = new DlmsClient(new DlmsClientSettings { ClientSap = 32, Mechanism = AuthenticationMechanism.Lls, Secret = "lnt1"u8.ToArray() });
        Run(reader, server, reader.Connect());
        Assert.Equal(DataAccessResult.ReadWriteDenied, Walk(reader, server, reader.Set(Text, CosemData.Unsigned(1))).Error!.Access);
        Assert.Equal(DataAccessResult.ReadWriteDenied, Walk(reader, server, reader.Get(new(64, new(0, 0, 43, 0, 3), 2))).Error!.Access);
        Assert.Equal(ActionResult.ReadWriteDenied, Walk(reader, server, reader.Action(new(70, TestDevice.Relay, 1), CosemData.Integer(0))).Error!.Action);
        Assert.Equal(DataAccessResult.ReadWriteDenied, Walk(reader, server, reader.Set(new(3, TestDevice.Import, 2), CosemData.DoubleLongUnsigned(0))).Error!.Access);
        Assert.True(device.Connected);
        // The object list says the same.
        Run(reader, server, reader.Get(new(15, LogicalDevice.CurrentAssociation, 2)));
        Assert.True(reader.TryGetValue(out CosemData list, out _));
        Assert.DoesNotContain(list.Items.ToArray(), o => o[2].TryGetObisCode(out ObisCode name) && name == new ObisCode(0, 0, 43, 0, 3));
        CosemData relay = list.Items.ToArray().Single(o => o[2].TryGetObisCode(out ObisCode name) && name == TestDevice.Relay);
        Assert.All(relay[3][1].Items.ToArray(), m => Assert.Equal(CosemData.Enumeration(0), m[1])); // no method
    }

    [Fact]
    public void ASecretIsChangedAndHoldsFromTheNextAssociationOn()
    {
        var device = new TestDevice();
        using var server = new DlmsServerAssociation(device);
        using var utility = Utility();
        Run(utility, server, utility.Connect());
        Run(utility, server, utility.Set(new(15, new(0, 0, 40, 0, 2), 7), CosemData.OctetString("new secret"u8)));
        Assert.Equal(DataAccessResult.ReadWriteDenied, Walk(utility, server, utility.Get(new(15, new(0, 0, 40, 0, 2), 7))).Error!.Access); // it cannot be read
        Run(utility, server, utility.Release());
        var settings = new DlmsClientSettings { ClientSap = 32, Mechanism = AuthenticationMechanism.Lls, Secret = "lnt1"u8.ToArray() };
        using var old = new DlmsClient(settings);
        Assert.Equal(ClientErrorKind.AuthenticationFailed, Walk(old, server, old.Connect()).Error!.Kind);
        using var renewed = new DlmsClient(settings with { Secret = "new secret"u8.ToArray() });
        Run(renewed, server, renewed.Connect());
    }

    [Fact]
    public void HostileOctetsInAnyStateNeverThrowNorHarmAnotherAssociation()
    {
        var device = new TestDevice();
        using var good = Utility();
        using var goodServer = new DlmsServerAssociation(device);
        Run(good, goodServer, good.Connect());
        byte[][] seeds =
        [
            Aarq(new InitiateRequest(DlmsServerAssociation.Supported, 1024)).Encode(),
            new GetRequestNormal(new(1), new(7, TestDevice.Profile, 2), SelectiveAccess.Entry(1, 5)).Encode(),
            new GetRequestNormal(new(1), new(7, TestDevice.Profile, 2), SelectiveAccess.Range(CosemDateTime.Wildcard, CosemDateTime.Wildcard)).Encode(),
            new GetRequestWithList(new(1), [new(Text), new(new(15, LogicalDevice.CurrentAssociation, 2))]).Encode(),
            new GetRequestNext(new(1), 1).Encode(),
            new SetRequestWithFirstDatablock(new(1), Text, null, new(false, 1, new byte[20])).Encode(),
            new SetRequestWithDatablock(new(1), new(true, 2, new byte[20])).Encode(),
            new SetRequestWithListAndFirstDatablock(new(1), [new(Text)], new(true, 1, new byte[5])).Encode(),
            new ActionRequestWithFirstBlock(new(1), new(70, TestDevice.Relay, 1), new(true, 1, new byte[2])).Encode(),
            new ActionRequestWithList(new(1), [new(9, new(0, 0, 10, 0, 1), 1)], [CosemData.LongUnsigned(1)]).Encode(),
            new ActionRequestNextBlock(new(1), 0).Encode(),
            new Rlrq(0).Encode(),
            Convert.FromHexString("DB084D4D4D00000000011E30000000678707063C11353E15C6E09A6CD01F9DAD3A4EBC959065EF7930"),
            Convert.FromHexString("CB31300000006649A3F2D87ED90D467AE74E6AD783418FEA2CA37EE41EEEA85A3903C31E1C50E775E464620845A1C4C57A481A"),
        ];
        ushort[] clients = [16, 32, 48];
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Int[0, 2], Gen.Byte.Array[0, 4], Gen.Int[0, 10_000], Gen.Int[0, 3]).Array[1, 12].Sample(steps =>
        {
            using var server = new DlmsServerAssociation(device);
            foreach (var (seed, client, bytes, at, how) in steps)
            {
                byte[] apdu = (byte[])seeds[seed].Clone();
                foreach (byte value in bytes) apdu[(at + value) % apdu.Length] ^= value; // changed in a few places
                if (how == 1) apdu = apdu[..(1 + (at % apdu.Length))];
                if (how == 2) apdu = [.. apdu, .. bytes];
                byte[] frame = ToServer(clients[client], apdu);
                if (how == 3 && bytes.Length > 0) frame[at % frame.Length] ^= bytes[0];
                ReadOnlyMemory<byte> answer = server.Receive(frame, Now);
                Assert.True(answer.Length <= DlmsServerAssociation.ReplyLengthMax + ushort.MaxValue);
            }
        }, iter: 20_000, seed: "0N0XIzNsQ0O2");
        Run(good, goodServer, good.Get(new(3, TestDevice.Import, 2)));
        Assert.True(device.Connected);
    }

    [Fact]
    public void AStreamThatIsNoWrapperIsClosed()
    {
        using var server = new DlmsServerAssociation(new TestDevice());
        Assert.True(server.Receive("GET / HTTP/1.1\r\n"u8, Now).IsEmpty);
        Assert.True(server.IsClosed);
        Assert.True(server.Receive(ToServer(16, Aarq(new InitiateRequest(Conformance.Get, 1024)).Encode()), Now).IsEmpty);
    }

    [Fact]
    public void WritingRowsAllocatesNothingPerRow()
    {
        var device = new TestDevice();
        var context = new CosemContext(device) { Now = Now };
        var profile = (ProfileGeneric)device.Objects.Find(TestDevice.Profile)!;
        byte[] place = new byte[96 * 60];
        long one = Measure(1), many = Measure(96);
        Assert.Equal(one, many);

        long Measure(int count)
        {
            Write(count);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Write(count);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Write(int count)
        {
            var writer = new AxdrWriter(place.AsSpan());
            for (int number = 1; number <= count; number++) profile.Rows.WriteRow(context, number, ProfileColumns.All, ref writer);
        }
    }

    /// <summary>Reads every attribute of every object that the list names, with the rights that it names.</summary>
    [Fact]
    public void EveryAttributeOfTheObjectListReadsOrIsRefusedAsItSays()
    {
        using var client = Utility();
        using var server = new DlmsServerAssociation(new TestDevice());
        Run(client, server, client.Connect());
        Run(client, server, client.Get(new(15, LogicalDevice.CurrentAssociation, 2)));
        Assert.True(client.TryGetValue(out CosemData list, out _));
        int read = 0;
        foreach (CosemData item in list.Items.ToArray())
        {
            Assert.True(item[0].TryGetInt64(out long classId));
            Assert.True(item[1].TryGetInt64(out long version));
            Assert.True(item[2].TryGetObisCode(out ObisCode name));
            foreach (CosemData attribute in item[3][0].Items.ToArray())
            {
                Assert.True(attribute[0].TryGetInt64(out long id));
                Assert.True(attribute[1].TryGetInt64(out long mode));
                ClientStep step = Walk(client, server, client.Get(new((ushort)classId, name, (sbyte)id)));
                Assert.True(step.IsDone == ((mode & 1) != 0), $"{name} attribute {id}");
                if (!step.IsDone) continue;
                Assert.True(client.TryGetValue(out CosemData value, out _));
                DataShape declared = CosemClasses.Find((ushort)classId, (byte)version)!.Attribute((int)id)!.Shape;
                Assert.True((declared.Type == CosemDataType.Array && value.Type == CosemDataType.Array) || declared.TryCheck(value, out _), $"{name} attribute {id}: {value.Type}");
                read++;
            }
        }
        Assert.True(read > 50);
    }

    private static DlmsClient Utility() => new(new DlmsClientSettings
    {
        ClientSap = 48, Mechanism = AuthenticationMechanism.HlsGmac, IsCiphered = true, SystemTitle = TestDevice.ClientTitle, Guek = TestDevice.Guek, Gak = TestDevice.Gak,
    }, new CounterLease(1, 100_000));

    private static ClientStep Walk(DlmsClient client, DlmsServerAssociation server, ClientStep step) => Wire.Walk(client, server, step, Now);

    private static void Run(DlmsClient client, DlmsServerAssociation server, ClientStep step)
    {
        ClientStep last = Walk(client, server, step);
        Assert.True(last.IsDone, last.Error?.ToString() ?? "no answer came");
    }

    private static Aarq Aarq(InitiateRequest initiate) => new() { UserInformation = initiate.Encode() };

    private static Apdu Answer(DlmsServerAssociation server, ushort client, Apdu request) => Decode(server.Receive(ToServer(client, request.Encode()), Now));

    private static List<Apdu> Answers(WrapperFramer framer)
    {
        var answers = new List<Apdu>();
        while (framer.TryRead(out _, out ReadOnlySpan<byte> apdu, out _) == FrameStatus.Complete)
        {
            Assert.True(Apdu.TryDecode(apdu, out Apdu? decoded, out _));
            answers.Add(decoded!);
        }
        return answers;
    }
}

using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using static Praman.Dlms.Tests.Association.ServiceDevice;
using static Praman.Dlms.Tests.Association.Wire;

namespace Praman.Dlms.Tests.Association;

/// <summary>
/// The published names of the application layer's conformance cases, each as we understand its title: against our server, and where it has a
/// meaning turned round, as a hostile server against our client. This is no certification.
/// </summary>
public class ConformanceCaseTests
{
    private static readonly byte[] AuthenticationAsked = [0x07, 0x80];
    private static readonly InitiateRequest Proposal = new(DlmsServerAssociation.Supported, 1024);
    private static readonly ExceptionResponse NotAllowed = new(StateError.ServiceNotAllowed, ServiceError.OperationNotPossible), NotSupported = new(StateError.ServiceNotAllowed, ServiceError.ServiceNotSupported);

    private static Aarq Plain => new() { UserInformation = Proposal.Encode() };

    [Fact]
    public void APPL_IDLE_N1()
    {
        var device = new ServiceDevice();
        using var server = new DlmsServerAssociation(device);
        Apdu[] services =
        [
            new GetRequestNormal(new(1), ImportValue), new SetRequestNormal(new(1), TextValue, null, CosemData.Null), new ActionRequestNormal(new(1), EchoMethod, null),
            new AccessRequest(1u << 30, null, [new(AccessKind.Get, ImportValue)], [CosemData.Null]), new ReadRequest([VariableAccess.Name(0xFA08)]),
            new GeneralBlockTransfer(0x81, 1, 0, new byte[] { 0xC0 }), new Rlrq(0),
        ];
        foreach (Apdu service in services) Assert.Equal(NotAllowed, Ask(server, 16, service));
        Assert.False(server.IsAssociated);
        Assert.Equal(0, device.Served);
        // Turned round: answers that nobody asked for are passed over, before and after an association.
        using var client = new DlmsClient(ClientOf(16));
        byte[] unasked = ToClient(16, new GetResponseNormal(new(1), CosemData.Null).Encode());
        Assert.Equal(ClientStatus.Pending, client.Received(unasked).Status);
        Assert.Equal(ClientErrorKind.NotAssociated, client.Get(ImportValue).Error!.Kind);
    }

    [Theory]
    [InlineData(16), InlineData(17), InlineData(18), InlineData(48), InlineData(49)]
    public void APPL_OPEN_1(ushort sap)
    {
        var (client, server) = new ServiceDevice().Connect(ClientOf(sap));
        Run(client, server, client.Get(ImportValue));
        Assert.Equal((sap, true), (server.ClientSap, server.IsAssociated));
        Run(client, server, client.Release());
        // Turned round: an acceptance in another context than asked for.
        using var other = new DlmsClient(ClientOf(16));
        other.Connect();
        Aare aare = new() { Context = ApplicationContext.ShortName, UserInformation = new InitiateResponse(Conformance.Get, 512).Encode() };
        Assert.Equal(ClientErrorKind.WrongContext, other.Received(ToClient(16, aare.Encode())).Error!.Kind);
    }

    [Theory]
    [InlineData(null), InlineData((byte)0), InlineData((byte)7), InlineData((byte)255)]
    public void APPL_OPEN_2(byte? user) => Accepts(Plain with { CallingAeInvocationId = user });

    [Fact]
    public void APPL_OPEN_3()
    {
        var device = new ServiceDevice();
        // Pass 3 wrong: refused, and nothing is served after it.
        var (client, server) = Opening(device, fill: null);
        byte[] proof = client.Received(server.Receive(client.Connect().Send.Span, Now).Span).Send.ToArray();
        using var right = new DlmsServerAssociation(device);
        Assert.NotEmpty(proof);
        proof[^1] ^= 1;
        Assert.IsType<ExceptionResponse>(Decode(server.Receive(proof, Now)));
        Assert.False(server.IsAssociated);
        // A service before its proof.
        (client, server) = Opening(device, fill: null);
        client.Received(server.Receive(client.Connect().Send.Span, Now).Span);
        Assert.IsType<ExceptionResponse>(Ask(server, 48, new GetRequestNormal(new(1), ImportValue)));
        // Turned round, pass 4 wrong: the client does not believe it, nor its own challenge sent back.
        (client, server) = Opening(device, fill: null, counter: 20);
        ClientStep pass3 = client.Received(server.Receive(client.Connect().Send.Span, Now).Span);
        byte[] pass4 = server.Receive(pass3.Send.Span, Now).ToArray();
        pass4[^1] ^= 1;
        Assert.Equal(ClientErrorKind.WrongKey, client.Received(pass4).Error!.Kind);
        Assert.False(client.IsAssociated);
    }

    [Fact]
    public void APPL_OPEN_4()
    {
        Accepts(Plain with { ProtocolVersion = new byte[] { 0x07, 0x80 } });
        Aare refused = Opened(16, Plain with { ProtocolVersion = new byte[] { 0x06, 0x40 } });
        Assert.Equal((AssociationResult.RejectedPermanent, true, 2), (refused.Result, refused.IsProviderDiagnostic, (int)refused.Diagnostic));
        ClientTakes(refused, ClientErrorKind.Refused);
    }

    [Theory]
    [InlineData(ApplicationContext.ShortName), InlineData(ApplicationContext.LogicalNameCiphered), InlineData(ApplicationContext.ShortNameCiphered)]
    public void APPL_OPEN_5(ApplicationContext context)
    {
        Rejects(16, Plain with { Context = context }, AcseDiagnostic.ApplicationContextNameNotSupported, ClientErrorKind.WrongContext);
        // A context that is nobody's, and none at all.
        byte[] unknown = Plain.Encode();
        unknown[12] = 0x77;
        using var server = new DlmsServerAssociation(new ServiceDevice());
        Assert.Equal(AcseDiagnostic.ApplicationContextNameNotSupported, Assert.IsType<Aare>(Decode(server.Receive(ToServer(16, unknown), Now))).Diagnostic);
        byte[] information = [0xBE, 0x10, 0x04, 0x0E, .. Proposal.Encode()];
        Assert.Equal(AssociationResult.RejectedPermanent, Assert.IsType<Aare>(Decode(server.Receive(ToServer(16, [0x60, (byte)information.Length, .. information]), Now))).Result);
        Assert.False(server.IsAssociated);
    }

    [Fact]
    public void APPL_OPEN_6()
    {
        Accepts(Plain with { CalledApTitle = TestDevice.Title, CallingApTitle = TestDevice.ClientTitle, CallingAeQualifier = new byte[] { 1 }, CallingAeInvocationId = 3 });
        Rejects(16, Plain with { CalledApTitle = new byte[8] }, AcseDiagnostic.CalledApTitleNotRecognized, ClientErrorKind.WrongTitle);
        Aarq ciphered = Aarq.Create(ApplicationContext.LogicalNameCiphered, null, AuthenticationMechanism.HlsGmac, new byte[16], Proposal.Encode());
        Rejects(48, ciphered, AcseDiagnostic.CallingApTitleNotRecognized, ClientErrorKind.WrongTitle);
        Rejects(48, ciphered with { CallingApTitle = new byte[7] }, AcseDiagnostic.CallingApTitleNotRecognized, ClientErrorKind.WrongTitle);
        Rejects(48, ciphered with { CallingApTitle = TestDevice.Title }, AcseDiagnostic.CallingApTitleNotRecognized, ClientErrorKind.WrongTitle);
        // Turned round: a server that says no title, or the client's own.
        foreach (byte[]? title in (byte[]?[])[null, TestDevice.ClientTitle, new byte[3]])
        {
            using var client = new DlmsClient(ClientOf(48), new CounterLease(1, 9));
            client.Connect();
            Aare aare = new()
            {
                Context = ApplicationContext.LogicalNameCiphered, Diagnostic = AcseDiagnostic.AuthenticationRequired, RespondingApTitle = title is null ? default(ReadOnlyMemory<byte>?) : title,
                UserInformation = new byte[20],
            };
            Assert.Equal(ClientErrorKind.WrongTitle, client.Received(ToClient(48, aare.Encode())).Error!.Kind);
        }
    }

    [Fact]
    public void APPL_OPEN_7()
    {
        Aarq with = Aarq.Create(ApplicationContext.ShortName, null, AuthenticationMechanism.Lls, "lnt1"u8.ToArray(), new InitiateRequest(DlmsServerAssociation.SupportedByShortName, 1024).Encode());
        Assert.Equal(AssociationResult.Accepted, Opened(18, with).Result);
        Rejects(18, with with { AuthenticationValue = "wrong"u8.ToArray() }, AcseDiagnostic.AuthenticationFailure, ClientErrorKind.AuthenticationFailed);
        Rejects(18, with with { AuthenticationValue = null }, AcseDiagnostic.AuthenticationFailure, ClientErrorKind.AuthenticationFailed);
        Rejects(18, with with { Mechanism = null }, AcseDiagnostic.AuthenticationMechanismNameRequired, ClientErrorKind.WrongMechanism);
        Rejects(18, with with { Mechanism = null, AcseRequirements = null, AuthenticationValue = null }, AcseDiagnostic.AuthenticationRequired, ClientErrorKind.WrongMechanism);
        Rejects(18, with with { Mechanism = AuthenticationMechanism.HlsSha1 }, AcseDiagnostic.AuthenticationMechanismNameNotRecognized, ClientErrorKind.WrongMechanism);
        Rejects(16, Plain with { Mechanism = AuthenticationMechanism.Lls, AcseRequirements = AuthenticationAsked, AuthenticationValue = new byte[4] },
            AcseDiagnostic.AuthenticationMechanismNameNotRecognized, ClientErrorKind.WrongMechanism);
    }

    [Fact]
    public void APPL_OPEN_9()
    {
        RejectsInitiate(Proposal with { DedicatedKey = new byte[16] }, 4, ClientErrorKind.PolicyRefused); // it would travel in clear
        var device = new ServiceDevice();
        var (client, server) = device.Connect(ClientOf(48) with { DedicatedKey = new byte[16] });
        ClientStep step = client.Get(ImportValue);
        Assert.Equal(0xD0, step.Send.Span[WrapperHeader.Length]); // ded-get-request
        Run(client, server, step);
        using var wrong = new DlmsClient(ClientOf(48) with { DedicatedKey = new byte[24] }, new CounterLease(500, 9));
        Assert.Equal(ClientErrorKind.PolicyRefused, Refused(wrong, server, wrong.Connect()).Kind);
    }

    [Theory]
    [InlineData(null), InlineData((sbyte)0), InlineData((sbyte)-128), InlineData((sbyte)127)]
    public void APPL_OPEN_11(sbyte? quality)
    {
        Accepts(Plain with { UserInformation = (Proposal with { QualityOfService = quality }).Encode() });
        using var client = new DlmsClient(ClientOf(16));
        client.Connect();
        Aare aare = new() { UserInformation = new InitiateResponse(Conformance.Get, 512) { QualityOfService = quality }.Encode() };
        Assert.True(client.Received(ToClient(16, aare.Encode())).IsDone);
    }

    /// <summary>A client that allows no response to its proposal gets none, whatever becomes of it.</summary>
    [Fact]
    public void AProposalThatAllowsNoResponseIsNotAnswered()
    {
        InitiateRequest silent = Proposal with { ResponseAllowed = false };
        Assert.True(Sent(16, Plain with { UserInformation = silent.Encode() }, associated: true).IsEmpty);
        Assert.True(Sent(16, Plain with { UserInformation = (silent with { DlmsVersion = 5 }).Encode() }, associated: false).IsEmpty);
        // The passes of high-level security need answers: there is no such association.
        var device = new Security.SuiteDevice(AuthenticationMechanism.HlsSha256, policy: 0, ciphered: false);
        using var server = new DlmsServerAssociation(device);
        Aarq aarq = Aarq.Create(ApplicationContext.LogicalName, Security.SuiteDevice.ClientTitle, AuthenticationMechanism.HlsSha256, new byte[32], silent.Encode());
        Assert.True(server.Receive(ToServer(Security.SuiteDevice.Client, aarq.Encode()), Security.SuiteDevice.Now).IsEmpty);
        Assert.Equal(0, server.ClientSap);
        // The next proposal is answered again.
        aarq = Aarq.Create(ApplicationContext.LogicalName, Security.SuiteDevice.ClientTitle, AuthenticationMechanism.HlsSha256, new byte[32], Proposal.Encode());
        Assert.Equal(AssociationResult.Accepted, Assert.IsType<Aare>(Decode(server.Receive(ToServer(Security.SuiteDevice.Client, aarq.Encode()), Security.SuiteDevice.Now).ToArray())).Result);

        static ReadOnlyMemory<byte> Sent(ushort client, Aarq aarq, bool associated)
        {
            using var server = new DlmsServerAssociation(new TestDevice());
            ReadOnlyMemory<byte> answer = server.Receive(ToServer(client, aarq.Encode()), Now).ToArray();
            Assert.Equal(associated, server.IsAssociated);
            return answer;
        }
    }

    [Fact]
    public void APPL_OPEN_12()
    {
        for (byte version = 0; version < 6; version++) RejectsInitiate(Proposal with { DlmsVersion = version }, 1, ClientErrorKind.Refused);
        Accepts(Plain with { UserInformation = (Proposal with { DlmsVersion = 7 }).Encode() });
        Aare aare = Opened(16, Plain with { UserInformation = (Proposal with { DlmsVersion = 255 }).Encode() });
        Assert.True(Apdu.TryDecode(aare.UserInformation.Span, out Apdu? user, out _));
        Assert.Equal(6, ((InitiateResponse)user).DlmsVersion);
    }

    [Fact]
    public void APPL_OPEN_13()
    {
        RejectsInitiate(Proposal with { Conformance = Conformance.None }, 2, ClientErrorKind.Refused);
        RejectsInitiate(Proposal with { Conformance = DlmsServerAssociation.SupportedByShortName & ~DlmsServerAssociation.Supported }, 2, ClientErrorKind.Refused);
        Aare aare = Opened(16, Plain with { UserInformation = (Proposal with { Conformance = (Conformance)0xFFFFFF }).Encode() });
        Assert.True(Apdu.TryDecode(aare.UserInformation.Span, out Apdu? user, out _));
        Assert.Equal(DlmsServerAssociation.Supported, ((InitiateResponse)user).Conformance);
        // Turned round: what the server did not grant is not asked for.
        using var client = new DlmsClient(ClientOf(16));
        client.Connect();
        Assert.True(client.Received(ToClient(16, new Aare { UserInformation = new InitiateResponse(Conformance.Get, 512).Encode() }.Encode())).IsDone);
        Assert.Equal(Conformance.Set, client.Set(TextValue, CosemData.Null).Error!.NotGranted);
    }

    [Fact]
    public void APPL_OPEN_14()
    {
        foreach (ushort size in (ushort[])[1, 11, 63]) RejectsInitiate(Proposal with { MaxReceivePduSize = size }, 3, ClientErrorKind.Refused);
        foreach (ushort size in (ushort[])[0, 64, 65_535]) Accepts(Plain with { UserInformation = (Proposal with { MaxReceivePduSize = size }).Encode() });
        // Turned round: a server that takes next to nothing is taken to take as much as any must.
        using var client = new DlmsClient(ClientOf(16));
        client.Connect();
        Assert.True(client.Received(ToClient(16, new Aare { UserInformation = new InitiateResponse(DlmsServerAssociation.Supported, 3).Encode() }.Encode())).IsDone);
        Assert.Equal(64, client.Set(TextValue, CosemData.OctetString(new byte[500])).Send.Length - WrapperHeader.Length);
    }

    [Fact]
    public void APPL_DATA_LN_N1()
    {
        var (client, server) = new ServiceDevice(128).Connect(ClientOf(16, pduSize: 128));
        Assert.Equal(DataAccessResult.ObjectUndefined, Get(new(3, new(9, 9, 9, 9, 9), 2)));
        Assert.Equal(DataAccessResult.ObjectClassInconsistent, Get(new(1, Import, 2)));
        Assert.Equal(DataAccessResult.ObjectUndefined, Get(new(3, Import, 99)));
        Assert.Equal(DataAccessResult.ObjectUndefined, Get(new(3, Import, -1)));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, Get(ImportValue, SelectiveAccess.Entry(1, 1)));
        Assert.Equal(DataAccessResult.TypeUnmatched, Get(Rows, new(1, CosemData.Null)));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, Get(Rows, new(9, CosemData.Null)));
        Assert.Equal(DataAccessResult.NoLongGetInProgress, ((GetResponseWithDatablock)Ask(server, 16, new GetRequestNext(new(1), 1))).Result);
        byte[] good = new GetRequestNormal(new(1), ImportValue).Encode();
        for (int length = 2; length < good.Length; length++) Assert.IsType<ExceptionResponse>(Decode(server.Receive(ToServer(16, good.AsSpan(0, length)), Now)));
        good[1] = 9;
        Assert.IsType<ExceptionResponse>(Decode(server.Receive(ToServer(16, good), Now)));
        // Turned round: answers with errors in them.
        foreach (byte[] answer in (byte[][])[[0xC4, 1, 0xC1], [0xC4, 1, 0xC1, 2, 0], [0xC4, 9, 0xC1, 0, 0], [0xC4, 1, 0xC1, 0], [0xC4, 2, 0xC1, 1, 0, 0, 0, 1, 7], [0xC4, 3, 0xC1, 0]])
            HostileAnswer(c => c.Get(ImportValue), answer);

        DataAccessResult Get(AttributeDescriptor attribute, SelectiveAccess? access = null) => Refused(client, server, client.Get(attribute, access)).Access!.Value;
    }

    [Fact]
    public void APPL_DATA_LN_N3()
    {
        var device = new ServiceDevice(128);
        var (client, server) = device.Connect(ClientOf(16, pduSize: 128));
        Assert.Equal(DataAccessResult.ObjectUndefined, Set(new(1, new(9, 9, 9, 9, 9), 2)));
        Assert.Equal(DataAccessResult.ObjectClassInconsistent, Set(new(3, Text, 2)));
        Assert.Equal(DataAccessResult.ReadWriteDenied, Set(ImportValue));
        Assert.Equal(DataAccessResult.ReadWriteDenied, Set(new(1, Text, 1)));
        Assert.Equal(DataAccessResult.ObjectUndefined, Set(new(1, Text, 99)));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, Refused(client, server, client.Set(TextValue, CosemData.Null, SelectiveAccess.Entry(1, 1))).Access);
        Assert.Equal(DataAccessResult.NoLongSetInProgress, ((SetResponseLastDatablock)Ask(server, 16, new SetRequestWithDatablock(new(1), new(true, 1, default)))).Result);
        Assert.Equal(NotAllowed, Ask(server, 16, new SetRequestWithList(new(1), [new(TextValue)], [])));
        // A long value that is no value.
        Assert.Equal(DataAccessResult.TypeUnmatched, ((SetResponseLastDatablock)Ask(server, 16, new SetRequestWithFirstDatablock(new(1), TextValue, null, new(true, 1, new byte[] { 9, 5 })))).Result);
        byte[] good = new SetRequestNormal(new(1), TextValue, null, CosemData.LongUnsigned(1)).Encode();
        for (int length = 2; length < good.Length; length++) Assert.IsType<ExceptionResponse>(Decode(server.Receive(ToServer(16, good.AsSpan(0, length)), Now)));
        Assert.Equal(0, device.Served);
        foreach (byte[] answer in (byte[][])[[0xC5, 1, 0xC1], [0xC5, 9, 0xC1, 0], [0xC5, 2, 0xC1, 0, 0, 0, 7], [0xC5, 5, 0xC1, 1, 0], [0xC4, 1, 0xC1, 0, 0]])
            HostileAnswer(c => c.Set(TextValue, CosemData.Null), answer);

        DataAccessResult Set(AttributeDescriptor attribute) => Refused(client, server, client.Set(attribute, CosemData.Unsigned(1))).Access!.Value;
    }

    [Fact]
    public void APPL_DATA_LN_N4()
    {
        using var server = new DlmsServerAssociation(new ServiceDevice());
        Assert.IsType<Aare>(Ask(server, 16, Plain with { UserInformation = (Proposal with { Conformance = Conformance.Get }).Encode() }));
        Apdu[] notGranted =
        [
            new SetRequestNormal(new(1), TextValue, null, CosemData.Null), new ActionRequestNormal(new(1), EchoMethod, null), new AccessRequest(1u << 30, null, [], []),
            new ReadRequest([VariableAccess.Name(0xFA08)]), new WriteRequest([VariableAccess.Name(0xFA08)], [CosemData.Null]), new GeneralBlockTransfer(0x81, 1, 0, new byte[] { 1 }),
        ];
        foreach (Apdu service in notGranted) Assert.Equal(NotSupported, Ask(server, 16, service));
        // What no client sends, and what is nothing.
        Assert.Equal(StateError.ServiceUnknown, ((ExceptionResponse)Ask(server, 16, new GetResponseNormal(new(1), CosemData.Null))).StateError);
        Assert.Equal(StateError.ServiceUnknown, ((ExceptionResponse)Decode(server.Receive(ToServer(16, [0x77, 1, 2]), Now))).StateError);
        HostileAnswer(c => c.Get(ImportValue), [0x77, 1, 2]);
        HostileAnswer(c => c.Get(ImportValue), NotSupported.Encode());
    }

    [Fact]
    public void APPL_DATA_SN_N1()
    {
        var device = new ServiceDevice(128);
        var (client, server) = device.Connect(ClientOf(17, pduSize: 128));
        ushort import = device.Objects.ShortNames.BaseName(Import)!.Value;
        Assert.Equal(DataAccessResult.ObjectUndefined, Read(VariableAccess.Name(0x0008)));
        Assert.Equal(DataAccessResult.ObjectUndefined, Read(VariableAccess.Name((ushort)(import + 9))));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, Read(VariableAccess.Parameterized((ushort)(import + 8), SelectiveAccess.Entry(1, 1))));
        Assert.Equal(DataAccessResult.ReadWriteDenied, Read(VariableAccess.Name((ushort)(import + 0x28)))); // a method is not read
        Assert.Equal(DataAccessResult.ObjectUndefined, Read(VariableAccess.Name(0xFFF8)));
        Assert.Equal(DataAccessResult.NoLongGetInProgress, Read(VariableAccess.Block(1)));
        Assert.Equal(NotAllowed, Ask(server, 17, new ReadRequest([VariableAccess.Name(import), VariableAccess.Block(1)])));
        byte[] good = new ReadRequest([VariableAccess.Name(import)]).Encode();
        for (int length = 1; length < good.Length; length++) Assert.IsType<ExceptionResponse>(Decode(server.Receive(ToServer(17, good.AsSpan(0, length)), Now)));
        foreach (byte[] answer in (byte[][])[[0x0C], [0x0C, 0], [0x0C, 2, 0, 0, 0, 0], [0x0C, 1, 9], [0x0C, 1, 0], [0x0C, 1, 2, 1, 0, 5, 0], [0x0D, 1, 0]])
            HostileAnswer(c => c.Get(ImportValue), answer, 17);
        Run(client, server, client.Get(ImportValue));

        DataAccessResult Read(VariableAccess variable) => Assert.Single(Assert.IsType<ReadResponse>(Ask(server, 17, new ReadRequest([variable]))).Results).Result;
    }

    [Fact]
    public void APPL_DATA_SN_N2()
    {
        var device = new ServiceDevice(128);
        var (client, server) = device.Connect(ClientOf(17, pduSize: 128));
        ushort import = device.Objects.ShortNames.BaseName(Import)!.Value, text = device.Objects.ShortNames.BaseName(Text)!.Value;
        Assert.Equal(DataAccessResult.ObjectUndefined, Write(VariableAccess.Name(0x0008)));
        Assert.Equal(DataAccessResult.ReadWriteDenied, Write(VariableAccess.Name((ushort)(import + 8))));
        Assert.Equal(DataAccessResult.ReadWriteDenied, Write(VariableAccess.Name(0xFA08)));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, Write(VariableAccess.Parameterized((ushort)(text + 8), SelectiveAccess.Entry(1, 1))));
        Assert.Equal(DataAccessResult.NoLongSetInProgress, Write(VariableAccess.WriteBlock(true, 2)));
        Assert.Equal(DataAccessResult.LongSetAborted, Write(VariableAccess.WriteBlock(true, 1))); // its octets are no octet-string
        Assert.Equal(NotAllowed, Ask(server, 17, new WriteRequest([VariableAccess.Name(text)], [])));
        Assert.Equal(DataAccessResult.TypeUnmatched, Assert.Single(((WriteResponse)Ask(server, 17, new WriteRequest([VariableAccess.WriteBlock(true, 1)], [CosemData.OctetString([1, 2])]))).Results).Result);
        Assert.Equal(0, device.Served);
        foreach (byte[] answer in (byte[][])[[0x0D], [0x0D, 0], [0x0D, 2, 0, 0], [0x0D, 1, 9], [0x0D, 1, 2, 0, 7], [0x0C, 1, 0, 0]])
            HostileAnswer(c => c.Set(TextValue, CosemData.Null), answer, 17);
        Run(client, server, client.Set(TextValue, CosemData.Unsigned(1)));

        DataAccessResult Write(VariableAccess variable) => Assert.Single(Assert.IsType<WriteResponse>(Ask(server, 17, new WriteRequest([variable], [CosemData.Unsigned(1)]))).Results).Result;
    }

    [Fact]
    public void APPL_DATA_SN_N3()
    {
        using var server = new DlmsServerAssociation(new ServiceDevice());
        Aarq aarq = new() { Context = ApplicationContext.ShortName, UserInformation = new InitiateRequest(Conformance.Read, 1024).Encode() };
        Assert.IsType<Aare>(Ask(server, 17, aarq));
        foreach (Apdu service in (Apdu[])[new WriteRequest([VariableAccess.Name(0x0108)], [CosemData.Null]), new GetRequestNormal(new(1), ImportValue), new AccessRequest(1u << 30, null, [], [])])
            Assert.Equal(NotSupported, Ask(server, 17, service));
        Assert.Equal(NotAllowed, Ask(server, 17, new ReadRequest([VariableAccess.Name(0xFA08), VariableAccess.Name(0xFA00)]))); // several references were not asked for
        Assert.True(server.Receive(ToServer(17, new UnconfirmedWriteRequest([VariableAccess.Name(0x0108)], [CosemData.Null]).Encode()), Now).IsEmpty);
        HostileAnswer(c => c.Get(ImportValue), new ConfirmedServiceError(5, 3, 2).Encode(), 17);
    }

    [Theory]
    [InlineData(16), InlineData(17), InlineData(48), InlineData(49)]
    public void APPL_REL_P1(ushort sap)
    {
        var device = new ServiceDevice();
        var (client, server) = device.Connect(ClientOf(sap));
        Run(client, server, client.Release());
        Assert.False(server.IsAssociated);
        Assert.Equal(NotAllowed, Ask(server, sap, new GetRequestNormal(new(1), ImportValue)));
        Assert.Equal(ClientErrorKind.NotAssociated, client.Get(ImportValue).Error!.Kind);
        // Whoever cannot cipher does not end what another opened.
        if (sap < 48) return;
        (client, server) = new ServiceDevice().Connect(ClientOf(sap));
        Assert.IsType<ExceptionResponse>(Ask(server, sap, new Rlrq(0)));
        Assert.True(server.IsAssociated);
    }

    private static (DlmsClient Client, DlmsServerAssociation Server) Opening(ServiceDevice device, RandomFill? fill, uint counter = 1) =>
        (new DlmsClient(ClientOf(48) with { FillRandom = fill }, new CounterLease(counter, 9)), new DlmsServerAssociation(device));

    private static Apdu Ask(DlmsServerAssociation server, ushort sap, Apdu request) => Decode(server.Receive(ToServer(sap, request.Encode()), Now));

    private static Aare Opened(ushort sap, Aarq aarq)
    {
        using var server = new DlmsServerAssociation(new ServiceDevice());
        Aare aare = Assert.IsType<Aare>(Ask(server, sap, aarq));
        Assert.Equal(aare.Result == AssociationResult.Accepted, server.IsAssociated);
        return aare;
    }

    private static void Accepts(Aarq aarq) => Assert.Equal((AssociationResult.Accepted, AcseDiagnostic.Null), (Opened(16, aarq).Result, Opened(16, aarq).Diagnostic));

    private static void Rejects(ushort sap, Aarq aarq, AcseDiagnostic diagnostic, ClientErrorKind kind)
    {
        Aare aare = Opened(sap, aarq);
        Assert.Equal((AssociationResult.RejectedPermanent, diagnostic), (aare.Result, aare.Diagnostic));
        ClientTakes(aare, kind);
    }

    private static void RejectsInitiate(InitiateRequest initiate, byte error, ClientErrorKind kind)
    {
        Aare aare = Opened(16, Plain with { UserInformation = initiate.Encode() });
        Assert.Equal(AssociationResult.RejectedPermanent, aare.Result);
        Assert.True(Apdu.TryDecode(aare.UserInformation.Span, out Apdu? user, out _));
        Assert.Equal(new ConfirmedServiceError(1, 6, error), user);
        ClientTakes(aare, kind);
    }

    // The same answer from a hostile or a strict server: the client names it and is not associated.
    private static void ClientTakes(Aare aare, ClientErrorKind kind)
    {
        using var client = new DlmsClient(ClientOf(16));
        client.Connect();
        ClientError error = client.Received(ToClient(16, aare.Encode())).Error!;
        Assert.Equal(kind, error.Kind);
        Assert.NotEmpty(error.Text);
        Assert.False(client.IsAssociated);
    }

    private static void HostileAnswer(Func<DlmsClient, ClientStep> ask, byte[] answer, ushort sap = 16)
    {
        var (client, server) = new ServiceDevice().Connect(ClientOf(sap) with { InvokeIdMax = 1 });
        ask(client);
        ClientStep step = client.Received(ToClient(sap, answer));
        Assert.True(step.IsFailed, $"{Convert.ToHexString(answer)} was taken");
        Assert.True(step.Error!.Kind is ClientErrorKind.Malformed or ClientErrorKind.Unexpected or ClientErrorKind.AccessDenied or ClientErrorKind.ServiceRefused, step.Error.ToString());
        Run(client, server, client.Get(ImportValue)); // the association goes on
    }
}

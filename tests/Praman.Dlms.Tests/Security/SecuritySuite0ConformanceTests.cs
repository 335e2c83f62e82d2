using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;

namespace Praman.Dlms.Tests.Security;

/// <summary>
/// The published names of the conformance cases of security suite 0 (DLMS UA 1001-6), each against our server and, where a meter could fail it to a
/// client's harm, against our client before a hostile meter. The steps are ours, made from the names.
/// </summary>
public class SecuritySuite0ConformanceTests
{
    private const sbyte Activate = 1, Transfer = 2;
    private static readonly AttributeDescriptor Sta1 = new(1, SuiteDevice.Text, 2), Sta2 = new(3, SuiteDevice.Import, 2);
    private static readonly byte[] Guek = SuiteDevice.Key(0, 0x10), Gak = SuiteDevice.Key(0, 0x40), Kek = SuiteDevice.Key(0, 0xA0), New = SuiteDevice.Key(0, 0xE0);

    [Fact] // SYMSEC_0_BasicCap_1: every protection that suite 0 has opens an association, reads, writes, releases
    public void BasicCap1()
    {
        foreach (byte control in (byte[])[0x10, 0x20, 0x30])
        {
            foreach (bool general in (bool[])[false, true])
            {
                using var peers = new Peers(policy: 0, client: SuiteDevice.Settings() with { Protection = new(control), UsesGeneralCiphering = general });
                peers.Done(peers.Client.Get(Sta2));
                peers.Done(peers.Client.Set(Sta1, CosemData.Unsigned(control)));
                peers.Done(peers.Client.Release());
            }
        }
    }

    [Theory] // ... and a meter that answers with less than it was asked with is not believed
    [InlineData(0x30, 0x10)]
    [InlineData(0x30, 0x20)]
    [InlineData(0x10, 0x20)]
    [InlineData(0x20, 0x10)]
    [InlineData(0x30, 0x00)]
    public void BasicCap1HostileMeter(byte asked, byte answered)
    {
        using var peers = new Peers(policy: 0, client: SuiteDevice.Settings() with { Protection = new(asked) });
        peers.Client.Get(Sta2);
        byte[] answer = new GetResponseNormal(new(2), CosemData.Unsigned(1)).Encode();
        ClientStep step = peers.Client.Received(Wire.ToClient(SuiteDevice.Client, answered == 0 ? answer : Meter(50_000, new(answered), answer)));
        Assert.Equal(ClientErrorKind.ServerNotAuthentic, step.Error!.Kind);
    }

    [Fact] // SYMSEC_0_FraCount_1: a message that was sent before, or whose counter is lower, is refused with the counter awaited
    public void FraCount1()
    {
        using var peers = new Peers();
        byte[] frame = peers.Client.Set(Sta1, CosemData.Unsigned(1)).Send.ToArray();
        peers.Server.Receive(frame, SuiteDevice.Now);
        long accepted = peers.Device.Security.KeysOf(SuiteDevice.Setup).Accepted(1);
        foreach (byte[] replay in (byte[][])[frame, Request(1), Request((uint)accepted)])
        {
            var refused = Assert.IsType<ExceptionResponse>(peers.Send(replay));
            Assert.Equal((ServiceError.InvocationCounterError, (uint)accepted + 1), (refused.ServiceError, refused.InvocationCounter));
        }
        Assert.Equal(1, peers.Device.Writes);
        Assert.IsNotType<ExceptionResponse>(peers.Send(Request((uint)accepted + 1)));
        Assert.Equal(2, peers.Device.Writes);
    }

    [Fact]
    public void FraCount1HostileMeter()
    {
        using var peers = new Peers();
        byte[] first = peers.Server.Receive(peers.Client.Get(Sta2).Send.Span, SuiteDevice.Now).ToArray();
        Assert.True(peers.Client.Received(first).IsDone);
        ulong next = peers.Client.ServerCounterNext;
        peers.Client.Get(Sta2);
        Assert.Equal(ClientStatus.Pending, peers.Client.Received(first).Status);
        byte[] lower = Wire.ToClient(SuiteDevice.Client, Meter(0, new(0x30), new GetResponseNormal(new(3), CosemData.Unsigned(1)).Encode()));
        Assert.Equal(ClientStatus.Pending, peers.Client.Received(lower).Status);
        Assert.Equal(next, peers.Client.ServerCounterNext);
    }

    [Fact] // SYMSEC_0_FraCount_3: what is sent counts up by one, on either side, and never comes again
    public void FraCount3()
    {
        using var peers = new Peers();
        uint ours = 0, theirs = 0;
        for (int round = 0; round < 50; round++)
        {
            byte[] request = peers.Client.Get(Sta2).Send.ToArray();
            byte[] answer = peers.Server.Receive(request, SuiteDevice.Now).ToArray();
            Assert.True(peers.Client.Received(answer).IsDone);
            uint one = Counter(request), other = Counter(answer);
            if (round > 0) Assert.Equal((ours + 1, theirs + 1), (one, other));
            (ours, theirs) = (one, other);
        }
    }

    [Theory] // SYMSEC_0_Key_Tx_P1, P2, P3: transfer of GUEK, of GAK, of both, and back
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void KeyTxP1P2P3(bool guek, bool gak)
    {
        var device = new SuiteDevice();
        using (var peers = new Peers(device)) peers.Done(peers.Client.Action(new(64, SuiteDevice.Setup, Transfer), Keys(guek ? New : null, gak ? New : null)));
        Assert.True(AssociationMatrixTests.Open(device, SuiteDevice.Settings(), out _, out _).IsFailed);
        using (var peers = new Peers(device, client: SuiteDevice.Settings() with { Guek = guek ? New : Guek, Gak = gak ? New : Gak }, counter: 20_000))
        {
            peers.Done(peers.Client.Get(Sta2));
            peers.Done(peers.Client.Action(new(64, SuiteDevice.Setup, Transfer), Keys(guek ? Guek : null, gak ? Gak : null)));
        }
        using (var peers = new Peers(device, counter: 30_000)) peers.Done(peers.Client.Get(Sta2));
    }

    [Fact] // SYMSEC_0_Key_Tx_N1: a key_id that is none
    public void KeyTxN1()
    {
        using var peers = new Peers();
        KeySet before = peers.Device.Security.KeysOf(SuiteDevice.Setup);
        foreach (byte id in (byte[])[4, 5, 255])
        {
            CosemData keys = CosemData.Array(CosemData.Structure(CosemData.Enumeration(id), CosemData.OctetString(KeyWrap.Wrap(Kek, New))));
            Assert.Equal(ActionResult.ReadWriteDenied, peers.Walk(peers.Client.Action(new(64, SuiteDevice.Setup, Transfer), keys)).Error!.Action);
        }
        Assert.Same(before, peers.Device.Security.KeysOf(SuiteDevice.Setup));
        peers.Done(peers.Client.Get(Sta2));
    }

    [Fact] // SYMSEC_0_Key_Tx_N2: GUEK wrongly wrapped
    public void KeyTxN2()
    {
        using var peers = new Peers();
        KeySet before = peers.Device.Security.KeysOf(SuiteDevice.Setup);
        byte[] altered = KeyWrap.Wrap(Kek, New);
        altered[0] ^= 1;
        foreach (byte[] wrong in (byte[][])[altered, KeyWrap.Wrap(New, New), New, [.. KeyWrap.Wrap(Kek, New), 0], []])
        {
            CosemData keys = CosemData.Array(CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString(wrong)));
            Assert.Equal(ActionResult.OtherReason, peers.Walk(peers.Client.Action(new(64, SuiteDevice.Setup, Transfer), keys)).Error!.Action);
        }
        Assert.Same(before, peers.Device.Security.KeysOf(SuiteDevice.Setup));
        peers.Done(peers.Client.Get(Sta2));
    }

    [Fact] // SYMSEC_0_DedKey_N1: a dedicated key that is wrong, or that is used without having been given
    public void DedKeyN1()
    {
        foreach (int length in (int[])[1, 15, 17, 32])
        {
            DlmsClientSettings settings = SuiteDevice.Settings() with { DedicatedKey = new byte[16] };
            using var client = new DlmsClient(settings, new CounterLease(1, 100));
            using var server = new DlmsServerAssociation(new SuiteDevice());
            var initiate = new InitiateRequest(Conformance.Get, 1024) { DedicatedKey = new byte[length] };
            byte[] user = Protected(Client(5), Protection.ServiceGlobal, new(0x30), initiate.Encode());
            Aarq aarq = Aarq.Create(ApplicationContext.LogicalNameCiphered, SuiteDevice.ClientTitle, AuthenticationMechanism.HlsGmac, new byte[16], user);
            var aare = Assert.IsType<Aare>(Wire.Decode(server.Receive(Wire.ToServer(SuiteDevice.Client, aarq.Encode()), SuiteDevice.Now).ToArray()));
            Assert.Equal(AssociationResult.RejectedPermanent, aare.Result);
        }
        using var none = new Peers();
        SecurityContext dedicated = Client(50);
        dedicated.SetDedicatedKey(New);
        byte[] frame = Wire.ToServer(SuiteDevice.Client, Protected(dedicated, Protection.ServiceDedicated, new(0x30), new GetRequestNormal(new(1), Sta2).Encode()));
        Assert.Equal(ServiceError.DecipheringError, Assert.IsType<ExceptionResponse>(none.Send(frame)).ServiceError);

        using var given = new Peers(client: SuiteDevice.Settings() with { DedicatedKey = New });
        SecurityContext wrong = Client(50);
        wrong.SetDedicatedKey(Guek);
        frame = Wire.ToServer(SuiteDevice.Client, Protected(wrong, Protection.ServiceDedicated, new(0x30), new GetRequestNormal(new(1), Sta2).Encode()));
        Assert.Equal(ServiceError.DecipheringError, Assert.IsType<ExceptionResponse>(given.Send(frame)).ServiceError);
        given.Done(given.Client.Get(Sta2));
    }

    [Fact] // ... and a meter that answers a dedicated request under the global key in a dedicated envelope
    public void DedKeyN1HostileMeter()
    {
        using var peers = new Peers(client: SuiteDevice.Settings() with { DedicatedKey = New });
        peers.Client.Get(Sta2);
        using SecurityContext meter = Context(SuiteDevice.Title, 50_000);
        meter.SetDedicatedKey(Guek);
        byte[] answer = Protected(meter, Protection.ServiceDedicated, new(0x30), new GetResponseNormal(new(2), CosemData.Unsigned(1)).Encode());
        Assert.Equal(ClientErrorKind.WrongKey, peers.Client.Received(Wire.ToClient(SuiteDevice.Client, answer)).Error!.Kind);
    }

    [Fact] // SYMSEC_0_SecDataX_P1: two attributes written and read under the global and under the dedicated key
    public void SecDataXP1()
    {
        foreach (bool general in (bool[])[false, true])
        {
            foreach (byte[] key in (byte[][])[[], New])
            {
                using var peers = new Peers(client: SuiteDevice.Settings() with { DedicatedKey = key, UsesGeneralCiphering = general });
                for (byte value = 0; value < 5; value++)
                {
                    peers.Done(peers.Client.Set(Sta1, CosemData.Unsigned(value)));
                    peers.Done(peers.Client.Get(Sta1));
                    Assert.True(peers.Client.TryGetValue(out CosemData read, out _));
                    if (read != CosemData.Unsigned(value)) Assert.Fail("another value was read");
                    peers.Done(peers.Client.Get(Sta2));
                }
            }
        }
    }

    [Fact] // SYMSEC_0_SecDataX_N1: in clear, protected less than the policy, wrong key, wrong title, altered
    public void SecDataXN1()
    {
        using var peers = new Peers();
        byte[] request = new SetRequestNormal(new(1), Sta1, null, CosemData.Unsigned(1)).Encode();
        Assert.Equal(ServiceError.OperationNotPossible, Refused(request));
        Assert.Equal(ServiceError.OperationNotPossible, Refused(Protected(Client(100), Protection.ServiceGlobal, new(0x10), request)));
        Assert.Equal(ServiceError.OperationNotPossible, Refused(Protected(Client(100), Protection.ServiceGlobal, new(0x20), request)));
        Assert.Equal(ServiceError.DecipheringError, Refused(Protected(Context(SuiteDevice.ClientTitle, 100, guek: New), Protection.ServiceGlobal, new(0x30), request)));
        Assert.Equal(ServiceError.DecipheringError, Refused(Protected(Context(SuiteDevice.ClientTitle, 100, gak: New), Protection.ServiceGlobal, new(0x30), request)));
        Assert.Equal(ServiceError.DecipheringError, Refused(Protected(Context(SuiteDevice.Title, 100), Protection.ServiceGlobal, new(0x30), request)));
        Assert.Equal(ServiceError.DecipheringError, Refused(Protected(Context(SuiteDevice.Title, 100), Protection.GeneralGlobal, new(0x30), request)));
        byte[] good = Protected(Client(100), Protection.ServiceGlobal, new(0x30), request);
        for (int at = 0; at < good.Length; at++)
        {
            byte[] altered = [.. good];
            altered[at] ^= 1;
            Refused(altered);
        }
        Assert.Equal(0, peers.Device.Writes);
        Assert.IsType<SetResponseNormal>(Opened(peers.Send(Wire.ToServer(SuiteDevice.Client, good))));

        ServiceError Refused(byte[] apdu) => Assert.IsType<ExceptionResponse>(peers.Send(Wire.ToServer(SuiteDevice.Client, apdu))).ServiceError;
    }

    [Fact]
    public void SecDataXN1HostileMeter()
    {
        byte[] answer = new GetResponseNormal(new(2), CosemData.Unsigned(1)).Encode();
        foreach ((byte[] apdu, ClientErrorKind kind) in new[]
        {
            (answer, ClientErrorKind.ServerNotAuthentic),
            (Protected(Context(SuiteDevice.Title, 100, guek: New), Protection.ServiceGlobal, new(0x30), answer), ClientErrorKind.WrongKey),
            (Protected(Context(SuiteDevice.Title, 100, gak: New), Protection.ServiceGlobal, new(0x30), answer), ClientErrorKind.WrongKey),
            (Protected(Context(SuiteDevice.ClientTitle, 100), Protection.ServiceGlobal, new(0x30), answer), ClientErrorKind.WrongKey), // our own direction
            (Protected(Context(SuiteDevice.ClientTitle, 100), Protection.GeneralGlobal, new(0x30), answer), ClientErrorKind.WrongTitle),
        })
        {
            using var peers = new Peers();
            peers.Client.Get(Sta2);
            Assert.Equal(kind, peers.Client.Received(Wire.ToClient(SuiteDevice.Client, apdu)).Error!.Kind);
        }
    }

    [Fact] // SYMSEC_REL_N1: a release that is protected less than the policy ends nothing
    public void RelN1()
    {
        using var peers = new Peers();
        byte[] initiate = new InitiateRequest(Conformance.Get, 1024).Encode();
        foreach (byte[] user in (byte[][])[[], initiate, Protected(Client(100), Protection.ServiceGlobal, new(0x10), initiate), Protected(Client(100), Protection.ServiceGlobal, new(0x20), initiate)])
        {
            Assert.IsType<ExceptionResponse>(peers.Send(Wire.ToServer(SuiteDevice.Client, new Rlrq(0) { UserInformation = user }.Encode())));
            Assert.True(peers.Server.IsAssociated);
        }
        peers.Done(peers.Client.Release());
        Assert.False(peers.Server.IsAssociated);
    }

    [Theory] // SYMSEC_0_SecPol_1, 2, 3: policy 1, 2 and 3 activated; what is below is refused from the next association on, and the policy is not lowered
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void SecPol1And2And3(byte policy)
    {
        var device = new SuiteDevice(policy: 0);
        using (var peers = new Peers(device)) peers.Done(peers.Client.Action(new(64, SuiteDevice.Setup, Activate), CosemData.Enumeration(policy)));
        Assert.Equal(policy, device.PolicyOf(SuiteDevice.Setup));
        uint counter = 1_000;
        for (byte offered = 0; offered <= 3; offered++, counter += 1_000)
        {
            using var client = new DlmsClient(SuiteDevice.Settings(authenticated: (offered & 1) != 0, encrypted: (offered & 2) != 0), new CounterLease(counter, 900));
            using var server = new DlmsServerAssociation(device);
            ClientStep step = Wire.Walk(client, server, client.Connect(), SuiteDevice.Now);
            Assert.Equal((offered & policy) == policy, step.IsDone);
            if (step.IsDone) continue;
            Assert.Equal(ClientErrorKind.PolicyRefused, step.Error!.Kind);
        }
        using var last = new Peers(device, counter: counter);
        Assert.Equal(ActionResult.ReadWriteDenied, last.Walk(last.Client.Action(new(64, SuiteDevice.Setup, Activate), CosemData.Enumeration(0))).Error!.Action);
        Assert.Equal(policy, device.PolicyOf(SuiteDevice.Setup));
    }

    private static CosemData Keys(byte[]? guek, byte[]? gak)
    {
        var items = new List<CosemData>();
        if (guek is not null) items.Add(CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString(KeyWrap.Wrap(Kek, guek))));
        if (gak is not null) items.Add(CosemData.Structure(CosemData.Enumeration(2), CosemData.OctetString(KeyWrap.Wrap(Kek, gak))));
        return CosemData.Array([.. items]);
    }

    // Behind wrapper, service tag, length of one octet and security control.
    private static uint Counter(byte[] frame) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(WrapperHeader.Length + 3));

    private static byte[] Request(uint counter) => Wire.ToServer(SuiteDevice.Client, Protected(Client(counter), Protection.ServiceGlobal, new(0x30), new SetRequestNormal(new(5), Sta1, null, CosemData.Unsigned(2)).Encode()));

    private static byte[] Meter(uint counter, SecurityControl control, byte[] apdu) => Protected(Context(SuiteDevice.Title, counter), Protection.ServiceGlobal, control, apdu);

    private static SecurityContext Client(uint counter) => Context(SuiteDevice.ClientTitle, counter);

    private static SecurityContext Context(byte[] title, uint counter, byte[]? guek = null, byte[]? gak = null) =>
        new(new(0), title, guek ?? Guek, gak ?? Gak) { SendCounter = counter };

    private static byte[] Protected(SecurityContext context, Protection protection, SecurityControl control, byte[] apdu)
    {
        var writer = new AxdrWriter(new byte[1024]);
        Assert.Equal(SecurityOutcome.Success, context.Protect(protection, control, apdu, ref writer));
        return writer.Written.ToArray();
    }

    private static Apdu Opened(Apdu answer)
    {
        using SecurityContext client = Context(SuiteDevice.ClientTitle, 0);
        client.SetPeerSystemTitle(SuiteDevice.Title);
        byte[] plain = new byte[1024];
        Assert.Equal(SecurityOutcome.Success, client.Unprotect(answer.Encode(), plain, out int written));
        Assert.True(Apdu.TryDecode(plain.AsSpan(0, written), out Apdu? apdu, out _));
        return apdu;
    }

    /// <summary>A client and a server that are associated.</summary>
    private sealed class Peers : IDisposable
    {
        public Peers(SuiteDevice? device = null, byte policy = 3, DlmsClientSettings? client = null, uint counter = 1)
        {
            Device = device ?? new SuiteDevice(policy: policy);
            Client = new(client ?? SuiteDevice.Settings(), new CounterLease(counter, 1_000));
            Server = new(Device);
            Done(Client.Connect());
        }

        public SuiteDevice Device { get; }

        public DlmsClient Client { get; }

        public DlmsServerAssociation Server { get; }

        public ClientStep Walk(ClientStep step) => Wire.Walk(Client, Server, step, SuiteDevice.Now);

        public void Done(ClientStep step)
        {
            ClientStep last = Walk(step);
            Assert.True(last.IsDone, last.Error?.ToString() ?? "no answer came");
        }

        public Apdu Send(byte[] frame) => Wire.Decode(Server.Receive(frame, SuiteDevice.Now).ToArray());

        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }
}

using NodaTime;
using Praman.Dlms.Acse;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Security;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Apdus;
using Praman.Dlms.Tests.Association;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>How an input is put on the wire: its first octet says so, what follows is the APDU.</summary>
internal sealed class SessionWire(ushort ownSap, ushort peerSap, byte[] ownTitle)
{
    /// <summary>From here on the frame comes from somebody else.</summary>
    public const byte Foreign = 0xE0;

    private const uint FirstCounter = 1_000;

    private readonly byte[] _frame = new byte[(2 * FuzzMutator.GrownLengthMax) + 256];
    private readonly SecurityContext _security = Sealing.Context(ownTitle, FirstCounter);

    /// <summary>As it is, in a wrapper, or sealed with the right keys and then in a wrapper.</summary>
    public ReadOnlySpan<byte> Frame(byte mode, ReadOnlySpan<byte> apdu)
    {
        Span<byte> place = _frame.AsSpan(WrapperHeader.Length);
        int length = 0;
        SecurityControl control = (mode & 0x20) != 0 ? SecurityControl.AuthenticationOnly : SecurityControl.AuthenticatedEncryption;
        switch (mode & 7)
        {
            case 0:
                return apdu;
            case 1 or 2 or 3 when !apdu.IsEmpty:
                length = Sealing.Seal(_security, Protection.ServiceGlobal, control, apdu, place);
                break;
            case 4 when !apdu.IsEmpty:
                length = Sealing.Seal(_security, Protection.GeneralGlobal, control, apdu, place);
                break;
        }
        if (length == 0)
        {
            apdu.CopyTo(place);
            length = apdu.Length;
        }
        length = Math.Min(length, WrapperHeader.ApduLengthMax);
        ushort source = mode >= Foreign ? (ushort)(ownSap + 1) : ownSap;
        new WrapperHeader(source, peerSap, (ushort)length).Write(_frame);
        return _frame.AsSpan(0, WrapperHeader.Length + length);
    }

    public void Restart() => _security.SendCounter = FirstCounter;
}

/// <summary>A server that is fed by a client which may be anybody: in no association, in one of each kind, before its proof.</summary>
internal sealed class ServerTarget() : FuzzTarget("server")
{
    internal static readonly Instant Now = Instant.FromUtc(2026, 3, 3, 0, 0);
    private static readonly ushort[] Clients = [16, 16, 32, 48, 48];

    private readonly SessionWire[] _wires = [.. Clients.Select(client => new SessionWire(client, 1, TestDevice.ClientTitle))];
    private DlmsServerAssociation? _server;
    private FuzzRandom _challenges;
    private int _kind;

    public override int SessionLength => 64;

    public override bool OffsetIsOfInput => false;

    // What a message may cost in all: its answer is as long as the object asked for.
    public override int AllocatedConstant => 1 << 17;

    public override IEnumerable<byte[]> Seeds()
    {
        CosemDateTime first = new(2026, 3, 1, 7, 6, 30, 0, 0, 330, 0), last = first with { Hour = 12 };
        List<Apdu> requests =
        [
            .. SampleApdus.All.Where(apdu => apdu is GetRequest or SetRequest or ActionRequest or Aarq or Rlrq or AccessRequest or GeneralBlockTransfer or InitiateRequest),
            new GetRequestNormal(new(1), new(7, TestDevice.Profile, 2), SelectiveAccess.Range(first, last)),
            new GetRequestNormal(new(1), new(7, TestDevice.Profile, 2), SelectiveAccess.Entry(1, 9, 2, 3)),
            new GetRequestNormal(new(1), new(7, TestDevice.Profile, 2)),
            new GetRequestNormal(new(1), new(7, TestDevice.Profile, 3)),
            new GetRequestNormal(new(1), new(15, LogicalDevice.CurrentAssociation, 2)),
            new GetRequestNext(new(1), 1),
            new GetRequestWithList(new(1), [new(new(3, TestDevice.Import, 2)), new(new(8, new(0, 0, 1, 0, 0), 2)), new(new(7, TestDevice.Profile, 2))]),
            new SetRequestNormal(new(1), new(1, TestDevice.Text, 2), null, CosemData.OctetString([1, 2, 3])),
            new SetRequestWithFirstDatablock(new(1), new(1, TestDevice.Text, 2), null, new(false, 1, new byte[] { 9, 4, 1 })),
            new SetRequestWithDatablock(new(1), new(true, 2, new byte[] { 2, 3, 4 })),
            new ActionRequestNormal(new(1), new(70, TestDevice.Relay, 1), CosemData.Integer(0)),
            new ActionRequestNormal(new(1), new(15, LogicalDevice.CurrentAssociation, 1), CosemData.OctetString(new byte[17])),
            new ActionRequestNormal(new(1), new(64, new(0, 0, 43, 0, 3), 2), CosemData.Array(CosemData.Structure(CosemData.Enumeration(0), CosemData.OctetString(new byte[24])))),
            new ActionRequestNormal(new(1), new(9, new(0, 0, 10, 0, 1), 1), CosemData.LongUnsigned(1)),
        ];
        foreach (Apdu request in requests)
        {
            byte[] octets = request.Encode();
            yield return [1, .. octets];
            yield return [7, .. octets];
        }
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty) return FuzzOutcome.Read(0);
        byte mode = input.Span[0];
        ReadOnlyMemory<byte> answer = _server!.Receive(_wires[_kind].Frame(mode, input.Span[1..]), Now);
        int shape = (_kind << 24) | Math.Min(answer.Length / 32, 255);
        if (answer.Length > WrapperHeader.Length + 1)
        {
            ReadOnlySpan<byte> apdu = answer.Span[WrapperHeader.Length..];
            bool ciphered = apdu[0] >= 0xC8 && apdu[0] != ExceptionResponse.Tag;
            shape |= (apdu[0] << 16) | (ciphered ? 0 : ((apdu[1] << 8) | (apdu.Length > 3 ? apdu[3] << 4 : 0)));
        }
        if (_server.IsClosed) Restart();
        return FuzzOutcome.Read(shape);
    }

    public override void Restart(FuzzRandom random)
    {
        _challenges = random;
        _kind = random.Below(Clients.Length);
        Restart();
    }

    protected override void Close() => _server?.Dispose();

    // Never the same twice: a client that sends back what it got is given another.
    private void FillChallenge(Span<byte> octets)
    {
        foreach (ref byte octet in octets) octet = (byte)_challenges.Next();
    }

    private void Restart()
    {
        _server?.Dispose();
        _wires[_kind].Restart();
        _server = new DlmsServerAssociation(new TestDevice(), FillChallenge);
        if (_kind == 0) return;
        using DlmsClient client = ClientTarget.MakeClient(Clients[_kind]);
        ClientStep step = client.Connect();
        if (_kind == 4) _server.Receive(step.Send.Span, Now);
        else step = Wire.Walk(client, _server, step, Now);
        Assert.True(_kind == 4 || step.IsDone, step.Error?.ToString());
    }
}

/// <summary>A client that is answered by a server which may be anybody: while it opens, asks, writes by blocks, releases.</summary>
internal sealed class ClientTarget() : FuzzTarget("client")
{
    private static readonly ushort[] Clients = [16, 32, 48];

    private readonly SessionWire[] _wires = [.. Clients.Select(client => new SessionWire(1, client, TestDevice.Title))];
    private readonly byte[] _apdu = new byte[2 * FuzzMutator.GrownLengthMax];
    private static readonly byte[] LongText = new byte[3_000];
    private DlmsClient? _client;
    private int _kind;
    private int _invoke;
    private bool _pending;

    public override int SessionLength => 64;

    public override bool OffsetIsOfInput => false;

    public override int AllocatedConstant => 1 << 17;

    internal static DlmsClient MakeClient(ushort sap) => new(
        new DlmsClientSettings
        {
            ClientSap = sap, Mechanism = sap switch { 16 => AuthenticationMechanism.None, 32 => AuthenticationMechanism.Lls, _ => AuthenticationMechanism.HlsGmac },
            Secret = "lnt1"u8.ToArray(), IsCiphered = sap == 48, SystemTitle = TestDevice.ClientTitle, Guek = TestDevice.Guek, Gak = TestDevice.Gak,
            FillRandom = octets => octets.Fill(0xA5),
        },
        new CounterLease(1, 10_000));

    public override IEnumerable<byte[]> Seeds()
    {
        Apdu[] answers =
        [
            .. SampleApdus.All.Where(apdu => apdu is GetResponse or SetResponse or ActionResponse or Aare or Rlre or ExceptionResponse or DataNotification or ConfirmedServiceError),
            new GetResponseWithDatablock(new(1), false, 1, new byte[] { 9, 4, 1 }, DataAccessResult.Success),
            new GetResponseWithDatablock(new(1), true, 2, new byte[] { 2, 3, 4 }, DataAccessResult.Success),
            new SetResponseDatablock(new(1), 1),
        ];
        byte request = 0;
        foreach (Apdu answer in answers)
        {
            byte[] octets = answer.Encode();
            request = (byte)((request + 0x08) & 0x38);
            yield return [(byte)(1 | request), .. octets];
            yield return [(byte)(7 | request), .. octets];
        }
    }

    // Bits 3 to 5 of the first octet choose the request, where none is under way, with bit 7 also a rare one; bit 6 leaves the answer's invoke id as it is.
    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty) return FuzzOutcome.Read(0);
        byte mode = input.Span[0];
        if (!_pending) Ask((mode >> 3) & 7, isRare: mode >= 0x80);
        Span<byte> apdu = _apdu.AsSpan(0, input.Length - 1);
        input.Span[1..].CopyTo(apdu);
        if ((mode & 0x40) == 0 && apdu.Length > 2 && apdu[0] is >= 0xC4 and <= 0xC7) apdu[2] = (byte)((apdu[2] & 0xF0) | _invoke);
        ClientStep step = _client!.Received(_wires[_kind].Frame((byte)(mode & 7), apdu));
        _pending = step.Status == ClientStatus.Pending;
        int shape = ((int)step.Status << 4) | (_kind << 8) | ((mode & 0x38) << 8) | (step.Send.IsEmpty ? 0 : 1 << 20);
        if (step.IsFailed && (mode & 7) == 0) _client.Reset(); // no frame is found again behind such octets
        if (step.IsFailed) return FuzzOutcome.Refused(new(_kind, $"{step.Error!.Kind}: {step.Error.Text}"));
        if (step.IsDone) shape |= Math.Min(_client.Data.Length, 63) << 24;
        return FuzzOutcome.Read(shape);
    }

    public override void Use()
    {
        if (_pending) return;
        if (_client!.TryGetValue(out CosemData value, out _)) DataTarget.Visit(value);
        DataTarget.Visit(_client.Returned);
        Assert.InRange(_client.Results.Count, 0, FuzzMutator.GrownLengthMax);
    }

    public override void Restart(FuzzRandom random)
    {
        _kind = random.Below(Clients.Length);
        Restart();
    }

    protected override void Close() => _client?.Dispose();

    private void Restart()
    {
        _client?.Dispose();
        _wires[_kind].Restart();
        _client = MakeClient(Clients[_kind]);
        using var server = new DlmsServerAssociation(new TestDevice(), octets => octets.Fill(0x5A));
        ClientStep step = Wire.Walk(_client, server, _client.Connect(), ServerTarget.Now);
        Assert.True(step.IsDone, step.Error?.ToString());
        _invoke = _kind == 2 ? 1 : 0; // the proof took one
        _pending = false;
    }

    private void Ask(int request, bool isRare)
    {
        if (!_client!.IsAssociated) Restart();
        ClientStep step = request switch
        {
            0 or 1 => _client.Get(new(3, TestDevice.Import, 2)),
            2 => _client.GetWithList([new(new(3, TestDevice.Import, 2)), new(new(3, TestDevice.Import, 3))]),
            3 => _client.Set(new(1, TestDevice.Text, 2), CosemData.OctetString([1, 2, 3])),
            4 => _client.Set(new(1, TestDevice.Text, 2), CosemData.OctetString(LongText)),
            5 => _client.Action(new(70, TestDevice.Relay, 1), CosemData.Integer(0)),
            6 when isRare => _client.Release(),
            7 when isRare => _client.Connect(),
            _ => _client.Get(new(7, TestDevice.Profile, 2)),
        };
        Assert.False(step.IsFailed, step.Error?.ToString());
        if (request < 6 || !isRare) _invoke = (_invoke % 15) + 1;
    }
}

using System.Buffers.Binary;
using NodaTime;
using Praman.Dlms.Apdus;
using Praman.Dlms.Blocks;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>
/// Both ends of an HDLC link, fed by a peer which may be anybody: frames in and out of turn, repeated, refused, unfinished, while time passes.
/// </summary>
internal sealed class HdlcLinkTarget() : FuzzTarget("hdlc-link")
{
    private static readonly HdlcSettings Settings = new() { Offer = HdlcParameters.Of(256, 3) };
    private static readonly HdlcAddress ServerAddress = HdlcAddress.Short(1), ClientAddress = HdlcAddress.Short(16);
    private static readonly byte[] Answer = new byte[2_000];

    private HdlcServerLink _server = new(Settings);
    private HdlcClientLink _client = new(Settings, 16);
    private Instant _now = ServerTarget.Now;
    private int _kind;
    private int _octets, _events; // of the session: frames may wait behind one that is not whole yet

    public override int SessionLength => 64;

    public override bool OffsetIsOfInput => false;

    // What a link joins and what it keeps to send again grow by doubling, at times far from the input that makes them grow.
    public override int AllocatedConstant => 1 << 18;

    public override IEnumerable<byte[]> Seeds()
    {
        byte[] offer = [0x81, 0x80, 0x12, 5, 1, 0x80, 6, 1, 0x80, 7, 4, 0, 0, 0, 3, 8, 4, 0, 0, 0, 3];
        foreach (bool toServer in (bool[])[true, false])
        {
            (HdlcAddress to, HdlcAddress from) = toServer ? (ServerAddress, ClientAddress) : (ClientAddress, ServerAddress);
            byte[] header = toServer ? LlcHeader.Command.ToArray() : LlcHeader.Response.ToArray();
            for (int control = 0; control < 256; control += 2) // I frames with every N(S) and N(R), with and without the final bit
                yield return [(byte)(control & 0x1C), .. SampleFrames.Hdlc(to, from, (byte)control, [.. header, 0xC0, 1, 0xC1], segmented: control % 6 == 0)];
            foreach (byte control in (byte[])[0x93, 0x83, 0x73, 0x53, 0x1F, 0x97, 0x87, 0x13, 0x03, 0x11, 0x31, 0x51, 0x15, 0x19, 0x39, 0x59, 0xEF])
            {
                yield return [0x21, .. SampleFrames.Hdlc(to, from, control, [])];
                yield return [0x02, .. SampleFrames.Hdlc(to, from, control, control is 0x13 or 0x03 ? [.. header, 0xC0, 1, 0xC1] : offer)];
            }
            yield return [3];
            yield return [1, .. SampleFrames.Hdlc(to, from, 0x10, header)[..6]];
        }
    }

    // Bits 0 and 1 of the first octet say how much time has passed, bits 2 to 4 how long an answer is, bit 5 has the client ask.
    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty) return FuzzOutcome.Read(0);
        byte mode = input.Span[0];
        _octets += input.Length; // the first octet may be a time-out, which is an event too
        _now += (mode & 3) switch { 0 => Duration.Zero, 1 => Duration.FromMilliseconds(100), 2 => Duration.FromSeconds(4), _ => Duration.FromSeconds(130) };
        ReadOnlySpan<byte> answer = Answer.AsSpan(0, 1 + (((mode >> 2) & 7) * 280));
        return _kind < 2 ? Serve(input.Span[1..], answer) : Take(input.Span[1..], (mode & 0x20) != 0 ? answer : default);
    }

    public override int Repair(Span<byte> buffer, int length, ref FuzzRandom random)
    {
        if (length < 2 || random.OneIn(4)) return length;
        return 1 + SampleFrames.RepairHdlc(buffer[1..], length - 1);
    }

    public override void Restart(FuzzRandom random)
    {
        (_server, _client, _now, _octets, _events) = (new(Settings), new(Settings, 16), ServerTarget.Now, 0, 0);
        _kind = random.Below(3); // a server without and with a link, a client with one
        if (_kind == 0) return;
        _client.Connect(_now);
        _server.Append(_client.TakeOutput().Span, _now);
        Assert.Equal(HdlcEvent.Connected, _server.Read(out _));
        Assert.Equal(HdlcEvent.None, _server.Read(out _));
        _client.Append(_server.TakeOutput().Span, _now);
        Assert.Equal(HdlcEvent.Connected, _client.Read(out _));
    }

    private FuzzOutcome Serve(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> answer)
    {
        _server.Append(octets, _now);
        int shape = 1;
        while (_server.Read(out ReadOnlySpan<byte> apdu) is var what && what != HdlcEvent.None)
        {
            Assert.InRange(++_events, 1, _octets);
            shape = (shape * 7) ^ ((int)what << 4) ^ Math.Min(apdu.Length, 15);
            if (what is HdlcEvent.Apdu or HdlcEvent.Unnumbered) _server.Send(answer);
        }
        int sent = _server.TakeOutput().Length;
        Assert.InRange(_server.QueuedLength, 0, _events * 2_100);
        return FuzzOutcome.Read((shape << 6) ^ Math.Min(sent / 16, 63));
    }

    private FuzzOutcome Take(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> request)
    {
        if (!_client.IsConnected) _client.Connect(_now);
        else if (!request.IsEmpty && !_client.TrySend(request, _now)) Assert.Fail("a link that is open takes no request");
        _client.TakeOutput();
        _client.Append(octets, _now);
        int shape = 2;
        while (_client.Read(out ReadOnlySpan<byte> apdu) is var what && what != HdlcEvent.None)
        {
            Assert.InRange(++_events, 1, _octets);
            shape = (shape * 7) ^ ((int)what << 4) ^ Math.Min(apdu.Length, 15);
        }
        shape = (shape * 7) ^ (int)_client.Advance(_now);
        int sent = _client.TakeOutput().Length;
        if (_client is { IsConnected: false, Fault: not HdlcFault.None }) return FuzzOutcome.Refused(new((int)_client.Fault, _client.FaultText));
        return FuzzOutcome.Read((shape << 6) ^ Math.Min(sent / 16, 63));
    }
}

/// <summary>
/// General block transfer: a server whose request comes in blocks, a client whose answer does, and what joins them. Numbers and acknowledgements are
/// set right most of the time, so that transfers go on.
/// </summary>
internal sealed class BlocksTarget() : FuzzTarget("blocks")
{
    private const byte SetsNumber = 0x40, BeginsAnew = 0x20;
    private const int HeadLength = 6;

    private readonly SessionWire _toServer = new(16, 1, TestDevice.ClientTitle), _toClient = new(1, 16, TestDevice.Title);
    private readonly byte[] _apdu = new byte[2 * FuzzMutator.GrownLengthMax];
    private readonly BlockReceiver _receiver = new(1 << 16, 8);
    private DlmsServerAssociation? _server;
    private DlmsClient? _client;
    private int _kind, _next, _peer;
    private bool _pending;

    public override int SessionLength => 64;

    public override bool OffsetIsOfInput => false;

    // Transfers are joined over a session, in buffers that grow.
    public override int AllocatedConstant => 1 << 18;

    public override IEnumerable<byte[]> Seeds()
    {
        byte[] get = new GetRequestNormal(new(1), ServiceDevice.Rows).Encode(), list = new GetRequestWithList(new(1), [new(ServiceDevice.ImportValue), new(ServiceDevice.Rows)]).Encode();
        byte[] answer = new GetResponseNormal(new(1), CosemDataOf(300)).Encode();
        foreach (byte[] apdu in (byte[][])[get, list, answer, [GeneralBlockTransfer.Tag, 0x80, 0, 1, 0, 0, 0], []])
        {
            int half = apdu.Length / 2;
            foreach (byte mode in (byte[])[SetsNumber, SetsNumber | BeginsAnew, 0])
            {
                yield return [mode, .. new GeneralBlockTransfer(0x84, 1, 0, apdu).Encode()];
                yield return [mode, .. new GeneralBlockTransfer(0x04, 1, 0, apdu.AsMemory(0, half)).Encode()];
                yield return [mode, .. new GeneralBlockTransfer(0x44, 1, 1, apdu.AsMemory(0, half)).Encode()];
                yield return [mode, .. new GeneralBlockTransfer(0x84, 2, 1, apdu.AsMemory(half)).Encode()];
                yield return [mode, .. new GeneralBlockTransfer(0x3F, 3, 2, default).Encode()];
            }
        }
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty) return FuzzOutcome.Read(0);
        byte mode = input.Span[0];
        Span<byte> apdu = _apdu.AsSpan(0, input.Length - 1);
        input.Span[1..].CopyTo(apdu);
        if ((mode & BeginsAnew) != 0) _next = 1;
        if ((mode & SetsNumber) != 0 && apdu.Length > HeadLength && apdu[0] == GeneralBlockTransfer.Tag)
        {
            BinaryPrimitives.WriteUInt16BigEndian(apdu[2..], (ushort)_next++);
            BinaryPrimitives.WriteUInt16BigEndian(apdu[4..], (ushort)_peer);
        }
        return _kind switch
        {
            0 => Join(apdu),
            1 => Serve(apdu),
            _ => Take(apdu),
        };
    }

    public override void Use()
    {
        if (_kind == 2 && !_pending && _client!.TryGetValue(out Dlms.Axdr.CosemData value, out _)) DataTarget.Visit(value);
    }

    public override void Restart(FuzzRandom random)
    {
        Close();
        (_next, _peer, _pending, _kind) = (1, 0, false, random.Below(3));
        _receiver.Reset();
        if (_kind == 0) return;
        (_client, _server) = new ServiceDevice(200).Connect(ServiceDevice.ClientOf(16, window: 4, pduSize: 200) with { ResponseLengthMax = 1 << 16 });
    }

    protected override void Close()
    {
        _client?.Dispose();
        _server?.Dispose();
        (_client, _server) = (null, null);
    }

    private static Dlms.Axdr.CosemData CosemDataOf(int length) => Dlms.Axdr.CosemData.OctetString(new byte[length]);

    private FuzzOutcome Join(ReadOnlySpan<byte> apdu)
    {
        if (apdu.IsEmpty || apdu[0] != GeneralBlockTransfer.Tag) return FuzzOutcome.Refused(new(0, "no block"));
        if (!GeneralBlock.TryRead(apdu, out GeneralBlock block, out Metering.DecodeError error)) return FuzzOutcome.Refused(error);
        BlockOutcome outcome = _receiver.Take(block);
        Assert.InRange(_receiver.Joined.Length, 0, 1 << 16);
        Assert.InRange(_receiver.Missing, 0, _receiver.Window);
        int shape = ((int)outcome << 8) | (_receiver.Missing << 4) | (_receiver.IsComplete ? 1 : 0) | (_receiver.IsAnswerDue ? 2 : 0);
        if (_receiver.IsComplete || outcome == BlockOutcome.TooLong)
        {
            _receiver.Reset();
            _next = 1;
        }
        return FuzzOutcome.Read(shape);
    }

    private FuzzOutcome Serve(ReadOnlySpan<byte> apdu)
    {
        ReadOnlySpan<byte> answer = _server!.Receive(_toServer.Frame(7, apdu), ServerTarget.Now).Span;
        int shape = 0x10000;
        while (answer.Length > WrapperHeader.Length + HeadLength)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]);
            ReadOnlySpan<byte> sent = answer.Slice(WrapperHeader.Length, length);
            if (sent[0] == GeneralBlockTransfer.Tag) _peer = BinaryPrimitives.ReadUInt16BigEndian(sent[2..]);
            shape = (shape * 5) ^ sent[0] ^ (sent[1] << 8);
            answer = answer[(WrapperHeader.Length + length)..];
        }
        return FuzzOutcome.Read(shape);
    }

    private FuzzOutcome Take(ReadOnlySpan<byte> apdu)
    {
        if (!_pending)
        {
            ClientStep asked = _client!.Get(ServiceDevice.Rows);
            Assert.False(asked.IsFailed, asked.Error?.ToString());
            (_next, _peer) = (Math.Max(1, _next), 1);
        }
        ClientStep step = _client!.Received(_toClient.Frame(7, apdu));
        _pending = step.Status == ClientStatus.Pending;
        if (step.IsFailed) return FuzzOutcome.Refused(new(2, $"{step.Error!.Kind}: {step.Error.Text}"));
        return FuzzOutcome.Read(0x20000 | ((int)step.Status << 8) | Math.Min(step.Send.Length / 8, 127));
    }
}

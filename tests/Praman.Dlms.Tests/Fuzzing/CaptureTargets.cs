using System.Text;
using Praman.Dlms.Explain;
using Praman.Dlms.Explain.Captures;
using Praman.Metering;
using Praman.Testing;
using Praman.Transports.Serial;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>Capture files, pcap and pcapng: packets, connections put together, messages cut.</summary>
internal sealed class CaptureTarget() : FuzzTarget("capture")
{
    private static readonly DlmsKeys Keys = new();
    private readonly List<CapturedMessage> _messages = [];

    // A packet of 60 octets may open a connection of its own: two streams, two framers, a decoder, the words of where it comes from.
    public override int AllocatedPerOctet => 128;

    public override int AllocatedConstant => 1 << 15;

    public override IEnumerable<byte[]> Seeds()
    {
        const string client = "192.0.2.1:50000", server = "192.0.2.2:4059", client6 = "[2001:db8::1]:50000", server6 = "[2001:db8::2]:4059";
        byte[] request = Convert.FromHexString("000100100001000DC001C100030100010800FF0200"), response = Convert.FromHexString("0001000100100009C401C100060012D687");
        foreach (CaptureForm form in Enum.GetValues<CaptureForm>())
        {
            yield return new CaptureBuilder(form).Tcp(client, server, 1000, request).Tcp(server, client, 9000, response).File;
            yield return new CaptureBuilder(form).Tcp(client, server, 1000, request[..7]).Tcp(client, server, 1007, request[7..]).Tcp(client, server, 1100, request).File;
        }
        foreach (int link in (int[])[CaptureBuilder.Ethernet, CaptureBuilder.Null, CaptureBuilder.Loop, CaptureBuilder.Raw, CaptureBuilder.LinuxCooked, CaptureBuilder.LinuxCooked2])
        {
            yield return new CaptureBuilder(CaptureForm.NgLittle, link).Tcp(client6, server6, 1, request).Udp(server6, client6, response).Udp(client, server, request).File;
        }
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        _messages.Clear();
        if (!CaptureFileReader.TryOpen(input, out CaptureFileReader? reader, out DecodeError error)) return FuzzOutcome.Refused(error);
        var conversations = new CaptureConversations(Keys, [], []);
        CaptureRead read;
        int packets = 0;
        while ((read = reader.TryRead(out CapturedPacket packet, out error)) == CaptureRead.Packet)
        {
            Assert.InRange(++packets, 1, input.Length);
            conversations.Add(packet, _messages);
        }
        conversations.Finish(_messages);
        if (read == CaptureRead.Faulty) return FuzzOutcome.Refused(error);
        return FuzzOutcome.Read((packets << 8) ^ Math.Min(_messages.Count, 255) ^ ((int)conversations.Counts.Faulty << 16));
    }

    public override void Use()
    {
        foreach (CapturedMessage message in _messages) Assert.False(message.Octets.IsEmpty && message.Fault is null && message.Notes.Count == 0, "a message of nothing");
    }
}

/// <summary>Text logs of a serial line.</summary>
internal sealed class SerialLogTarget() : FuzzTarget("serial-log")
{
    private static readonly DlmsKeys Keys = new();

    // A line of few letters is a message with its time in words.
    public override int AllocatedPerOctet => 64;

    public override int AllocatedConstant => 1 << 15;

    public override bool OffsetIsOfInput => false;

    public override IEnumerable<byte[]> Seeds()
    {
        const string octets = "C0 01 C1 00 03 01 00 01 08 00 FF 02 00";
        string[] lines =
        [
            $"2026-01-02 10:11:12.345 TX: {octets}", "[10:11:12] RX c0:01:c1:00:03:01:00:01:08:00:ff:02:00", "10:11:12,345 -> C001C100030100010800FF0200",
            "<- 0xC0 0x01 0xC1 0x00 0x03 0x01 0x00 0x01 0x08 0x00 0xFF 0x02 0x00", "02.01.2026 10:11:12 INFO COM3 Sent 13 bytes: C0-01-C1-00-03-01-00-01-08-00-FF-02-00",
            $"2026-01-02T10:11:12.5+05:30 TX {octets}", "10:00:00 TX 7E A0 07 03", "10:00:00 TX 21 93 0F 01 7E", "10:00:01 RX 00 01 00 01 00 10 00 09 C4 01 C1 00 06 00 12 D6 87", "Port opened at 9600",
        ];
        foreach (string line in lines) yield return Encoding.Latin1.GetBytes(line + "\n");
        yield return Encoding.Latin1.GetBytes(string.Join("\r\n", lines));
    }

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        string text = Encoding.Latin1.GetString(input.Span);
        if (!SerialLog.IsLog(text)) return FuzzOutcome.Refused(new(0, "no log"));
        List<CapturedMessage> messages = SerialLog.Read(text, Keys);
        int shape = messages.Count;
        foreach (CapturedMessage message in messages) shape = (shape * 7) ^ Math.Min(message.Octets.Length, 63) ^ (message.Fault is null ? 0 : 64) ^ (message.Moment.At is null ? 0 : 128);
        return FuzzOutcome.Read(shape);
    }
}

/// <summary>The opening of an optical port, answered by a meter which may be anything.</summary>
internal sealed class ModeETarget() : FuzzTarget("mode-e")
{
    private ModeEOpening _opening = new();
    private bool _isOpen;

    public override int SessionLength => 16;

    public override bool OffsetIsOfInput => false;

    public override int AllocatedConstant => 1 << 14; // each line of noise among its 128 octets is text for a moment

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (string text in (string[])["/PRM5\\2PRAMAN\r\n", "/?!\r\n/PRM5\\2PRAMAN\r\n", "\u0006252\r\n", "/PRM6\\WMETER\r\n", "/PRM\\2\r\n", "\r\n\r\n\r\n/XYZ0\\2A\r\n", "/PRM5\\2", "\u0006252\r\n\u0006252\r\n"])
        {
            yield return [0, .. Encoding.ASCII.GetBytes(text)];
            yield return [1, .. Encoding.ASCII.GetBytes(text)];
        }
    }

    // Bit 0 of the first octet: the silence was too long before these came.
    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty) return FuzzOutcome.Read(0);
        if (!_isOpen) _opening.Start();
        _isOpen = true;
        ModeEStep step = (input.Span[0] & 1) != 0 ? _opening.TimedOut() : default;
        if (step.Status == ModeEStatus.Pending) step = _opening.Received(input.Span[1..]);
        _isOpen = step.Status == ModeEStatus.Pending;
        Assert.InRange(step.Send.Length, 0, 64);
        if (step.Status == ModeEStatus.Failed) return FuzzOutcome.Refused(new(0, step.Error!));
        if (step.Status == ModeEStatus.Done) Assert.InRange(step.Line!.Value.Baud, 300, 19_200);
        return FuzzOutcome.Read(((int)step.Status << 16) ^ ((step.Line?.Baud ?? 0) << 4) ^ Math.Min(step.Send.Length, 15));
    }

    public override void Restart(FuzzRandom random) => (_opening, _isOpen) = (new(random.OneIn(4) ? "12345678" : "", random.OneIn(3) ? 2400 : 19200), false);
}

using NodaTime;
using Praman.Dlms.Framing;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>Both ends of a wired M-Bus link, fed by a peer which may be anybody: frames in and out of turn, repeated, refused, unfinished, while time passes.</summary>
internal sealed class MBusLinkTarget() : FuzzTarget("mbus-link")
{
    private static readonly MBusLinkSettings Settings = new() { Secondary = new(0x12345678, 0x4321, 7, 2), ApduLengthMax = 4_096 };
    private static readonly byte[] Answer = new byte[2_000];

    private MBusServerLink _slave = new(Settings);
    private MBusClientLink _master = new(Settings with { Secondary = null }, 16, 1);
    private Instant _now = ServerTarget.Now;
    private bool _isMaster;
    private int _octets, _events;

    public override int SessionLength => 64;

    public override bool OffsetIsOfInput => false;

    // What a link joins and what it keeps until it is fetched grow by doubling, at times far from the input that makes them grow.
    public override int AllocatedConstant => 1 << 16;

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (byte control in (byte[])[0x40, 0x5B, 0x7B, 0x4B, 0x5A, 0x7A, 0x44])
        {
            foreach (byte address in (byte[])[1, 2, 253, 254, 255]) yield return [0x04, 0x10, control, address, (byte)(control + address), 0x16];
        }
        foreach (byte control in (byte[])[0x53, 0x73, 0x43, 0x08, 0x18, 0x28, 0x38])
        {
            foreach (byte address in (byte[])[1, 253, 254, 255])
            {
                for (byte ci = 0; ci < 0x20; ci += 7) yield return [0x28, .. Frame([control, address, ci, 16, 1, 0xC0, 1]), 0xE5];
                yield return [0x01, .. Frame([control, address, 0x10, 1, 16, 0xC4, 1])];
                yield return [0x00, .. Frame([control, address, 0x52, 0x78, 0x56, 0x34, 0x12, 0xFF, 0xFF, 7, 2])];
                yield return [0x00, .. Frame([control, address, 0x72])];
            }
        }
        yield return [0x3C, 0xE5];
        yield return [0x03, 0xE5];
        yield return [0x20, 0xE5, 0xE5];
        yield return [0x02];
    }

    // Bits 0 and 1 of the first octet say how much time has passed, bits 2 to 4 how long an answer is, bit 5 has the master ask.
    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty) return FuzzOutcome.Read(0);
        byte mode = input.Span[0];
        _octets += input.Length;
        _now += (mode & 3) switch { 0 => Duration.FromMilliseconds(20), 1 => Duration.FromMilliseconds(250), 2 => Duration.FromSeconds(2), _ => Duration.FromSeconds(60) };
        int length = (mode >> 2) & 7;
        return _isMaster ? Take(input.Span[1..], (mode & 0x20) != 0 ? Answer.AsSpan(0, 1 + (length * 280)) : default) : Serve(input.Span[1..], Answer.AsSpan(0, 1 + (length * 8)));
    }

    public override int Repair(Span<byte> buffer, int length, ref FuzzRandom random)
    {
        if (length < 2 || random.OneIn(4)) return length;
        if (buffer[1] == 0x68) return 1 + SampleFrames.RepairMBus(buffer[1..], length - 1);
        if (buffer[1] == 0x10 && length >= 6) (buffer[4], buffer[5]) = ((byte)(buffer[2] + buffer[3]), 0x16);
        return length;
    }

    public override void Restart(FuzzRandom random)
    {
        (_slave, _master, _now, _octets, _events) = (new(Settings), new(Settings with { Secondary = null }, 16, 1), ServerTarget.Now, 0, 0);
        _isMaster = random.Below(2) == 0;
    }

    private static byte[] Frame(byte[] body) => [0x68, (byte)body.Length, (byte)body.Length, 0x68, .. body, (byte)body.Sum(octet => octet), 0x16];

    private FuzzOutcome Serve(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> answer)
    {
        _slave.Append(octets, _now);
        int shape = 1;
        while (_slave.Read(out ReadOnlySpan<byte> apdu) is var what && what != MBusEvent.None)
        {
            Assert.InRange(++_events, 1, _octets);
            Assert.InRange(apdu.Length, 0, Settings.ApduLengthMax);
            shape = (shape * 7) ^ ((int)what << 4) ^ Math.Min(apdu.Length, 15);
            if (what == MBusEvent.Apdu) _slave.Send(answer, _slave.Client);
        }
        int sent = _slave.TakeOutput().Length;
        Assert.InRange(_slave.QueuedLength, 0, _events * 100);
        return FuzzOutcome.Read((shape << 6) ^ Math.Min(sent / 16, 63));
    }

    private FuzzOutcome Take(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> request)
    {
        if (_master is { IsConnected: false, Due: null }) _master.Connect(_now);
        else if (!request.IsEmpty) _master.TrySend(request, _now);
        _master.TakeOutput();
        _master.Append(octets, _now);
        int shape = 2;
        MBusEvent what;
        while ((what = _master.Read(_now, out ReadOnlySpan<byte> apdu)) != MBusEvent.None)
        {
            Assert.InRange(++_events, 1, _octets);
            Assert.InRange(apdu.Length, 0, Settings.ApduLengthMax);
            shape = (shape * 7) ^ ((int)what << 4) ^ Math.Min(apdu.Length, 15);
            if (what == MBusEvent.Apdu) _master.AwaitMore(_now);
        }
        shape = (shape * 7) ^ (int)_master.Advance(_now);
        int sent = _master.TakeOutput().Length;
        if (_master.FaultText.Length > 0) return FuzzOutcome.Refused(new(0, _master.FaultText));
        return FuzzOutcome.Read((shape << 6) ^ Math.Min(sent / 16, 63));
    }
}

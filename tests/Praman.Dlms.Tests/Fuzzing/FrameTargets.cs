using System.Buffers.Binary;
using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Tests.Apdus;
using Praman.Metering;

namespace Praman.Dlms.Tests.Fuzzing;

/// <summary>Frames of the samples, and their lengths and check sequences set right after a change.</summary>
internal static class SampleFrames
{
    public static IEnumerable<byte[]> Hdlc()
    {
        int index = 0;
        foreach (byte[] apdu in SampleApdus.All.Select(apdu => apdu.Encode()).Where(octets => octets.Length < 120))
        {
            index++;
            byte[] information = [.. index % 3 == 0 ? LlcHeader.Response : LlcHeader.Command, .. apdu];
            HdlcAddress server = (index % 3) switch { 0 => HdlcAddress.Short(1), 1 => new(2, 1, 17), _ => new(4, 1, 300) };
            yield return Hdlc(server, HdlcAddress.Short(16), (byte)(0x10 + (index % 8 * 2)), information, segmented: index % 5 == 0);
        }
        yield return Hdlc(HdlcAddress.Short(1), HdlcAddress.Short(16), 0x93, []);
        yield return Hdlc(HdlcAddress.Short(16), HdlcAddress.Short(1), 0x73, [0x81, 0x80, 0x12, 5, 1, 0x80, 6, 1, 0x80, 7, 4, 0, 0, 0, 1, 8, 4, 0, 0, 0, 1]);
        yield return Hdlc(HdlcAddress.Short(16), HdlcAddress.Short(1), 0x97, [1, 2, 3]);
        yield return Hdlc(HdlcAddress.Short(1), HdlcAddress.Short(16), 0x31, []);
    }

    public static byte[] Hdlc(HdlcAddress destination, HdlcAddress source, byte control, ReadOnlySpan<byte> information, bool segmented = false)
    {
        byte[] frame = new byte[HdlcFrame.LengthMax + 2];
        var writer = new AxdrWriter(frame);
        HdlcFrame.Write(ref writer, destination, source, control, information, segmented);
        return frame[..writer.Length];
    }

    public static byte[] Wrapped(ReadOnlySpan<byte> apdu, ushort source = 16, ushort destination = 1)
    {
        byte[] frame = new byte[WrapperHeader.Length + apdu.Length];
        new WrapperHeader(source, destination, (ushort)apdu.Length).Write(frame);
        apdu.CopyTo(frame.AsSpan(WrapperHeader.Length));
        return frame;
    }

    public static byte[] MBus(ReadOnlySpan<byte> payload, int sequence, bool last)
    {
        byte[] frame = [0x68, 0, 0, 0x68, 0x53, 0xFF, (byte)(sequence | (last ? 0x10 : 0)), 1, 0x67, .. payload, 0, 0];
        RepairMBus(frame, frame.Length);
        return frame;
    }

    /// <summary>One frame between flags: length, header check, frame check.</summary>
    public static int RepairHdlc(Span<byte> buffer, int length)
    {
        length = Math.Min(length, HdlcFrame.LengthMax + 2);
        if (length < 9) return length;
        buffer[0] = buffer[length - 1] = HdlcFrame.Flag;
        Span<byte> frame = buffer[1..(length - 1)];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)(0xA000 | (frame[0] << 8 & 0x800) | frame.Length));
        int at = 2;
        for (int address = 0; address < 2; address++)
        {
            while (at < frame.Length - 3 && (frame[at] & 1) == 0) at++;
            at++;
        }
        at++;
        if (at + 4 <= frame.Length) BinaryPrimitives.WriteUInt16LittleEndian(frame[at..], Crc16X25.Compute(frame[..at]));
        BinaryPrimitives.WriteUInt16LittleEndian(frame[^2..], Crc16X25.Compute(frame[..^2]));
        return length;
    }

    public static int RepairWrapper(Span<byte> buffer, int length)
    {
        if (length <= WrapperHeader.Length || length - WrapperHeader.Length > ushort.MaxValue) return length;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, WrapperHeader.Version);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[6..], (ushort)(length - WrapperHeader.Length));
        return length;
    }

    public static int RepairMBus(Span<byte> buffer, int length)
    {
        length = Math.Min(length, 261);
        if (length < 11) return length;
        buffer[0] = buffer[3] = 0x68;
        buffer[1] = buffer[2] = (byte)(length - 6);
        int sum = 0;
        foreach (byte octet in buffer[4..(length - 2)]) sum += octet;
        buffer[length - 2] = (byte)sum;
        buffer[length - 1] = 0x16;
        return length;
    }
}

/// <summary>HDLC frames out of a line: found, taken apart, joined from segments.</summary>
internal sealed class HdlcTarget() : FuzzTarget("hdlc")
{
    private const int FaultsMax = 16;

    private HdlcReassembler _reassembler = new();

    // Segments are joined over a session; the buffer that joins them doubles now and then.
    public override int SessionLength => 32;

    public override int AllocatedConstant => 1 << 17;

    public override IReadOnlyList<string> VectorLayers => ["hdlc"];

    public override IEnumerable<byte[]> Seeds() => SampleFrames.Hdlc();

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        ReadOnlySpan<byte> rest = input.Span;
        int shape = 0, at = 0, faults = 0;
        DecodeError first = default;
        for (int frames = 0; frames <= input.Length; frames++)
        {
            FrameStatus status = HdlcFramer.TryRead(rest, out HdlcFrame frame, out int start, out int consumed, out DecodeError error);
            Assert.InRange(start, 0, rest.Length);
            Assert.InRange(consumed, 0, rest.Length);
            if (status == FrameStatus.Incomplete) break;
            if (status == FrameStatus.Faulty && first.Reason is null) first = error with { Offset = error.Offset + at };
            if (status == FrameStatus.Faulty && ++faults == FaultsMax) break; // each fault is told in words, which outweigh a line of nothing but noise
            if (status == FrameStatus.Complete)
            {
                shape = (shape << 4) ^ ((int)frame.Type << 8) ^ (frame.IsSegmented ? 1 : 0) ^ (frame.Destination.Size << 1);
                if (_reassembler.TryAdd(frame, out ReadOnlySpan<byte> information)) shape ^= LlcHeader.LengthIn(information) << 20;
            }
            Assert.True(consumed > 0 || status == FrameStatus.Complete, "a line that does not move on");
            rest = rest[consumed..];
            at += consumed;
            if (consumed == 0) break;
        }
        HdlcFrame.TryRead(input.Span, out _, out _);
        return first.Reason is null ? FuzzOutcome.Read(shape) : FuzzOutcome.Refused(first);
    }

    public override int Repair(Span<byte> buffer, int length, ref FuzzRandom random) => random.OneIn(4) ? length : SampleFrames.RepairHdlc(buffer, length);

    public override void Restart(FuzzRandom random) => _reassembler = new();
}

/// <summary>Wrapper frames out of a stream that comes in pieces.</summary>
internal sealed class WrapperTarget() : FuzzTarget("wrapper")
{
    private WrapperFramer _framer = new();
    private FuzzRandom _random;

    public override int SessionLength => 16;

    public override int AllocatedConstant => 1 << 18;

    public override IReadOnlyList<string> VectorLayers => ["wrapper"];

    public override bool OffsetIsOfInput => false;

    public override IEnumerable<byte[]> Seeds() => SampleApdus.All.Select(apdu => SampleFrames.Wrapped(apdu.Encode()));

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        ReadOnlySpan<byte> rest = input.Span;
        int frames = 0, shape = 0;
        while (true)
        {
            int piece = _random.OneIn(2) ? rest.Length : _random.Below(rest.Length + 1);
            _framer.Append(rest[..piece]);
            rest = rest[piece..];
            while (true)
            {
                FrameStatus status = _framer.TryRead(out WrapperHeader header, out ReadOnlySpan<byte> apdu, out DecodeError error);
                if (status == FrameStatus.Incomplete) break;
                if (status == FrameStatus.Faulty)
                {
                    _framer.Reset();
                    return FuzzOutcome.Refused(error);
                }
                Assert.Equal(header.ApduLength, apdu.Length);
                shape = Math.Min(++frames, 8) << 8 | Math.Min(apdu.Length / 8, 255);
            }
            if (rest.IsEmpty) break;
        }
        return FuzzOutcome.Read(shape);
    }

    public override int Repair(Span<byte> buffer, int length, ref FuzzRandom random) => random.OneIn(3) ? length : SampleFrames.RepairWrapper(buffer, length);

    public override void Restart(FuzzRandom random)
    {
        _framer = new();
        _random = random;
    }
}

/// <summary>A wired M-Bus frame.</summary>
internal sealed class MBusTarget() : FuzzTarget("mbus")
{
    public override int AllocatedPerOctet => 0;

    public override int AllocatedConstant => 512;

    public override IReadOnlyList<string> VectorLayers => ["mbus"];

    public override IEnumerable<byte[]> Seeds() => SampleApdus.All.Select(apdu => apdu.Encode()).Where(octets => octets.Length < 240).Select((octets, i) => SampleFrames.MBus(octets, i % 16, i % 3 != 0));

    public override FuzzOutcome Parse(ReadOnlyMemory<byte> input)
    {
        bool read = MBusFrame.TryRead(input.Span, out MBusFrame frame, out DecodeError error);
        if (read) Assert.InRange(frame.FrameLength, 11, input.Length);
        return FuzzOutcome.Of(read, read ? frame.Payload.Length | (frame.Sequence << 8) | (frame.IsLast ? 0x1000 : 0) : 0, error);
    }

    public override int Repair(Span<byte> buffer, int length, ref FuzzRandom random) => random.OneIn(4) ? length : SampleFrames.RepairMBus(buffer, length);
}

using Praman.Dlms.Framing;
using Praman.Metering;

namespace Praman.Dlms.Tests.Framing;

public class MBusTests
{
    // 68 L L 68, SND_UD, broadcast, CI, STSAP, DTSAP, two octets, checksum, 16
    private static readonly byte[] Frame = [0x68, 7, 7, 0x68, 0x53, 0xFF, 0x11, 0x01, 0x67, 0xAA, 0xBB, (0x53 + 0xFF + 0x11 + 0x01 + 0x67 + 0xAA + 0xBB) & 0xFF, 0x16];

    [Fact]
    public void ReadsALongFrame()
    {
        Assert.True(MBusFrame.TryRead(Frame, out MBusFrame frame, out _));
        Assert.Equal((7, 0x53, 0xFF, 0x11, 1, 0x67), (frame.Length, frame.Control, frame.Address, frame.ControlInformation, frame.Source, frame.Destination));
        Assert.Equal((1, true, 13), (frame.Sequence, frame.IsLast, frame.FrameLength));
        Assert.True(frame.Payload.SequenceEqual((ReadOnlySpan<byte>)[0xAA, 0xBB]));
    }

    [Fact]
    public void RefusesEveryAlteredOrMissingOctet()
    {
        for (int at = 0; at < Frame.Length; at++)
        {
            byte[] altered = [.. Frame];
            altered[at] ^= 1;
            Assert.False(MBusFrame.TryRead(altered, out _, out DecodeError error), $"octet {at}");
            Assert.NotEmpty(error.Reason);
            Assert.False(MBusFrame.TryRead(Frame.AsSpan(0, at), out _, out _));
        }
    }
}

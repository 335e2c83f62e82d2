using System.Buffers;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Explain;
using Praman.Dlms.Framing;
using Praman.Dlms.Push;
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
    public void WritesTheFrameThatItReads()
    {
        var sink = new ArrayBufferWriter<byte>();
        MBusTelegrams.Write(MBusTelegrams.Broadcast, 1, 0x67, [0xAA, 0xBB], sink);
        byte[] expected = [.. Frame];
        expected[6] = 0x10; // the first piece, and the last
        expected[^2]--;
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(sink.WrittenSpan));
        Assert.Throws<ArgumentException>(() => MBusTelegrams.Write(1, 1, 1, [], sink));
    }

    [Theory]
    [InlineData(1, 9, 1)]
    [InlineData(241, 250, 1)] // one frame, full
    [InlineData(242, 251, 2)]
    [InlineData(4000, 4010, 17)] // one more than CI can number: it begins again
    public void APushOfAnyLengthArrivesInPiecesHoweverTheStreamIsCut(int textLength, int apduLength, int frameCount)
    {
        byte[] apdu = new DataNotification(7, null, CosemData.OctetString(new byte[textLength])).Encode();
        Assert.Equal(apduLength, apdu.Length);
        var sink = new ArrayBufferWriter<byte>();
        MBusTelegrams.Write(MBusTelegrams.Broadcast, 1, 0x67, apdu, sink);
        int frames = 0;
        for (int at = 0; at < sink.WrittenCount; frames++)
        {
            Assert.True(MBusFrame.TryRead(sink.WrittenSpan[at..], out MBusFrame frame, out DecodeError error), error.ToString());
            Assert.Equal((frames & 0x0F, at + frame.FrameLength == sink.WrittenCount), (frame.Sequence, frame.IsLast));
            at += frame.FrameLength;
        }
        Assert.Equal(frameCount, frames);

        var receiver = new PushReceiver();
        PushMessage? message = null;
        foreach (byte[] piece in sink.WrittenSpan.ToArray().Chunk(97))
        {
            receiver.Append(piece);
            if (receiver.TryTake(out PushMessage? taken)) message = taken;
        }
        Assert.NotNull(message);
        Assert.Equal((PushFault.None, ""), (message.Fault, message.FaultText));
        Assert.Equal(Convert.ToHexString(apdu), Convert.ToHexString(Assert.IsType<DataNotification>(message.Apdu).Encode()));
        Assert.True(new DlmsDecoder(new()).TryDecode(sink.WrittenMemory, out DlmsDocument? document, out DecodeError fault), fault.ToString());
        Assert.Equal(frameCount, document.Content["mbusFrames"]!.AsArray().Count);
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

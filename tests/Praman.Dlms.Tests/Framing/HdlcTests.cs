using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Tests.Axdr;
using Praman.Dlms.Tests.Explain;
using Praman.Metering;

namespace Praman.Dlms.Tests.Framing;

public class HdlcTests
{
    private static byte[] Write(HdlcAddress destination, HdlcAddress source, byte control, byte[] information, bool segmented = false)
    {
        var buffer = new byte[HdlcFrame.LengthMax + 2];
        var writer = new AxdrWriter(buffer);
        HdlcFrame.Write(ref writer, destination, source, control, information, segmented);
        return writer.Written.ToArray();
    }

    [Fact]
    public void WritesAFrameAndReadsItBackForEveryAddressSize()
    {
        var random = new Random(8);
        HdlcAddress[] addresses = [HdlcAddress.Short(16), HdlcAddress.Short(127), new(2, 1, 17), new(2, 103, 127), new(4, 1, 17), new(4, 0x3FFF, 0x1234)];
        foreach (HdlcAddress destination in addresses)
        {
            foreach (HdlcAddress source in addresses)
            {
                byte[] information = RandomData.Octets(random, random.Next(0, 500));
                byte[] octets = Write(destination, source, 0x32, information, segmented: true);
                Assert.Equal(FrameStatus.Complete, HdlcFramer.TryRead(octets, out HdlcFrame frame, out int start, out int consumed, out DecodeError error));
                Assert.Equal((1, octets.Length - 1), (start, consumed));
                Assert.Equal((destination, source, (byte)0x32, true), (frame.Destination, frame.Source, frame.Control, frame.IsSegmented));
                Assert.Equal((1, 1, true, HdlcFrameType.Information), (frame.SendSequence, frame.ReceiveSequence, frame.PollFinal, frame.Type));
                Assert.True(frame.Information.SequenceEqual(information));
                for (int length = 0; length < octets.Length; length++)
                    Assert.Equal(FrameStatus.Incomplete, HdlcFramer.TryRead(octets.AsSpan(0, length), out _, out _, out _, out error));
            }
        }
    }

    public static TheoryData<string> HdlcVectors => Vectors.Names(vector => vector.Layer == "hdlc" && !vector.IsMalformed);

    [Theory, MemberData(nameof(HdlcVectors))]
    public void WritesTheFramesOfTheVectorsBackAndNoticesEveryAlteredOctet(string name)
    {
        byte[] octets = Vectors.Get(name).Bytes;
        int position = 0;
        while (HdlcFramer.TryRead(octets.AsSpan(position), out HdlcFrame frame, out int start, out int consumed, out _) == FrameStatus.Complete)
        {
            byte[] expected = octets[(position + start - 1)..(position + start + frame.Length + 1)];
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(Write(frame.Destination, frame.Source, frame.Control, frame.Information.ToArray(), frame.IsSegmented)));
            for (int at = 1; at < expected.Length - 1; at++)
            {
                byte[] altered = [.. expected[1..^1]];
                altered[at - 1] ^= 0x10;
                Assert.False(HdlcFrame.TryRead(altered, out _, out DecodeError error), $"octet {at} was altered");
                Assert.NotEmpty(error.Reason);
            }
            position += consumed;
        }
        Assert.True(octets.AsSpan(position).IndexOfAnyExcept(HdlcFrame.Flag) < 0, "octets are left");
    }

    [Theory]
    [InlineData(0x93, HdlcFrameType.Snrm)]
    [InlineData(0x53, HdlcFrameType.Disc)]
    [InlineData(0x73, HdlcFrameType.Ua)]
    [InlineData(0x1F, HdlcFrameType.Dm)]
    [InlineData(0x97, HdlcFrameType.Frmr)]
    [InlineData(0x13, HdlcFrameType.Ui)]
    [InlineData(0x03, HdlcFrameType.Ui)]
    [InlineData(0xD1, HdlcFrameType.ReceiveReady)]
    [InlineData(0xD5, HdlcFrameType.ReceiveNotReady)]
    [InlineData(0x10, HdlcFrameType.Information)]
    [InlineData(0xFF, HdlcFrameType.Unknown)]
    public void TellsTheKindsApart(byte control, HdlcFrameType type)
    {
        Assert.Equal(FrameStatus.Complete, HdlcFramer.TryRead(Write(HdlcAddress.Short(1), HdlcAddress.Short(16), control, []), out HdlcFrame frame, out _, out _, out _));
        Assert.Equal(type, frame.Type);
        Assert.False(frame.HasHeaderCheck);
    }

    [Fact]
    public void JoinsSegmentsUpToALimit()
    {
        byte[] whole = RandomData.Octets(new Random(1), 300);
        var reassembler = new HdlcReassembler(lengthMax: 400);
        for (int round = 0; round < 2; round++)
        {
            Assert.Null(Add(reassembler, whole[..128], segmented: true));
            Assert.True(reassembler.IsPending);
            Assert.Null(Add(reassembler, whole[128..256], segmented: true));
            Assert.Equal(whole, Add(reassembler, whole[256..], segmented: false));
        }
        Assert.Null(Add(reassembler, new byte[300], segmented: true));
        Assert.Null(Add(reassembler, new byte[300], segmented: true));
        Assert.False(reassembler.IsPending); // too long: dropped
    }

    private static byte[]? Add(HdlcReassembler reassembler, byte[] information, bool segmented)
    {
        byte[] octets = Write(HdlcAddress.Short(1), HdlcAddress.Short(16), 0x10, information, segmented);
        Assert.True(HdlcFrame.TryRead(octets.AsSpan(1, octets.Length - 2), out HdlcFrame frame, out _));
        return reassembler.TryAdd(frame, out ReadOnlySpan<byte> joined) ? joined.ToArray() : null;
    }

    [Fact]
    public void TheCheckSequenceIsThatOfTheCatalogue() => Assert.Equal(0x906E, Crc16X25.Compute("123456789"u8));

    [Theory]
    [InlineData("E6E600C0", 3)]
    [InlineData("E6E700E6E70061", 6)]
    [InlineData("E6E700E6E700E6E70061", 6)]
    [InlineData("C001", 0)]
    [InlineData("E6E6", 0)]
    [InlineData("", 0)]
    public void FindsTheLlcHeaderOnceOrTwice(string hex, int length) => Assert.Equal(length, LlcHeader.LengthIn(Convert.FromHexString(hex)));
}

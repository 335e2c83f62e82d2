using Praman.Dlms.Framing;
using Praman.Dlms.Tests.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Framing;

public class WrapperTests
{
    private static byte[] Frame(ushort source, ushort destination, byte[] apdu)
    {
        byte[] frame = new byte[WrapperHeader.Length + apdu.Length];
        new WrapperHeader(source, destination, (ushort)apdu.Length).Write(frame);
        apdu.CopyTo(frame, WrapperHeader.Length);
        return frame;
    }

    [Fact]
    public void FramesComeOutHoweverTheStreamIsCut()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            byte[][] apdus = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => RandomData.Octets(random, random.Next(1, 2000)))];
            byte[] stream = [.. apdus.SelectMany((apdu, index) => Frame((ushort)index, 16, apdu))];
            var framer = new WrapperFramer();
            int taken = 0;
            for (int at = 0; at < stream.Length;)
            {
                int piece = Math.Min(stream.Length - at, random.Next(1, round % 2 == 0 ? 20 : 5000));
                framer.Append(stream.AsSpan(at, piece));
                at += piece;
                while (framer.TryRead(out WrapperHeader header, out ReadOnlySpan<byte> apdu, out _) == FrameStatus.Complete)
                {
                    Assert.Equal(taken, header.Source);
                    Assert.True(apdu.SequenceEqual(apdus[taken]));
                    taken++;
                }
            }
            Assert.Equal(apdus.Length, taken);
            Assert.Equal(0, framer.BufferedCount);
        }
    }

    [Fact]
    public void AFaultStaysAFault()
    {
        var framer = new WrapperFramer(apduLengthMax: 100);
        framer.Append([0, 2]);
        Assert.Equal(FrameStatus.Faulty, framer.TryRead(out _, out _, out DecodeError error));
        Assert.Equal("wrapper version 2: expected 1", error.Reason);
        framer.Append(new byte[20]);
        Assert.Equal(FrameStatus.Faulty, framer.TryRead(out _, out _, out _));

        framer.Reset();
        framer.Append([0, 1, 0, 16, 0, 1, 0, 101]);
        Assert.Equal(FrameStatus.Faulty, framer.TryRead(out _, out _, out error));
        Assert.Equal(6, error.Offset);

        framer.Reset();
        framer.Append([0, 1, 0, 16, 0, 1, 0, 0]);
        Assert.Equal(FrameStatus.Faulty, framer.TryRead(out _, out _, out _));
    }

    [Fact]
    public void AllocatesNothingOnceGrown()
    {
        byte[] frame = Frame(16, 1, new byte[300]);
        var framer = new WrapperFramer();
        int missed = 0;
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int round = 0; round < 1000; round++)
            {
                framer.Append(frame);
                if (framer.TryRead(out _, out _, out _) != FrameStatus.Complete) missed++;
            }
        }));
        Assert.Equal(0, missed);
        Assert.Equal(0, framer.BufferedCount);
    }
}

using Praman.Dlms.Apdus;
using Praman.Dlms.Explain;
using Praman.Dlms.Framing;
using Praman.Dlms.Tests.Axdr;
using Praman.Dlms.Tests.Explain;
using Praman.Metering;

namespace Praman.Dlms.Tests.Apdus;

/// <summary>Random and altered octets never throw, never hang, and never cost more memory than sixteen times themselves and a constant.</summary>
public class HostileApduTests
{
    private const int AllocatedPerOctet = 16;
    private const int AllocatedConstant = 4096; // an error's words, the records of an APDU
    private const int RoundCount = 200_000;

    private static readonly byte[] Tags =
    [
        0x01, 0x05, 0x06, 0x08, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x16, 0x18, 0x21, 0x28, 0x60, 0x61, 0x62, 0x63, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC7, 0xC8, 0xCC, 0xD0, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDF, 0xE0,
    ];

    private static readonly byte[] DataTags = [0, 1, 2, 3, 4, 5, 6, 9, 10, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 33, 255];

    [Fact]
    public void RandomOctetsAreReadOrRefused()
    {
        var random = new Random(4711);
        int read = 0;
        for (int round = 0; round < RoundCount; round++)
        {
            byte[] octets = RandomData.Octets(random, random.Next(1, 64));
            octets[0] = Tags[random.Next(Tags.Length)];
            if (octets.Length > 1) octets[1] = (byte)random.Next(1, 6);
            for (int at = 3; at < octets.Length; at++) // many small numbers and type tags: they go deeper than noise
            {
                if (random.Next(4) > 0) octets[at] = random.Next(2) == 0 ? DataTags[random.Next(DataTags.Length)] : (byte)random.Next(4);
            }
            if (AssertBounded(octets)) read++;
        }
        Assert.InRange(read, RoundCount / 1000, RoundCount); // the generator reaches what is accepted
    }

    [Fact]
    public void AlteredApdusAreReadOrRefused()
    {
        var random = new Random(815);
        byte[][] samples = [.. SampleApdus.All.Select(apdu => apdu.Encode()), .. Vectors.All.Where(vector => vector.Layer == "apdu").Select(vector => vector.Bytes)];
        int read = 0;
        for (int round = 0; round < RoundCount; round++)
        {
            byte[] octets = [.. samples[random.Next(samples.Length)]];
            for (int changes = random.Next(1, 4); changes > 0; changes--) octets[random.Next(octets.Length)] = (byte)random.Next(256);
            if (AssertBounded(octets)) read++;
        }
        Assert.InRange(read, RoundCount / 100, RoundCount);
    }

    [Theory]
    [InlineData("0101")] // arrays of one in one
    [InlineData("020100")] // structures of a null
    [InlineData("00")]
    [InlineData("0200")]
    [InlineData("0900")]
    [InlineData("090100")]
    [InlineData("0300")]
    [InlineData("131600")] // empty compact-arrays
    [InlineData("130011")]
    public void TheDearestTreesStayWithinTheirBound(string element)
    {
        byte[] one = Convert.FromHexString(element);
        const int count = 0x7FFF;
        byte[] octets = [0xC4, 0x01, 0xC1, 0x00, 0x01, 0x82, count >> 8, count & 0xFF, .. Enumerable.Repeat(one, count).SelectMany(part => part)];
        AssertBounded(octets);
        AssertBounded([0xC4, 0x03, 0xC1, 0x82, count >> 8, count & 0xFF, .. Enumerable.Repeat<byte[]>([0x00, .. one], count).SelectMany(part => part)]);
        AssertBounded([0xC7, 0x03, 0xC1, 0x82, count >> 8, count & 0xFF, .. Enumerable.Repeat<byte[]>([0x00, 0x01, 0x00, .. one], count).SelectMany(part => part)]);
        AssertBounded([0xC7, 0x03, 0xC1, 0x82, count >> 8, count & 0xFF, .. Enumerable.Repeat<byte[]>([0x00, 0x00], count).SelectMany(part => part)]);
        AssertBounded([0xDA, 0, 0, 0, 1, 0, 0, 0x82, count >> 8, count & 0xFF, .. Enumerable.Repeat(one, count).SelectMany(part => part), 0]);
    }

    [Fact]
    public void RandomOctetsOfAnyLayerAreExplainedOrRefused()
    {
        var random = new Random(99);
        byte[][] samples = [.. SampleApdus.All.Select(apdu => apdu.Encode()), .. Vectors.All.Select(vector => vector.Bytes)];
        var keys = new DlmsKeys();
        keys.TryAdd("guek", new byte[16], out _);
        var decoder = new DlmsDecoder(keys);
        int read = 0;
        for (int round = 0; round < 30_000; round++)
        {
            byte[] octets = round % 2 == 0 ? RandomData.Octets(random, random.Next(1, 40)) : [.. samples[random.Next(samples.Length)]];
            for (int changes = random.Next(0, 3); changes > 0; changes--) octets[random.Next(octets.Length)] = (byte)random.Next(256);
            if (!decoder.TryDecode(octets, out DlmsDocument? document, out DecodeError error)) Assert.NotEmpty(error.Reason);
            else if (document.ToJson().ToJsonString().Length > 0) read++;
        }
        Assert.InRange(read, 300, 30_000);
    }

    [Fact]
    public void RandomFramesAreReadOrRefused()
    {
        var random = new Random(12);
        for (int round = 0; round < RoundCount; round++)
        {
            byte[] octets = RandomData.Octets(random, random.Next(0, 40));
            if (octets.Length > 3) (octets[0], octets[1], octets[2]) = (0x7E, (byte)(0xA0 | (octets[1] & 8)), (byte)(random.Next(3) == 0 ? octets[2] : octets.Length - 2));
            HdlcFramer.TryRead(octets, out _, out int start, out int consumed, out DecodeError error);
            Assert.InRange(start, 0, octets.Length);
            Assert.InRange(consumed, 0, octets.Length);
            Assert.InRange(error.Offset, 0, octets.Length);
            HdlcFrame.TryRead(octets, out _, out _);
            MBusFrame.TryRead(octets, out _, out _);
            WrapperHeader.TryRead(octets, 1024, out _, out _, out _);
        }
    }

    private static bool AssertBounded(byte[] octets)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool read = Apdu.TryDecode(octets, out Apdu? apdu, out DecodeError error);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > AllocatedPerOctet * octets.Length + AllocatedConstant)
        {
            // The runtime's own buffers for words are made at the first use, and again after it has cleared them away: once more tells.
            before = GC.GetAllocatedBytesForCurrentThread();
            Apdu.TryDecode(octets, out _, out _);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.True(allocated <= AllocatedPerOctet * octets.Length + AllocatedConstant, $"{allocated} octets for {octets.Length}: {Convert.ToHexString(octets.AsSpan(0, Math.Min(octets.Length, 64)))}");
        if (read) Assert.NotNull(apdu);
        else Assert.InRange(error.Offset, 0, octets.Length);
        return read;
    }
}

using System.Buffers;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Axdr;

public class AxdrReaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0x7F)]
    [InlineData(0x80)]
    [InlineData(0xFF)]
    [InlineData(0x100)]
    [InlineData(0xFFFF)]
    [InlineData(0x10000)]
    [InlineData(0x1000000)]
    public void WritesALengthInTheFewestOctetsAndReadsItBack(int length)
    {
        var buffer = new byte[8];
        var writer = new AxdrWriter(buffer);
        writer.WriteLength(length);
        Assert.Equal(AxdrWriter.LengthOctets(length), writer.Length);
        var reader = new AxdrReader(writer.Written);
        Assert.True(reader.TryReadCount(out int back));
        Assert.Equal(length, back);
        Assert.True(reader.IsAtEnd);
    }

    [Theory]
    [InlineData("80")] // indefinite
    [InlineData("85FFFFFFFFFF")] // a length of five octets
    [InlineData("8800000000000000FF")]
    [InlineData("84FFFFFFFF")] // above 2^31 - 1
    [InlineData("847FFFFFFF")] // more than is left
    [InlineData("05AABB")]
    [InlineData("82FF")]
    [InlineData("")]
    public void RefusesALengthThatCannotBeAndConsumesNothing(string hex)
    {
        var reader = new AxdrReader(Convert.FromHexString(hex), origin: 100);
        Assert.False(reader.TryReadLength(out int length));
        Assert.Equal(0, length);
        Assert.Equal(0, reader.Position);
        Assert.InRange(reader.Error.Offset, 100, 110);
    }

    [Fact]
    public void KeepsTheFirstFailure()
    {
        var reader = new AxdrReader([0x09, 0x05, 0x01]);
        Assert.False(reader.TryReadOctetString(out _));
        DecodeError first = reader.Error;
        Assert.False(reader.TryReadUInt64(out _));
        Assert.Equal(first, reader.Error);
        Assert.Equal(0, reader.Position);
    }

    [Fact]
    public void ReadsARowWithoutAllocating()
    {
        var moment = new CosemDateTime(2026, 3, 1, 7, 0, 30, 0, 0, 330, 0);
        var buffer = new byte[256];
        var writer = new AxdrWriter(buffer);
        writer.WriteStructureHeader(4);
        writer.WriteDateTimeOctets(moment);
        writer.WriteLongUnsigned(23012);
        writer.WriteDoubleLongUnsigned(12);
        writer.WriteScalerUnit(new(0, Unit.WattHour));
        int length = writer.Length;

        long sum = 0;
        Assert.Equal(0, Allocation.Least(() =>
        {
            sum = 0;
            for (int round = 0; round < 1000; round++) sum += ReadRow(buffer.AsSpan(0, length));
        }));
        Assert.Equal(1000 * (23012 + 12 + 2026), sum);
    }

    private static long ReadRow(ReadOnlySpan<byte> octets)
    {
        var reader = new AxdrReader(octets);
        if (!reader.TryReadStructureHeader(out int count) || count != 4) return -1;
        if (!reader.TryReadDateTime(out CosemDateTime at) || !reader.TryReadInteger(out long voltage) || !reader.TryReadInteger(out long energy)) return -1;
        return reader.TrySkipData() && reader.IsAtEnd ? voltage + energy + at.Year : -1;
    }

    [Fact]
    public void WritesARowIntoASpanWithoutAllocating()
    {
        var buffer = new byte[64];
        int length = 0;
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int round = 0; round < 1000; round++) length = WriteRow(buffer);
        }));
        Assert.Equal("020312FFFE06000000050F02", Convert.ToHexString(buffer.AsSpan(0, length)));
    }

    private static int WriteRow(Span<byte> buffer)
    {
        var writer = new AxdrWriter(buffer);
        writer.WriteStructureHeader(3);
        writer.WriteLongUnsigned(0xFFFE);
        writer.WriteDoubleLongUnsigned(5);
        writer.WriteInteger(2);
        return writer.Length;
    }

    [Fact]
    public void AWriterOverABufferGrowsAndASpanDoesNot()
    {
        var sink = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(sink);
        for (int count = 0; count < 10_000; count++) writer.WriteUInt16((ushort)count);
        Assert.Equal(20_000, writer.Length);
        writer.Flush();
        Assert.Equal(20_000, sink.WrittenCount);
        for (int count = 0; count < 10_000; count++) Assert.Equal((ushort)count, (sink.WrittenSpan[2 * count] << 8) | sink.WrittenSpan[2 * count + 1]);

        Assert.Throws<InvalidOperationException>(() =>
        {
            var small = new AxdrWriter(new byte[3]);
            small.WriteUInt32(1);
        });
    }

    [Theory]
    [InlineData("09020102")] // an octet-string is no number
    [InlineData("15FFFFFFFFFFFFFFFF")] // above 2^63 - 1
    [InlineData("0600")]
    [InlineData("2A00")]
    public void AnIntegerIsReadOnlyFromANumber(string hex)
    {
        var reader = new AxdrReader(Convert.FromHexString(hex));
        Assert.False(reader.TryReadInteger(out long value));
        Assert.Equal(0, value);
        Assert.Equal(0, reader.Position);
        Assert.True(reader.HasFailed);
    }
}

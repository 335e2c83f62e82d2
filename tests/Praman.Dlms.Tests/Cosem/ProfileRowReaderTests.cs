using System.Buffers;
using CsCheck;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Dlms.Tests.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>The fast way through a profile's buffer: right, bounded, and without allocation.</summary>
public class ProfileRowReaderTests
{
    private const string TwoRows =
        "0102" + "0206090C07EA0301FF06000000014A001259E4060000000C060000000C06000000050600000003" +
        "0206090C07EA0301FF061E0000014A001259E5060000000D060000000D06000000060600000004";

    private static readonly long First = Instant.FromUtc(2026, 3, 1, 0, 30).ToUnixTimeSeconds();

    [Fact]
    public void ReadsTimesAndNumbers()
    {
        Assert.True(ProfileRowReader.TryOpen(Convert.FromHexString(TwoRows), TimestampRule.India, 1800, out ProfileRowReader reader, out _));
        long[] row = new long[6];
        Assert.Equal(2, reader.RowCount);
        Assert.True(reader.TryReadRow(row, out _));
        Assert.Equal([First, 23_012, 12, 12, 5, 3], row);
        Assert.Equal(6, reader.ColumnCount);
        Assert.True(reader.TryReadRow(row, out _));
        Assert.Equal([First + 1800, 23_013, 13, 13, 6, 4], row);
        Assert.False(reader.TryReadRow(row, out DecodeError error));
        Assert.Null(error.Reason);
    }

    [Fact]
    public void EveryTruncationIsRefusedWithItsPlace()
    {
        byte[] whole = Convert.FromHexString(TwoRows);
        long[] row = new long[6];
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            bool opened = ProfileRowReader.TryOpen(cut, TimestampRule.India, 0, out ProfileRowReader reader, out DecodeError error);
            while (opened && reader.TryReadRow(row, out error))
            {
            }
            Assert.NotNull(error.Reason);
            Assert.InRange(error.Offset, 0, length);
        }
    }

    [Fact]
    public void ATimeLeftOutIsThePreviousOneAndThePeriod()
    {
        byte[] buffer = Convert.FromHexString("0103" + "0202090C07EA0301FF06000000014A001105" + "0202001106" + "02020000");
        Assert.True(ProfileRowReader.TryOpen(buffer, TimestampRule.India, 900, out ProfileRowReader reader, out _));
        long[] row = new long[2];
        Assert.True(reader.TryReadRow(row, out _) && row is [_, 5]);
        Assert.True(reader.TryReadRow(row, out _));
        Assert.Equal([First + 900, 6], row);
        Assert.True(reader.TryReadRow(row, out _));
        Assert.Equal([First + 1800, ProfileRowReader.Absent], row);
        // Without a period, or without a time before it, it stays unknown.
        Assert.True(ProfileRowReader.TryOpen(buffer, TimestampRule.India, 0, out reader, out _));
        Assert.True(reader.TryReadRow(row, out _) && reader.TryReadRow(row, out _));
        Assert.Equal(ProfileRowReader.Absent, row[0]);
    }

    [Fact]
    public void EveryTypeOfAColumnIsReadOrReadOver()
    {
        CosemData row = CosemData.Structure(
            CosemData.DateTime(CosemDateTime.From(Instant.FromUnixTimeSeconds(First), Offset.FromHoursAndMinutes(5, 30))), CosemData.Boolean(true), CosemData.DoubleLong(-5),
            CosemData.DoubleLongUnsigned(uint.MaxValue), CosemData.Integer(-7), CosemData.Long(-300), CosemData.Unsigned(200), CosemData.LongUnsigned(65_000),
            CosemData.Long64(long.MinValue + 1), CosemData.Long64Unsigned(long.MaxValue), CosemData.Enumeration(3), CosemData.Float32(1), CosemData.Float64(1),
            CosemData.VisibleString("abc"), CosemData.Utf8String("é"), CosemData.BitString([0xF0], 4), CosemData.OctetString([1, 2]), CosemData.Null,
            CosemData.Date([7, 0xEA, 1, 1, 0xFF]), CosemData.Time([1, 2, 3, 0]),
            CosemData.DateTimeOctets(CosemDateTime.From(Instant.FromUnixTimeSeconds(First), Offset.FromHoursAndMinutes(5, 30), indianSign: true)), CosemData.Unsigned(1));
        byte[] buffer = CosemData.Array(row).Encode();
        Assert.True(ProfileRowReader.TryOpen(buffer, TimestampRule.India, 0, out ProfileRowReader reader, out _));
        long[] values = new long[22];
        Assert.True(reader.TryReadRow(values, out DecodeError error), error.ToString());
        const long absent = ProfileRowReader.Absent;
        Assert.Equal(
            [First, 1, -5, uint.MaxValue, -7, -300, 200, 65_000, long.MinValue + 1, long.MaxValue, 3, absent, absent, absent, absent, absent, absent, absent, absent, absent, First, 1], values);
        Assert.Equal(buffer.Length, reader.Offset);
    }

    [Theory]
    [InlineData("0201", "a structure is no array")]
    [InlineData("0184FFFFFFFF", "more rows than octets")]
    [InlineData("01010281", "length of columns cut")]
    [InlineData("010102820101" + "0000", "more columns than octets")]
    [InlineData("01010201" + "0100", "an array within a row")]
    [InlineData("01010201" + "15FFFFFFFFFFFFFFFF", "beyond 63 bits")]
    [InlineData("01010201" + "0985FF", "a length of five octets")]
    [InlineData("01010201" + "07", "no such type")]
    public void HostileBuffersAreRefused(string hex, string why)
    {
        bool opened = ProfileRowReader.TryOpen(Convert.FromHexString(hex), TimestampRule.India, 0, out ProfileRowReader reader, out DecodeError error);
        if (opened) Assert.False(reader.TryReadRow(new long[4], out error), why);
        Assert.NotNull(error.Reason);
    }

    [Fact]
    public void RandomOctetsNeverThrowAndAlwaysEnd() => Gen.Byte.Array[0, 200].Sample(octets =>
    {
        byte[] buffer = [0x01, 0x7F, 0x02, 0x04, .. octets];
        long[] row = new long[8];
        if (!ProfileRowReader.TryOpen(buffer, TimestampRule.India, 60, out ProfileRowReader reader, out _)) return;
        int rows = 0;
        while (reader.TryReadRow(row, out _)) rows++;
        Assert.InRange(rows, 0, 127);
    }, iter: 20_000, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void EveryRowIsReadAsItsValuesReadOneByOne()
    {
        // Days that change and stay, deviations that change, seconds not kept, impossible times: each stands alone, whatever stood before it.
        var random = new Random(31);
        long[] row = new long[8];
        for (int round = 0; round < 2_000; round++)
        {
            CosemData[] rows = [.. Enumerable.Range(0, 1 + random.Next(12)).Select(_ => CosemData.Structure([Time(random), .. Enumerable.Range(0, random.Next(7)).Select(_ => Column(random))]))];
            Assert.True(ProfileRowReader.TryOpen(CosemData.Array(rows).Encode(), TimestampRule.India, 0, out ProfileRowReader reader, out _));
            foreach (CosemData expected in rows)
            {
                Assert.True(reader.TryReadRow(row, out DecodeError error), error.ToString());
                Assert.Equal(expected.Count, reader.ColumnCount);
                for (int column = 0; column < expected.Count; column++) Assert.Equal(Alone(expected[column]), row[column]);
                Assert.Equal(TimestampRule.India.TryToUnixSeconds(expected[0].OctetSpan, out _, out byte status) ? status : 0, reader.ClockStatus);
            }
        }

        static CosemData Time(Random random)
        {
            var time = new CosemDateTime(2026, (byte)random.Next(0, 4), (byte)random.Next(27, 31), (byte)random.Next(8), (byte)random.Next(0, 26), (byte)(random.Next(5) * 15),
                (byte)(random.Next(4) == 0 ? 255 : random.Next(62)), (byte)random.Next(256), (short)(random.Next(4) switch { 0 => short.MinValue, 1 => 330, 2 => -330, _ => random.Next(-1500, 1500) }), (byte)random.Next(256));
            return random.Next(3) == 0 ? CosemData.DateTime(time) : CosemData.DateTimeOctets(time);
        }

        static CosemData Column(Random random) => random.Next(4) == 0 ? Time(random) : random.Next(11) switch
        {
            0 => CosemData.Null,
            1 => CosemData.Boolean(random.Next(2) == 0),
            2 => CosemData.DoubleLong((int)random.NextInt64(int.MinValue, int.MaxValue)),
            3 => CosemData.DoubleLongUnsigned((uint)random.NextInt64(uint.MaxValue)),
            4 => CosemData.Integer((sbyte)random.Next(-128, 128)),
            5 => CosemData.Long((short)random.Next(short.MinValue, short.MaxValue)),
            6 => CosemData.Unsigned((byte)random.Next(256)),
            7 => CosemData.LongUnsigned((ushort)random.Next(65_536)),
            8 => CosemData.Enumeration((byte)random.Next(256)),
            9 => CosemData.Long64(random.NextInt64(long.MinValue + 1, long.MaxValue)),
            _ => CosemData.OctetString(new byte[random.Next(15)]),
        };

        static long Alone(in CosemData value)
        {
            if (value.OctetSpan.Length == TimestampRule.Length) return TimestampRule.India.TryToUnixSeconds(value.OctetSpan, out long seconds, out _) ? seconds : ProfileRowReader.Absent;
            return value.TryGetInt64(out long number) ? number : ProfileRowReader.Absent;
        }
    }

    [Fact]
    public void TheTimestampRuleAgreesWithTheCalendar() => Gen.Select(Gen.Long[86_400, 4_000_000_000], Gen.Int[-840, 840], Gen.Bool).Sample((seconds, offset, reversed) =>
    {
        var at = Instant.FromUnixTimeSeconds(seconds);
        CosemDateTime sent = CosemDateTime.From(at, Offset.FromSeconds(offset * 60), indianSign: reversed);
        var rule = new TimestampRule((short)offset, reversed ? DeviationSign.Reversed : DeviationSign.Standard);
        Assert.True(rule.TryToUnixSeconds(sent.ToOctets(), out long read, out _));
        Assert.Equal(seconds, read);
        Assert.True(new TimestampRule((short)offset).TryToUnixSeconds(sent.ToOctets(), out read, out _)); // either sign means the expected offset
        Assert.Equal(seconds, read);
    }, iter: 20_000, seed: "0N0XIzNsQ0O2");

    [Theory]
    [InlineData("FFFF0301FF06000000014A00")]
    [InlineData("07EAFF01FF06000000014A00")]
    [InlineData("07EA021DFF06000000014A00")]
    [InlineData("07EA0301FFFF000000014A00")]
    [InlineData("07EA0301FF18000000014A00")]
    [InlineData("07EA0301FF063C0000014A00")]
    [InlineData("07EA0301FF060000007FFF00")]
    public void AWildcardOrImpossibleTimeIsNoTime(string hex) =>
        Assert.False(TimestampRule.India.TryToUnixSeconds(Convert.FromHexString(hex), out _, out _));

    [Fact]
    public void ReadingRowsAllocatesNothing()
    {
        var writer = new ArrayBufferWriter<byte>();
        var axdr = new AxdrWriter(writer);
        axdr.WriteArrayHeader(2_000);
        axdr.Flush();
        byte[] row = Convert.FromHexString(TwoRows)[2..41];
        for (int i = 0; i < 2_000; i++) writer.Write(row.AsSpan(0, row.Length));
        byte[] buffer = writer.WrittenSpan.ToArray();
        long sum = 0;
        Assert.Equal(0, Allocation.Least(() => sum = Sum(buffer)));
        Assert.Equal(2_000 * 12, sum);

        static long Sum(byte[] buffer)
        {
            Span<long> values = stackalloc long[6];
            if (!ProfileRowReader.TryOpen(buffer, TimestampRule.India, 1800, out ProfileRowReader reader, out _)) return -1;
            long total = 0;
            while (reader.TryReadRow(values, out _)) total += values[2];
            return total;
        }
    }
}

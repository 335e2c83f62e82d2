using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Dlms.Cosem;
using Praman.Dlms.Tests.Association;
using Praman.Dlms.Tests.Axdr;
using Praman.Metering;
using static Praman.Dlms.Tests.Association.ServiceDevice;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Packed profile buffers: what is written is read back as the same rows, in fewer octets.</summary>
public class ProfilePackingTests
{
    [Theory]
    [InlineData(ProfileEncoding.Plain, true, 1.0)]
    [InlineData(ProfileEncoding.NullData, true, 0.4)]
    [InlineData(ProfileEncoding.Delta, true, 0.3)]
    [InlineData(ProfileEncoding.Delta, false, 0.4)] // not granted: null-data alone
    [InlineData(ProfileEncoding.CompactArray, true, 0.8)]
    public void RowsAreReadBackAsTheyWere(ProfileEncoding encoding, bool deltas, double shareMax)
    {
        const int count = 500;
        DlmsClientSettings settings = ClientOf(16);
        if (deltas) settings = settings with { Conformance = settings.Conformance | Conformance.DeltaValueEncoding };
        var (client, server) = new ServiceDevice(encoding: encoding, rowCount: count).Connect(settings);
        Run(client, server, client.Get(Rows));
        Assert.InRange(client.Data.Length, 100, (int)(shareMax * count * 24) + 10); // a plain row has 24 octets
        Span<long> carry = stackalloc long[3];
        Assert.True(ProfileRowReader.TryOpen(client.Data, TimestampRule.India, 1800, carry, out ProfileRowReader reader, out DecodeError error), error.ToString());
        Assert.Equal(count, reader.RowCount);
        long[] row = new long[3];
        for (int number = 1; number <= count; number++)
        {
            Assert.True(reader.TryReadRow(row, out error), error.ToString());
            long time = (CountedRows.Start + (Duration.FromMinutes(30) * number)).ToUnixTimeSeconds();
            Assert.Equal([time, CountedRows.Voltage(number), CountedRows.Energy(number)], row);
        }
        Assert.False(reader.TryReadRow(row, out error));
        Assert.Null(error.Reason);
        // The tags of the packing that was asked for are there.
        byte[] data = client.Data.ToArray();
        Assert.Equal(encoding == ProfileEncoding.CompactArray ? 0x13 : 0x01, data[0]);
        Assert.True(CosemData.TryDecode(data, out CosemData tree, out _));
        CosemData[] second = [.. (encoding == ProfileEncoding.CompactArray ? tree.ExpandCompactArray() : tree.Items.ToArray())[1].Items];
        bool packs = encoding is ProfileEncoding.NullData or ProfileEncoding.Delta;
        Assert.Equal((packs, packs), (second[0].IsNull, second[1].IsNull));
        Assert.Equal(encoding == ProfileEncoding.Delta && deltas ? CosemDataType.DeltaUnsigned : CosemDataType.DoubleLongUnsigned, second[2].Type);
    }

    [Fact]
    public void EveryTruncationOfEveryPackingIsRefusedAndColumnsAreSelected()
    {
        foreach (ProfileEncoding encoding in Enum.GetValues<ProfileEncoding>())
        {
            byte[] octets = Pack(new CountedRows(20), encoding, ProfileColumns.All);
            for (int length = 0; length < octets.Length; length++) Assert.InRange(CountRows(octets.AsSpan(0, length)), 0, 19);
            Assert.Equal(20, CountRows(octets));
            byte[] narrow = Pack(new CountedRows(20), encoding, new ProfileColumns(0b110));
            long[] carry = new long[2];
            Assert.True(ProfileRowReader.TryOpen(narrow, TimestampRule.India, 1800, carry, out ProfileRowReader reader, out _));
            long[] row = new long[2];
            for (int number = 1; number <= 20; number++)
            {
                Assert.True(reader.TryReadRow(row, out DecodeError error), error.ToString());
                Assert.Equal([CountedRows.Voltage(number), CountedRows.Energy(number)], row);
            }
        }
    }

    [Fact]
    public void MissingValuesJumpsAndMixedRowsSurviveEveryPacking()
    {
        long[][] expected = [[1, 10, -5], [2, ProfileRowReader.Absent, -5], [2, 10, 70_000], [2, 10, -70_000], [uint.MaxValue, 10, 0]];
        foreach (ProfileEncoding encoding in Enum.GetValues<ProfileEncoding>())
        {
            byte[] octets = Pack(new OddRows(expected), encoding, ProfileColumns.All);
            Assert.Equal(0x01, octets[0]); // rows of different types are no compact-array
            long[] carry = new long[3];
            ProfileRowReader reader;
            if (encoding is ProfileEncoding.Plain or ProfileEncoding.CompactArray) Assert.True(ProfileRowReader.TryOpen(octets, TimestampRule.India, 0, out reader, out _));
            else Assert.True(ProfileRowReader.TryOpen(octets, TimestampRule.India, 0, carry, out reader, out _));
            long[] row = new long[3];
            foreach (long[] one in expected)
            {
                Assert.True(reader.TryReadRow(row, out DecodeError error), error.ToString());
                Assert.Equal(one, row);
            }
        }
    }

    [Theory]
    [InlineData("0101" + "0201" + "1F05", 4, true)] // a delta without a row before
    [InlineData("0101" + "0201" + "1F05", 4, false)] // and without room for one
    [InlineData("13" + "0201" + "01" + "00", 3, true)] // rows of arrays
    [InlineData("13" + "0200" + "00", 2, true)]
    [InlineData("13" + "0201" + "06" + "05" + "0102030405", 5, true)] // no whole rows
    [InlineData("13" + "0201" + "00" + "01" + "00", 5, true)] // rows of nothing
    [InlineData("13" + "0201" + "09" + "02" + "0500", 4, true)] // a string longer than the rows
    [InlineData("13" + "06" + "04" + "01020304", 1, true)]
    [InlineData("13" + "0201" + "06" + "7F" + "01020304", 4, true)]
    public void PackedOctetsThatCannotBeAreRefusedAtTheirPlace(string hex, int offset, bool carries)
    {
        byte[] octets = Convert.FromHexString(hex);
        long[] carry = new long[2];
        bool opened = carries ? ProfileRowReader.TryOpen(octets, TimestampRule.India, 0, carry, out ProfileRowReader reader, out DecodeError error)
            : ProfileRowReader.TryOpen(octets, TimestampRule.India, 0, out reader, out error);
        if (opened) Assert.False(reader.TryReadRow(new long[2], out error));
        Assert.NotNull(error.Reason);
        Assert.Equal(offset, error.Offset);
    }

    [Fact]
    public void PackedRowsAreReadAndWrittenWithoutAllocating()
    {
        var context = new CosemContext(new ServiceDevice());
        foreach (ProfileEncoding encoding in Enum.GetValues<ProfileEncoding>())
        {
            byte[] octets = Pack(new CountedRows(100), encoding, ProfileColumns.All);
            long[] row = new long[3], carry = new long[3];
            long sum = 0;
            Assert.Equal(0, Allocation.Least(() =>
            {
                ProfileRowReader.TryOpen(octets, TimestampRule.India, 1800, carry, out ProfileRowReader reader, out _);
                while (reader.TryReadRow(row, out _)) sum += row[2];
            }));
            byte[] place = new byte[10_000];
            var packing = new ProfilePacking();
            var rows = new CountedRows(100);
            int written = 0;
            Assert.Equal(0, Allocation.Least(() =>
            {
                var writer = new AxdrWriter(place.AsSpan());
                packing.Write(rows, context, new(1, 100), ProfileColumns.All, encoding, ref writer);
                written = writer.Length;
            }));
            Assert.Equal(octets.Length, written);
        }
    }

    private static byte[] Pack(ProfileRows rows, ProfileEncoding encoding, ProfileColumns columns)
    {
        var context = new CosemContext(new ServiceDevice());
        var writer = new AxdrWriter(new byte[10_000]);
        new ProfilePacking().Write(rows, context, rows.Numbers(context), columns, encoding, ref writer);
        return writer.Written.ToArray();
    }

    private static int CountRows(ReadOnlySpan<byte> octets)
    {
        Span<long> carry = stackalloc long[3];
        Span<long> row = stackalloc long[3];
        if (!ProfileRowReader.TryOpen(octets, TimestampRule.India, 1800, carry, out ProfileRowReader reader, out _)) return 0;
        int count = 0;
        while (reader.TryReadRow(row, out _)) count++;
        return count;
    }

    private sealed class OddRows(long[][] rows) : ProfileRows
    {
        public override uint EntryCountMax(CosemContext context) => 10;

        public override RowNumbers Numbers(CosemContext context) => new(0, rows.Length - 1);

        public override RowNumbers NumbersWithin(CosemContext context, Instant from, Instant to) => Numbers(context);

        public override void WriteRow(CosemContext context, long number, ProfileColumns columns, ref AxdrWriter writer)
        {
            writer.WriteStructureHeader(3);
            writer.WriteDoubleLongUnsigned((uint)rows[number][0]);
            if (rows[number][1] == ProfileRowReader.Absent) writer.WriteNullData();
            else writer.WriteLong((short)rows[number][1]);
            writer.WriteDoubleLong((int)rows[number][2]);
        }
    }
}

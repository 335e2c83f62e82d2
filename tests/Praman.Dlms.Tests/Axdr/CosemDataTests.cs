using System.Runtime.CompilerServices;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Axdr;

public class CosemDataTests
{
    [Fact]
    public void EncodesAndReadsBackEveryType()
    {
        var random = new Random(20260101);
        var seen = new HashSet<CosemDataType>();
        for (int round = 0; round < 5_000; round++)
        {
            CosemData data = RandomData.Next(random);
            byte[] encoded = data.Encode();
            Assert.True(CosemData.TryDecode(encoded, out CosemData back, out DecodeError error), error.ToString());
            Assert.Equal(data, back);
            Assert.Equal(data.GetHashCode(), back.GetHashCode());
            Assert.Equal(encoded, back.Encode());
            seen.Add(data.Type);
        }
        Assert.Equal(24, seen.Count); // all but compact-array and the deltas, which have their own tests
    }

    [Fact]
    public void RefusesEveryTruncation()
    {
        var random = new Random(7);
        for (int round = 0; round < 500; round++)
        {
            byte[] encoded = RandomData.Next(random).Encode();
            for (int length = 0; length < encoded.Length; length++)
                Assert.False(CosemData.TryDecode(encoded.AsSpan(0, length), out _, out _), Convert.ToHexString(encoded.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData("0FFE", "integer", -2)]
    [InlineData("11FE", "unsigned", 254)]
    [InlineData("10FFFE", "long", -2)]
    [InlineData("12FFFE", "long-unsigned", 65534)]
    [InlineData("05FFFFFFFE", "double-long", -2)]
    [InlineData("06FFFFFFFE", "double-long-unsigned", 4294967294)]
    [InlineData("14FFFFFFFFFFFFFFFE", "long64", -2)]
    [InlineData("150000000100000000", "long64-unsigned", 4294967296)]
    [InlineData("161E", "enum", 30)]
    [InlineData("0D42", "bcd", 0x42)]
    [InlineData("0301", "boolean", 1)]
    [InlineData("1CFE", "delta-integer", -2)]
    [InlineData("1DFFFE", "delta-long", -2)]
    [InlineData("1EFFFFFFFE", "delta-double-long", -2)]
    [InlineData("1FFE", "delta-unsigned", 254)]
    [InlineData("20FFFE", "delta-long-unsigned", 65534)]
    [InlineData("21FFFFFFFE", "delta-double-long-unsigned", 4294967294)]
    public void ReadsNumbersWithTheirSign(string hex, string type, long value)
    {
        byte[] octets = Convert.FromHexString(hex);
        Assert.True(CosemData.TryDecode(octets, out CosemData data, out _));
        Assert.Equal(type, data.Type.Name());
        Assert.True(data.TryGetInt64(out long number));
        Assert.Equal(value, number);
        Assert.Equal(octets, data.Encode());
    }

    [Fact]
    public void AnUnsignedNumberAboveTheLargestSignedOneIsNotCutShort()
    {
        CosemData data = CosemData.Long64Unsigned(ulong.MaxValue);
        Assert.False(data.TryGetInt64(out _));
        Assert.True(data.TryGetNumber(out decimal number));
        Assert.Equal(ulong.MaxValue, number);
    }

    [Fact]
    public void ExpandsACompactArray()
    {
        // structure of long-unsigned and octet-string; two elements
        byte[] octets = Convert.FromHexString("13" + "020212" + "09" + "09" + "0001" + "02AABB" + "0002" + "01CC");
        Assert.True(CosemData.TryDecode(octets, out CosemData data, out DecodeError error), error.ToString());
        CosemData[] items = data.ExpandCompactArray();
        Assert.Equal(
            [CosemData.Structure(CosemData.LongUnsigned(1), CosemData.OctetString([0xAA, 0xBB])), CosemData.Structure(CosemData.LongUnsigned(2), CosemData.OctetString([0xCC]))], items);
        Assert.Equal(octets, data.Encode());
        for (int length = 0; length < octets.Length; length++) Assert.False(CosemData.TryDecode(octets.AsSpan(0, length), out _, out _));
    }

    [Fact]
    public void ExpandsACompactArrayOfArrays()
    {
        Assert.True(CosemData.TryDecode(Convert.FromHexString("13" + "01000211" + "04" + "01020304"), out CosemData data, out DecodeError error), error.ToString());
        Assert.Equal([CosemData.Array(CosemData.Unsigned(1), CosemData.Unsigned(2)), CosemData.Array(CosemData.Unsigned(3), CosemData.Unsigned(4))], data.ExpandCompactArray());
    }

    [Theory]
    [InlineData("130001AA")] // elements of no octets
    [InlineData("1302020000" + "01AA")]
    [InlineData("1301FFFF01FFFF11" + "01AA")] // 2^32 elements in seven octets
    [InlineData("1301FFFF01FFFF00" + "01AA")]
    [InlineData("13131201" + "02AABB")] // a compact-array in a compact-array
    [InlineData("1312" + "03AABBCC")] // half an element
    public void RefusesACompactArrayThatClaimsMoreThanItHas(string hex)
    {
        byte[] octets = Convert.FromHexString(hex);
        Assert.False(CosemData.TryDecode(octets, out _, out DecodeError error));
        Assert.NotEmpty(error.Reason);
    }

    [Fact]
    public void NestingStopsAtItsLimit()
    {
        static byte[] Nested(int depth) => [.. Enumerable.Repeat<byte[]>([0x02, 0x01], depth).SelectMany(pair => pair), 0x11, 0x05];
        Assert.True(CosemData.TryDecode(Nested(AxdrReader.DepthMax), out _, out _));
        Assert.False(CosemData.TryDecode(Nested(AxdrReader.DepthMax + 1), out _, out DecodeError error));
        Assert.Equal(2 * AxdrReader.DepthMax, error.Offset);
        Assert.Contains("deeper", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void OctetsAfterTheValueAreAnError()
    {
        Assert.False(CosemData.TryDecode([0x11, 0x05, 0x00], out CosemData value, out DecodeError error));
        Assert.Equal(2, error.Offset);
        Assert.True(value.IsNull);
    }

    [Fact]
    public void AValueTakesSixteenOctetsAndNoMoreIsAllocatedForOne() => Assert.Equal(16, Unsafe.SizeOf<CosemData>());

    [Fact]
    public void ReadsScalerAndUnitAndNothingLikeIt()
    {
        var unit = new ScalerUnit(-2, Unit.WattHour);
        Assert.True(CosemData.Of(unit).TryGetScalerUnit(out ScalerUnit back));
        Assert.Equal(unit, back);
        Assert.False(CosemData.Structure(CosemData.Unsigned(1), CosemData.Enumeration(30)).TryGetScalerUnit(out _));
        Assert.False(CosemData.Array(CosemData.Integer(1), CosemData.Enumeration(30)).TryGetScalerUnit(out _));
    }
}

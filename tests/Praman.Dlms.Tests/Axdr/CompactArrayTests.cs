using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Axdr;

/// <summary>Compact arrays, written as well as read.</summary>
public class CompactArrayTests
{
    [Fact]
    public void ElementsOfOneShapeComeBackAsTheyWere()
    {
        var random = new Random(20260301);
        int packed = 0;
        for (int round = 0; round < 2_000; round++)
        {
            CosemData shape = RandomData.Next(random);
            CosemData[] elements = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Like(shape, random))];
            if (!CosemData.TryCompactArray(elements, out CosemData array)) continue;
            byte[] encoded = array.Encode();
            Assert.True(CosemData.TryDecode(encoded, out CosemData back, out DecodeError error), error.ToString());
            Assert.Equal(elements, back.ExpandCompactArray());
            packed++;
        }
        Assert.True(packed > 1_500, $"{packed} of 2,000 were packed");
    }

    [Fact]
    public void TheOctetsAreThoseOfTheStandard()
    {
        Assert.True(CosemData.TryCompactArray([CosemData.Structure(CosemData.Unsigned(1), CosemData.LongUnsigned(2)), CosemData.Structure(CosemData.Unsigned(3), CosemData.LongUnsigned(4))], out CosemData array));
        Assert.Equal("1302021112" + "06" + "010002" + "030004", Convert.ToHexString(array.Encode()));
        Assert.True(CosemData.TryCompactArray([CosemData.Array(CosemData.Unsigned(1), CosemData.Unsigned(2))], out array));
        Assert.Equal("1301000211" + "02" + "0102", Convert.ToHexString(array.Encode()));
        Assert.True(CosemData.TryCompactArray([], out array));
        Assert.Empty(array.ExpandCompactArray());
    }

    [Fact]
    public void ElementsOfDifferentShapesAreRefused()
    {
        Assert.False(CosemData.TryCompactArray([CosemData.Unsigned(1), CosemData.LongUnsigned(1)], out _));
        Assert.False(CosemData.TryCompactArray([CosemData.Structure(CosemData.Unsigned(1)), CosemData.Structure()], out _));
        Assert.False(CosemData.TryCompactArray([CosemData.Array(CosemData.Unsigned(1), CosemData.Null)], out _));
        Assert.False(CosemData.TryCompactArray([CosemData.Null, CosemData.Null], out _)); // of no octets: they could not be counted
        Assert.True(CosemData.TryCompactArray([CosemData.Unsigned(1)], out CosemData inner));
        Assert.False(CosemData.TryCompactArray([inner], out _));
    }

    // Another value of the same types; arrays keep one type, so theirs is taken over as it is.
    private static CosemData Like(in CosemData shape, Random random) => shape.Type switch
    {
        CosemDataType.Structure => CosemData.Structure([.. shape.Items.ToArray().Select(item => Like(item, random))]),
        CosemDataType.Unsigned => CosemData.Unsigned((byte)random.Next(256)),
        CosemDataType.DoubleLong => CosemData.DoubleLong(random.Next()),
        CosemDataType.OctetString => CosemData.OctetString(RandomData.Octets(random, random.Next(200))),
        _ => shape,
    };
}

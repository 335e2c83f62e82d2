using NodaTime;

namespace Praman.Dlms.Tests.Axdr;

public class CosemDateTimeTests
{
    private static CosemDateTime Read(string hex)
    {
        Assert.True(CosemDateTime.TryRead(Convert.FromHexString(hex), out CosemDateTime value));
        Assert.Equal(hex, Convert.ToHexString(value.ToOctets()));
        return value;
    }

    [Theory]
    [InlineData("07E9071703070F18FF014A00", "2025-07-23T01:45:24Z")] // +330, as Indian meters send it
    [InlineData("07E9071703070F18FFFEB600", "2025-07-23T01:45:24Z")] // −330, as the Blue Book asks
    [InlineData("07E40101FF00030000FF8800", "2019-12-31T22:03:00Z")] // −120: two hours ahead of UTC
    [InlineData("07E40101FF00030000003C00", "2020-01-01T01:03:00Z")] // +60: one hour behind UTC
    [InlineData("07E4021DFF17173BFFFFC480", "2020-02-29T22:23:59Z")] // 29 February
    public void ConvertsToTheInstantThatTheDeviationMeans(string hex, string expected)
    {
        Assert.True(Read(hex).TryToInstant(out Instant instant));
        Assert.Equal(expected, instant.ToString());
    }

    [Fact]
    public void ADeviationThatIsNotSpecifiedNeedsAFallback()
    {
        CosemDateTime value = Read("07E2020CFF00000000800000");
        Assert.False(value.TryToInstant(out _));
        Assert.True(value.TryToInstant(Offset.FromHoursAndMinutes(5, 30), out Instant instant));
        Assert.Equal(Instant.FromUtc(2018, 2, 11, 18, 30), instant);
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF014A00")] // an unset time of an Indian meter
    [InlineData("07E9021DFF00000000014A00")] // 29 February 2025
    [InlineData("07E9010100180000FF014A00")] // hour 24
    [InlineData("07E90D01FF00000000014A00")] // month 13
    [InlineData("07E9FF01FF00000000014A00")]
    [InlineData("07E90101FF00000000038500")] // deviation 901
    public void AWildcardOrNoSuchTimeIsNoInstant(string hex) => Assert.False(Read(hex).TryToInstant(Offset.Zero, out _));

    [Fact]
    public void WritesEitherSignOfIndia()
    {
        var instant = Instant.FromUtc(2026, 11, 24, 4, 30, 15);
        var india = Offset.FromHoursAndMinutes(5, 30);
        CosemDateTime book = CosemDateTime.From(instant, india);
        CosemDateTime indian = CosemDateTime.From(instant, india, indianSign: true);
        Assert.Equal(-330, book.Deviation);
        Assert.Equal(330, indian.Deviation);
        Assert.Equal((2026, 11, 24, 2, 10, 0, 15), (book.Year, book.Month, book.Day, book.DayOfWeek, book.Hour, book.Minute, book.Second));
        Assert.True(book.TryToInstant(out Instant first) && indian.TryToInstant(out Instant second) && first == instant && second == instant);
        Assert.Equal("2026-11-24T10:00:15+05:30", indian.ToString());
    }

    [Fact]
    public void EveryOctetIsKept()
    {
        var random = new Random(3);
        for (int round = 0; round < 10_000; round++)
        {
            byte[] octets = RandomData.Octets(random, CosemDateTime.Length);
            Assert.True(CosemDateTime.TryRead(octets, out CosemDateTime value));
            Assert.Equal(octets, value.ToOctets());
            value.TryToInstant(Offset.Zero, out _); // never throws
            Assert.NotEmpty(value.ToString());
        }
        Assert.False(CosemDateTime.TryRead(new byte[11], out _));
    }
}

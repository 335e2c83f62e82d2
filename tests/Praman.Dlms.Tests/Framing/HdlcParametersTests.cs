using Praman.Dlms.Framing;
using Praman.Dlms.Tests.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Tests.Framing;

/// <summary>SNRM and UA: what both sides offer and what they agree on.</summary>
public class HdlcParametersTests
{
    [Fact]
    public void WritesTheFieldOfTheRecordedAnswer() =>
        Assert.Equal("818012050180060180070400000001080400000001", Convert.ToHexString(HdlcWire.Parameters(HdlcParameters.Default)));

    [Fact]
    public void LengthsOfTwoOctetsAreWrittenAndReadBack()
    {
        var offered = new HdlcParameters(2030, 300, 7, 3);
        byte[] field = HdlcWire.Parameters(offered);
        Assert.Equal("818014050207EE0602012C070400000007080400000003", Convert.ToHexString(field));
        Assert.True(HdlcParameters.TryRead(field, out HdlcParameters read, out _));
        Assert.Equal(offered, read);
    }

    [Fact]
    public void TheLinkHasTheLowerOfBothSides()
    {
        var client = new HdlcParameters(InformationTransmit: 200, InformationReceive: 2030, WindowTransmit: 1, WindowReceive: 7);
        var server = new HdlcParameters(InformationTransmit: 500, InformationReceive: 128, WindowTransmit: 4, WindowReceive: 2);
        HdlcParameters atServer = server.Negotiate(client);
        Assert.Equal(new(500, 128, 4, 1), atServer);
        Assert.Equal(new(128, 500, 1, 4), client.Negotiate(atServer)); // what one sends the other takes
    }

    [Theory]
    [InlineData("", 128, 1)]
    [InlineData("818000", 128, 1)]
    [InlineData("818003" + "060140", 64, 1)]
    [InlineData("818006" + "060440000000", 2030, 1)] // more than a frame holds
    [InlineData("818006" + "080400000063", 128, 7)] // more than sequence numbers hold
    [InlineData("818006" + "C70100" + "060140", 64, 1)] // an unknown parameter
    [InlineData("818003" + "060140" + "FF", 64, 1)] // user data behind the group
    public void ReadsWhatIsThereAndTakesDefaultsForTheRest(string hex, int receive, int window)
    {
        Assert.True(HdlcParameters.TryRead(Convert.FromHexString(hex), out HdlcParameters parameters, out DecodeError error), error.ToString());
        Assert.Equal((receive, window, 128, 1), (parameters.InformationReceive, parameters.WindowReceive, parameters.InformationTransmit, parameters.WindowTransmit));
    }

    [Theory]
    [InlineData("81", 0)]
    [InlineData("808003060140", 0)]
    [InlineData("818004060140", 2)]
    [InlineData("8180FD050180", 2)] // what a server is known to put into the UA that ends a link
    [InlineData("818002" + "0601", 3)]
    [InlineData("818003" + "060240", 3)]
    [InlineData("818002" + "0600", 4)]
    [InlineData("818007" + "06050000000080", 4)]
    [InlineData("818003" + "060107", 5)] // too short to carry anything
    [InlineData("818003" + "080100", 5)] // a window of none
    public void NamesWhatIsWrong(string hex, int offset)
    {
        Assert.False(HdlcParameters.TryRead(Convert.FromHexString(hex), out _, out DecodeError error));
        Assert.Equal(offset, error.Offset);
        Assert.NotEmpty(error.Reason);
    }

    [Fact]
    public void AnyOctetsAreReadOrRefused()
    {
        var random = new Random(4);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] octets = RandomData.Octets(random, random.Next(0, 40));
            if (octets.Length > 2 && round % 2 == 0) (octets[0], octets[1]) = (0x81, 0x80);
            if (HdlcParameters.TryRead(octets, out HdlcParameters read, out _)) Assert.True(read.IsValid, Convert.ToHexString(octets));
        }
    }
}

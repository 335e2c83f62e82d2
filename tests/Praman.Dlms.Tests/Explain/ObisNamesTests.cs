using System.Text.RegularExpressions;
using Praman.Dlms.Explain;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Dlms.Tests.Explain;

/// <summary>OBIS codes in words: the usual names of the interface classes' objects, and every object of IS 15959 that is written down.</summary>
public partial class ObisNamesTests
{
    [Theory]
    [InlineData("0-0:25.1.0.255", "IPv4 setup")]
    [InlineData("0-1:25.1.0.255", "IPv4 setup, channel 1")]
    [InlineData("0-0:25.4.0.255", "GPRS modem setup")]
    [InlineData("0-0:25.9.0.255", "periodic push setup")] // as IS 15959 has it
    [InlineData("0-2:25.9.0.255", "push setup, channel 2")]
    [InlineData("0-0:25.9.3.255", "push setup 3")]
    [InlineData("0-3:24.1.0.255", "M-Bus client, channel 3")]
    [InlineData("0-0:28.2.0.255", "PRIME MAC setup")]
    [InlineData("0-0:29.2.0.255", "G3-PLC 6LoWPAN adaptation layer setup")]
    [InlineData("0-0:30.3.1.255", "ZigBee network control 1")]
    [InlineData("0-0:19.10.1.255", "credit 1")]
    [InlineData("0-0:19.40.0.255", "token gateway")]
    [InlineData("0-0:96.3.20.255", "arbitrator")]
    [InlineData("0-0:96.6.3.255", "battery voltage")]
    [InlineData("0-0:96.1.9.255", "device identifier 9")]
    [InlineData("0-0:96.14.0.255", "currently active tariff")]
    [InlineData("0-0:65.1.3.255", "utility table 131")]
    [InlineData("0-0:43.1.9.255", "invocation counter 9")]
    [InlineData("0-0:10.0.103.255", "set output signals script")]
    [InlineData("0-0:97.97.2.255", "error register 2")]
    [InlineData("0-0:98.1.0.126", "billing profile, billing period 126")]
    [InlineData("0-0:200.1.1.255", null)]
    [InlineData("0-0:25.200.0.255", null)]
    public void NamesAbstractObjects(string code, string? words) => Assert.Equal(words, ObisNames.Describe(ObisCode.Parse(code)));

    [Fact]
    public void NamesEveryObjectOfIs15959()
    {
        string page = File.ReadAllText(TestFiles.SharedOrSkip("spec/is15959-objects.md"));
        int named = 0;
        foreach (string text in Codes().Matches(page).Select(m => m.Groups[1].Value).Distinct())
        {
            Assert.True(ObisNames.Describe(ObisCode.Parse(text)) is not null, $"{text} has no name");
            named++;
        }
        Assert.True(named > 100);
    }

    [GeneratedRegex(@"(?<![\d.])(\d+\.\d+\.\d+\.\d+\.\d+)(?:\.255)?(?![\d.])")]
    private static partial Regex Codes();
}

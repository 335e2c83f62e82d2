using NodaTime;
using Praman.Dlms.Explain;
using Praman.Dlms.Explain.Captures;

namespace Praman.Dlms.Tests.Explain.Captures;

public class SerialLogTests
{
    private static List<CapturedMessage> Read(string text)
    {
        Assert.True(SerialLog.IsLog(text));
        return SerialLog.Read(text, new DlmsKeys());
    }

    [Theory]
    [InlineData("2026-01-02 10:11:12.345 TX: C0 01 C1 00 03 01 00 01 08 00 FF 02 00", "2026-01-02 10:11:12.345", true)]
    [InlineData("[10:11:12] RX c0:01:c1:00:03:01:00:01:08:00:ff:02:00", "10:11:12", false)]
    [InlineData("10:11:12,345 -> C001C100030100010800FF0200", "10:11:12,345", true)]
    [InlineData("<- 0xC0 0x01 0xC1 0x00 0x03 0x01 0x00 0x01 0x08 0x00 0xFF 0x02 0x00", null, false)]
    [InlineData("02.01.2026 10:11:12 INFO COM3 Sent 13 bytes: C0-01-C1-00-03-01-00-01-08-00-FF-02-00", "02.01.2026 10:11:12", true)]
    [InlineData("10:11:12.1 C001C100030100010800FF0200", "10:11:12.1", null)]
    [InlineData("DEBUG 10:11:12.1 << C001C100030100010800FF0200", "10:11:12.1", false)]
    [InlineData("10:11:12 → C001C100030100010800FF0200", "10:11:12", true)]
    public void LinesOfManyPrograms(string line, string? time, bool? sent)
    {
        CapturedMessage message = Assert.Single(Read("Port opened at 9600\n" + line + "\nclosing\n"));
        Assert.Equal("C001C100030100010800FF0200", Convert.ToHexString(message.Octets.Span));
        Assert.Equal((time, sent, 2L, (string?)null), (message.Moment.Text, message.IsToServer, message.Moment.Number, message.Fault));
    }

    [Fact]
    public void ATimeWithItsZoneIsAnInstant()
    {
        CapturedMessage message = Assert.Single(Read("2026-01-02T10:11:12.5+05:30 TX C001C100030100010800FF0200"));
        Assert.Equal(Instant.FromUtc(2026, 1, 2, 4, 41, 12) + Duration.FromMilliseconds(500), message.Moment.At);
        Assert.Null(message.Moment.Text);
    }

    [Theory]
    [InlineData("C001C100030100010800FF0200\nC401C100060012D687")]
    [InlineData("00:01:00:10:00:01:00:0D:C0:01:C1:00:03:01:00:01:08:00:FF:02:00")]
    [InlineData("# sent 3 frames and read them\n7EA0")]
    [InlineData("")]
    public void PlainHexIsNoLog(string text) => Assert.False(SerialLog.IsLog(text));

    [Fact]
    public void AFrameOverSeveralLinesIsJoinedAndBothDirectionsStandApart()
    {
        const string log = """
            10:00:00 TX 7E A0 07 03
            10:00:00 RX 7E A0 07
            10:00:01 TX 21 93 0F 01 7E
            10:00:02 RX 21 03 73 xx
            10:00:03 RX 21 03 73 1E
            """;
        List<CapturedMessage> messages = Read(log);
        Assert.Equal("7EA0070321930F017E", Convert.ToHexString(messages[0].Octets.Span));
        Assert.Equal((true, 3L), (messages[0].IsToServer, messages[0].Moment.Number));
        Assert.Contains("ends inside a message", messages[1].Fault, StringComparison.Ordinal); // its closing flag is not in the log
    }

    [Fact]
    public void TheOpeningOfAnOpticalPortIsNamed()
    {
        CapturedMessage message = Read("10:00:00 TX 2F 3F 21 0D 0A\n10:00:01 TX C001C100030100010800FF0200")[0];
        Assert.Contains("mode E opening", message.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void AFrameWhoseEndIsMissingDoesNotSwallowTheNext()
    {
        var whole = new Praman.Dlms.Axdr.AxdrWriter(new byte[64]);
        Praman.Dlms.Framing.HdlcFrame.Write(ref whole, Praman.Dlms.Framing.HdlcAddress.Short(1), Praman.Dlms.Framing.HdlcAddress.Short(16), 0x93, []);
        string hex = Convert.ToHexString(whole.Written);
        List<CapturedMessage> messages = Read($"10:00:00 TX {hex[..8]}\n10:00:01 TX {hex}");
        Assert.Equal(["a frame whose end is missing", null], messages.Select(m => m.Fault));
        Assert.Equal(hex, Convert.ToHexString(messages[1].Octets.Span));
    }
}

using System.Text;
using Praman.Transports.Serial;

namespace Praman.Transports.Tests;

/// <summary>The meter's side of the opening of an optical port, alone and against the client's.</summary>
public class ModeEMeterTests
{
    [Theory]
    [InlineData(300, '0'), InlineData(9600, '5'), InlineData(19200, '6'), InlineData(115200, '6')]
    public void AnswersASignOnAndChangesToTheSpeedThatIsChosen(int baudMax, char speed)
    {
        var meter = new ModeEMeter("PRM", "PRM0000001", baudMax: baudMax);
        Assert.Equal("", Ascii(meter.Received("\0\0/?"u8)));
        ModeEAnswer answer = meter.Received("!\r\n"u8);
        Assert.Equal(($"/PRM{speed}\\2PRM0000001\r\n", false), (Ascii(answer), answer.IsOpen));
        answer = meter.Received([.. Encoding.ASCII.GetBytes($"\u00062{speed}2\r\n"), 0x7E]);
        Assert.Equal(($"\u00062{speed}2\r\n", true), (Ascii(answer), answer.IsOpen));
        Assert.Equal(new SerialLine(Math.Min(baudMax, 19200), 8, LineParity.None, 1), answer.Line);
        Assert.Equal(TimeSpan.FromMilliseconds(200), answer.Pause); // six characters at 300 baud
        Assert.Equal([0x7E], answer.Rest.ToArray());
    }

    [Theory]
    [InlineData("/?!\r\n\u0006262\r\n", 1)] // faster than it offers
    [InlineData("/?!\r\n\u0006050\r\n", 1)] // mode C: no HDLC
    [InlineData("/?!\r\n\u0006252", 1)] // not ended
    [InlineData("\u0006252\r\n", 0)] // nobody was called
    [InlineData("/?99!\r\n\u0006252\r\n", 0)] // another was
    [InlineData("/?!\r\nnoise\r\n\u0006252\r\n", 1)] // something stands between
    public void WhatIsNoOpeningOpensNothing(string text, int answers)
    {
        var meter = new ModeEMeter("PRM", "PRM0000001", "17");
        int sent = 0;
        foreach (byte octet in Encoding.ASCII.GetBytes(text))
        {
            ModeEAnswer answer = meter.Received([octet]);
            Assert.False(answer.IsOpen);
            if (!answer.Send.IsEmpty) sent++;
        }
        Assert.Equal(answers, sent);
        Assert.False(meter.Received("/?17!\r\n"u8).Send.IsEmpty); // and it listens on
    }

    [Theory]
    [InlineData("", 19200, 9600), InlineData("17", 4800, 4800)]
    public void ClientAndMeterAgree(string called, int clientBaudMax, int baud)
    {
        var meter = new ModeEMeter("PRM", "PRM0000001", "17", 9600);
        var client = new ModeEOpening(called, clientBaudMax);
        ModeEStep step = client.Start();
        ModeEAnswer answer = default;
        for (int turn = 0; turn < 2; turn++)
        {
            answer = meter.Received(step.Send.Span);
            step = client.Received(answer.Send.Span);
        }
        Assert.True(answer.IsOpen);
        Assert.Equal((ModeEStatus.Done, answer.Line, baud), (step.Status, step.Line, step.Line!.Value.Baud));
        Assert.Equal("PRM5\\2PRM0000001", client.Identification);
    }

    [Fact]
    public void AnyOctetsAreTakenWithoutAFaultAndInBoundedRoom()
    {
        var random = new Random(11);
        var meter = new ModeEMeter("PRM", "PRM0000001");
        byte[] octets = new byte[1 << 16];
        random.NextBytes(octets);
        Assert.False(meter.Received(octets).IsOpen);
        meter.Received("\r\n"u8);
        Assert.False(meter.Received("/?!\r\n"u8).Send.IsEmpty);
    }

    private static string Ascii(ModeEAnswer answer) => Encoding.ASCII.GetString([.. answer.Send.ToArray().Select(octet => (byte)(octet & 0x7F))]);
}

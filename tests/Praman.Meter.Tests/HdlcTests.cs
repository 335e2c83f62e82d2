using NodaTime;
using Praman.Dlms.Client;
using Praman.Dlms.Framing;
using static Praman.Meter.Tests.MeterReading;

namespace Praman.Meter.Tests;

/// <summary>The same meter behind HDLC: HLS with GMAC, every APDU ciphered, rows by blocks, each in segments.</summary>
public class HdlcTests
{
    [Theory]
    [InlineData(1, 0, 128, 1)]
    [InlineData(4, 4_711, 512, 5)]
    public void AMeterSaysTheSameOverHdlcAsOverTheWrapper(int octets, int physical, int information, int window)
    {
        VirtualMeter meter = TestMeter.Make();
        Instant now = India(6, 3, 10);
        List<Row> rows;
        long energy;
        using (TestLink wrapper = meter.Link(TestMeter.Utility, now).Connected())
        {
            energy = wrapper.Number(3, MeterObis.ImportWh);
            rows = wrapper.Range(MeterObis.BlockLoad, India(6, 1), India(6, 3));
        }
        var hdlc = new HdlcSettings { Server = new(octets, 1, physical), Offer = HdlcParameters.Of(information, window) };
        using var link = new TestLink(new DlmsClient(TestMeter.Utility with { Hdlc = hdlc }, new CounterLease(1_000, 100_000)), meter.OpenAssociation(hdlc: hdlc), now);
        link.Connected();
        Assert.True(link.Server.IsAssociated);
        Assert.Equal(energy, link.Number(3, MeterObis.ImportWh));
        int before = link.RoundTripCount;
        List<Row> again = link.Range(MeterObis.BlockLoad, India(6, 1), India(6, 3));
        Assert.Equal(rows.Select(r => (r.At, string.Join(' ', r.Values))), again.Select(r => (r.At, string.Join(' ', r.Values))));
        Assert.True(rows.Count > 90);
        Assert.True(link.RoundTripCount - before > 2); // segments and blocks
        link.Done(link.Client.Release());
        Assert.False(link.Server.IsAssociated);
        Assert.Equal(0x73, link.LastAnswer[^4]); // the UA to DISC
    }

    [Fact]
    public void AMeterWithoutPowerIsSilentAndIsOpenedAnewAfterwards()
    {
        VirtualMeter meter = TestMeter.Make();
        var hdlc = new HdlcSettings();
        using var link = new TestLink(new DlmsClient(TestMeter.Public with { Hdlc = hdlc }), meter.OpenAssociation(hdlc: hdlc), India(6, 3, 10));
        link.Connected();
        meter.FailPower(link.Now);
        Assert.True(link.Run(link.Client.Get(new(8, MeterObis.Clock, 2))).Send.IsEmpty);
        Assert.Empty(link.LastAnswer);
        Assert.False(link.Server.IsAssociated || link.Server.IsClosed); // a line has no connection that would be closed
        link.Now += Duration.FromMinutes(5);
        meter.RestorePower(link.Now);
        link.Done(link.Client.Connect());
        link.Done(link.Client.Get(new(8, MeterObis.Clock, 2)));
    }
}

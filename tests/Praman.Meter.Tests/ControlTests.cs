using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Meter.Events;
using static Praman.Meter.Tests.ActingMeter;

namespace Praman.Meter.Tests;

/// <summary>Limiter, scripts and the modes of the disconnect control act on the relay, in the order of time, whenever the meter is asked.</summary>
public class ControlTests
{
    private static readonly int[] Evening = Watts((600, 500), (60, 6000), (780, 500));

    private static TestLink Limited(VirtualMeter meter, uint watts, byte mode)
    {
        TestLink link = meter.Link(TestMeter.Utility, Start).Connected();
        link.Set(70, MeterObis.Relay, 4, CosemData.Enumeration(mode));
        link.Set(71, MeterObis.Limiter, 4, CosemData.DoubleLongUnsigned(watts));
        return link;
    }

    [Theory]
    [InlineData(1440)] // asked once, at the end of the day
    [InlineData(7)]
    [InlineData(1)]
    public void ALoadOverTheThresholdOpensTheRelayAfterItsTimeAndClosesItWhenTheModeLetsIt(int askEveryMinutes)
    {
        VirtualMeter meter = Make(Evening);
        using TestLink link = Limited(meter, 4000, mode: 5);
        for (int minute = 0; minute <= 1440; minute += askEveryMinutes) meter.Advance(Start + Duration.FromMinutes(minute));
        meter.Advance(Start + Duration.FromDays(1));
        // 6 kW from 10:00; the mean of a quarter of an hour passes 4 kW after ten minutes, at 10:10, and stays there: five minutes on, the relay opens.
        // It is below at 10:20 and has been for ten minutes at 10:30, closes, and the same begins again while the load lasts.
        MeterEvent[] relay = [.. meter.Events.Of(6)];
        Assert.Equal(
            [(MeterEventCode.Disconnected, At(6, 1, 10, 15)), (MeterEventCode.Connected, At(6, 1, 10, 30)), (MeterEventCode.Disconnected, At(6, 1, 10, 46))],
            relay.Take(3).Select(e => (e.Code, e.At)));
        Assert.Equal(MeterEventCode.Connected, relay[^1].Code);
        Assert.Equal(relay.Length, meter.Events.Of(4).Count(e => e.Code is MeterEventCode.Overload or MeterEventCode.OverloadEnded));
    }

    [Fact]
    public void InModeFourARelayThatTheLimiterOpenedWaitsForAHand()
    {
        VirtualMeter meter = Make(Evening);
        using TestLink link = Limited(meter, 4000, mode: 4);
        link.Now = At(6, 1, 14);
        Assert.Equal(2, link.Number(70, MeterObis.Relay, 3)); // ready for reconnection, hours after the load fell
        Assert.Equal(ActionResult.ReadWriteDenied, link.Fails(link.Client.Action(new(70, MeterObis.Relay, 2), CosemData.Integer(0))).Action);
        Assert.False(meter.PressButton(link.Now, connect: false));
        Assert.True(meter.PressButton(link.Now, connect: true));
        Assert.Equal(1, link.Number(70, MeterObis.Relay, 3));
        Assert.Equal(2, meter.Events.Of(6).Count);
    }

    // Mode; what remote reconnection does to a relay that a client opened; whether a hand may open one that is closed.
    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 1, true)]
    [InlineData(3, 2, false)]
    [InlineData(4, 1, false)]
    [InlineData(5, 2, true)]
    [InlineData(6, 2, false)]
    public void EachModeLetsWhatTheClassSays(byte mode, int afterReconnect, bool handOpens)
    {
        VirtualMeter meter = Make(Watts((600, 500)));
        using TestLink link = Limited(meter, 0, mode);
        link.Do(70, MeterObis.Relay, 1, CosemData.Integer(0));
        Assert.Equal(0, link.Number(70, MeterObis.Relay, 3));
        Assert.False(meter.PressButton(link.Now, connect: true)); // disconnected by a client: no hand closes it
        link.Do(70, MeterObis.Relay, 2, CosemData.Integer(0));
        Assert.Equal(afterReconnect, link.Number(70, MeterObis.Relay, 3));
        if (afterReconnect == 2) Assert.True(meter.PressButton(link.Now, connect: true));
        Assert.Equal(1, link.Number(70, MeterObis.Relay, 3));
        Assert.Equal(handOpens, meter.PressButton(link.Now, connect: false));
        Assert.Equal(handOpens ? 2 : 1, link.Number(70, MeterObis.Relay, 3));
    }

    [Fact]
    public void InModeZeroTheRelayNeverOpens()
    {
        VirtualMeter meter = Make(Evening);
        using TestLink link = Limited(meter, 4000, mode: 0);
        link.Fails(link.Client.Action(new(70, MeterObis.Relay, 1), CosemData.Integer(0)));
        link.Now = At(6, 1, 20);
        Assert.Equal(1, link.Number(70, MeterObis.Relay, 3));
        Assert.Empty(meter.Events.Of(6));
        link.Fails(link.Client.Set(new(70, MeterObis.Relay, 4), CosemData.Enumeration(7)));
    }

    [Fact]
    public void AnEmergencyThresholdCountsWhileItsTimeLasts()
    {
        VirtualMeter meter = Make(Watts((1440, 1500)));
        using TestLink link = Limited(meter, 4000, mode: 5);
        link.Set(71, MeterObis.Limiter, 5, CosemData.DoubleLongUnsigned(1000));
        link.Set(71, MeterObis.Limiter, 9, CosemData.Array(CosemData.LongUnsigned(7)));
        link.Set(71, MeterObis.Limiter, 8, CosemData.Structure(
            CosemData.LongUnsigned(7), CosemData.DateTimeOctets(CosemDateTime.From(At(6, 1, 5), Offset.FromHours(2))), CosemData.DoubleLongUnsigned(1200)));
        link.Now = At(6, 1, 5, 4);
        Assert.Equal((1000, 1), (link.Number(71, MeterObis.Limiter, 3), link.Number(70, MeterObis.Relay, 3)));
        link.Now = At(6, 1, 5, 6);
        Assert.Equal(0, link.Value(70, MeterObis.Relay).TryGetInt64(out long output) ? output : -1);
        link.Now = At(6, 1, 7);
        Assert.Equal((4000, 1), (link.Number(71, MeterObis.Limiter, 3), link.Number(70, MeterObis.Relay, 3)));
    }

    [Fact]
    public void WithoutPowerNothingIsLimited()
    {
        VirtualMeter meter = Make(Watts((1440, 6000)));
        using TestLink link = Limited(meter, 4000, mode: 5);
        meter.FailPower(Start + Duration.FromMinutes(2));
        meter.RestorePower(At(6, 1, 3));
        Assert.Empty(meter.Events.Of(6));
        meter.Advance(At(6, 1, 4));
        Assert.Equal(At(6, 1, 3, 16), meter.Events.Of(6)[0].At); // the mean of a quarter of an hour begins from nothing
    }

    [Fact]
    public void AScriptOfTheFileIsShownAndRun()
    {
        VirtualMeter meter = Make(Watts((60, 500)));
        using TestLink link = Limited(meter, 0, mode: 4);
        CosemData scripts = link.Value(9, MeterObis.DisconnectScripts);
        Assert.Equal(2, scripts.Count);
        Assert.True(scripts[0][1][0][2].TryGetObisCode(out Metering.ObisCode target) && target == MeterObis.Relay);
        link.Do(9, MeterObis.DisconnectScripts, 1, CosemData.LongUnsigned(1));
        Assert.Equal(0, link.Number(70, MeterObis.Relay, 3));
        link.Fails(link.Client.Action(new(9, MeterObis.DisconnectScripts, 1), CosemData.LongUnsigned(3)));
    }
}

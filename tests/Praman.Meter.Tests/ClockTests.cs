using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Meter.Events;
using static Praman.Meter.Tests.ActingMeter;

namespace Praman.Meter.Tests;

/// <summary>The methods of the clock, class 8, and what it says of its zone.</summary>
public class ClockTests
{
    private static readonly Instant Now = At(6, 1, 10, 6) + Duration.FromSeconds(40);

    private static Instant Shown(TestLink link)
    {
        Assert.True(link.Value(8, MeterObis.Clock).TryGetDateTime(out CosemDateTime time) && time.TryToInstant(out _));
        time.TryToInstant(out Instant shown);
        return shown;
    }

    private static CosemData Time(Instant at) => CosemData.DateTimeOctets(CosemDateTime.From(at, Offset.FromHours(2)));

    private static CosemData Preset(Instant time, Instant start, Instant end) => CosemData.Structure(Time(time), Time(start), Time(end));

    // The clock shows 10:06:40, or half a minute and less beside it.
    [Theory]
    [InlineData(1, 0, 10, 0, 0)]
    [InlineData(1, 49, 10, 0, 0)]
    [InlineData(1, 50, 10, 15, 0)] // half way is forward: 10:07:30
    [InlineData(2, 0, 10, 0, 0)]
    [InlineData(2, 60, 10, 15, 0)] // the capture period is a quarter of an hour as well
    [InlineData(3, 0, 10, 7, 0)]
    [InlineData(3, -11, 10, 6, 0)]
    public void TheClockIsAdjustedToTheNearestQuarterPeriodOrMinute(sbyte method, int laterSeconds, int hour, int minute, int second)
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        using TestLink link = meter.Link(TestMeter.Utility, Now + Duration.FromSeconds(laterSeconds)).Connected();
        link.Do(8, MeterObis.Clock, method, CosemData.Integer(0));
        Assert.Equal(At(6, 1, hour, minute) + Duration.FromSeconds(second), Shown(link));
        Assert.Equal([MeterEventCode.ClockSet], meter.Events.Of(3).Select(e => e.Code));
        link.Do(8, MeterObis.Clock, method, CosemData.Integer(0));
        Assert.Single(meter.Events.Of(3)); // it is there already
    }

    [Theory]
    [InlineData(900)]
    [InlineData(-900)]
    [InlineData(7)]
    public void TheClockIsShiftedByUpToAQuarterOfAnHour(short seconds)
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        link.Do(8, MeterObis.Clock, 6, CosemData.Long(seconds));
        Assert.Equal(Now + Duration.FromSeconds(seconds), Shown(link));
        Assert.Equal(ActionResult.TypeUnmatched, link.Fails(link.Client.Action(new(8, MeterObis.Clock, 6), CosemData.Long(901))).Action);
        Assert.Equal(Now + Duration.FromSeconds(seconds), Shown(link));
    }

    [Fact]
    public void APresetTimeIsTakenWithinItsIntervalOnly()
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        using TestLink link = meter.Link(TestMeter.Utility, Now).Connected();
        ActionResult? Take() => link.Run(link.Client.Action(new(8, MeterObis.Clock, 4), CosemData.Integer(0))).Error?.Action;
        Assert.Equal(ActionResult.OtherReason, Take()); // none was preset
        link.Do(8, MeterObis.Clock, 5, Preset(At(6, 1, 12), At(6, 1, 11), At(6, 1, 11, 30)));
        Assert.Equal(ActionResult.OtherReason, Take());
        link.Now = At(6, 1, 11, 31);
        Assert.Equal(ActionResult.OtherReason, Take());
        Assert.Equal(link.Now, Shown(link));
        link.Do(8, MeterObis.Clock, 5, Preset(At(6, 1, 12), At(6, 1, 11), At(6, 1, 11, 40)));
        Assert.Null(Take());
        Assert.Equal(At(6, 1, 12), Shown(link));
        CosemData open = CosemData.Structure(CosemData.DateTimeOctets(CosemDateTime.Wildcard), Time(At(6, 1, 11)), Time(At(6, 1, 13)));
        Assert.Equal(ActionResult.OtherReason, link.Fails(link.Client.Action(new(8, MeterObis.Clock, 5), open)).Action);
    }

    [Fact]
    public void OnlyAUtilityMovesTheClock()
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        using TestLink link = meter.Link(TestMeter.Reader, Now).Connected();
        for (sbyte method = 1; method <= 4; method++) Assert.Equal(ActionResult.ReadWriteDenied, link.Fails(link.Client.Action(new(8, MeterObis.Clock, method), CosemData.Integer(0))).Action);
        Assert.Equal(Now, Shown(link));
    }

    // Whatever the time of year: standard time, and the summer time that is or comes.
    [Theory]
    [InlineData(6, 2026)]
    [InlineData(11, 2027)]
    public void AClockSaysWhenItsSummerTimeIs(int month, int year)
    {
        using TestLink link = Make(Watts((1440, 600))).Link(TestMeter.Utility, At(month, 1)).Connected();
        Assert.Equal((-60, 60, 1), (link.Number(8, MeterObis.Clock, 3), link.Number(8, MeterObis.Clock, 7), link.Number(8, MeterObis.Clock, 8)));
        Assert.True(link.Value(8, MeterObis.Clock, 5).TryGetDateTime(out CosemDateTime begin) && begin.TryToLocal(out _));
        Assert.True(link.Value(8, MeterObis.Clock, 6).TryGetDateTime(out CosemDateTime end) && end.TryToLocal(out _));
        begin.TryToLocal(out LocalDateTime from);
        end.TryToLocal(out LocalDateTime to);
        Assert.Equal(year == 2026 ? (new LocalDateTime(2026, 3, 29, 2, 0), new LocalDateTime(2026, 10, 25, 3, 0)) : (new LocalDateTime(2027, 3, 28, 2, 0), new LocalDateTime(2027, 10, 31, 3, 0)), (from, to));
    }

    [Fact]
    public void AnIndianClockHasNoSummerTime()
    {
        using TestLink link = TestMeter.Make().Link(TestMeter.Utility, TestMeter.Start).Connected();
        Assert.Equal((330, 0), (link.Number(8, MeterObis.Clock, 3), link.Number(8, MeterObis.Clock, 7)));
        Assert.True(link.Value(8, MeterObis.Clock, 8) == CosemData.Boolean(false));
        Assert.True(link.Value(8, MeterObis.Clock, 5).TryGetDateTime(out CosemDateTime begin) && begin == CosemDateTime.Wildcard);
    }
}

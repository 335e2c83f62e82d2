using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Meter.Events;
using Praman.Meter.Load;
using Praman.Metering;
using static Praman.Meter.Tests.ActingMeter;

namespace Praman.Meter.Tests;

/// <summary>Calendar, special days, scripts and register activation: energy goes into the rate of its time of day.</summary>
public class RateTests
{
    private static readonly ObisCode Calendar = new(0, 0, 13, 0, 0), SpecialDays = new(0, 0, 11, 0, 0), Activation = new(0, 0, 14, 0, 0), Mask = new(0, 0, 96, 14, 0);

    private static ObisCode Rate(byte rate, byte quantity = 1) => new(1, 0, quantity, 8, rate);

    private static (long Rate1, long Rate2) Rates(TestLink link) => (link.Number(3, Rate(1)), link.Number(3, Rate(2)));

    private static VirtualMeter Steady(int days, int watts = 600) => Make(Watts((days * 1440, watts)));

    [Fact]
    public void AWorkdayHasBothRatesAndASundayOne()
    {
        using TestLink link = Steady(10).Link(TestMeter.Utility, At(6, 2)).Connected();
        Assert.Equal((10 * 600, 14 * 600), Rates(link)); // Monday in summer: rate 2 from 7 to 21
        link.Now = At(6, 6);
        (long before1, long before2) = Rates(link);
        Assert.Equal((50 * 600, 70 * 600), (before1, before2));
        link.Now = At(6, 8); // Saturday and Sunday
        Assert.Equal((before1 + (48 * 600), before2), Rates(link));
        Assert.Equal("RATE1", System.Text.Encoding.ASCII.GetString(link.Value(1, Mask).OctetSpan));
        link.Now = At(6, 8, 7, 30);
        Assert.Equal("RATE2", System.Text.Encoding.ASCII.GetString(link.Value(1, Mask).OctetSpan));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void RatesSumToTheTotalOverAYearWithSummerTimeWhoeverAsksAndWhen(int seed)
    {
        var load = new HouseholdLoad((ulong)seed, Start, Offset.FromHours(1), solarPeakW: 4000);
        MeterType type = Type();
        var once = new VirtualMeter(type, "A", TestMeter.MeterTitle, TestMeter.Keys, load, Start);
        var often = new VirtualMeter(type, "B", TestMeter.MeterTitle, TestMeter.Keys, load, Start);
        Instant end = At(5, 20, 11, 17, year: 2027);
        var random = new Random(seed);
        for (Instant at = Start; at < end; at += Duration.FromMinutes(random.Next(1, 5000))) often.Advance(at);
        using TestLink first = once.Link(TestMeter.Utility, end).Connected(), second = often.Link(TestMeter.Utility, end).Connected();
        Assert.Equal(Rates(first), Rates(second));
        foreach (byte quantity in (byte[])[1, 2])
        {
            Assert.True(first.Number(3, Rate(1, quantity)) > 0 && first.Number(3, Rate(2, quantity)) > 0);
            Assert.Equal(first.Number(3, Rate(0, quantity)), first.Number(3, Rate(1, quantity)) + first.Number(3, Rate(2, quantity)));
        }
        CosemData days = first.Value(7, MeterObis.DailyLoad);
        Assert.All(days.Items.ToArray(), row => Assert.Equal(Whole(row[1]), Whole(row[3]) + Whole(row[4])));
    }

    [Fact]
    public void ASeasonChangesTheHoursAndASpecialDayThePlan()
    {
        using TestLink link = Make(Watts((200 * 1440, 600))).Link(TestMeter.Utility, At(10, 5)).Connected();
        (long _, long before) = Rates(link);
        link.Now = At(10, 6);
        Assert.Equal(before + (16 * 600), Rates(link).Rate2); // winter: 7 to 23
        CosemData special = CosemData.Structure(CosemData.LongUnsigned(9), CosemData.OctetString([0xFF, 0xFF, 10, 7, 0xFF]), CosemData.Unsigned(3));
        link.Do(11, SpecialDays, 1, special);
        link.Now = At(10, 7);
        before = Rates(link).Rate2;
        link.Now = At(10, 8);
        Assert.Equal(before, Rates(link).Rate2);
        link.Now = At(10, 9);
        Assert.Equal(before + (16 * 600), Rates(link).Rate2);
    }

    [Fact]
    public void APassiveCalendarComesIntoForceAtItsTimeAndTheLogTells()
    {
        VirtualMeter meter = Steady(10);
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 12)).Connected();
        CosemData action = CosemData.Structure(CosemData.OctetString([0, 0, 0, 0]), CosemData.LogicalName(new(0, 0, 10, 0, 100)), CosemData.LongUnsigned(2));
        link.Set(20, Calendar, 6, CosemData.OctetString("FLAT"u8));
        link.Set(20, Calendar, 9, CosemData.Array([.. Enumerable.Range(1, 3).Select(d => CosemData.Structure(CosemData.Unsigned((byte)d), CosemData.Array(action)))]));
        link.Set(20, Calendar, 10, CosemData.DateTimeOctets(CosemDateTime.From(At(6, 2, 3, 20), Offset.FromHours(2))));
        Assert.Equal("STD", System.Text.Encoding.ASCII.GetString(link.Value(20, Calendar).OctetSpan));
        link.Now = At(6, 3);
        Assert.Equal("FLAT", System.Text.Encoding.ASCII.GetString(link.Value(20, Calendar).OctetSpan));
        Assert.Equal((10 * 600) + (3 * 600) + 200, Rates(link).Rate1); // rate 2 from 3:20 on the second day on
        Assert.Equal([(MeterEventCode.ActivityCalendarSet, At(6, 2, 3, 20))], meter.Events.Of(3).Select(e => (e.Code, e.At)));
    }

    [Fact]
    public void AClientPutsARateInForceByHandUntilTheCalendarSaysOtherwise()
    {
        using TestLink link = Steady(3).Link(TestMeter.Utility, At(6, 1, 22)).Connected();
        long before = Rates(link).Rate2;
        link.Set(6, Activation, 4, CosemData.OctetString("RATE2"u8));
        link.Now = At(6, 1, 23);
        Assert.Equal(before + 600, Rates(link).Rate2);
        link.Now = At(6, 2, 0, 30);
        Assert.Equal(before + 1200, Rates(link).Rate2); // rate 1 again from midnight on
        link.Fails(link.Client.Set(new(6, Activation, 4), CosemData.OctetString("RATE3"u8)));
    }

    [Fact]
    public void AfterAPowerFailureAndAfterAClockIsSetTheRateOfTheNewTimeHolds()
    {
        VirtualMeter meter = Steady(3);
        meter.FailPower(At(6, 1, 6));
        meter.RestorePower(At(6, 1, 10));
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 12)).Connected();
        Assert.Equal((6 * 600, 2 * 600), Rates(link));
        meter.SetClock(link.Now, At(6, 1, 21, 30));
        link.Now = At(6, 1, 13);
        Assert.Equal((7 * 600, 2 * 600), Rates(link));
    }

    private static long Whole(in CosemData data) => data.TryGetInt64(out long value) ? value : long.MinValue;
}

using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Demand: blocks, sliding windows, reset, the next period, and what a client sees of it.</summary>
public class DemandRegisterTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 3, 3, 6, 0);
    private static readonly ScalerUnit Watts = new(0, Unit.Watt);

    private static Instant After(int minutes) => Start + Duration.FromMinutes(minutes);

    [Fact]
    public void AWindowSlidesOverThreeSubPeriods()
    {
        var closed = new List<(Instant At, uint Average)>();
        var demand = new DemandRegister(Watts, Start, 300, 3) { PeriodClosed = (at, average) => closed.Add((at, average)) };
        // 600 W, 1,200 W, 300 W, then nothing, in sub-periods of five minutes.
        demand.Add(600 * 300, After(4));
        demand.Add(1200 * 300, After(9));
        demand.Add(300 * 300, After(14));
        Assert.Equal(700u, demand.CurrentAverage(After(14))); // (600 + 1200 + 300) / 3
        demand.Advance(After(25));
        Assert.Equal([(After(5), 200u), (After(10), 600u), (After(15), 700u), (After(20), 500u), (After(25), 100u)], closed);
        Assert.Equal((100u, After(25)), (demand.LastAverage, demand.LastClosed!.Value));
        Assert.Equal(After(15), demand.WindowStartAt(After(26)));
        Assert.Equal(0u, demand.CurrentAverage(After(31)));
    }

    [Fact]
    public void ABlockIsAWindowOfOneSubPeriod()
    {
        var demand = new DemandRegister(Watts, Start, 1800);
        demand.Add(900 * 1000, After(20));
        Assert.Equal(500u, demand.CurrentAverage(After(29)));
        Assert.Equal(0u, demand.LastAverage);
        Assert.Equal(0u, demand.CurrentAverage(After(30)));
        Assert.Equal(500u, demand.LastAverage);
    }

    [Fact]
    public void ASilenceOfYearsCostsNothingAndLeavesZero()
    {
        int closed = 0;
        var demand = new DemandRegister(Watts, Start, 1, 96) { PeriodClosed = (_, _) => closed++ };
        demand.Add(9600, Start);
        demand.Advance(Start + Duration.FromDays(3650));
        Assert.Equal(0u, demand.LastAverage);
        Assert.True(closed < 300, $"{closed} periods were closed one by one");
        Assert.True(Start + Duration.FromDays(3650) - demand.PeriodStart < Duration.FromSeconds(1));
    }

    [Fact]
    public void AClientSeesSetsAndResetsIt()
    {
        var demand = new DemandRegister(Watts, Start, 900, 2);
        var instance = new CosemObject<DemandRegister>(new(1, 0, 1, 4, 0), DemandRegister.Table, demand);
        using var session = new Session(new ObjectsDevice(instance), After(5));
        demand.Add(900 * 1000, After(5));
        Assert.Equal(CosemData.DoubleLongUnsigned(500), session.Get(instance, 2));
        Assert.Equal(CosemData.DateTimeOctets(CosemDateTime.Wildcard), session.Get(instance, 6)); // no window has closed
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 2));                            // next_period
        Assert.Equal(CosemData.DoubleLongUnsigned(500), session.Get(instance, 3));
        Assert.Equal(ObjectsDevice.Stamp(2026, 3, 3, 11, 35), session.Get(instance, 6));
        session.Now = After(20);
        Assert.Equal(CosemData.DoubleLongUnsigned(500), session.Get(instance, 3)); // the window still holds it
        session.Now = After(35);
        Assert.Equal(CosemData.DoubleLongUnsigned(0), session.Get(instance, 3));
        demand.Add(1_000_000, After(35));
        Assert.Equal(ActionResult.Success, session.Invoke(instance, 1)); // reset
        Assert.Equal(CosemData.DoubleLongUnsigned(0), session.Get(instance, 2));
        Assert.Equal(DataAccessResult.Success, session.Set(instance, 8, CosemData.DoubleLongUnsigned(1800)));
        Assert.Equal(DataAccessResult.TypeUnmatched, session.Set(instance, 8, CosemData.DoubleLongUnsigned(0)));
        Assert.Equal(DataAccessResult.TypeUnmatched, session.Set(instance, 9, CosemData.LongUnsigned(97)));
        Assert.Equal(DataAccessResult.ReadWriteDenied, session.Set(instance, 4, CosemData.Of(Watts)));
        Assert.Equal((1800, 2), (demand.PeriodSeconds, demand.PeriodCount));
        Assert.Equal(After(30), demand.PeriodStart); // half hours of the clock again
    }
}

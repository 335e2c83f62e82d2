using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Meter.Events;
using Praman.Meter.Load;
using Praman.Metering;
using static Praman.Meter.Tests.ActingMeter;

namespace Praman.Meter.Tests;

/// <summary>Parts take their turns at the right time though only those are asked anew that were touched since.</summary>
public class TurnTests
{
    private static readonly ObisCode RelaySchedule = new(0, 0, 15, 0, 1), SpecialDays = new(0, 0, 11, 0, 0), Mask = new(0, 0, 96, 14, 0), Errors = new(0, 0, 97, 97, 0);

    private static void AskEachMinute(VirtualMeter meter, Instant from, Instant to)
    {
        for (Instant at = from; at <= to; at += Duration.FromMinutes(1)) meter.Advance(at);
    }

    private static CosemData At1030(int year, int month, int day) => CosemData.Array(CosemData.Structure(
        CosemData.OctetString([10, 30, 0, 0]), CosemData.OctetString([(byte)(year >> 8), (byte)year, (byte)month, (byte)day, 0xFF])));

    [Fact]
    public void TheErrorRegisterKeepsTheFaultsThatWere()
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        meter.MarkFault(At(6, 1, 3), At(6, 1, 4), Registers.BlockLoadStatus.CriticalError);
        meter.MarkFault(At(6, 1, 9), At(6, 1, 10), Registers.BlockLoadStatus.ClockInvalid);
        using TestLink link = meter.Link(TestMeter.Reader, At(6, 1, 2)).Connected();
        Assert.Equal(0, link.Number(1, Errors));
        link.Now = At(6, 1, 8);
        Assert.Equal(1, link.Number(1, Errors));
        link.Now = At(6, 1, 12);
        Assert.Equal(3, link.Number(1, Errors));
    }

    // Beside the schedule of pushes, which has its turn 3,840 times in forty days, twenty parts have nothing to do.
    [Fact]
    public void FortyDaysAtAStretchAskOnlyThePartsThatHadTheirTurn()
    {
        MeterType type = Type();
        long Allocated(string serial)
        {
            var meter = new VirtualMeter(type, serial, TestMeter.MeterTitle, TestMeter.Keys, new HouseholdLoad(1, Start, Offset.FromHours(2)), Start);
            long before = GC.GetAllocatedBytesForCurrentThread();
            meter.Advance(Start + Duration.FromDays(40));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Allocated("warm");
        Assert.InRange(Allocated("E7"), 1, 2_000_000);
    }

    [Fact]
    public void AHostThatAsksEachSecondAsksNoPartThatIsNotDue()
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        Instant now = At(6, 1, 8, 17);
        AskEachMinute(meter, Start, now);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int second = 1; second < 600; second++) Assert.False(meter.TryTakePush(now + Duration.FromSeconds(second), out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600 * 8);
    }

    [Fact]
    public void ATimeThatAClientSetsIsKeptThoughTheMeterWasAskedJustBefore()
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        AskEachMinute(meter, Start, At(6, 1, 10));
        using (TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 10)).Connected()) link.Set(22, RelaySchedule, 4, At1030(2026, 6, 1));
        AskEachMinute(meter, At(6, 1, 10, 1), At(6, 1, 11));
        Assert.Equal([(MeterEventCode.Disconnected, At(6, 1, 10, 30))], meter.Events.Of(6).Select(e => (e.Code, e.At)));
    }

    [Theory]
    [InlineData(10)] // forward: due at 10:20 true time
    [InlineData(-10)]
    public void TimesFollowTheClockWhereItIsSetShortlyBefore(int minutes)
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        using (TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 10)).Connected()) link.Set(22, RelaySchedule, 4, At1030(2026, 6, 1));
        AskEachMinute(meter, At(6, 1, 10), At(6, 1, 10, 5));
        meter.SetClock(At(6, 1, 10, 5), At(6, 1, 10, 5) + Duration.FromMinutes(minutes));
        AskEachMinute(meter, At(6, 1, 10, 6), At(6, 1, 11));
        Assert.Equal([At(6, 1, 10, 30) - Duration.FromMinutes(minutes)], meter.Events.Of(6).Select(e => e.At));
    }

    [Fact]
    public void ASpecialDayThatIsSetWithinItIsFollowedFromThenOn()
    {
        VirtualMeter meter = Make(Watts((1440, 600)));
        AskEachMinute(meter, Start, At(6, 1, 6, 50));
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 1, 6, 50)).Connected();
        link.Set(11, SpecialDays, 2, CosemData.Array(CosemData.Structure(
            CosemData.LongUnsigned(1), CosemData.OctetString([0xFF, 0xFF, 6, 1, 0xFF]), CosemData.Unsigned(3)))); // as on a Sunday
        AskEachMinute(meter, At(6, 1, 6, 51), At(6, 1, 7, 30));
        link.Now = At(6, 1, 7, 31);
        Assert.Equal("RATE1", System.Text.Encoding.ASCII.GetString(link.Value(1, Mask).OctetSpan));
        VirtualMeter ordinary = Make(Watts((1440, 600)));
        AskEachMinute(ordinary, Start, At(6, 1, 7, 30));
        using TestLink other = ordinary.Link(TestMeter.Utility, At(6, 1, 7, 31)).Connected();
        Assert.Equal("RATE2", System.Text.Encoding.ASCII.GetString(other.Value(1, Mask).OctetSpan));
    }
}

using System.Text;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Meter.Definitions;
using Praman.Meter.Events;
using Praman.Metering;
using Praman.Testing;
using static Praman.Meter.Tests.ActingMeter;

namespace Praman.Meter.Tests;

/// <summary>Demand registers, the register monitor and the schedules act.</summary>
public class DemandTests
{
    private static readonly ObisCode Block = new(1, 0, 1, 4, 0), Sliding = new(1, 0, 1, 5, 0), Maximum = new(1, 0, 1, 6, 0), Monitor = new(0, 0, 16, 1, 0);
    private static readonly ObisCode RelaySchedule = new(0, 0, 15, 0, 1), Schedule = new(0, 0, 12, 0, 0), ResetScripts = new(0, 0, 10, 0, 1);

    // Ten minutes of 6 kW across the end of a quarter of an hour.
    private static readonly int[] Peak = Watts((610, 600), (10, 6000), (2 * 1440, 600));

    private static Instant CapturedAt(TestLink link)
    {
        Assert.True(link.Value(4, Maximum, 5).TryGetDateTime(out CosemDateTime time) && time.TryToInstant(out _));
        time.TryToInstant(out Instant at);
        return at;
    }

    [Fact]
    public void ABlockCutsAPeakInTwoAndASlidingWindowFindsItWhole()
    {
        using TestLink link = Make(Peak).Link(TestMeter.Utility, At(6, 1, 10, 15)).Connected();
        Assert.Equal(((10 * 600) + (5 * 6000)) / 15, link.Number(5, Block, 3));
        link.Now = At(6, 1, 10, 20);
        Assert.Equal(((5 * 600) + (10 * 6000)) / 15, link.Number(5, Sliding, 3));
        Assert.Equal(5 * 6000 / 15, link.Number(5, Block)); // the block that is open, so far
        link.Now = At(6, 1, 12);
        Assert.Equal((600, 600), (link.Number(5, Block, 3), link.Number(5, Sliding, 3)));
        Assert.Equal(2400, link.Number(4, Maximum));
        Assert.Equal(At(6, 1, 10, 15), CapturedAt(link));
    }

    [Fact]
    public void WhoeverAskedBeforeTheSameIsShown()
    {
        VirtualMeter often = Make(Peak), once = Make(Peak);
        using TestLink asked = often.Link(TestMeter.Reader, Start).Connected();
        for (int minute = 0; minute < 700; minute += 7)
        {
            asked.Now = Start + Duration.FromMinutes(minute);
            asked.Number(5, Block);
            asked.Number(5, Sliding, 3);
        }
        using TestLink late = once.Link(TestMeter.Reader, asked.Now).Connected();
        foreach (ObisCode name in (ObisCode[])[Block, Sliding])
        {
            foreach (sbyte attribute in (sbyte[])[2, 3]) Assert.Equal(asked.Number(5, name, attribute), late.Number(5, name, attribute));
        }
        Assert.Equal(2400, late.Number(4, Maximum));
    }

    [Fact]
    public void ADemandRegisterTakesOtherPeriodsFromAClient()
    {
        using TestLink link = Make(Peak).Link(TestMeter.Utility, At(6, 1, 9)).Connected();
        link.Set(5, Block, 8, CosemData.DoubleLongUnsigned(1800));
        link.Now = At(6, 1, 10, 30);
        Assert.Equal(((20 * 600) + (10 * 6000)) / 30, link.Number(5, Block, 3));
    }

    // Each sub-period is worked out: a second of them over months would take seconds to answer.
    [Theory]
    [InlineData(1)]
    [InlineData(59)]
    public void APeriodOfLessThanAMinuteIsRefusedAndTheOldOneStays(uint seconds)
    {
        using TestLink link = Make(Peak).Link(TestMeter.Utility, At(6, 1, 9)).Connected();
        Assert.Equal(DataAccessResult.OtherReason, link.Fails(link.Client.Set(new(5, Block, 8), CosemData.DoubleLongUnsigned(seconds))).Access);
        Assert.Equal(900, link.Number(5, Block, 8));
        link.Set(5, Block, 8, CosemData.DoubleLongUnsigned(60));
        link.Now = At(6, 1, 10, 15);
        Assert.Equal(6000, link.Number(5, Block, 3));
        string fault = Refused(text => text.Replace("{\"type\": \"double-long-unsigned\", \"value\": 900}", "{\"type\": \"double-long-unsigned\", \"value\": 59}", StringComparison.Ordinal));
        Assert.Contains($"{Block}, attribute 8", fault, StringComparison.Ordinal);
    }

    private static string Refused(Func<string, string> change)
    {
        string text = change(File.ReadAllText(TestFiles.InRepository("meters", "e-meter.json")));
        Assert.False(MeterDefinition.TryParse(Encoding.UTF8.GetBytes(text), out _, out string? fault));
        return fault!;
    }

    [Fact]
    public void TheMaximumIsForgottenByScriptAndAtTheEndOfTheMonth()
    {
        VirtualMeter meter = Make(Watts((610, 600), (10, 6000), (40 * 1440, 600)));
        using TestLink link = meter.Link(TestMeter.Utility, At(6, 2)).Connected();
        link.Do(9, ResetScripts, 1, CosemData.LongUnsigned(1));
        link.Now = At(6, 3);
        Assert.Equal(600, link.Number(4, Maximum));
        Assert.Equal(At(6, 2, 0, 15), CapturedAt(link));
        link.Now = At(7, 2);
        Assert.Equal(At(7, 1, 0, 15), CapturedAt(link)); // the billing schedule's reset
        Assert.Equal([(MeterEventCode.MaximumDemandReset, At(6, 2)), (MeterEventCode.MaximumDemandReset, At(7, 1))], meter.Events.Of(3).Select(e => (e.Code, e.At)));
    }

    [Fact]
    public void ARegisterMonitorRunsAScriptUpAndAnotherDown()
    {
        VirtualMeter meter = Make(Watts((600, 600), (60, 6000), (780, 600)));
        using TestLink link = meter.Link(TestMeter.Utility, Start).Connected();
        link.Set(70, MeterObis.Relay, 4, CosemData.Enumeration(5));
        link.Set(21, Monitor, 2, CosemData.Array(CosemData.DoubleLong(3000)));
        meter.Advance(At(6, 1, 12));
        // The mean of a quarter of an hour passes 3 kW at 10:07 and, with the relay open, is back at it three minutes later.
        Assert.Equal([(MeterEventCode.Disconnected, At(6, 1, 10, 7)), (MeterEventCode.Connected, At(6, 1, 10, 10))],
            meter.Events.Of(6).Take(2).Select(e => (e.Code, e.At)));
    }

    [Fact]
    public void ASingleActionScheduleMovesTheRelayAtItsTimes()
    {
        VirtualMeter meter = Make(Watts((4 * 1440, 600)));
        using TestLink link = meter.Link(TestMeter.Utility, Start).Connected();
        link.Set(22, RelaySchedule, 4, CosemData.Array(CosemData.Structure(CosemData.OctetString([13, 30, 0, 0]), CosemData.OctetString([0xFF, 0xFF, 0xFF, 2, 0xFF]))));
        link.Now = At(6, 4);
        Assert.Equal(2, link.Number(70, MeterObis.Relay, 3));
        Assert.Equal([(MeterEventCode.Disconnected, At(6, 2, 13, 30))], meter.Events.Of(6).Select(e => (e.Code, e.At)));
        Assert.Equal(36 * 600 + (90 * 600 / 60), link.Number(3, new(1, 0, 1, 8, 0)));
    }

    [Fact]
    public void AScheduleRunsLateWithinItsWindowAfterAPowerFailure()
    {
        static CosemData Entry(ushort index, byte hour, ushort windowMinutes) => CosemData.Structure(
            CosemData.LongUnsigned(index), CosemData.Boolean(true), CosemData.LogicalName(MeterObis.DisconnectScripts), CosemData.LongUnsigned(1),
            CosemData.OctetString([hour, 0, 0, 0]), CosemData.LongUnsigned(windowMinutes), CosemData.BitString([0xFE], 7), CosemData.BitString([], 0),
            CosemData.OctetString([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), CosemData.OctetString([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        VirtualMeter missed = Make(Watts((1440, 600))), late = Make(Watts((1440, 600)));
        foreach ((VirtualMeter meter, ushort window) in ((VirtualMeter, ushort)[])[(missed, 60), (late, 180)])
        {
            using TestLink link = meter.Link(TestMeter.Utility, Start).Connected();
            link.Set(10, Schedule, 2, CosemData.Array(Entry(1, 8, window)));
            meter.FailPower(At(6, 1, 7));
            meter.RestorePower(At(6, 1, 10));
        }
        Assert.Empty(missed.Events.Of(6));
        Assert.Equal([At(6, 1, 10)], late.Events.Of(6).Select(e => e.At));
        missed.Advance(At(6, 2, 9));
        Assert.Equal([At(6, 2, 8)], missed.Events.Of(6).Select(e => e.At));
    }
}

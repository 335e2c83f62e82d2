using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Meter.Events;
using Praman.Meter.Load;
using Praman.Meter.Registers;
using static Praman.Meter.Tests.MeterReading;

namespace Praman.Meter.Tests;

/// <summary>What happens to a meter shows in its rows, registers and events.</summary>
public class BehaviourTests
{
    private const int VoltageColumn = 1, ImportColumn = 2, StatusColumn = 6;

    [Fact]
    public void TheRelayStopsEnergyUntilItIsClosedAgain()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 3, 10)).Connected();
        Assert.Equal(1, link.Number(70, MeterObis.Relay, 3));
        link.Done(link.Client.Action(new(70, MeterObis.Relay, 1), CosemData.Integer(0)));
        Assert.Equal(0, link.Number(70, MeterObis.Relay, 3));
        long before = link.Number(3, MeterObis.ImportWh);
        link.Now = India(6, 4, 10);
        Assert.Equal(before, link.Number(3, MeterObis.ImportWh));
        List<Row> rows = link.Range(MeterObis.BlockLoad, India(6, 3, 10, 1), India(6, 4, 10));
        Assert.Equal(48, rows.Count);
        Assert.All(rows, r => Assert.Equal(0, r.Values[ImportColumn]));
        Assert.All(rows, r => Assert.True(r.Values[VoltageColumn] > 0)); // the meter itself has power
        Assert.All(rows, r => Assert.Equal(0, r.Values[StatusColumn]));

        link.Done(link.Client.Action(new(70, MeterObis.Relay, 2), CosemData.Integer(0)));
        Assert.Equal(1, link.Number(70, MeterObis.Relay, 3));
        link.Now = India(6, 5, 10);
        Assert.True(link.Number(3, MeterObis.ImportWh) > before);
        Assert.Equal([MeterEventCode.Disconnected, MeterEventCode.Connected], meter.Events.Of(6).Select(e => e.Code));
        List<Row> log = link.All(MeterObis.EventProfile(6));
        Assert.Equal([(India(6, 3, 10), 301L), (India(6, 4, 10), 302L)], log.Select(r => (r.At, r.Values[1])));
    }

    [Fact]
    public void OnlyTheUtilityMovesTheRelay()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Reader, India(6, 3)).Connected();
        Assert.Equal(ActionResult.ReadWriteDenied, link.Fails(link.Client.Action(new(70, MeterObis.Relay, 1), CosemData.Integer(0))).Action);
        Assert.True(meter.Supply.IsConnected);
    }

    [Fact]
    public void APowerFailureLeavesRowsOfZeroMarkedAndTwoEvents()
    {
        VirtualMeter meter = TestMeter.Make();
        meter.FailPower(India(6, 3, 14, 10));
        Assert.False(meter.IsReachable(India(6, 3, 15)));
        using (var silent = meter.OpenAssociation())
        {
            using var client = new DlmsClient(TestMeter.Public);
            Assert.True(silent.Receive(client.Connect().Send.Span, India(6, 3, 15)).IsEmpty);
            Assert.True(silent.IsClosed);
        }
        meter.RestorePower(India(6, 3, 17, 20));
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 4, 1)).Connected();
        List<Row> rows = link.Range(MeterObis.BlockLoad, India(6, 3, 13, 31), India(6, 3, 18));
        Assert.Equal(9, rows.Count);
        byte down = (byte)BlockLoadStatus.PowerDown;
        Assert.Equal([0, down, down, down, down, down, down, down, 0], rows.Select(r => r.Values[StatusColumn]));
        Assert.All(rows.Skip(2).Take(5), r => Assert.Equal((0, 0), (r.Values[ImportColumn], r.Values[VoltageColumn])));
        Assert.True(rows[1].Values[ImportColumn] > 0 && rows[7].Values[ImportColumn] > 0); // ten minutes each were counted
        List<Row> log = link.All(MeterObis.EventProfile(2));
        Assert.Equal([(India(6, 3, 14, 10), 101L), (India(6, 3, 17, 20), 102L)], log.Select(r => (r.At, r.Values[1])));
        Assert.Equal(1, link.Number(1, MeterObis.PowerFailureCount));
        Assert.Equal((long)(Duration.FromDays(3) + Duration.FromHours(1) - Duration.FromMinutes(190)).TotalMinutes, link.Number(1, MeterObis.PowerOnMinutes));
    }

    [Fact]
    public void ADriftingClockCutsRowsLateAndSettingItIsRecorded()
    {
        VirtualMeter meter = TestMeter.Make(driftPpm: -500); // loses 43.2 s a day
        using TestLink link = meter.Link(TestMeter.Utility, TestMeter.Start + Duration.FromDays(10)).Connected();
        Assert.Equal(TestMeter.Start + Duration.FromDays(10) - Duration.FromSeconds(432), ReadClock(link));

        // Set right: the row in which it happens is marked, and no row is lost or doubled.
        Instant now = link.Now;
        link.Done(link.Client.Set(new(8, MeterObis.Clock, 2), CosemData.DateTimeOctets(Stamp(now))));
        Assert.Equal(now, ReadClock(link));
        link.Now = now + Duration.FromHours(3);
        List<Row> rows = link.Range(MeterObis.BlockLoad, now - Duration.FromHours(3), now + Duration.FromHours(2));
        Assert.Equal(11, rows.Count);
        for (int i = 1; i < rows.Count; i++) Assert.Equal(Duration.FromMinutes(30), rows[i].At - rows[i - 1].At);
        Assert.Equal([now], rows.Where(r => r.Values[StatusColumn] == (byte)BlockLoadStatus.ClockAdjusted).Select(r => r.At));
        Row setting = Assert.Single(link.All(MeterObis.EventProfile(3)));
        Assert.Equal((151, 1), (setting.Values[1], setting.Values[2]));
    }

    [Fact]
    public void SettingTheClockBackDoublesNoEnergy()
    {
        VirtualMeter meter = TestMeter.Make();
        Instant at = India(6, 3, 10, 10);
        var cursor = new LoadCursor();
        var before = Enumerable.Range(0, 10).Select(i => meter.Block(meter.BlockNumberAt(India(6, 3, 5)) + i, cursor)).ToArray();
        meter.SetClock(at, India(6, 3, 9, 40));
        var after = Enumerable.Range(0, 10).Select(i => meter.Block(meter.BlockNumberAt(India(6, 3, 5)) + i, cursor)).ToArray();
        Assert.Equal(before, after); // what was cut stays as it was cut
        Instant now = India(6, 4);
        long sum = 0;
        for (long number = meter.BlockNumberAt(TestMeter.Start) + 1; number <= meter.BlockNumberAt(meter.Clock.Read(now)); number++) sum += meter.Block(number, cursor).Import;
        Instant cut = meter.Clock.TrueTimeOf(meter.BlockEnd(meter.BlockNumberAt(meter.Clock.Read(now))));
        Assert.Equal(meter.RegistersAt(cut, cursor).Import, sum);
        Assert.Equal(BlockLoadStatus.ClockAdjusted, meter.Block(meter.BlockNumberAt(India(6, 3, 10, 30)), cursor).Status);
    }

    [Fact]
    public void SettingTheClockForwardOverRowsLeavesThemOut()
    {
        VirtualMeter meter = TestMeter.Make();
        meter.SetClock(India(6, 3, 10, 10), India(6, 3, 12, 5));
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 3, 11)).Connected();
        List<Row> rows = link.Range(MeterObis.BlockLoad, India(6, 3, 9, 31), India(6, 3, 12, 30));
        Assert.Equal([India(6, 3, 10), India(6, 3, 10, 30), India(6, 3, 12, 30)], rows.Select(r => r.At));
        Assert.Equal((byte)BlockLoadStatus.ClockAdjusted, rows[1].Values[StatusColumn]);
    }

    [Fact]
    public void TampersAreRecorded()
    {
        VirtualMeter meter = TestMeter.Make();
        meter.SetMagnet(India(6, 2, 3), true);
        meter.SetMagnet(India(6, 2, 4), false);
        meter.OpenCover(India(6, 2, 5));
        using TestLink link = meter.Link(TestMeter.Reader, India(6, 3)).Connected();
        List<Row> other = link.All(MeterObis.EventProfile(4));
        Assert.Equal([(India(6, 2, 3), 201L), (India(6, 2, 4), 202L)], other.Select(r => (r.At, r.Values[1])));
        Assert.Equal(meter.RegistersAt(India(6, 2, 3), new LoadCursor()).Import, other[0].Values[5]);
        Assert.Equal([(India(6, 2, 5), 251L)], link.All(MeterObis.EventProfile(5)).Select(r => (r.At, r.Values[1])));
        Assert.Equal(2, link.Number(1, MeterObis.TamperCount));
        Assert.Single(link.Range(MeterObis.EventProfile(4), India(6, 2, 3, 30), India(6, 2, 4)));
    }

    [Fact]
    public void LogsForgetTheirOldestAndKeepTheirNumbers()
    {
        VirtualMeter meter = TestMeter.Make();
        for (int i = 0; i < 100; i++) meter.SetMagnet(India(6, 2) + Duration.FromMinutes(i), i % 2 == 0);
        using TestLink link = meter.Link(TestMeter.Reader, India(6, 3)).Connected();
        List<Row> rows = link.All(MeterObis.EventProfile(4));
        Assert.Equal(60, rows.Count);
        Assert.Equal(Enumerable.Range(41, 60).Select(n => (long)n), rows.Select(r => r.Values[6]));
    }

    [Fact]
    public void AnExchangeEndsOneRegisterAndBeginsAnother()
    {
        var fleet = new MeterFleet(new MeterModel());
        var source = new HouseholdLoad(9, TestMeter.Start, Offset.FromHoursAndMinutes(5, 30));
        VirtualMeter old = fleet.Add("A1", TestMeter.MeterTitle, TestMeter.Keys, source, TestMeter.Start);
        Instant at = India(6, 10, 11, 17);
        VirtualMeter replacement = fleet.Exchange(old, at, "A2", VirtualMeter.MakeSystemTitle("PRM", 2), TestMeter.Keys);
        var cursor = new LoadCursor();
        Instant later = India(6, 20);
        Assert.Equal(old.RegistersAt(at, cursor), old.RegistersAt(later, cursor));
        Assert.Equal(default, replacement.RegistersAt(at, cursor));
        Assert.Equal(source.TotalsAt(later, cursor).ImportWh, old.RegistersAt(later, cursor).Import + replacement.RegistersAt(later, cursor).Import);
        Assert.False(old.IsReachable(later));
        Assert.False(fleet.TryFind("A1", out _));
        Assert.True(fleet.TryFind("A2", out VirtualMeter? found) && found == replacement);
        Assert.Throws<ArgumentException>(() => fleet.Add("A2", TestMeter.MeterTitle, TestMeter.Keys, source, at));
    }

    // 1 kW, and 5 kW for so many minutes from eight in the evening on.
    private static VirtualMeter Evening(int minutes)
    {
        int[] watts = [.. Enumerable.Range(0, 2 * 24 * 60).Select(m => m >= 20 * 60 && m < (20 * 60) + minutes ? 5000 : 1000)];
        long sum = 0;
        int[] wh = [.. watts.Select(w => (int)(((sum += w) / 60) - ((sum - w) / 60)))];
        return TestMeter.Make(source: new IntervalDataLoad(TestMeter.Start, Duration.FromMinutes(1), wh));
    }

    [Theory]
    [InlineData(2880)] // asked at the end only
    [InlineData(7)]
    [InlineData(1)]
    public void ALoadThatStaysOverTheLimitForItsTimeOpensTheRelayAndALockoutLaterItCloses(int askEveryMinutes)
    {
        VirtualMeter meter = Evening(60);
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 1, 1)).Connected();
        link.Done(link.Client.Set(new(71, MeterObis.Limiter, 4), CosemData.DoubleLongUnsigned(3000)));
        link.Done(link.Client.Set(new(71, MeterObis.Limiter, 6), CosemData.DoubleLongUnsigned(600)));
        for (int minute = 61; minute < 23 * 60; minute += askEveryMinutes) meter.Advance(TestMeter.Start + Duration.FromMinutes(minute));
        link.Now = India(6, 1, 23);
        // The mean of a quarter of an hour passes 3 kW at 20:08 and stays there for ten minutes. Closed again at 20:48 it passes it at 20:58, but not for as long.
        Assert.Equal(1, link.Number(70, MeterObis.Relay, 3));
        Assert.Equal([(301L, India(6, 1, 20, 18)), (302L, India(6, 1, 20, 48))], link.All(MeterObis.EventProfile(6)).Select(r => (r.Values[1], r.At)));
        Assert.Equal([215L, 216L], link.All(MeterObis.EventProfile(4)).Select(r => r.Values[1]));
        List<Row> rows = link.Range(MeterObis.BlockLoad, India(6, 1, 20, 1), India(6, 1, 21, 30));
        Assert.Equal([1500L, 1000, 500], rows.Select(r => r.Values[ImportColumn]));
    }

    [Theory]
    [InlineData(60, 20 * 60 + 9)]
    [InlineData(300, 20 * 60 + 13)]
    [InlineData(900, null)] // over from 20:08 to 20:18
    public void HowLongALoadMayStayOverTheLimitDecidesWhetherTheRelayOpensAndWhen(uint seconds, int? opensAt)
    {
        VirtualMeter meter = Evening(15);
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 1, 1)).Connected();
        link.Done(link.Client.Set(new(71, MeterObis.Limiter, 4), CosemData.DoubleLongUnsigned(3000)));
        link.Done(link.Client.Set(new(71, MeterObis.Limiter, 6), CosemData.DoubleLongUnsigned(seconds)));
        meter.Advance(India(6, 1, 23));
        Assert.Equal(opensAt is { } minute ? [TestMeter.Start + Duration.FromMinutes(minute)] : (Instant[])[], meter.Events.Of(6).Where(e => e.Code == MeterEventCode.Disconnected).Select(e => e.At));
    }

    [Fact]
    public void ARelayThatIsOpenAndAMeterWithoutPowerCountNoOverload()
    {
        VirtualMeter meter = Evening(60);
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 1, 1)).Connected();
        link.Done(link.Client.Set(new(71, MeterObis.Limiter, 4), CosemData.DoubleLongUnsigned(3000)));
        link.Done(link.Client.Set(new(71, MeterObis.Limiter, 6), CosemData.DoubleLongUnsigned(600)));
        meter.FailPower(India(6, 1, 20, 16));
        meter.RestorePower(India(6, 1, 20, 17));
        meter.Disconnect(India(6, 1, 20, 25));
        meter.Connect(India(6, 1, 20, 50));
        meter.Advance(India(6, 1, 23));
        Assert.DoesNotContain(meter.Events.Of(4), e => e.Code == MeterEventCode.Overload);
    }

    [Fact]
    public void ACapturePeriodIsSetAndTheOldRowsAreGone()
    {
        VirtualMeter meter = TestMeter.Make();
        using TestLink link = meter.Link(TestMeter.Utility, India(6, 3, 10, 10)).Connected();
        link.Done(link.Client.Set(new(7, MeterObis.BlockLoad, 4), CosemData.DoubleLongUnsigned(900)));
        Assert.Equal(DataAccessResult.OtherReason, link.Fails(link.Client.Set(new(7, MeterObis.BlockLoad, 4), CosemData.DoubleLongUnsigned(901))).Access);
        link.Now = India(6, 3, 11);
        Assert.Equal([India(6, 3, 10, 15), India(6, 3, 10, 30), India(6, 3, 10, 45), India(6, 3, 11)], link.All(MeterObis.BlockLoad).Select(r => r.At));
        Assert.Equal([153L], link.All(MeterObis.EventProfile(3)).Select(r => r.Values[1]));
    }

    [Fact]
    public void TwentyThreeAndTwentyFiveHourDaysHaveTheirRows()
    {
        DateTimeZone zone = DateTimeZoneProviders.Tzdb["Europe/Zurich"];
        Instant start = new LocalDateTime(2026, 3, 20, 0, 0).InZoneStrictly(zone).ToInstant();
        var meter = new VirtualMeter(new MeterType(new MeterModel { Zone = zone, CapturePeriodSeconds = 900, DailyLoadDays = 400 }), "CH1", TestMeter.MeterTitle, TestMeter.Keys,
            new HouseholdLoad(3, start, Offset.FromHours(1)), start);
        foreach ((LocalDate date, int count) in new[] { (new LocalDate(2026, 3, 28), 96), (new LocalDate(2026, 3, 29), 92), (new LocalDate(2026, 10, 25), 100) })
        {
            Instant from = zone.AtStartOfDay(date).ToInstant(), to = zone.AtStartOfDay(date.PlusDays(1)).ToInstant();
            using TestLink link = meter.Link(TestMeter.Reader, to + Duration.FromHours(2)).Connected();
            link.Done(link.Client.GetRange(MeterObis.BlockLoad, CosemDateTime.From(from + Duration.FromSeconds(1), zone.GetUtcOffset(from)), CosemDateTime.From(to, zone.GetUtcOffset(to))));
            Assert.True(Dlms.Cosem.ProfileRowReader.TryOpen(link.Client.Data, new(60), 0, out var reader, out _));
            Assert.Equal(count, reader.RowCount);
            long[] values = new long[7];
            long at = from.ToUnixTimeSeconds(), sum = 0;
            while (reader.TryReadRow(values, out _))
            {
                Assert.Equal(at += 900, values[0]);
                sum += values[ImportColumn];
            }
            Assert.Equal(to.ToUnixTimeSeconds(), at);
            var cursor = new LoadCursor();
            Assert.Equal(meter.RegistersAt(to, cursor).Import - meter.RegistersAt(from, cursor).Import, sum);
        }
    }

    private static Instant ReadClock(TestLink link)
    {
        link.Done(link.Client.Get(new(8, MeterObis.Clock, 2)));
        Assert.True(link.Client.TryGetValue(out CosemData value, out _));
        Assert.True(value.TryGetDateTime(out CosemDateTime time));
        Assert.True(time.TryToInstant(out Instant instant));
        return instant;
    }
}

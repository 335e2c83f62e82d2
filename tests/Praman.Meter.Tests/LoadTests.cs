using CsCheck;
using NodaTime;
using Praman.Meter.Load;

namespace Praman.Meter.Tests;

/// <summary>Load sources: totals that only grow, the same for the same seed, split without losing a Wh.</summary>
public class LoadTests
{
    private static readonly Offset India = Offset.FromHoursAndMinutes(5, 30);

    [Fact]
    public void TotalsGrowAndDoNotDependOnWhatWasAskedBefore() => Gen.Select(Gen.ULong, Gen.Int[0, 3000], Gen.Int[1, 40_000_000].Array[2, 20]).Sample((seed, solar, seconds) =>
    {
        var asked = new HouseholdLoad(seed, TestMeter.Start, India, solar);
        var cursor = new LoadCursor();
        foreach (int at in seconds) asked.TotalsAt(TestMeter.Start + Duration.FromSeconds(at), cursor);
        LoadTotals before = default;
        foreach (int at in seconds.Order())
        {
            Instant instant = TestMeter.Start + Duration.FromSeconds(at);
            LoadTotals total = asked.TotalsAt(instant, cursor);
            Assert.Equal(new HouseholdLoad(seed, TestMeter.Start, India, solar).TotalsAt(instant, new LoadCursor()), total);
            Assert.True(total.ImportWh >= before.ImportWh && total.ExportWh >= before.ExportWh);
            before = total;
        }
    }, iter: 100, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void HouseholdsAreBelievable()
    {
        var cursor = new LoadCursor();
        double[] daily = [.. Enumerable.Range(0, 200).Select(seed =>
            new HouseholdLoad((ulong)seed, TestMeter.Start, India).TotalsAt(TestMeter.Start + Duration.FromDays(365), cursor).ImportWh / 365_000.0)];
        Assert.InRange(daily.Average(), 4, 16); // kWh a day
        Assert.InRange(daily.Min(), 1.5, 6);
        Assert.InRange(daily.Max(), 10, 45);

        // An evening weighs more than a night, a hot month more than a mild one.
        long evening = 0, night = 0, may = 0, november = 0;
        for (ulong seed = 0; seed < 100; seed++)
        {
            var home = new HouseholdLoad(seed, Instant.FromUtc(2025, 12, 31, 18, 30), India);
            for (int day = 0; day < 60; day++)
            {
                Instant midnight = Instant.FromUtc(2026, 1, 1, 18, 30) + Duration.FromDays(day);
                evening += Between(home, midnight + Duration.FromHours(19), 3, cursor);
                night += Between(home, midnight + Duration.FromHours(1), 3, cursor);
            }
            may += Between(home, Instant.FromUtc(2026, 4, 30, 18, 30), 24 * 31, cursor);
            november += Between(home, Instant.FromUtc(2026, 10, 31, 18, 30), 24 * 31, cursor);
        }
        Assert.True(evening > 2 * night);
        Assert.True(may > 1.3 * november);
    }

    [Fact]
    public void RealDataKeepsItsIntervalsItsGapsAndItsSums()
    {
        int[] wh = [.. Enumerable.Range(0, 1000).Select(i => i % 97 == 13 ? IntervalDataLoad.Gap : (i * 37) % 901)];
        Duration slot = Duration.FromMinutes(30);
        var load = new IntervalDataLoad(TestMeter.Start, slot, wh);
        var cursor = new LoadCursor();
        long sum = 0;
        for (int i = 0; i < wh.Length; i++)
        {
            Instant from = TestMeter.Start + (slot * i), to = from + slot;
            Assert.Equal(sum, load.TotalsAt(from, cursor).ImportWh);
            Assert.Equal(wh[i] != IntervalDataLoad.Gap, load.IsKnown(from, to));
            long first = load.TotalsAt(from + Duration.FromMinutes(15), cursor).ImportWh - sum;
            Assert.Equal(Math.Max(0, wh[i]) / 2, first); // a half is rounded down, the other half has the rest
            sum += Math.Max(0, wh[i]);
        }
        Assert.Equal(sum, load.TotalsAt(Instant.MaxValue, cursor).ImportWh);
        Assert.False(load.IsKnown(TestMeter.Start - slot, TestMeter.Start));
        Assert.False(load.IsKnown(TestMeter.Start + (slot * 1000), TestMeter.Start + (slot * 1001)));
        Assert.Equal(default, load.TotalsAt(TestMeter.Start - slot, cursor));
    }

    [Fact]
    public void AGapIsMissingFromTheProfileAndTheRegistersGoOnWhereAskedTo()
    {
        int[] wh = [100, 300, IntervalDataLoad.Gap, IntervalDataLoad.Gap, 200, 200];
        var still = TestMeter.Make(source: new IntervalDataLoad(TestMeter.Start, Duration.FromMinutes(30), wh));
        var counting = TestMeter.Make(source: new IntervalDataLoad(TestMeter.Start, Duration.FromMinutes(30), wh, gapEnergy: GapEnergy.Mean));
        foreach ((VirtualMeter meter, uint register) in new[] { (still, 800u), (counting, 1200u) })
        {
            using TestLink link = meter.Link(TestMeter.Reader, TestMeter.Start + Duration.FromHours(3)).Connected();
            Assert.Equal([100L, 300, 200, 200], link.All(MeterObis.BlockLoad).Select(r => r.Values[2]));
            Assert.Equal(4, link.Number(7, MeterObis.BlockLoad, 7));
            Assert.Equal(register, link.Number(3, MeterObis.ImportWh));
            link.Done(link.Client.GetEntries(MeterObis.BlockLoad, 2, 3)); // entries count the rows that are there
            Assert.Equal([300L, 200], link.Rows().Select(r => r.Values[2]));
        }
    }

    [Fact]
    public void DataThatIsNoDataIsRefused()
    {
        Assert.Throws<ArgumentException>(() => new IntervalDataLoad(TestMeter.Start, Duration.FromHours(1), new[] { 1, -2 }));
        Assert.Throws<ArgumentException>(() => new IntervalDataLoad(TestMeter.Start, Duration.FromHours(1), new[] { 1 }, new[] { 1, 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IntervalDataLoad(TestMeter.Start, Duration.FromSeconds(1), new[] { 1 }));
    }

    private static long Between(HouseholdLoad home, Instant from, int hours, LoadCursor cursor) =>
        home.TotalsAt(from + Duration.FromHours(hours), cursor).ImportWh - home.TotalsAt(from, cursor).ImportWh;
}

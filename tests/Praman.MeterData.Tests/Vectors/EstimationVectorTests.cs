using NodaTime;
using Praman.MeterData.Estimation;
using Praman.MeterData.Rules;
using Praman.MeterData.Scaling;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests.Vectors;

/// <summary>Published vectors T4 to T11 and T22's neighbours: estimates and scaling, in Wh.</summary>
public sealed class EstimationVectorTests
{
    private static readonly LocalDate Wednesday = new(2026, 4, 15);

    private static long[] Line(long before, long after, int missing, int minutes = 30)
    {
        var gap = new long[missing];
        Assert.True(new LinearInterpolation(120).TryFill(before, after, minutes, gap));
        return gap;
    }

    [Fact]
    public void T04_a_line_from_75_to_100_over_four_gives_80_85_90_95() => Assert.Equal([80, 85, 90, 95], Line(75, 100, 4));

    [Fact]
    public void T05_a_line_from_400_to_900_over_two_hours_gives_500_600_700_800() => Assert.Equal([500, 600, 700, 800], Line(400, 900, 4));

    [Fact]
    public void A_line_rounds_halves_up_and_falls_as_exactly_as_it_rises()
    {
        Assert.Equal([1], Line(0, 1, 1));
        Assert.Equal([7, 3], Line(10, 0, 2)); // 6.67, 3.33
        Assert.Equal([2, 4, 6, 8, 10, 12, 14, 16], Line(0, 18, 8, 15));
    }

    [Fact]
    public async Task T06_five_missing_half_hours_are_no_line_but_like_days()
    {
        Assert.False(new LinearInterpolation(120).TryFill(100, 100, 30, new long[5]));
        World world = await WithLikeDays();
        long?[] day = World.Flat(48, 700);
        for (int i = 20; i < 25; i++) day[i] = null;
        await world.Accept(world.Reading([world.Day(Wednesday, day)]));
        await world.Estimate(Wednesday);
        (long[] values, IntervalQuality[] qualities) = world.InForce(Wednesday);
        Assert.All(qualities[20..25], quality => Assert.Equal(new IntervalQuality(IntervalState.LikeDayAverage), quality));
        Assert.Equal([500, 500, 500, 500, 500], values[20..25]);
    }

    [Fact]
    public async Task Four_missing_half_hours_are_a_line()
    {
        World world = await WithLikeDays();
        long?[] day = World.Flat(48, 400);
        for (int i = 20; i < 24; i++) day[i] = null;
        day[24] = 900;
        await world.Accept(world.Reading([world.Day(Wednesday, day)]));
        await world.Estimate(Wednesday);
        (long[] values, IntervalQuality[] qualities) = world.InForce(Wednesday);
        Assert.Equal([400, 500, 600, 700, 800, 900], values[19..25]);
        Assert.All(qualities[20..24], quality => Assert.Equal(IntervalState.LinearInterpolation, quality.State));
    }

    [Fact]
    public async Task T07_a_neighbour_with_an_outage_carries_no_line()
    {
        Assert.False(LinearInterpolation.IsAnchor(new IntervalQuality(IntervalState.Valid, IntervalFlags.Outage)));
        Assert.False(LinearInterpolation.IsAnchor(new IntervalQuality(IntervalState.Warn)));
        Assert.True(LinearInterpolation.IsAnchor(IntervalQuality.Valid));
        World world = await WithLikeDays();
        long?[] day = World.Flat(48, 700);
        day[21] = null;
        IntervalBlock clean = world.Day(Wednesday, day);
        (long[] values, IntervalQuality[] qualities) = clean.Decode();
        qualities[20] = qualities[20] with { Flags = IntervalFlags.Outage };
        await world.Accept(world.Reading([IntervalBlock.Create(clean.Header, values, qualities)]));
        await world.Estimate(Wednesday);
        Assert.Equal(IntervalState.LikeDayAverage, world.InForce(Wednesday).Qualities[21].State);
    }

    [Fact]
    public void T08_the_mean_of_three_like_days_is_500_and_700()
    {
        ReferenceDay[] days = [new(default, [500, 600]), new(default, [400, 700]), new(default, [600, 800])];
        Assert.Equal(500, LikeDayEstimate.Mean(days, 0));
        Assert.Equal(700, LikeDayEstimate.Mean(days, 1));
    }

    [Fact]
    public void Like_days_are_the_nearest_of_the_weekday_then_of_the_day_type_and_never_later()
    {
        ReferenceDay Of(LocalDate day) => new(day, []);
        var estimate = new LikeDayEstimate(3);
        List<ReferenceDay> all = [.. Enumerable.Range(-40, 60).Select(i => Of(Wednesday.PlusDays(i)))];
        Assert.Equal([Wednesday.PlusDays(-7), Wednesday.PlusDays(-14), Wednesday.PlusDays(-21)], estimate.Choose(Wednesday, all).Select(d => d.Day));
        List<ReferenceDay> few = [.. all.Where(d => d.Day > Wednesday.PlusDays(-9))];
        Assert.Equal([Wednesday.PlusDays(-1), Wednesday.PlusDays(-2), Wednesday.PlusDays(-5)], estimate.Choose(Wednesday, few).Select(d => d.Day)); // not the weekend
        Assert.Empty(estimate.Choose(Wednesday, [.. all.Where(d => d.Day >= Wednesday)]));
        Assert.Empty(estimate.Choose(Wednesday, [Of(Wednesday.PlusDays(-1)), Of(Wednesday.PlusDays(-2))]));
    }

    [Fact]
    public void T09_300_500_700_scaled_to_1000_are_200_333_467()
    {
        var scaled = new long[3];
        Assert.True(RegisterScaling.TryScale([300, 500, 700], 1_000, scaled));
        Assert.Equal([200, 333, 467], scaled);
        Assert.Equal(1_000, scaled.Sum());
    }

    [Fact]
    public void T10_of_equal_remainders_the_earlier_interval_gets_the_rest()
    {
        var scaled = new long[3];
        Assert.True(RegisterScaling.TryScale([1, 1, 1], 1_000, scaled));
        Assert.Equal([334, 333, 333], scaled);
        Assert.True(RegisterScaling.TryScale([0, 0, 0], 1_001, scaled)); // E = 0: shared alike
        Assert.Equal([334, 334, 333], scaled);
    }

    [Fact]
    public async Task T11_a_negative_target_is_not_scaled_and_fails()
    {
        var scaled = new long[] { 7, 7 };
        Assert.False(RegisterScaling.TryScale([100, 100], -200, scaled));
        Assert.Equal([7, 7], scaled);

        // 47 known intervals hold 200 Wh more than the register says.
        var world = new World();
        long?[] day = World.Flat(48, 100);
        day[20] = null;
        await world.Accept(world.Reading([world.Day(Wednesday, day)], [world.Register(Wednesday, 5_000), world.Register(Wednesday.PlusDays(1), 9_500)]));
        await world.Estimate(Wednesday);
        (long[] values, IntervalQuality[] qualities) = world.InForce(Wednesday);
        Assert.Equal(new IntervalQuality(IntervalState.LinearInterpolation), qualities[20]);
        Assert.Equal(100, values[20]);
        Praman.MeterData.Validation.StoredFinding found = Assert.Single(world.Store.Findings, f => f.Finding.Rule == RuleId.ScaleNegative);
        Assert.Equal(-200m, found.Finding.Measured);
        BillableUsage usage = await world.Usage(Wednesday, Wednesday);
        Assert.Equal(BillingGate.Blocked, usage.Gate);
        Assert.Contains(Praman.MeterData.Gate.GateReason.Unscaled, usage.Reasons);
    }

    [Fact]
    public async Task A_factor_outside_its_bounds_is_flagged_for_a_person()
    {
        var world = new World();
        long?[] day = World.Flat(48, 100);
        day[20] = null;
        await world.Accept(world.Reading([world.Day(Wednesday, day)], [world.Register(Wednesday, 0), world.Register(Wednesday.PlusDays(1), 4_700 + 401)]));
        await world.Estimate(Wednesday);
        Assert.Equal(401, world.InForce(Wednesday).Values[20]);
        Assert.Equal(4.01m, Assert.Single(world.Store.Findings, f => f.Finding.Rule == RuleId.ScaleExtreme).Finding.Measured);
    }

    /// <summary>Four weeks whose Wednesdays before hold 400, 500 and 600 Wh an interval.</summary>
    private static async Task<World> WithLikeDays()
    {
        var world = new World();
        for (int week = 1; week <= 3; week++)
        {
            await world.Accept(world.Reading([world.Day(Wednesday.PlusDays(-7 * week), World.Flat(48, 300 + (100 * week)))]));
        }
        return world;
    }
}

using NodaTime;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.MeterData.Versions;
using Praman.Metering;

namespace Praman.MeterData.Tests.Vectors;

/// <summary>The published vectors of the rules (docs/reference/vee.md), energies in Wh. T4 to T11 are with estimation.</summary>
public sealed class ValidationVectorTests
{
    private static long[] SpikeDay(long highest) => [.. Enumerable.Repeat(200L, 45), 900, 800, highest];

    [Fact]
    public void T01_a_peak_of_2600_over_a_third_highest_of_800_is_suspect_with_ratio_2_25()
    {
        var run = new RunDay(SpikeDay(2_600));
        Assert.Equal(2_600, run.Summary.Highest);
        Assert.Equal(800, run.Summary.ThirdHighest);
        Finding finding = run.Found(RuleId.Spike);
        Assert.Equal(2.25m, finding.Measured);
        Assert.Equal(1.80m, finding.Limit);
        Assert.Equal(Severity.Warn, finding.Severity); // no register to prove or disprove it
        Assert.Equal(RunDay.Start + Duration.FromMinutes(47 * 30), finding.At);
        Assert.Equal(IntervalState.Warn, run.Qualities[47].State);
        Assert.All(run.Qualities[..47], quality => Assert.Equal(IntervalQuality.Valid, quality));
    }

    [Fact]
    public void T02_a_ratio_of_exactly_1_80_passes_and_1_8125_is_suspect()
    {
        var at = new RunDay(SpikeDay(2_240));
        Assert.False(at.Findings.Has(RuleId.Spike));
        Assert.Null(at.Findings.SkipReason(RuleId.Spike));
        Assert.Equal(1.8125m, new RunDay(SpikeDay(2_250)).Found(RuleId.Spike).Measured);
    }

    [Fact]
    public void T03_a_day_of_zeros_with_one_value_is_skipped_not_passed()
    {
        var run = new RunDay([.. Enumerable.Repeat(0L, 47), 3_000]);
        Assert.False(run.Findings.Has(RuleId.Spike));
        Assert.Equal("third-highest-is-zero", run.Findings.SkipReason(RuleId.Spike));
    }

    [Theory]
    [InlineData(0, SumVerdict.Passed, Severity.Information, IntervalState.Valid)]
    [InlineData(900, SumVerdict.Failed, Severity.Fail, IntervalState.Failed)]
    public void A_spike_is_accepted_where_the_register_proves_it_and_refused_where_it_does_not(long off, SumVerdict sum, Severity severity, IntervalState state)
    {
        long[] values = SpikeDay(2_600);
        var run = new RunDay(values, [RunDay.Register(1_000, 1_000 + values.Sum() - off)]);
        Assert.Equal(sum, run.Sum);
        Assert.Equal(severity, run.Found(RuleId.Spike).Severity);
        Assert.Equal(state, run.Qualities[47].State);
        Assert.All(run.Qualities[..47], quality => Assert.Equal(IntervalState.Valid, quality.State));
    }

    [Theory]
    [InlineData(10_020, SumVerdict.Passed)]
    [InlineData(10_021, SumVerdict.Passed)]
    [InlineData(10_022, SumVerdict.Failed)]
    [InlineData(9_979, SumVerdict.Passed)]
    [InlineData(9_978, SumVerdict.Failed)]
    public void T12_a_sum_of_10_020_against_10_000_passes_within_0_021_and_10_022_fails(long sum, SumVerdict expected)
    {
        long[] values = [.. Enumerable.Repeat(208L, 47), sum - (47 * 208)];
        var run = new RunDay(values, [RunDay.Register(5_000, 15_000, resolution: 10)]);
        Assert.Equal(expected, run.Sum);
        if (expected == SumVerdict.Passed)
        {
            Assert.False(run.Findings.Has(RuleId.Sum));
            Assert.All(run.Qualities, quality => Assert.Equal(IntervalQuality.Valid, quality));
            return;
        }
        Assert.Equal(21m, run.Found(RuleId.Sum).Limit);
        Assert.Equal(Math.Abs(sum - 10_000), run.Found(RuleId.Sum).Measured);
        Assert.Equal(Math.Abs(sum - 10_000), run.Found(RuleId.DailySnapshot).Measured);
        Assert.All(run.Qualities, quality => Assert.Equal(IntervalState.Failed, quality.State));
    }

    [Fact]
    public void T13_a_multiplier_of_20_makes_the_tolerance_0_401()
    {
        var pipeline = new DayPipeline(RuleSet.Default);
        Assert.Equal(401m, pipeline.SumTolerance([RunDay.Register(0, 0, resolution: 10, multiplier: 20)], 48));
        Assert.Equal(21m, pipeline.SumTolerance([RunDay.Register(0, 0, resolution: 10)], 48));
        Assert.Equal(20m + 24m, new SumCheck(1, roundingIsCarried: false).Tolerance([RunDay.Register(0, 0, resolution: 10)], 48));
    }

    [Fact]
    public void T14_a_register_of_six_digits_rolls_over_to_a_usage_of_4_70()
    {
        long[] values = [.. Enumerable.Repeat(98L, 47), 94];
        var run = new RunDay(values, [RunDay.Register(999_998_400, 3_100)]);
        Assert.Equal(4_700, run.UsageWh);
        Assert.Equal(SumVerdict.Passed, run.Sum);
        Finding finding = run.Found(RuleId.RegisterOrder);
        Assert.Equal((Severity.Information, "rollover"), (finding.Severity, finding.Note));
    }

    [Fact]
    public void A_register_that_goes_back_further_than_physics_allows_is_refused_and_sums_are_skipped()
    {
        var run = new RunDay([.. Enumerable.Repeat(100L, 48)], [RunDay.Register(10_000, 5_200)]);
        Assert.Null(run.UsageWh);
        Assert.Equal((Severity.Fail, "goes-back"), (run.Found(RuleId.RegisterOrder).Severity, run.Found(RuleId.RegisterOrder).Note));
        Assert.Equal("register-refused", run.Findings.SkipReason(RuleId.Sum));
        Assert.Equal("register-refused", run.Findings.SkipReason(RuleId.DailySnapshot));
        Assert.All(run.Qualities, quality => Assert.Equal(IntervalState.Valid, quality.State));
    }

    [Theory]
    [InlineData(7_560, false)]
    [InlineData(7_561, true)]
    public void T15_60_A_at_240_V_on_one_phase_allow_7_56_kWh_in_half_an_hour(long value, bool fails)
    {
        var installation = new Installation(new UsagePointId(1), new EndDeviceId("M"), Instant.FromUtc(2020, 1, 1, 0, 0), null, RatedCurrentA: 60);
        long limit = new DayPipeline(RuleSet.Default).IntervalMaximumWh(installation, 1, 30);
        Assert.Equal(7_560, limit);
        var run = new RunDay([.. Enumerable.Repeat(7_000L, 47), value], maximumWh: limit);
        Assert.Equal(fails, run.Findings.Has(RuleId.PhysicalMaximum));
        Assert.Equal(fails ? IntervalState.Failed : IntervalState.Valid, run.Qualities[47].State);
    }

    [Fact]
    public void T16_the_interval_that_ends_at_midnight_of_1_April_belongs_to_31_March()
    {
        DateTimeZone kolkata = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
        var grid = new LocalDayGrid(kolkata);
        Instant stamp = new LocalDateTime(2025, 4, 1, 0, 0).InZoneStrictly(kolkata).ToInstant();
        Instant start = stamp - Duration.FromMinutes(30); // a load profile row is stamped at its end
        Assert.Equal(new LocalDate(2025, 3, 31), grid.DayOf(start));
        Assert.Equal(Instant.FromUtc(2025, 3, 31, 18, 0), start);
        Assert.Equal(47, grid.PlaceInDay(start, 30));
        Assert.Equal(new LocalDate(2025, 4, 1), grid.DayOf(stamp));
    }

    [Fact]
    public void T17_London_has_46_half_hours_on_30_March_2025_and_50_on_26_October()
    {
        var grid = new LocalDayGrid(DateTimeZoneProviders.Tzdb["Europe/London"]);
        Assert.Equal(46, grid.Count(new LocalDate(2025, 3, 30), 30));
        Assert.Equal(50, grid.Count(new LocalDate(2025, 10, 26), 30));
        Assert.Equal(48, grid.Count(new LocalDate(2025, 3, 31), 30));
    }

    [Theory]
    [InlineData(60, null)]
    [InlineData(-60, null)]
    [InlineData(61, Severity.Warn)]
    [InlineData(180, Severity.Warn)]
    [InlineData(181, Severity.Fail)]
    [InlineData(-181, Severity.Fail)]
    public void T18_drift_of_60_passes_61_and_180_warn_181_fails(int seconds, Severity? expected) =>
        Assert.Equal(expected, new ClockToleranceCheck(60, 180).Judge(Duration.FromSeconds(seconds)));

    [Fact]
    public void Negative_energy_is_refused_and_only_that_interval()
    {
        var run = new RunDay([.. Enumerable.Repeat(100L, 47), -1]);
        Assert.Equal(-1m, run.Found(RuleId.Negative).Measured);
        Assert.Equal(IntervalState.Failed, run.Qualities[47].State);
        Assert.Equal(47, run.Qualities.Count(quality => quality == IntervalQuality.Valid));
    }

    [Fact]
    public void A_gap_is_one_finding_with_its_length_in_minutes()
    {
        var run = new RunDay([.. Enumerable.Repeat(100L, 48)], quality: i => i is >= 10 and < 13 or 40 ? IntervalQuality.Missing : IntervalQuality.Raw);
        Finding[] gaps = [.. run.Findings.Found.ToArray().Where(finding => finding.Rule == RuleId.Gap)];
        Assert.Equal([90m, 30m], gaps.Select(gap => gap.Measured!.Value));
        Assert.Equal(RunDay.Start + Duration.FromMinutes(300), gaps[0].At);
        Assert.Equal((44m, 48m), (run.Found(RuleId.IntervalCount).Measured, run.Found(RuleId.IntervalCount).Limit));
        Assert.Equal("no-register", run.Findings.SkipReason(RuleId.Sum));
    }

    [Fact]
    public void Edges_that_are_missing_are_counted_but_are_no_gap()
    {
        var run = new RunDay([.. Enumerable.Repeat(100L, 48)], quality: i => i is < 3 or 47 ? IntervalQuality.Missing : IntervalQuality.Raw);
        Assert.False(run.Findings.Has(RuleId.Gap));
        Assert.Equal(44m, run.Found(RuleId.IntervalCount).Measured);
    }

    [Fact]
    public void The_meters_own_refusal_and_test_mode_refuse_an_interval()
    {
        var run = new RunDay([.. Enumerable.Repeat(100L, 48)], quality: i => i switch
        {
            3 => new IntervalQuality(IntervalState.Failed),
            4 => new IntervalQuality(IntervalState.Raw, IntervalFlags.TestMode),
            5 => new IntervalQuality(IntervalState.Raw, IntervalFlags.Outage | IntervalFlags.ProgrammingChange),
            _ => IntervalQuality.Raw,
        });
        Assert.Equal(["not-valid", "test-mode"], run.Findings.Found.ToArray().Where(f => f.Rule == RuleId.DeviceStatus).Select(f => f.Note));
        Assert.Equal(IntervalState.Failed, run.Qualities[3].State);
        Assert.Equal(new IntervalQuality(IntervalState.Failed, IntervalFlags.TestMode), run.Qualities[4]);
        Assert.Equal(new IntervalQuality(IntervalState.Valid, IntervalFlags.Outage | IntervalFlags.ProgrammingChange), run.Qualities[5]);
        Assert.Equal(4_600, run.Summary.SumWh);
    }

    [Fact]
    public void The_meter_the_grid_and_the_length_are_checked_on_the_day_itself()
    {
        var pipeline = new DayPipeline(RuleSet.Default);
        var qualities = new IntervalQuality[48];
        var day = new ValidationDay
        {
            Header = new IntervalBlockHeader(new UsagePointId(1), ReadingType.ImportEnergy, RunDay.Start + Duration.FromMinutes(7), 45, 48, 0, BlockCause.Received),
            Values = new long[48], Qualities = qualities, DayStart = RunDay.Start, ExpectedCount = 48,
            ReadFrom = new EndDeviceId("X"), Installed = new EndDeviceId("Y"),
        };
        pipeline.Validate(ref day);
        Assert.Equal(["V01", "V05", "V07"], pipeline.Findings.Found.ToArray().Select(f => f.Rule.Number).Distinct().Where(n => n is "V01" or "V05" or "V07"));
        Assert.All(qualities, quality => Assert.Equal(IntervalState.Failed, quality.State));
    }
}

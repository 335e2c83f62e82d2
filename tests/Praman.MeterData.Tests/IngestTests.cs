using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests;

/// <summary>What the scenarios do not say: identity, layout, several channels, batches, writers that race.</summary>
public sealed class IngestTests
{
    private static readonly LocalDate Day = new(2026, 4, 15);

    private static IntervalBlock Block(World world, ReadingType type, Instant start, int minutes, int count, sbyte scaler = 0, UsagePointId? usagePoint = null) =>
        IntervalBlock.Create(
            new IntervalBlockHeader(usagePoint ?? World.Id, type, start, minutes, count, 0, BlockCause.Received),
            [.. Enumerable.Repeat(7L, count)], new IntervalQuality[count], scaler);

    [Fact]
    public async Task The_same_reading_twice_is_stored_once()
    {
        var world = new World();
        MeterReading reading = world.Reading([world.Day(Day, World.Flat(48, 100))], [world.Register(Day, 0), world.Register(Day.PlusDays(1), 4_800)], drift: Duration.Zero);
        await world.Accept(reading, reading);
        await world.Accept(reading);
        Assert.Equal(1, world.Store.AppendCount);
        Assert.Single(world.Store.Blocks);
        Assert.Equal(2, world.Store.Registers.Count);
        Assert.Empty(world.Store.Findings);
        Assert.All(world.InForce(Day).Qualities, quality => Assert.Equal(IntervalQuality.Valid, quality));
    }

    [Fact]
    public async Task RAW_is_never_stored()
    {
        var world = new World();
        await world.Accept(world.Reading([
            world.Day(Day, World.Flat(48, 100)),
            Block(world, ReadingType.AverageVoltage, world.Start(Day), 30, 48, -1),
            Block(world, ReadingType.ExportEnergy, world.Start(Day), 30, 48)]));
        Assert.Equal(3, world.Store.Blocks.Count);
        foreach (StoredBlock stored in world.Store.Blocks) Assert.DoesNotContain(stored.Block.Decode().Qualities, quality => quality.State == IntervalState.Raw);
        Assert.Equal(-1, world.Store.InForce(World.Id, world.Start(Day), ReadingType.AverageVoltage)!.Scaler);
    }

    [Fact]
    public async Task Rows_of_several_days_in_one_block_go_to_their_days()
    {
        var world = new World();
        await world.Accept(world.Reading([Block(world, ReadingType.ImportEnergy, world.Start(Day) + Duration.FromHours(12), 30, 48)]));
        Assert.Equal(24, world.InForce(Day).Qualities.Count(quality => quality.HasValue));
        Assert.Equal(24, world.InForce(Day.PlusDays(1)).Qualities.Count(quality => quality.HasValue));
        Assert.Equal(0, world.Store.QuarantineCount);
    }

    [Theory]
    [InlineData(7, 30, "V05")] // starts off the grid
    [InlineData(0, 45, "V07")] // a length that no rule accepts
    [InlineData(0, 1, "V07")]
    public async Task A_block_off_the_grid_is_put_aside_as_it_came(int offset, int minutes, string rule)
    {
        var world = new World();
        IntervalBlock block = Block(world, ReadingType.ImportEnergy, world.Start(Day) + Duration.FromMinutes(offset), minutes, 24);
        await world.Accept(world.Reading([block]));
        Assert.Equal(1, world.Store.QuarantineCount);
        Assert.Empty(world.Store.Blocks);
        Assert.Equal([rule], world.Codes(Day));
    }

    [Fact]
    public async Task Another_length_than_the_days_is_put_aside()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(Day, World.Flat(48, 100))]));
        await world.Accept(world.Reading([Block(world, ReadingType.ImportEnergy, world.Start(Day), 15, 96)]));
        Assert.Single(world.Store.Blocks);
        Assert.Equal(["V07"], world.Codes(Day));
    }

    [Fact]
    public async Task An_unknown_usage_point_and_one_in_anothers_reading_are_put_aside()
    {
        var world = new World();
        MeterReading reading = world.Reading([world.Day(Day, World.Flat(48, 100))], [world.Register(Day, 5)]);
        await world.Accept(reading with { UsagePoint = new UsagePointId(43) });
        await world.Accept(world.Reading([Block(world, ReadingType.ImportEnergy, world.Start(Day), 30, 48, usagePoint: new UsagePointId(44))]));
        Assert.Empty(world.Store.Blocks);
        Assert.Equal(3, world.Store.QuarantineCount);
        Assert.Equal(3, world.Store.Findings.Count);
    }

    [Fact]
    public async Task Energies_are_multiplied_by_the_transformer_ratio_and_registers_are_not()
    {
        var world = new World(installations: [new Installation(World.Id, World.MeterA, Instant.FromUtc(2000, 1, 1, 0, 0), null, Multiplier: 20)]);
        await world.Accept(world.Reading([world.Day(Day, World.Flat(48, 10))], [world.Register(Day, 100), world.Register(Day.PlusDays(1), 580)]));
        Assert.Equal(48 * 200, world.InForce(Day).Values.Sum());
        Assert.All(world.InForce(Day).Qualities, quality => Assert.Equal(IntervalQuality.Valid, quality));
        BillableUsage usage = await world.Usage(Day, Day);
        Assert.Equal((9_600, 580), (usage.EnergyWh, usage.Segments[0].Closing.Value));
    }

    [Fact]
    public async Task Another_writer_makes_it_read_again_and_a_lasting_conflict_is_told()
    {
        var world = new World();
        world.Store.ConflictsToCome = 3;
        await world.Accept(world.Reading([world.Day(Day, World.Flat(48, 100))]));
        Assert.Single(world.Store.Blocks);
        world.Store.ConflictsToCome = 4;
        await Assert.ThrowsAsync<VersionConflictException>(() => world.Accept(world.Reading([world.Day(Day.PlusDays(1), World.Flat(48, 100))])));
    }

    [Fact]
    public async Task A_disputed_register_is_refused_both_ways_round()
    {
        foreach (long[] order in (long[][])[[100, 107], [107, 100]])
        {
            var world = new World();
            foreach (long value in order) await world.Accept(world.Reading([], [world.Register(Day, value)]));
            RegisterBlock inForce = world.Store.Registers.Last().Register;
            Assert.Equal(100, inForce.ToReading().Value);
            Assert.Equal(IntervalState.Failed, inForce.Block.Decode().Qualities[0].State);
            Assert.Equal([100L, 107L], world.Store.Registers.Select(r => r.Register.ToReading().Value).Distinct().Order());
            Assert.Contains("V04", world.Codes(Day));
        }
    }

    /// <summary>
    /// A clock that is set back over a boundary makes a meter write two rows of one interval. They come as two blocks of one reading, and no value
    /// is dropped (V04): the registers decide, and where neither value fits, what they leave is the interval's.
    /// </summary>
    [Theory]
    [InlineData(null, IntervalState.Failed, 100L)]
    [InlineData(4_800L, IntervalState.Valid, 100L)]
    [InlineData(4_950L, IntervalState.Valid, 250L)]
    [InlineData(5_050L, IntervalState.Failed, 100L)] // both were used: 100 and 250
    public async Task Two_rows_of_an_interval_are_both_kept_and_refused_until_the_registers_decide(long? usageWh, IntervalState state, long inForce)
    {
        foreach (bool secondFirst in new[] { false, true })
        {
            var world = new World();
            IntervalBlock day = world.Day(Day, World.Flat(48, 100));
            IntervalBlock row = IntervalBlock.Create(day.Header with { Start = day.Header.StartOf(20), Count = 1 }, [250], [IntervalQuality.Raw]);
            RegisterReading[] registers = usageWh is { } wh ? [world.Register(Day, 1_000), world.Register(Day.PlusDays(1), 1_000 + wh)] : [];
            await world.Accept(world.Reading(secondFirst ? [row, day] : [day, row], registers));
            (long[] values, IntervalQuality[] qualities) = world.InForce(Day);
            Assert.Equal((inForce, state), (values[20], qualities[20].State));
            Assert.Equal([100L, 250L], world.Versions(Day).Select(version => version.Decode().Values[20]).Distinct().Order());
            Assert.Contains("V04", world.Codes(Day));
            Assert.Equal(state == IntervalState.Failed ? BillingGate.Blocked : BillingGate.Final, (await world.Usage(Day, Day)).Gate);
            if (usageWh != 5_050) continue;
            await world.Estimate(Day);
            Assert.Equal(350, world.InForce(Day).Values[20]);
            Assert.Equal(5_050, world.InForce(Day).Values.Sum());
        }
    }

    [Fact]
    public async Task Many_usage_points_of_a_call_are_one_append()
    {
        var world = new World();
        await world.Accept([.. Enumerable.Range(0, 30).Select(d => world.Reading([world.Day(Day.PlusDays(d), World.Flat(48, 100))], [world.Register(Day.PlusDays(d), 4_800 * d), world.Register(Day.PlusDays(d + 1), 4_800 * (d + 1))]))]);
        Assert.Equal(1, world.Store.AppendCount);
        BillableUsage usage = await world.Usage(Day, Day.PlusDays(29));
        Assert.Equal((BillingGate.Final, 144_000, 1_440, 30), (usage.Gate, usage.EnergyWh, usage.IntervalCount, usage.Blocks.Count));
        Assert.Equal(world.Rules.Sha256, usage.RuleSetSha256);
    }

    [Fact]
    public async Task A_day_is_due_with_its_register_or_after_its_deadline_and_not_before_it_is_over()
    {
        var world = new World(start: 2026);
        long?[] rows = World.Flat(48, 100);
        rows[20] = null;
        world.Pass(world.End(Day));
        await world.Accept(world.Reading([world.Day(Day, rows)]));
        Assert.Equal(Estimation.EstimationState.NotDue, (await world.Estimate(Day, world.End(Day) - Duration.FromSeconds(1))).State);
        Assert.Equal(Estimation.EstimationState.NotDue, (await world.Estimate(Day, world.End(Day) + Duration.FromHours(47))).State);
        Assert.Equal(Estimation.EstimationState.Appended, (await world.Estimate(Day, world.End(Day) + Duration.FromHours(48))).State);
        Assert.Equal(Estimation.EstimationState.UnknownUsagePoint, (await world.Estimation.EstimateAsync(new UsagePointId(9), Day, world.Now, CancellationToken.None)).State);
    }

    [Fact]
    public async Task Without_registers_and_like_days_a_long_gap_stays_missing_and_says_so()
    {
        var world = new World();
        long?[] rows = World.Flat(48, 100);
        for (int i = 0; i < 10; i++) rows[i] = null;
        await world.Accept(world.Reading([world.Day(Day, rows)]));
        await world.Estimate(Day);
        Assert.Equal(10, world.InForce(Day).Qualities.Count(quality => !quality.HasValue));
        Assert.Contains(world.Store.Findings, f => f.Finding.Rule == Rules.RuleId.NoEstimate);
        Assert.Equal(BillingGate.Blocked, (await world.Usage(Day, Day)).Gate);
    }

    [Fact]
    public async Task A_channel_without_a_register_gives_the_same_days_whether_half_a_year_is_read_or_not()
    {
        World quick = new(), wide = new();
        wide.Store.KnowsNothingCheaply = true;
        foreach (World world in new[] { quick, wide })
        {
            for (int day = 0; day < 4; day++)
            {
                LocalDate date = Day.PlusDays(day);
                await world.Accept(world.Reading(
                    [world.Day(date, World.Flat(48, 100)), Block(world, ReadingType.ExportEnergy, world.Start(date), 30, day == 2 ? 20 : 48)],
                    [world.Register(date, 4_800 * day), world.Register(date.PlusDays(1), 4_800 * (day + 1))]));
            }
            await world.Accept(world.Reading([Block(world, ReadingType.ExportEnergy, world.Start(Day.PlusDays(2)) + Duration.FromHours(10), 30, 28)]));
        }
        Assert.Equal(wide.Store.Blocks.Select(stored => stored.Block), quick.Store.Blocks.Select(stored => stored.Block));
        Assert.Equal(wide.Store.Findings.Select(stored => stored.ToString()), quick.Store.Findings.Select(stored => stored.ToString()));
        Assert.Equal(9, quick.Store.Blocks.Count);
        Assert.True(quick.Store.EvidenceDaysRead < 15, $"{quick.Store.EvidenceDaysRead} days read");
        Assert.True(wide.Store.EvidenceDaysRead > 500, $"{wide.Store.EvidenceDaysRead} days read");
    }

    [Fact]
    public async Task A_register_far_away_is_still_found_when_the_first_of_its_quantity_comes_later()
    {
        World quick = new(), wide = new();
        wide.Store.KnowsNothingCheaply = true;
        foreach (World world in new[] { quick, wide })
        {
            for (int day = 0; day < 5; day++) await world.Accept(world.Reading([world.Day(Day.PlusDays(day), World.Flat(48, 100))]));
            await world.Accept(world.Reading([], [world.Register(Day, 0)]));
            await world.Accept(world.Reading([world.Day(Day.PlusDays(5), World.Flat(48, 100))], [world.Register(Day.PlusDays(6), 24_000)]));
        }
        Assert.Equal(wide.Store.Blocks.Select(stored => stored.Block), quick.Store.Blocks.Select(stored => stored.Block));
        Assert.Equal(wide.Store.Findings.Select(stored => stored.ToString()), quick.Store.Findings.Select(stored => stored.ToString()));
        Assert.NotEmpty(quick.Codes(Day.PlusDays(5))); // six days of 4,800 against 24,000: V14 saw the whole stretch
    }
}

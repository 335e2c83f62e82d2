using NodaTime;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests;

/// <summary>What a person decided stays theirs, whatever comes for the day afterwards: else a re-validation would make a measured value of an entered one.</summary>
public class EditsStandTests
{
    private static readonly LocalDate Day = new(2026, 4, 1);
    private static readonly IntervalState[] Decided = [IntervalState.Edited, IntervalState.Accepted];

    [Fact]
    public async Task ARevalidationLeavesThem()
    {
        World world = await EditedAsync();
        await world.Accept(world.Reading([], drift: Duration.FromHours(1), readAt: world.End(Day) + Duration.FromHours(2)));
        (long[] values, IntervalQuality[] qualities) = world.InForce(Day);
        Assert.Equal(2, world.Versions(Day)[^1].Version);
        Assert.All(qualities, quality => Assert.Equal(IntervalFlags.Clock, quality.Flags));
        AssertDecided(values, qualities);
        BillableUsage usage = await world.Usage(Day, Day);
        Assert.Equal(2, usage.EditedCount);
        AssertAnilsAlone(usage);
    }

    /// <summary>The meter's own value comes late: it is kept as a version of its own, and is nobody's edit.</summary>
    [Fact]
    public async Task AValueOfTheMeterIsKeptBesideThem()
    {
        World world = await EditedAsync();
        long?[] late = new long?[48];
        (late[3], late[4]) = (777, 90);
        await world.Accept(world.Reading([world.Day(Day, late)]));
        (long[] values, IntervalQuality[] qualities) = world.InForce(Day);
        AssertDecided(values, qualities);
        (long[] kept, IntervalQuality[] its) = world.Versions(Day)[^2].Decode();
        Assert.Equal((777, IntervalState.Failed), (kept[3], its[3].State));
        BillableUsage usage = await world.Usage(Day, Day);
        AssertAnilsAlone(usage);
        int versions = world.Versions(Day).Count;
        await world.Accept(world.Reading([world.Day(Day, late)]));
        Assert.Equal(versions, world.Versions(Day).Count); // the same again is dropped
    }

    [Fact]
    public async Task NoEstimateAndNoScalingTouchesThem()
    {
        World world = await EditedAsync(isMissing: 10);
        await world.Accept(world.Reading([], [world.Register(Day, 1_000), world.Register(Day.PlusDays(1), 5_900)]));
        await world.Estimate(Day);
        (long[] values, IntervalQuality[] qualities) = world.InForce(Day);
        AssertDecided(values, qualities);
        // 45 × 100, 50 and 90 are known of 4,900: one half-hour is estimated, and takes the rest.
        Assert.Equal((260, true), (values[10], qualities[10].IsEstimated));
        Assert.Equal(4_900, values.Sum());
    }

    /// <summary>Two values of the meter, of which a person accepts one.</summary>
    [Fact]
    public async Task ADisputeThatAPersonDecidedIsNoneAnyMore()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(Day, World.Flat(48, 100))]));
        long?[] other = new long?[48];
        other[4] = 90;
        await world.Accept(world.Reading([world.Day(Day, other)]));
        Assert.Equal(IntervalState.Failed, world.InForce(Day).Qualities[4].State);
        await EditAsync(world, (4, 90, IntervalState.Accepted));
        other[4] = 80;
        await world.Accept(world.Reading([world.Day(Day, other)]));
        (long[] values, IntervalQuality[] qualities) = world.InForce(Day);
        Assert.Equal((90, IntervalState.Accepted), (values[4], qualities[4].State));
        Assert.DoesNotContain(qualities, quality => quality.State == IntervalState.Failed);
        await world.Accept(world.Reading([], [world.Register(Day, 1_000), world.Register(Day.PlusDays(1), 5_790)]));
        Assert.Equal((90, IntervalState.Accepted), (world.InForce(Day).Values[4], world.InForce(Day).Qualities[4].State));
    }

    [Fact]
    public async Task APersonTakesItBack()
    {
        World world = await EditedAsync();
        await EditAsync(world, (3, 0, IntervalState.Missing), (4, 0, IntervalState.Missing));
        await world.Accept(world.Reading([], drift: Duration.FromHours(1), readAt: world.End(Day) + Duration.FromHours(2)));
        IntervalQuality[] qualities = world.InForce(Day).Qualities;
        Assert.Equal([3, 4], Enumerable.Range(0, 48).Where(i => !qualities[i].HasValue));
        Assert.Equal(0, (await world.Usage(Day, Day)).EditedCount);
    }

    /// <summary>A register that a person entered is decided: what the meter gave before and gives later does not dispute it.</summary>
    [Fact]
    public async Task ARegisterOfAPersonStands()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(Day, World.Flat(48, 100))], [world.Register(Day, 1_000), world.Register(Day.PlusDays(1), 5_803)]));
        var header = new IntervalBlockHeader(World.Id, ReadingType.ImportRegister, world.End(Day), 0, 1, 1, BlockCause.Edit);
        var entered = new RegisterBlock(IntervalBlock.Create(header, [5_800], [new IntervalQuality(IntervalState.Edited)]), World.MeterA, 1);
        await world.Store.AppendAsync(
            new ReadingBatch(world.Now)
            {
                Registers = [entered], Edits = [new ReadingEdit(World.Id, ReadingType.ImportRegister, world.End(Day), World.MeterA, 1, "anil", "read by eye")],
            }, CancellationToken.None);
        await AssertStandsAsync(entered.Block.Version);
        await world.Accept(world.Reading([], [world.Register(Day.PlusDays(1), 5_802)]));
        await AssertStandsAsync(3);
        // A measured one by a person's own hand ends it: then the meter's values are what there is, and they differ.
        IntervalBlock back = IntervalBlock.Create(header with { Version = 4 }, [5_803], [IntervalQuality.Valid]);
        await world.Store.AppendAsync(new ReadingBatch(world.Now) { Registers = [new RegisterBlock(back, World.MeterA, 1)] }, CancellationToken.None);
        Assert.Contains(GateReason.Register, (await world.Usage(Day, Day)).Reasons);

        async Task AssertStandsAsync(int version)
        {
            BillableUsage usage = await world.Usage(Day, Day);
            Assert.Equal([GateReason.Edited], usage.Reasons);
            Assert.Equal((4_800, 1, version), (usage.EnergyWh, usage.EditedRegisterCount, Assert.Single(usage.Segments).ClosingBlock.Version));
            AssertAnilsAlone(usage);
        }
    }

    private static void AssertAnilsAlone(BillableUsage usage)
    {
        Assert.Equal(["anil"], usage.Edited!.By);
        Assert.True(usage.Edited.IsEveryEditorKnown);
    }

    private static void AssertDecided(long[] values, IntervalQuality[] qualities)
    {
        Assert.Equal((50, 90), (values[3], values[4]));
        Assert.Equal(Decided, [qualities[3].State, qualities[4].State]);
    }

    /// <summary>A day with two half-hours missing, of which a person entered one and accepted the other.</summary>
    private static async Task<World> EditedAsync(int? isMissing = null)
    {
        var world = new World();
        long?[] values = World.Flat(48, 100);
        (values[3], values[4]) = (null, null);
        if (isMissing is { } index) values[index] = null;
        await world.Accept(world.Reading([world.Day(Day, values)]));
        await EditAsync(world, (3, 50, IntervalState.Edited), (4, 90, IntervalState.Accepted));
        return world;
    }

    private static async Task EditAsync(World world, params (int Index, long Wh, IntervalState State)[] edits)
    {
        IntervalBlock last = world.Versions(Day)[^1];
        (long[] values, IntervalQuality[] qualities) = last.Decode();
        foreach ((int index, long wh, IntervalState state) in edits) (values[index], qualities[index]) = (wh, new IntervalQuality(state));
        IntervalBlock next = IntervalBlock.Create(last.Header with { Version = last.Version + 1, Cause = BlockCause.Edit }, values, qualities);
        await world.Store.AppendAsync(
            new ReadingBatch(world.Now) { Blocks = [next], Edits = [new ReadingEdit(World.Id, ReadingType.ImportEnergy, world.Start(Day), null, next.Version, "anil", "seen on the display")] },
            CancellationToken.None);
    }
}

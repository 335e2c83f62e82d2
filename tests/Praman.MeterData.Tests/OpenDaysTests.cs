using NodaTime;
using Praman.MeterData.Estimation;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests;

/// <summary>A gap that touches midnight: which estimate it gets may not depend on which of the two days came first.</summary>
public class OpenDaysTests
{
    private static readonly LocalDate Day = new(2026, 4, 15);
    private static readonly LocalDate Next = Day.PlusDays(1);
    private static readonly Instant Run = Instant.FromUtc(2026, 4, 20, 0, 0);

    /// <summary>Without its neighbour the end of the day is like other days, 900 Wh; with it a line from 100 to 400.</summary>
    [Theory, InlineData("by the nightly run"), InlineData("when the next day is estimated"), InlineData("when both days are in the reading")]
    public async Task AnEstimateBeforeItsNeighbourCameIsMadeAgain(string when)
    {
        World first = await WithLikeDaysAsync(), second = await WithLikeDaysAsync();
        await first.Accept(first.Reading([first.Day(Day, OpenAtTheEnd())]));
        await first.Accept(first.Reading([first.Day(Next, World.Flat(48, 400))]));
        await first.Estimate(Day);

        await second.Accept(second.Reading([second.Day(Day, OpenAtTheEnd())]));
        var open = new OpenDays(second.Estimation);
        open.Add(World.Id, Day);
        await open.RunAsync(Run, CancellationToken.None);
        Assert.Equal([900, 900], second.InForce(Day).Values[46..]);
        IntervalBlock day = second.Day(Day, OpenAtTheEnd()), next = second.Day(Next, World.Flat(48, 400));
        await second.Accept(second.Reading(when == "when both days are in the reading" ? [day, next] : [next]));
        if (when == "by the nightly run") await open.RunAsync(Run, CancellationToken.None);
        if (when == "when the next day is estimated") await second.Estimate(Next);

        Assert.Equal([200, 300], first.InForce(Day).Values[46..]);
        Assert.Equal(first.InForce(Day).Values, second.InForce(Day).Values);
        Assert.Equal(first.InForce(Day).Qualities, second.InForce(Day).Qualities);
    }

    /// <summary>The next day alone is in the reading; its register at the midnight between them brings the day before into view.</summary>
    [Fact]
    public async Task TheNextDayMakesTheEstimateUpToItsMidnightAgain()
    {
        World world = await WithLikeDaysAsync();
        await world.Accept(world.Reading([world.Day(Day, OpenAtTheEnd())], [world.Register(Day, 1_000), world.Register(Next, 5_900)]));
        await world.Estimate(Day);
        Assert.Equal([150, 150], world.InForce(Day).Values[46..]);
        await world.Accept(world.Reading([world.Day(Next, World.Flat(48, 400))], [world.Register(Next, 5_900), world.Register(Next.PlusDays(1), 25_100)]));
        Assert.Equal([120, 180], world.InForce(Day).Values[46..]); // 200 and 300, scaled to what the registers leave
        Assert.All(world.InForce(Day).Qualities[46..], quality => Assert.Equal(new IntervalQuality(IntervalState.LinearInterpolation, IntervalFlags.Scaled), quality));
    }

    /// <summary>Both days are worked out in one run, and the later one has no version yet.</summary>
    [Fact]
    public async Task ANeighbourOfTheSameRunIsTakenAsItIsNow()
    {
        World world = await WithLikeDaysAsync();
        await world.Accept(world.Reading([world.Day(Day, OpenAtTheEnd())], [world.Register(Day, 1_000)]));
        await world.Estimate(Day);
        Assert.Equal([900, 900], world.InForce(Day).Values[46..]);
        await world.Accept(world.Reading([world.Day(Next, World.Flat(48, 400))], [world.Register(Next.PlusDays(1), 25_100)]));
        Assert.Equal([120, 180], world.InForce(Day).Values[46..]);
    }

    /// <summary>A like day that comes late is used by the next run.</summary>
    [Fact]
    public async Task ALikeDayThatComesLateIsUsedByTheNextRun()
    {
        World world = await WithLikeDaysAsync();
        long?[] rows = World.Flat(48, 100);
        for (int i = 10; i < 20; i++) rows[i] = null;
        await world.Accept(world.Reading([world.Day(Day.PlusDays(-7), rows)])); // with a gap it is no like day
        var open = new OpenDays(world.Estimation);
        await world.Accept(world.Reading([world.Day(Day, rows)]));
        open.Add(World.Id, Day);
        await open.RunAsync(Run, CancellationToken.None);
        long before = world.InForce(Day).Values[10];
        await world.Accept(world.Reading([world.Day(Day.PlusDays(-7), [.. Enumerable.Range(0, 48).Select(i => i is >= 10 and < 20 ? (long?)600 : null)])]));
        await open.RunAsync(Run, CancellationToken.None);
        Assert.Equal((900, 800), (before, world.InForce(Day).Values[10])); // the nearest three of 600, 900, 900
    }

    [Fact]
    public async Task ADayStaysOpenUntilItsEstimatesAreBilled()
    {
        World world = await WithLikeDaysAsync();
        var open = new OpenDays(world.Estimation);
        await world.Accept(world.Reading([world.Day(Day, OpenAtTheEnd())]), world.Reading([world.Day(Next, World.Flat(48, 400))]));
        open.Add(World.Id, Day);
        open.Add(World.Id, Next);
        open.Add(new UsagePointId(9), Day);
        await open.RunAsync(world.End(Day) + Duration.FromHours(1), CancellationToken.None);
        Assert.Equal(2, open.Count); // neither is due; the usage point that is not known is let go
        await open.RunAsync(Run, CancellationToken.None);
        Assert.Equal(1, open.Count);
        Assert.Equal(2, (await world.Estimate(Day, Run)).OpenCount);
        await world.Billing.MarkBilledAsync(await world.Usage(Day, Day), "B-1", world.Now, CancellationToken.None);
        await open.RunAsync(Run, CancellationToken.None);
        Assert.Equal(0, open.Count);
    }

    [Fact]
    public async Task ADayThatNothingFillsStaysOpenAndIsLetGoInTheEnd()
    {
        var world = new World();
        var open = new OpenDays(world.Estimation);
        await world.Accept(world.Reading([world.Day(Day, OpenAtTheEnd())]));
        open.Add(World.Id, Day);
        await open.RunAsync(world.End(Day) + Duration.FromDays(300), CancellationToken.None);
        Assert.Equal(1, open.Count);
        await open.RunAsync(world.End(Day) + Duration.FromDays(401), CancellationToken.None);
        Assert.Equal(0, open.Count);
    }

    private static long?[] OpenAtTheEnd()
    {
        long?[] rows = World.Flat(48, 100);
        (rows[46], rows[47]) = (null, null);
        return rows;
    }

    private static async Task<World> WithLikeDaysAsync()
    {
        var world = new World(start: 2026);
        foreach (int week in (int[])[2, 3, 4]) await world.Accept(world.Reading([world.Day(Day.PlusDays(-7 * week), World.Flat(48, 900))]));
        return world;
    }
}

using NodaTime;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests;

/// <summary>What a meter's own failures and restorations prove, and what they do not.</summary>
public class SupplyTests
{
    private static readonly LocalDate Day = new(2026, 4, 1);

    /// <summary>A ring of events lost the restoration of the first failure: the second proves that supply was back, so the rows in between are estimated, not zero.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task AFailureAfterALostRestorationMakesNoOutageOfTheTimeBefore(bool secondComesLater)
    {
        var world = new World();
        long?[] rows = World.Flat(48, 500);
        (rows[24], rows[25]) = (null, null); // 12:00 to 13:00
        EndDeviceEvent first = Event(world, 101, 10, 0, 1), second = Event(world, 101, 15, 0, 3), restored = Event(world, 102, 15, 20, 4);
        await world.Accept(world.Reading([world.Day(Day, rows)], events: secondComesLater ? [first, restored] : [first, second, restored]));
        await world.Estimate(Day);
        if (secondComesLater)
        {
            Assert.Equal(IntervalState.ZeroOutage, world.InForce(Day).Qualities[24].State);
            await world.Accept(world.Reading([], events: [second]));
        }
        (long[] values, IntervalQuality[] qualities) = world.InForce(Day);
        Assert.All(qualities[24..26], quality => Assert.Equal(new IntervalQuality(IntervalState.LinearInterpolation), quality));
        Assert.Equal([500, 500], values[24..26]);
    }

    /// <summary>The last failure before a restoration is still an outage.</summary>
    [Fact]
    public async Task TheLastFailureBeforeARestorationIsAnOutage()
    {
        var world = new World();
        long?[] rows = World.Flat(48, 500);
        (rows[24], rows[25]) = (null, null);
        await world.Accept(world.Reading([world.Day(Day, rows)], events: [Event(world, 101, 10, 0, 1), Event(world, 101, 11, 50, 2), Event(world, 102, 13, 10, 3)]));
        await world.Estimate(Day);
        Assert.All(world.InForce(Day).Qualities[24..26], quality => Assert.Equal(IntervalState.ZeroOutage, quality.State));
    }

    private static EndDeviceEvent Event(World world, int code, int hour, int minute, long sequence) =>
        new(World.MeterA, World.Id, world.Start(Day) + Duration.FromMinutes((hour * 60) + minute), code, sequence);
}

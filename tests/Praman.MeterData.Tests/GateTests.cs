using NodaTime;
using Praman.MeterData.Gate;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests;

/// <summary>What the gate says of a period that the vectors and scenarios do not show.</summary>
public class GateTests
{
    private static readonly LocalDate First = new(2026, 4, 1);

    [Theory, InlineData(-30, false), InlineData(-30, true), InlineData(35, false)]
    public async Task APeriodWhoseRegistersAreAllMissingIsBlocked(int daysAway, bool storeKnowsNothing)
    {
        World world = await WithOneDayAsync();
        world.Store.KnowsNothingCheaply = storeKnowsNothing;
        await world.Accept(world.Reading([], [world.Register(First.PlusDays(daysAway), 5_000)]));
        BillableUsage usage = await world.Usage(First, First);
        Assert.Equal(BillingGate.Blocked, usage.Gate);
        Assert.Equal([GateReason.Register], usage.Reasons);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task AUsagePointThatNeverHadARegisterIsBilledByItsIntervals(bool storeKnowsNothing)
    {
        World world = await WithOneDayAsync();
        world.Store.KnowsNothingCheaply = storeKnowsNothing;
        BillableUsage usage = await world.Usage(First, First);
        Assert.Equal(BillingGate.Final, usage.Gate);
        Assert.Equal(48 * 100, usage.EnergyWh);
        Assert.Empty(usage.Segments);
    }

    [Fact]
    public async Task ARegisterThatWasNotKnownYetDoesNotBlockWhatWasBillable()
    {
        World world = await WithOneDayAsync();
        Instant known = world.Now;
        world.Pass(known + Duration.FromHours(1));
        await world.Accept(world.Reading([], [world.Register(First.PlusDays(-30), 5_000)]));
        var period = new DateInterval(First, First);
        Assert.Equal(BillingGate.Final, (await world.Billing.UsageForBillingAsync(World.Id, period, known, CancellationToken.None)).Gate);
        Assert.Equal(BillingGate.Blocked, (await world.Billing.UsageForBillingAsync(World.Id, period, null, CancellationToken.None)).Gate);
    }

    private static async Task<World> WithOneDayAsync()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100))]));
        return world;
    }
}

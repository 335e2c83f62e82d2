using NodaTime;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
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

    [Fact]
    public async Task WhatAPersonEnteredOrAcceptedIsCounted()
    {
        var world = new World();
        IntervalQuality[] qualities = [.. Enumerable.Repeat(IntervalQuality.Valid, 48)];
        (qualities[3], qualities[4]) = (new IntervalQuality(IntervalState.Edited), new IntervalQuality(IntervalState.Accepted));
        var header = new IntervalBlockHeader(World.Id, ReadingType.ImportEnergy, world.Start(First), 30, 48, 0, BlockCause.Received);
        RegisterBlock Register(LocalDate day, long value, IntervalState state) => new(
            IntervalBlock.CreateRegister(World.Id, ReadingType.ImportRegister, world.Start(day), value, new IntervalQuality(state)), World.MeterA, 1);
        await world.Store.AppendAsync(
            new ReadingBatch(world.Now)
            {
                Blocks = [IntervalBlock.Create(header, [.. Enumerable.Repeat(100L, 48)], qualities)],
                Registers = [Register(First, 1_000, IntervalState.Edited), Register(First.PlusDays(1), 5_800, IntervalState.Valid)],
            }, CancellationToken.None);
        BillableUsage usage = await world.Usage(First, First);
        Assert.Equal((BillingGate.Final, 2, 1), (usage.Gate, usage.EditedCount, usage.EditedRegisterCount));
    }

    private static async Task<World> WithOneDayAsync()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100))]));
        return world;
    }
}

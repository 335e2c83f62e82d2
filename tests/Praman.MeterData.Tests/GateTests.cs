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

    [Theory, InlineData(-30), InlineData(35)]
    public async Task APeriodWhoseRegistersAreAllMissingIsBlocked(int daysAway)
    {
        World world = await WithOneDayAsync();
        await world.Accept(world.Reading([], [world.Register(First.PlusDays(daysAway), 5_000)]));
        int before = world.Store.EvidenceDaysRead;
        BillableUsage usage = await world.Usage(First, First);
        Assert.Equal(1, world.Store.EvidenceDaysRead - before); // the day that is billed, and none of those since the installation
        Assert.Equal(BillingGate.Blocked, usage.Gate);
        Assert.Equal([GateReason.Register], usage.Reasons);
    }

    [Fact]
    public async Task AUsagePointThatNeverHadARegisterIsBilledByItsIntervals()
    {
        World world = await WithOneDayAsync();
        int before = world.Store.EvidenceDaysRead;
        BillableUsage usage = await world.Usage(First, First);
        Assert.Equal(1, world.Store.EvidenceDaysRead - before);
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

    /// <summary>
    /// A removal within the first minute, or an installation within the last: registers are kept by the minute, so that meter has no part
    /// of the period, and a segment without length is no segment.
    /// </summary>
    [Theory, InlineData(0), InlineData(20), InlineData(59)]
    public async Task AnExchangeWithinTheFirstMinuteGivesNoSegmentWithoutLength(int second)
    {
        Instant midnight = new World().Start(First), exchanged = midnight + Duration.FromSeconds(second);
        var world = new World(installations:
        [
            new Installation(World.Id, World.MeterA, Instant.FromUtc(2000, 1, 1, 0, 0), exchanged), new Installation(World.Id, World.MeterB, exchanged, null),
        ]);
        RegisterReading At(EndDeviceId meter, ReadingType type, Instant at, long value) => new(World.Id, meter, type, at, value);
        await world.Accept(
            world.Reading([], [world.Register(First.PlusDays(-1), 1_000), At(World.MeterA, ReadingType.ImportRegisterAtRemoval, exchanged, 5_800)], readAt: exchanged),
            world.Reading([world.Day(First.PlusDays(-1), World.Flat(48, 100))], readAt: exchanged),
            world.Reading(
                [world.Day(First, World.Flat(48, 100))],
                [At(World.MeterB, ReadingType.ImportRegisterAtInstallation, exchanged, 0), world.Register(First.PlusDays(1), 4_800, World.MeterB)], device: World.MeterB));
        BillableUsage after = await world.Usage(First, First), before = await world.Usage(First.PlusDays(-1), First.PlusDays(-1));
        foreach ((BillableUsage usage, EndDeviceId meter) in ((BillableUsage, EndDeviceId)[])[(before, World.MeterA), (after, World.MeterB)])
        {
            RegisterSegment segment = Assert.Single(usage.Segments);
            Assert.Equal(meter, segment.EndDevice);
            Assert.Equal(4_800, segment.EnergyWh);
        }
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
        Assert.Equal((BillingGate.Blocked, 2, 1), (usage.Gate, usage.EditedCount, usage.EditedRegisterCount));
        Assert.Equal([GateReason.Edited], usage.Reasons);
    }

    /// <summary>Two estimated values; then one comes after another, and each is compared with what was billed, not with the one before.</summary>
    [Fact]
    public async Task AProposalNamesTheVersionThatWasBilled()
    {
        World world = await WithAnEstimateAsync();
        await world.Billing.MarkBilledAsync(await world.Usage(First, First), "B-1", world.Now, CancellationToken.None);
        int billed = world.Versions(First)[^1].Version;
        Assert.Equal(billed, (await BilledAsync(world)).VersionOf(world.Start(First)));
        foreach ((int index, long value) in ((int, long)[])[(44, 150), (45, 250)])
        {
            long?[] values = new long?[48];
            values[index] = value;
            await world.Accept(world.Reading([world.Day(First, values)]));
        }
        List<RebillProposal> proposals = await ProposalsAsync(world);
        Assert.Equal(2, proposals.Count);
        Assert.All(proposals, proposal => Assert.Equal((billed, 4_840L), (proposal.BilledVersion, proposal.BilledWh)));
    }

    [Theory, InlineData(3, true), InlineData(4, false)]
    public async Task AMarkIsTriedAgainWithinABound(int conflicts, bool isMarked)
    {
        World world = await WithAnEstimateAsync();
        BillableUsage usage = await world.Usage(First, First);
        world.Store.ConflictsToCome = conflicts;
        if (isMarked)
        {
            await world.Billing.MarkBilledAsync(usage, "B-1", world.Now, CancellationToken.None);
            Assert.Equal("B-1", (await BilledAsync(world)).BillNumber);
            return;
        }
        await Assert.ThrowsAsync<VersionConflictException>(async () => await world.Billing.MarkBilledAsync(usage, "B-1", world.Now, CancellationToken.None));
        Assert.Equal(0, world.Store.ConflictsToCome);
    }

    [Fact]
    public async Task MarkedAgainNothingIsLockedThatWasNotBilled()
    {
        World world = await WithAnEstimateAsync();
        BillableUsage usage = await world.Usage(First, First);
        await world.Billing.MarkBilledAsync(usage, "B-1", world.Now, CancellationToken.None);
        await GiveOneValueAsync(world);
        int versions = world.Versions(First).Count;
        BilledPeriod before = await BilledAsync(world);
        await world.Billing.MarkBilledAsync(await world.Usage(First, First), "B-1", world.Now, CancellationToken.None);
        Assert.Equal(versions, world.Versions(First).Count);
        Assert.Equal(before.Versions, (await BilledAsync(world)).Versions);
    }

    /// <summary>A run that was cut off before its mark, and a value that came since: what was billed is no longer in force.</summary>
    [Fact]
    public async Task AValueThatCameBeforeTheMarkIsProposedByTheMark()
    {
        World world = await WithAnEstimateAsync();
        BillableUsage usage = await world.Usage(First, First);
        await GiveOneValueAsync(world);
        IReadOnlyList<IntervalBlock> versions = world.Versions(First);
        await world.Billing.MarkBilledAsync(usage, "B-1", world.Now, CancellationToken.None);
        Assert.Equal(versions, world.Versions(First));
        RebillProposal proposal = Assert.Single(await ProposalsAsync(world));
        Assert.Equal((usage.Blocks[0].Version, versions[^1].Version), (proposal.BilledVersion, proposal.NewVersion));
        Assert.Equal(usage.Blocks[0].Version, (await BilledAsync(world)).VersionOf(world.Start(First)));
    }

    /// <summary>Two months of days that are each within V14's tolerance: what a verifier lets pass in all is 1,000 Wh of each meter's part.</summary>
    [Theory]
    [InlineData(16, 1, BillingGate.Final)] // 976 Wh
    [InlineData(17, 1, BillingGate.Blocked)] // 1,037 Wh
    [InlineData(-16, 1, BillingGate.Final)]
    [InlineData(-17, 1, BillingGate.Blocked)]
    [InlineData(16, 20, BillingGate.Final)] // 19,520 of 20,000 Wh
    [InlineData(17, 20, BillingGate.Blocked)]
    public async Task DaysThatEachPassMayNotAddUpToMoreThanAVerifierLetsPass(int offWh, int multiplier, BillingGate gate)
    {
        var world = new World(installations: [new Installation(World.Id, World.MeterA, Instant.FromUtc(2000, 1, 1, 0, 0), null, Multiplier: multiplier)]);
        LocalDate last = First.PlusDays(60);
        long register = 100_000;
        for (LocalDate day = First; day <= last; day = day.PlusDays(1))
        {
            RegisterReading opening = world.Register(day, register, resolution: 10), closing = world.Register(day.PlusDays(1), register += 4_800 + offWh, resolution: 10);
            await world.Accept(world.Reading([world.Day(day, World.Flat(48, 100))], [opening, closing]));
        }
        BillableUsage usage = await world.Usage(First, last);
        Assert.Equal(61 * offWh * multiplier, usage.EnergyWh - usage.IntervalsWh);
        Assert.Equal(gate, usage.Gate);
        Assert.Equal(gate == BillingGate.Final ? [] : [GateReason.Unassigned], usage.Reasons);
    }

    private static async Task GiveOneValueAsync(World world)
    {
        long?[] values = new long?[48];
        values[44] = 150;
        await world.Accept(world.Reading([world.Day(First, values)]));
    }

    private static async Task<World> WithAnEstimateAsync()
    {
        var world = new World();
        long?[] values = World.Flat(48, 100);
        (values[44], values[45]) = (null, null);
        await world.Accept(world.Reading([world.Day(First, values)], [world.Register(First, 1_000), world.Register(First.PlusDays(1), 5_840)]));
        await world.Estimate(First);
        return world;
    }

    private static async Task<BilledPeriod> BilledAsync(World world) =>
        Assert.Single((await world.Store.ReadEvidenceAsync([new EvidenceQuery(World.Id, world.Start(First), world.End(First), Instant.MaxValue)], CancellationToken.None))[0].Billed);

    private static async Task<List<RebillProposal>> ProposalsAsync(World world)
    {
        var proposals = new List<RebillProposal>();
        await foreach (RebillProposal one in world.Store.ReadRebillProposalsAsync(World.Id, new Interval(null, null), CancellationToken.None)) proposals.Add(one);
        return proposals;
    }

    private static async Task<World> WithOneDayAsync()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100))]));
        return world;
    }
}

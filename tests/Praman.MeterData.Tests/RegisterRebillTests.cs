using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests;

/// <summary>T23 for registers: bills are made from them, so one that comes late or is corrected makes a proposal to bill again.</summary>
public class RegisterRebillTests
{
    private static readonly LocalDate First = new(2026, 4, 1);
    private static readonly LocalDate Second = First.PlusDays(1), Third = First.PlusDays(2);

    /// <summary>A bill stands on an estimate that was scaled to a wrong closing register; then the right one comes.</summary>
    [Fact]
    public async Task ACorrectedRegisterIsProposedAndUnlocksWhatWasScaledToTheWrongOne()
    {
        var world = new World();
        long?[] rows = World.Flat(48, 100);
        rows[20] = null;
        await world.Accept(world.Reading([world.Day(First, rows)], [world.Register(First, 5_000), world.Register(Second, 10_090)]));
        await world.Estimate(First);
        await BillAsync(world, First, First);
        int billed = world.Versions(First)[^1].Version;
        Assert.Equal((390, IntervalFlags.Scaled | IntervalFlags.Locked), (world.InForce(First).Values[20], world.InForce(First).Qualities[20].Flags));

        await world.Accept(world.Reading([], [world.Register(Second, 9_800)]));
        RebillProposal ofRegister = Assert.Single(await ProposalsAsync(world), proposal => proposal.Type == ReadingType.ImportRegister);
        Assert.Equal(new RebillProposal(World.Id, ReadingType.ImportRegister, world.Start(Second), "B-1", 0, 1, 5_090, null), ofRegister);

        await world.Accept(world.Reading([world.Day(Second, World.Flat(48, 100))], [world.Register(Third, 14_600)]));
        Assert.Equal(100, world.InForce(First).Values[20]);
        Assert.Equal(new IntervalQuality(IntervalState.LinearInterpolation, IntervalFlags.Scaled), world.InForce(First).Qualities[20]);
        Assert.Equal(390, world.Versions(First)[billed].Decode().Values[20]); // what was billed stays
        RebillProposal ofDay = (await ProposalsAsync(world)).Last(proposal => proposal.Type == ReadingType.ImportEnergy);
        Assert.Equal((billed, 5_090L, 4_800L), (ofDay.BilledVersion, ofDay.BilledWh, ofDay.NewWh));
    }

    /// <summary>No value of a day changes: only the register says that the bill was wrong.</summary>
    [Fact]
    public async Task ADisputedRegisterOfABillWithoutEstimatesIsProposed()
    {
        World world = await BilledByRegistersAsync(days: 2);
        await world.Accept(world.Reading([], [world.Register(Third, 14_603)]));
        Assert.Equal(new RebillProposal(World.Id, ReadingType.ImportRegister, world.Start(Third), "B-1", 0, 2, 9_600, null), Assert.Single(await ProposalsAsync(world)));
        await world.Accept(world.Reading([], [world.Register(Third, 14_603), world.Register(Third, 14_605)])); // known by now, and still disputed
        Assert.Single(await ProposalsAsync(world));
    }

    /// <summary>What is compared is the whole period, however far its other end lies from the register.</summary>
    [Fact]
    public async Task TheRegistersOfALongPeriodAreAllCompared()
    {
        World world = await BilledByRegistersAsync(days: 61);
        await world.Accept(world.Reading([], [world.Register(First, 5_001)]));
        RebillProposal proposal = Assert.Single(await ProposalsAsync(world));
        Assert.Equal((world.Start(First), 61 * 4_800L, (long?)null), (proposal.DayStart, proposal.BilledWh, proposal.NewWh));
    }

    /// <summary>A register within the period that no segment stands on changes nothing of the bill.</summary>
    [Fact]
    public async Task ALateMidnightWithinThePeriodIsNotProposed()
    {
        World world = await BilledByRegistersAsync(days: 2);
        int versions = world.Store.Blocks.Count;
        await world.Accept(world.Reading([], [world.Register(Second, 9_800), world.Register(Third, 14_600)]));
        Assert.Empty(await ProposalsAsync(world));
        Assert.Equal(versions, world.Store.Blocks.Count);
    }

    [Theory]
    [InlineData(9_820, false, 4_820L)]
    [InlineData(9_820, true, 4_820L)]
    [InlineData(9_800, true, null)] // the registers say what was billed
    public async Task RegistersThatComeAfterABillByIntervalsAreComparedOnceTheyAreWhole(long closing, bool apart, long? proposedWh)
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100))]));
        await BillAsync(world, First, First);
        RegisterReading one = world.Register(First, 5_000, resolution: 10), two = world.Register(Second, closing, resolution: 10);
        if (apart)
        {
            await world.Accept(world.Reading([], [one]));
            Assert.Empty(await ProposalsAsync(world));
            await world.Accept(world.Reading([], [two]));
        }
        else
        {
            await world.Accept(world.Reading([], [two, one]));
        }
        RebillProposal[] expected = proposedWh is { } newWh ? [new(World.Id, ReadingType.ImportRegister, world.Start(Second), "B-1", null, 0, 4_800, newWh)] : [];
        Assert.Equal(expected, await ProposalsAsync(world));
    }

    /// <summary>An estimate that was billed without registers is made again by each of them: the first leaves it as it was, the second gives the scale.</summary>
    [Fact]
    public async Task WhatComesOutAsItWasBilledStaysLocked()
    {
        var world = new World();
        long?[] rows = World.Flat(48, 100);
        rows[20] = null;
        await world.Accept(world.Reading([world.Day(First, rows)]));
        await world.Estimate(First);
        await BillAsync(world, First, First);
        IReadOnlyList<IntervalBlock> billed = world.Versions(First);
        await world.Accept(world.Reading([], [world.Register(First, 5_000)]));
        Assert.Equal(billed, world.Versions(First));
        Assert.Empty(await ProposalsAsync(world));
        await world.Accept(world.Reading([], [world.Register(Second, 9_900)]));
        Assert.Equal((200, IntervalFlags.Scaled), (world.InForce(First).Values[20], world.InForce(First).Qualities[20].Flags));
        Assert.Equal([ReadingType.ImportEnergy, ReadingType.ImportRegister], (await ProposalsAsync(world)).Select(proposal => proposal.Type).Order());
    }

    /// <summary>Estimates of several days were scaled together; the register at their end is disputed: all of them are unlocked.</summary>
    [Fact]
    public async Task EveryDayOfAStretchIsUnlockedByTheRegisterAtItsEnd()
    {
        var world = new World();
        long?[] rows = World.Flat(48, 100);
        rows[20] = null;
        LocalDate fourth = First.PlusDays(3);
        await world.Accept(world.Reading(
            [world.Day(First, rows), world.Day(Second, World.Flat(48, 100)), world.Day(Third, rows)], [world.Register(First, 5_000), world.Register(fourth, 20_000)]));
        await world.Estimate(First);
        Assert.Equal((400, 400), (world.InForce(First).Values[20], world.InForce(Third).Values[20]));
        await BillAsync(world, First, Third);
        await world.Accept(world.Reading([world.Day(fourth, World.Flat(48, 100))], [world.Register(fourth.PlusDays(1), 24_200)]));
        await world.Accept(world.Reading([], [world.Register(fourth, 19_400)]));
        Assert.Equal((100, 100), (world.InForce(First).Values[20], world.InForce(Third).Values[20]));
        Assert.All([First, Third], day => Assert.Equal(IntervalFlags.Scaled, world.InForce(day).Qualities[20].Flags));
    }

    /// <summary>The register came between the reading of the usage and the mark of its bill.</summary>
    [Fact]
    public async Task ARegisterThatCameBeforeTheMarkIsProposedByTheMark()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100))], [world.Register(First, 5_000), world.Register(Second, 9_800)]));
        BillableUsage usage = await world.Usage(First, First);
        world.Pass(world.Now + Duration.FromMinutes(1));
        await world.Accept(world.Reading([], [world.Register(Second, 9_803)]));
        await world.Billing.MarkBilledAsync(usage, "B-1", world.Now, CancellationToken.None);
        RebillProposal proposal = Assert.Single(await ProposalsAsync(world));
        Assert.Equal((ReadingType.ImportRegister, world.Start(Second), 4_800L, (long?)null), (proposal.Type, proposal.DayStart, proposal.BilledWh, proposal.NewWh));
    }

    /// <summary>A person accepted the register since: it is another version, and says the same.</summary>
    [Fact]
    public async Task AnotherVersionOfARegisterWithTheSameValueIsNotProposed()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100))], [world.Register(First, 5_000), world.Register(Second, 9_800)]));
        BillableUsage usage = await world.Usage(First, First);
        var accepted = new RegisterBlock(
            IntervalBlock.CreateRegister(World.Id, ReadingType.ImportRegister, world.Start(Second), 9_800, new IntervalQuality(IntervalState.Accepted), 1), World.MeterA, 1);
        await world.Store.AppendAsync(new ReadingBatch(world.Now) { Registers = [accepted] }, CancellationToken.None);
        Assert.Equal(1, (await world.Usage(First, First)).Segments[0].ClosingBlock.Version);
        await world.Billing.MarkBilledAsync(usage, "B-1", world.Now, CancellationToken.None);
        Assert.Empty(await ProposalsAsync(world));
    }

    private static async Task<World> BilledByRegistersAsync(int days)
    {
        var world = new World();
        await world.Accept(world.Reading(
            [.. Enumerable.Range(0, days).Select(d => world.Day(First.PlusDays(d), World.Flat(48, 100)))],
            [world.Register(First, 5_000), world.Register(First.PlusDays(days), 5_000 + (4_800 * days))]));
        await BillAsync(world, First, First.PlusDays(days - 1));
        return world;
    }

    private static async Task BillAsync(World world, LocalDate first, LocalDate last)
    {
        BillableUsage usage = await world.Usage(first, last);
        Assert.NotEqual(BillingGate.Blocked, usage.Gate);
        await world.Billing.MarkBilledAsync(usage, "B-1", world.Now, CancellationToken.None);
        world.Pass(world.Now + Duration.FromHours(24));
    }

    private static async Task<List<RebillProposal>> ProposalsAsync(World world)
    {
        var proposals = new List<RebillProposal>();
        await foreach (RebillProposal one in world.Store.ReadRebillProposalsAsync(World.Id, new Interval(null, null), CancellationToken.None)) proposals.Add(one);
        return proposals;
    }
}

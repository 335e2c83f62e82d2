using NodaTime;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests;

/// <summary>V04 for registers: of two values of one midnight the intervals around choose, and where they cannot, a person does.</summary>
public sealed class RegisterDisputeTests
{
    private static readonly LocalDate First = new(2026, 4, 1);
    private static readonly LocalDate Second = First.PlusDays(1), Third = First.PlusDays(2);

    /// <summary>Days of 4,800 Wh. What the values at the second midnight are, what is known before and after them, and which is chosen.</summary>
    [Theory]
    [InlineData(9_800, 9_900, true, true, 9_800L)]
    [InlineData(9_900, 9_800, true, true, 9_800L)]
    [InlineData(9_900, 9_800, true, false, 9_800L)]
    [InlineData(9_900, 9_800, false, true, 9_800L)]
    [InlineData(9_900, 9_800, false, false, null)] // nothing to hold them against
    [InlineData(9_900, 9_700, true, true, null)] // neither fits
    [InlineData(9_800, 9_802, true, true, null)] // both fit, within what registers round off
    [InlineData(9_804, 9_803, true, true, 9_803L)] // at the limit, and beyond it
    public async Task IntervalsChooseTheOneThatFits(long one, long other, bool before, bool after, long? chosen)
    {
        var world = new World();
        List<MeterReading> readings =
        [
            world.Reading([world.Day(First, World.Flat(48, 100))], before ? [world.Register(First, 5_000)] : []),
            world.Reading([world.Day(Second, World.Flat(48, 100))], after ? [world.Register(Third, 14_600)] : []),
            world.Reading([], [world.Register(Second, one)]), world.Reading([], [world.Register(Second, other)]),
        ];
        foreach (MeterReading[] order in Orders(readings))
        {
            world = new World();
            foreach (MeterReading reading in order) await world.Accept(reading);
            RegisterBlock inForce = InForce(world, Second);
            Assert.Equal((chosen ?? Math.Min(one, other), chosen is null ? IntervalState.Failed : IntervalState.Valid), (inForce.ToReading().Value, inForce.Block.Decode().Qualities[0].State));
            int versions = world.Store.Registers.Count;
            foreach (MeterReading reading in order) await world.Accept(reading); // all of it again: nothing new
            Assert.Equal(versions, world.Store.Registers.Count);
        }
    }

    /// <summary>The bill that ends at that midnight is blocked until the intervals after it have come, and is made of the value that they chose.</summary>
    [Fact]
    public async Task ABillIsBlockedUntilTheyChoose()
    {
        var world = new World();
        long?[] rows = World.Flat(48, 100);
        rows[20] = null; // the day before says nothing
        await world.Accept(world.Reading([world.Day(First, rows)], [world.Register(First, 5_000), world.Register(Second, 9_900)]));
        await world.Accept(world.Reading([], [world.Register(Second, 9_800)]));
        BillableUsage blocked = await world.Usage(First, First);
        Assert.Equal((BillingGate.Blocked, true), (blocked.Gate, blocked.Reasons.Contains(GateReason.Register)));
        await world.Accept(world.Reading([world.Day(Second, World.Flat(48, 100))], [world.Register(Third, 14_600)]));
        await world.Estimate(First);
        BillableUsage usage = await world.Usage(First, First);
        Assert.NotEqual(BillingGate.Blocked, usage.Gate);
        Assert.Equal((4_800L, IntervalState.Valid), (usage.EnergyWh, usage.Segments[0].ClosingBlock.Decode().Qualities[0].State));
        Assert.Equal(100, world.InForce(First).Values[20]); // scaled to the register that was chosen
    }

    /// <summary>An estimate is no witness: it would have been made to fit.</summary>
    [Fact]
    public async Task EstimatesChooseNothing()
    {
        var world = new World();
        long?[] rows = World.Flat(48, 100);
        rows[20] = null;
        await world.Accept(world.Reading([world.Day(First, rows)], [world.Register(First, 5_000)]));
        await world.Estimate(First);
        Assert.True(world.InForce(First).Qualities[20].IsEstimated);
        await world.Accept(world.Reading([], [world.Register(Second, 9_800), world.Register(Second, 9_900)]));
        Assert.Equal(IntervalState.Failed, InForce(world, Second).Block.Decode().Qualities[0].State);
    }

    /// <summary>A choice is taken back when a third value fits as well, and when an interval is disputed.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task AChoiceIsTakenBackWhenItNoLongerHolds(bool byRegister)
    {
        World world = await ChosenAsync();
        long?[] other = World.Flat(48, 100);
        other[7] = 150;
        await world.Accept(byRegister ? world.Reading([], [world.Register(Second, 9_801)]) : world.Reading([world.Day(First, other), world.Day(Second, other)]));
        Assert.Equal(IntervalState.Failed, InForce(world, Second).Block.Decode().Qualities[0].State);
        Assert.Equal(BillingGate.Blocked, (await world.Usage(First, First)).Gate);
    }

    /// <summary>A bill of that midnight: the meter's other value does not fit, so that the bill stands as it is, and nothing is proposed.</summary>
    [Fact]
    public async Task AnotherValueThatDoesNotFitProposesNothing()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100)), world.Day(Second, World.Flat(48, 100))], [world.Register(First, 5_000), world.Register(Third, 14_600)]));
        await world.Billing.MarkBilledAsync(await world.Usage(First, Second), "B-1", world.Now, CancellationToken.None);
        await world.Accept(world.Reading([], [world.Register(Third, 14_900)]));
        Assert.Equal((14_600L, IntervalState.Valid), (InForce(world, Third).ToReading().Value, InForce(world, Third).Block.Decode().Qualities[0].State));
        await foreach (RebillProposal proposal in world.Store.ReadRebillProposalsAsync(World.Id, new Interval(null, null), CancellationToken.None)) Assert.Fail($"{proposal}");
    }

    /// <summary>Neither fits: it waits for a person, whose name and reason are kept; and the bill waits for another's release.</summary>
    [Fact]
    public async Task WhatIntervalsCannotChooseAPersonDecides()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100)), world.Day(Second, World.Flat(48, 100))], [world.Register(First, 5_000), world.Register(Third, 14_600)]));
        await world.Accept(world.Reading([], [world.Register(Second, 9_800), world.Register(Second, 9_802)]));
        var decisions = new RegisterDecisions(world.Store, world, world.Rules);
        WaitingRegister waiting = Assert.Single(await decisions.WaitingAsync(new Interval(null, null), 10, CancellationToken.None));
        Assert.Equal((World.Id, ReadingType.ImportRegister, world.Start(Second), World.MeterA), (waiting.UsagePoint, waiting.Type, waiting.At, waiting.EndDevice));
        Assert.Equal([9_800L, 9_802], waiting.Values);
        Assert.Equal(BillingGate.Blocked, (await world.Usage(First, First)).Gate);

        RegisterDecision decision = new(waiting.UsagePoint, waiting.Type, waiting.At, waiting.EndDevice, 9_802, "anil", "seen on the display", world.Now);
        Assert.Equal(DecisionState.NoReason, await decisions.DecideAsync(decision with { Reason = "because" }, CancellationToken.None));
        Assert.Equal(DecisionState.NotWaiting, await decisions.DecideAsync(decision with { Value = 9_801 }, CancellationToken.None));
        Assert.Equal(DecisionState.NotWaiting, await decisions.DecideAsync(decision with { At = world.Start(Third) }, CancellationToken.None));
        Assert.Equal(DecisionState.Decided, await decisions.DecideAsync(decision, CancellationToken.None));
        Assert.Equal(DecisionState.NotWaiting, await decisions.DecideAsync(decision with { Value = 9_800 }, CancellationToken.None));
        Assert.Empty(await decisions.WaitingAsync(new Interval(null, null), 10, CancellationToken.None));

        BillableUsage usage = await world.Usage(First, First);
        Assert.Equal([GateReason.Edited], usage.Reasons);
        Assert.Equal(["anil"], usage.Edited!.By);
        await world.Releases.AskAsync([new ReleaseRequest(World.Id, usage.Period, world.Now)], CancellationToken.None);
        var release = new EditRelease(World.Id, usage.Period, usage.Edited.BlocksSha256, "anil", "the display was photographed", world.Now);
        Assert.Equal(ReleaseState.OwnEdit, await world.EditReleases.ReleaseAsync(release, CancellationToken.None));
        Assert.Equal(ReleaseState.Released, await world.EditReleases.ReleaseAsync(release with { By = "sunita" }, CancellationToken.None));
        usage = await world.Usage(First, First);
        Assert.Equal((BillingGate.Final, 4_802L, 9_802L), (usage.Gate, usage.EnergyWh, usage.Segments[0].Closing.Value));
        await world.Accept(world.Reading([], [world.Register(Second, 9_850)])); // a person's decision stands, in a version that is released anew
        usage = await world.Usage(First, First);
        Assert.Equal((9_802L, IntervalState.Accepted), (usage.Segments[0].Closing.Value, usage.Segments[0].ClosingBlock.Decode().Qualities[0].State));
        Assert.Equal([GateReason.Edited], usage.Reasons);
    }

    /// <summary>A bill that was made before the register was disputed is proposed when a person decides for another value.</summary>
    [Fact]
    public async Task ADecisionAgainstABilledRegisterIsProposed()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100))], [world.Register(First, 5_000), world.Register(Second, 9_800)]));
        await world.Billing.MarkBilledAsync(await world.Usage(First, First), "B-1", world.Now, CancellationToken.None);
        await world.Accept(world.Reading([], [world.Register(Second, 9_802)]));
        var decisions = new RegisterDecisions(world.Store, world, world.Rules);
        await decisions.DecideAsync(new(World.Id, ReadingType.ImportRegister, world.Start(Second), World.MeterA, 9_802, "anil", "seen on the display", world.Now), CancellationToken.None);
        RebillProposal? last = null;
        await foreach (RebillProposal proposal in world.Store.ReadRebillProposalsAsync(World.Id, new Interval(null, null), CancellationToken.None)) last = proposal;
        Assert.Equal(("B-1", 4_800L, (long?)4_802), (last!.BillNumber, last.BilledWh, last.NewWh));
    }

    private static async Task<World> ChosenAsync()
    {
        var world = new World();
        await world.Accept(world.Reading([world.Day(First, World.Flat(48, 100)), world.Day(Second, World.Flat(48, 100))], [world.Register(First, 5_000), world.Register(Third, 14_600)]));
        await world.Accept(world.Reading([], [world.Register(Second, 9_800), world.Register(Second, 9_900)]));
        Assert.Equal(IntervalState.Valid, InForce(world, Second).Block.Decode().Qualities[0].State);
        return world;
    }

    private static RegisterBlock InForce(World world, LocalDate day) =>
        world.Store.Registers.Select(stored => stored.Register).Where(register => register.Block.Start == world.Start(day)).MaxBy(register => register.Block.Version)!;

    private static IEnumerable<MeterReading[]> Orders(List<MeterReading> readings)
    {
        if (readings.Count == 0)
        {
            yield return [];
            yield break;
        }
        foreach (MeterReading first in readings)
        {
            foreach (MeterReading[] rest in Orders([.. readings.Where(one => !ReferenceEquals(one, first))])) yield return [first, .. rest];
        }
    }
}

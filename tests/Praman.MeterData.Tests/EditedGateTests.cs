using NodaTime;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests;

/// <summary>What persons entered or accepted: up to 1 % is billed, more waits for the release of somebody else, and for these versions only.</summary>
public class EditedGateTests
{
    private static readonly LocalDate First = new(2026, 4, 1), Last = First.PlusDays(24);
    private static readonly DateInterval Period = new(First, Last); // 25 days: 1,200 half-hours
    private const string Reason = "the meter's display was photographed by two people";

    [Theory]
    [InlineData(12, IntervalState.Edited, BillingGate.Final)] // 12 of 1,200: exactly 1 %
    [InlineData(13, IntervalState.Edited, BillingGate.Blocked)]
    [InlineData(12, IntervalState.Accepted, BillingGate.Final)]
    [InlineData(13, IntervalState.Accepted, BillingGate.Blocked)]
    public async Task MoreThanOnePercentOfTheIntervalsWaits(int count, IntervalState state, BillingGate gate)
    {
        World world = await WithAsync(count, valueWh: 40, state); // little energy, and the registers explain the rest
        BillableUsage usage = await world.Usage(First, Last);
        Assert.Equal(gate, usage.Gate);
        Assert.Equal(gate == BillingGate.Blocked ? [GateReason.Edited] : [], usage.Reasons);
        Assert.Equal(gate == BillingGate.Blocked, GateReason.IsWaitingForRelease(usage));
        Assert.Equal(gate == BillingGate.Blocked, usage.Edited is not null);
        if (usage.Edited is { } edited) Assert.Equal((count / 1_200m, count * 40 / 120_000m), (edited.IntervalShare, edited.EnergyShare));
    }

    [Theory]
    [InlineData(120, BillingGate.Final)] // ten of them of 120,000 Wh by the registers: exactly 1 %
    [InlineData(121, BillingGate.Blocked)]
    public async Task MoreThanOnePercentOfTheEnergyWaits(long valueWh, BillingGate gate)
    {
        World world = await WithAsync(10, valueWh);
        BillableUsage usage = await world.Usage(First, Last);
        Assert.Equal((gate, 120_000), (usage.Gate, usage.EnergyWh));
        Assert.Equal(gate == BillingGate.Blocked ? 10 * valueWh / 120_000m : null, usage.Edited?.EnergyShare);
    }

    /// <summary>A person's register stands behind the whole of its segment, and behind no other.</summary>
    [Theory]
    [InlineData(1_000, 0.0)] // the first meter measured nothing by it: half of the days are its all the same
    [InlineData(1_020, 0.01)]
    [InlineData(4_960, 0.66666667)]
    public async Task ARegisterOfAPersonCountsWithItsSegment(long removalWh, double energyShare)
    {
        long eachWh = (removalWh - 1_000 + 1_980) / 96; // about what the registers say
        Instant exchanged = new World().Start(First.PlusDays(1));
        var world = new World(installations:
        [
            new Installation(World.Id, World.MeterA, Instant.FromUtc(2000, 1, 1, 0, 0), exchanged), new Installation(World.Id, World.MeterB, exchanged, null),
        ]);
        await world.Store.AppendAsync(
            new ReadingBatch(world.Now)
            {
                Blocks = [Block(world, First, [], eachWh: eachWh), Block(world, First.PlusDays(1), [], eachWh: eachWh)],
                Registers =
                [
                    Register(world, First, 1_000, IntervalState.Valid, World.MeterA), Register(world, First.PlusDays(1), removalWh, IntervalState.Edited, World.MeterA),
                    Register(world, First.PlusDays(1), 0, IntervalState.Valid, World.MeterB), Register(world, First.PlusDays(2), 1_980, IntervalState.Valid, World.MeterB),
                ],
                Edits = [new ReadingEdit(World.Id, ReadingType.ImportRegister, world.Start(First.PlusDays(1)), World.MeterA, 0, "anil", "read from the removed meter")],
            }, CancellationToken.None);
        BillableUsage usage = await world.Usage(First, First.PlusDays(1));
        Assert.Equal([GateReason.Edited], usage.Reasons);
        Assert.Equal((0.5m, (decimal)energyShare), (usage.Edited!.IntervalShare, decimal.Round(usage.Edited.EnergyShare, 8, MidpointRounding.ToEven)));
        Assert.Equal(["anil"], usage.Edited.By);
        Assert.True(usage.Edited.IsEveryEditorKnown);
    }

    [Fact]
    public async Task AReleaseMakesThePeriodBillableAndIsToldWithIt()
    {
        World world = await WithAsync(13, 100);
        BillableUsage before = await world.Usage(First, Last);
        EditRelease release = Of(before, "sunita");
        Assert.Equal(ReleaseState.Released, await world.EditReleases.ReleaseAsync(release, CancellationToken.None));
        BillableUsage usage = await world.Usage(First, Last);
        Assert.Equal((BillingGate.Final, release), (usage.Gate, usage.Edited!.Release));
        Assert.Empty(usage.Reasons);
        Assert.Equal(13, usage.EditedCount);
        // A part of the period is another bill; and what was known before the release did not know it.
        Assert.Equal(BillingGate.Blocked, (await world.Usage(First, Last.PlusDays(-1))).Gate);
        Assert.Equal(BillingGate.Blocked, (await world.Billing.UsageForBillingAsync(World.Id, Period, release.At - Duration.FromSeconds(1), CancellationToken.None)).Gate);
        Assert.Equal(ReleaseState.NotWaiting, await world.EditReleases.ReleaseAsync(release, CancellationToken.None));
    }

    [Fact]
    public async Task ALaterEditMakesTheReleaseVoid()
    {
        World world = await WithAsync(13, 100);
        EditRelease release = Of(await world.Usage(First, Last), "sunita");
        await world.EditReleases.ReleaseAsync(release, CancellationToken.None);
        await EditAsync(world, version: 1, count: 13, valueWh: 101, by: "anil");
        BillableUsage usage = await world.Usage(First, Last);
        Assert.Equal([GateReason.Edited], usage.Reasons);
        Assert.Null(usage.Edited!.Release);
        Assert.Equal(ReleaseState.Changed, await world.EditReleases.ReleaseAsync(release, CancellationToken.None));
        Assert.Equal(ReleaseState.Released, await world.EditReleases.ReleaseAsync(Of(usage, "sunita"), CancellationToken.None));
        Assert.Equal(BillingGate.Final, (await world.Usage(First, Last)).Gate);
    }

    [Theory]
    [InlineData("anil", ReleaseState.OwnEdit)]
    [InlineData("ANIL", ReleaseState.OwnEdit)] // sign-in names are the same in any case
    [InlineData("bela", ReleaseState.OwnEdit)] // who edited before counts too
    [InlineData("sunita", ReleaseState.Released)]
    public async Task WhoEditedDoesNotRelease(string by, ReleaseState state)
    {
        World world = await WithAsync(13, 100);
        await EditAsync(world, version: 1, count: 14, valueWh: 90, by: "bela");
        BillableUsage usage = await world.Usage(First, Last);
        Assert.Equal(["anil", "bela"], usage.Edited!.By);
        Assert.True(usage.Edited.IsEveryEditorKnown);
        Assert.Equal(state, await world.EditReleases.ReleaseAsync(Of(usage, by), CancellationToken.None));
        Assert.Equal(state == ReleaseState.Released ? BillingGate.Final : BillingGate.Blocked, (await world.Usage(First, Last)).Gate);
    }

    /// <summary>The lock of a billed estimate is a version without an editor, and holds no new value of a person.</summary>
    [Theory]
    [InlineData(13, 100L, true)]
    [InlineData(13, 99L, false)]
    [InlineData(14, 100L, false)]
    public async Task AVersionWithoutANameIsAnUnknownEditorsOnlyWhereItHoldsANewValue(int count, long valueWh, bool isKnown)
    {
        World world = await WithAsync(13, 100);
        await EditAsync(world, version: 1, count, valueWh, by: null);
        BillableUsage usage = await world.Usage(First, Last);
        Assert.Equal(isKnown, usage.Edited!.IsEveryEditorKnown);
        Assert.Equal(["anil"], usage.Edited.By);
    }

    [Fact]
    public async Task WhereNobodysNameIsKnownAnySupervisorReleases()
    {
        World world = await WithAsync(13, 100, by: null);
        BillableUsage usage = await world.Usage(First, Last);
        Assert.Empty(usage.Edited!.By);
        Assert.False(usage.Edited.IsEveryEditorKnown);
        Assert.Equal(ReleaseState.Released, await world.EditReleases.ReleaseAsync(Of(usage, "anil"), CancellationToken.None));
    }

    [Theory]
    [InlineData("", ReleaseState.NoReason)]
    [InlineData("   short   ", ReleaseState.NoReason)]
    [InlineData("two lines\nof reasons", ReleaseState.NoReason)]
    [InlineData("ten chars!", ReleaseState.Released)]
    public async Task AReleaseHasAReason(string reason, ReleaseState state)
    {
        World world = await WithAsync(13, 100);
        EditRelease release = Of(await world.Usage(First, Last), "sunita") with { Reason = reason };
        Assert.Equal(state, await world.EditReleases.ReleaseAsync(release, CancellationToken.None));
        Assert.Equal(ReleaseState.NoReason, await world.EditReleases.ReleaseAsync(release with { Reason = new string('x', EditReleases.ReasonLengthMax + 1) }, CancellationToken.None));
    }

    /// <summary>A release is for what would be billed with it: while intervals are missing, there is nothing to judge yet.</summary>
    [Fact]
    public async Task WhatIsBlockedOtherwiseDoesNotWaitForARelease()
    {
        World world = await WithAsync(13, 100);
        BillableUsage usage = await world.Usage(First, Last.PlusDays(1));
        Assert.Equal(GateReason.Edited, usage.Reasons[^1]);
        Assert.NotEqual(GateReason.Edited, usage.Reasons[0]);
        Assert.False(GateReason.IsWaitingForRelease(usage));
        EditRelease release = new(World.Id, usage.Period, usage.Edited!.BlocksSha256, "sunita", Reason, world.Now);
        Assert.Equal(ReleaseState.NotWaiting, await world.EditReleases.ReleaseAsync(release, CancellationToken.None));
    }

    [Fact]
    public async Task OnlyWhatWaitsStillIsListed()
    {
        World world = await WithAsync(13, 100);
        Instant asked = world.Now;
        DateInterval[] periods = [new(First, Last.PlusDays(1)), Period, new(First.PlusDays(1), Last)];
        for (int i = 0; i < periods.Length; i++) await world.Releases.AskAsync([new ReleaseRequest(World.Id, periods[i], asked + Duration.FromMinutes(i))], CancellationToken.None);
        await world.Releases.AskAsync([new ReleaseRequest(World.Id, Period, asked + Duration.FromDays(1))], CancellationToken.None);
        // The first lacks a day, the last holds no edit: neither waits.
        WaitingPeriod waiting = Assert.Single(await world.EditReleases.WaitingAsync(10, CancellationToken.None));
        Assert.Equal((Period, asked + Duration.FromMinutes(1)), (waiting.Request.Period, waiting.Request.AskedAt));
        Assert.Equal((13, 1_200, 0, 120_000L), (waiting.EditedCount, waiting.IntervalCount, waiting.EditedRegisterCount, waiting.EnergyWh));
        Assert.Empty(await world.EditReleases.WaitingAsync(0, CancellationToken.None));
        await world.EditReleases.ReleaseAsync(Of(await world.Usage(First, Last), "sunita"), CancellationToken.None);
        Assert.Empty(await world.EditReleases.WaitingAsync(10, CancellationToken.None));
    }

    private static EditRelease Of(BillableUsage usage, string by) => new(World.Id, usage.Period, usage.Edited!.BlocksSha256, by, Reason, Instant.FromUtc(2030, 2, 1, 0, 0));

    /// <summary>25 days of measured half-hours with 120,000 Wh between their registers; the first ones of the first day are a person's.</summary>
    private static async Task<World> WithAsync(int count, long valueWh, IntervalState state = IntervalState.Edited, string? by = "anil")
    {
        var world = new World();
        var blocks = new List<IntervalBlock>();
        for (LocalDate day = First; day <= Last; day = day.PlusDays(1)) blocks.Add(Block(world, day, day == First ? [.. Enumerable.Repeat((valueWh, state), count)] : []));
        await world.Store.AppendAsync(
            new ReadingBatch(world.Now)
            {
                Blocks = blocks,
                Registers =
                [
                    Register(world, First, 1_000, IntervalState.Valid, World.MeterA), Register(world, First.PlusDays(1), 5_800, IntervalState.Valid, World.MeterA),
                    Register(world, Last, 116_200, IntervalState.Valid, World.MeterA), Register(world, Last.PlusDays(1), 121_000, IntervalState.Valid, World.MeterA),
                ],
                Edits = by is null ? [] : [Edit(world, 0, by)],
            }, CancellationToken.None);
        return world;
    }

    private static async Task EditAsync(World world, int version, int count, long valueWh, string? by)
    {
        world.Pass(world.Now + Duration.FromHours(1));
        await world.Store.AppendAsync(
            new ReadingBatch(world.Now)
            {
                Blocks = [Block(world, First, [.. Enumerable.Repeat((valueWh, IntervalState.Edited), count)], version)],
                Edits = by is null ? [] : [Edit(world, version, by)],
            }, CancellationToken.None);
    }

    private static ReadingEdit Edit(World world, int version, string by) => new(World.Id, ReadingType.ImportEnergy, world.Start(First), null, version, by, "seen on the display");

    private static IntervalBlock Block(World world, LocalDate day, IReadOnlyList<(long Wh, IntervalState State)> first, int version = 0, long eachWh = 100)
    {
        long[] values = [.. Enumerable.Range(0, 48).Select(i => i < first.Count ? first[i].Wh : eachWh)];
        IntervalQuality[] qualities = [.. Enumerable.Range(0, 48).Select(i => new IntervalQuality(i < first.Count ? first[i].State : IntervalState.Valid))];
        BlockCause cause = version == 0 ? BlockCause.Received : BlockCause.Edit;
        return IntervalBlock.Create(new IntervalBlockHeader(World.Id, ReadingType.ImportEnergy, world.Start(day), 30, 48, version, cause), values, qualities);
    }

    private static RegisterBlock Register(World world, LocalDate day, long value, IntervalState state, EndDeviceId meter) =>
        new(IntervalBlock.CreateRegister(World.Id, ReadingType.ImportRegister, world.Start(day), value, new IntervalQuality(state)), meter, 1);
}

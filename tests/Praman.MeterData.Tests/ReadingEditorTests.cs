using NodaTime;
using Praman.MeterData.Edits;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Tests.Stores;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Tests;

/// <summary>What a person enters becomes a version with name, reason and evidence, and the day is validated again in the same append.</summary>
public class ReadingEditorTests
{
    private const string Reason = "read from the display at a visit";
    private static readonly LocalDate Day = new(2026, 4, 1);
    private static readonly EditEvidence Evidence = new("photograph 4711", new string('a', 64));

    [Fact]
    public async Task AnEditIsAVersionWithItsWhoWhyAndEvidence()
    {
        World world = await HoledAsync(registers: false);
        Assert.Equal(EditState.Edited, await Editor(world).JudgeAsync(Edits(0, (3, 50), (4, 100)), CancellationToken.None));
        Assert.Single(world.Versions(Day)); // to judge is to change nothing
        Assert.Equal(EditState.Edited, await EditAsync(world, Edits(0, (3, 50), (4, 100))));
        IReadOnlyList<IntervalBlock> versions = world.Versions(Day);
        Assert.Equal((1, BlockCause.Edit), (versions[^1].Version, versions[^1].Header.Cause));
        (long[] values, IntervalQuality[] qualities) = world.InForce(Day);
        Assert.Equal((50, IntervalState.Edited), (values[3], qualities[3].State));
        Assert.Equal((100, IntervalState.Accepted), (values[4], qualities[4].State)); // the meter's own value, accepted
        Assert.All(Enumerable.Range(11, 37), i => Assert.Equal((100, IntervalQuality.Valid), (values[i], qualities[i])));
        ReadingEdit edit = Assert.Single(await KeptAsync(world));
        Assert.Equal(new ReadingEdit(World.Id, ReadingType.ImportEnergy, world.Start(Day), null, 1, "om", Reason) { Evidence = Evidence }, edit);
    }

    /// <summary>What is estimated beside it takes the rest of the registers, at once and not when something else comes.</summary>
    [Fact]
    public async Task TheDayIsValidatedAndEstimatedAgainInTheSameAppend()
    {
        World world = await HoledAsync(registers: true); // 46 × 100 and two holes of 5,000 in all
        await world.Estimate(Day);
        int before = world.Versions(Day)[^1].Version;
        Assert.Equal(400, world.InForce(Day).Values[3] + world.InForce(Day).Values[10]);
        Assert.Equal(EditState.Edited, await EditAsync(world, Edits(before, (3, 50))));
        IReadOnlyList<IntervalBlock> versions = world.Versions(Day);
        Assert.Equal([BlockCause.Edit, BlockCause.Estimation], versions.Where(version => version.Version > before).Select(version => version.Header.Cause));
        (long[] values, IntervalQuality[] qualities) = world.InForce(Day);
        Assert.Equal((50, IntervalState.Edited), (values[3], qualities[3].State));
        Assert.Equal((350, true), (values[10], qualities[10].IsEstimated));
        Assert.Equal(5_000, values.Sum());
        Assert.Single(world.Store.Blocks.Where(stored => stored.Block.Version > before).Select(stored => stored.RecordedAt).Distinct());
    }

    /// <summary>The rules tell what they find of a person's value: more than the meter could have counted.</summary>
    [Fact]
    public async Task WhatTheRulesFindOfItIsTold()
    {
        World world = await HoledAsync(registers: true);
        int before = world.Store.Findings.Count(stored => stored.Version == 1);
        Assert.Equal(EditState.Edited, await EditAsync(world, Edits(0, (3, 900_000))));
        Assert.Equal(0, before);
        Assert.Contains(world.Store.Findings, stored => stored.Version == 1 && stored.DayStart == world.Start(Day) && stored.Finding.Severity >= Severity.Warn);
        Assert.Equal((900_000, IntervalState.Edited), (world.InForce(Day).Values[3], world.InForce(Day).Qualities[3].State));
    }

    /// <summary>A line over midnight starts from a valid value at the edge of the day beside it; a person's value is none, so the line falls with it.</summary>
    [Fact]
    public async Task AnEstimateOfTheDayBesideIsMadeAgain()
    {
        var world = new World();
        long?[] next = World.Flat(48, 100);
        next[0] = null;
        await world.Accept(world.Reading([world.Day(Day, World.Flat(48, 100))]), world.Reading([world.Day(Day.PlusDays(1), next)]));
        await world.Estimate(Day.PlusDays(1));
        Assert.Equal(100, world.InForce(Day.PlusDays(1)).Values[0]);
        Assert.Equal(EditState.Edited, await EditAsync(world, Edits(world.Versions(Day)[^1].Version, (47, 300))));
        Assert.Equal(IntervalState.Missing, world.InForce(Day.PlusDays(1)).Qualities[0].State);
        Assert.Contains(world.Store.Findings, stored => stored.DayStart == world.Start(Day.PlusDays(1)) && stored.Finding.Rule == RuleId.NoEstimate);
    }

    /// <summary>An edit of a billed day is proposed to be billed again, even where nothing but the edit changes.</summary>
    [Fact]
    public async Task AnEditOfABilledDayIsProposed()
    {
        World world = await HoledAsync(registers: false);
        await world.Store.AppendAsync(
            new ReadingBatch(world.Now) { Billed = [new BilledPeriod(World.Id, ReadingType.ImportEnergy, "B-1", world.Start(Day), world.End(Day)) { Versions = [new(world.Start(Day), 0)], EnergyWh = 4_600 }] },
            CancellationToken.None);
        Assert.Equal(EditState.Edited, await EditAsync(world, Edits(0, (3, 50))));
        var proposals = new List<RebillProposal>();
        await foreach (RebillProposal proposal in world.Store.ReadRebillProposalsAsync(null, new Interval(null, null), CancellationToken.None)) proposals.Add(proposal);
        Assert.Equal(new RebillProposal(World.Id, ReadingType.ImportEnergy, world.Start(Day), "B-1", 0, world.Versions(Day)[^1].Version, 4_600, 4_650), Assert.Single(proposals));
    }

    /// <summary>Above the limits somebody else has to look, and the gate knows who did not.</summary>
    [Fact]
    public async Task TheGateKnowsWhoEdited()
    {
        World world = await HoledAsync(registers: true);
        await EditAsync(world, Edits(0, (3, 200), (10, 200)));
        BillableUsage usage = await world.Usage(Day, Day);
        Assert.Equal([GateReason.Edited], usage.Reasons);
        Assert.Equal(["om"], usage.Edited!.By);
        Assert.True(usage.Edited.IsEveryEditorKnown);
    }

    public static TheoryData<EditState, IntervalEdits> Refused => new()
    {
        { EditState.NoReason, Edits(0, (3, 50)) with { Reason = "because" } },
        { EditState.NoReason, Edits(0, (3, 50)) with { Reason = "two\nlines of it" } },
        { EditState.NoEvidence, Edits(0, (3, 50)) with { Evidence = new EditEvidence(" ", null) } },
        { EditState.NoEvidence, Edits(0, (3, 50)) with { Evidence = new EditEvidence(new string('x', 201), null) } },
        { EditState.NoEvidence, Edits(0, (3, 50)) with { Evidence = Evidence with { Sha256 = new string('g', 64) } } },
        { EditState.NoEvidence, Edits(0, (3, 50)) with { Evidence = Evidence with { Sha256 = new string('a', 63) } } },
        { EditState.NotHeld, Edits(0, (3, 50)) with { Day = Day.PlusDays(1) } },
        { EditState.NotHeld, Edits(0, (3, 50)) with { Channel = new ChannelId(new UsagePointId(7), ReadingType.ImportEnergy) } },
        { EditState.NotHeld, Edits(0, (3, 50)) with { Channel = new ChannelId(World.Id, ReadingType.ExportEnergy) } },
        { EditState.Changed, Edits(1, (3, 50)) },
        { EditState.NothingNew, Edits(0) },
        { EditState.NoValue, Edits(0, (48, 50)) },
        { EditState.NoValue, Edits(0, (-1, 50)) },
        { EditState.NoValue, Edits(0, (3, -1)) },
        { EditState.NoValue, Edits(0, (3, 1L << 47)) },
        { EditState.NoValue, Edits(0, (3, 50), (3, 60)) },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task WhatCannotBeIsRefusedAndChangesNothing(EditState expected, IntervalEdits edits)
    {
        World world = await HoledAsync(registers: false);
        Assert.Equal(expected, await Editor(world).JudgeAsync(edits, CancellationToken.None));
        Assert.Equal(expected, await EditAsync(world, edits));
        Assert.Single(world.Versions(Day));
        Assert.Empty(await KeptAsync(world));
    }

    [Fact]
    public async Task TheSameAgainIsNothingNew()
    {
        World world = await HoledAsync(registers: false);
        await EditAsync(world, Edits(0, (3, 50)));
        Assert.Equal(EditState.NothingNew, await EditAsync(world, Edits(world.Versions(Day)[^1].Version, (3, 50))));
        Assert.Equal(EditState.Edited, await EditAsync(world, Edits(world.Versions(Day)[^1].Version, (3, 60))));
        Assert.Equal(2, (await KeptAsync(world)).Count);
    }

    private static ReadingEditor Editor(World world) => new(world.Store, world, world.Rules, world.Clock);

    private static async Task<EditState> EditAsync(World world, IntervalEdits edits) => await Editor(world).EditAsync(edits, CancellationToken.None);

    private static IntervalEdits Edits(int seen, params (int Index, long Wh)[] intervals) => new(
        new ChannelId(World.Id, ReadingType.ImportEnergy), Day, seen, [.. intervals.Select(one => new IntervalEdit(one.Index, one.Wh))], "om", Reason, Evidence);

    private static async Task<IReadOnlyList<ReadingEdit>> KeptAsync(World world) =>
        (await world.Store.ReadEvidenceAsync([new EvidenceQuery(World.Id, world.Start(Day), world.End(Day), Instant.MaxValue)], CancellationToken.None))[0].Edits;

    /// <summary>A day of which two half-hours are missing.</summary>
    private static async Task<World> HoledAsync(bool registers)
    {
        var world = new World();
        long?[] values = World.Flat(48, 100);
        (values[3], values[10]) = (null, null);
        await world.Accept(world.Reading([world.Day(Day, values)], registers ? [world.Register(Day, 1_000), world.Register(Day.PlusDays(1), 6_000)] : []));
        return world;
    }
}

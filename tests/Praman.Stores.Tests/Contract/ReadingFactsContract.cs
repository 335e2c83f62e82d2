using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.Stores.Tests.Contract;

/// <summary>What meter data keeps beside the blocks, and the evidence of a usage point over a period.</summary>
public abstract class ReadingFactsContract(Func<Task<IStores>> open) : StoreContract(open)
{
    private static readonly UsagePointId One = new(1);
    private static readonly Instant Later = Samples.Recorded + Duration.FromDays(2);

    [Fact]
    public async Task EvidenceHoldsEveryVersionInOrderAndOnlyOfThePeriod()
    {
        await Stores.Readings.AppendAsync(
            Samples.Batch(
                Samples.Block(1, 1, type: ReadingType.ExportEnergy), Samples.Block(1, 2), Samples.Block(1, 0), Samples.Block(1, 0, version: 1), Samples.Block(1, 5),
                Samples.Block(2, 0)) with
            {
                Registers =
                [
                    Samples.Register(1, 5, "B2", 50), Samples.Register(1, 0, "B2", 10), Samples.Register(1, 0, "A1", 900), Samples.Register(1, 6, "B2", 60),
                    Samples.Register(1, 2, "A1", 940, ReadingType.ImportRegisterAtRemoval), Samples.Register(2, 0, "C3", 1),
                ],
            },
            Stop);

        UsagePointEvidence evidence = await EvidenceAsync(Instant.MaxValue);

        Assert.Equal(
            [Samples.Block(1, 0), Samples.Block(1, 0, version: 1), Samples.Block(1, 2), Samples.Block(1, 1, type: ReadingType.ExportEnergy)],
            evidence.Blocks.Select(stored => stored.Block));
        Assert.Equal(
            [
                Samples.Register(1, 0, "A1", 900), Samples.Register(1, 0, "B2", 10), Samples.Register(1, 5, "B2", 50),
                Samples.Register(1, 2, "A1", 940, ReadingType.ImportRegisterAtRemoval),
            ],
            evidence.Registers.Select(stored => stored.Register));
        Assert.Equal(new RegisterReading(One, new EndDeviceId("A1"), ReadingType.ImportRegister, Samples.Day(0), 900, 10), evidence.Registers[0].Register.ToReading());
    }

    [Fact]
    public async Task EvidenceKnowsOnlyWhatWasRecordedByThen()
    {
        await Stores.Readings.AppendAsync(Batch(Samples.Recorded, version: 0, serial: "A1", hour: 1), Stop);
        await Stores.Readings.AppendAsync(Batch(Later, version: 1, serial: "A2", hour: 2), Stop);

        UsagePointEvidence then = await EvidenceAsync(Later - Duration.FromTicks(1)), now = await EvidenceAsync(Later);

        Assert.Equal((1, 1, 1, 1, 1), (then.Blocks.Count, then.Registers.Count, then.ClockChecks.Count, then.Events.Count, then.Billed.Count));
        Assert.Equal((2, 2, 2, 2, 2), (now.Blocks.Count, now.Registers.Count, now.ClockChecks.Count, now.Events.Count, now.Billed.Count));
        Assert.Equal([Samples.Recorded, Later], now.ClockChecks.Select(check => check.RecordedAt));

        static ReadingBatch Batch(Instant at, int version, string serial, int hour) => new(at)
        {
            Blocks = [Samples.Block(1, 0, version)],
            Registers = [Samples.Register(1, 0, serial, 5)],
            ClockChecks = [new ClockCheck(One, new EndDeviceId(serial), Samples.Day(1) + Duration.FromHours(hour), Duration.FromSeconds(-3))],
            Events = [new EndDeviceEvent(new EndDeviceId(serial), One, Samples.Day(1) + Duration.FromHours(hour), 101, 4)],
            Billed = [new BilledPeriod(One, ReadingType.ImportEnergy, "B-" + serial, Samples.Day(0), Samples.Day(5))],
        };
    }

    [Fact]
    public async Task ClockChecksEventsAndBillsComeByTimeWithinTheirMargins()
    {
        var device = new EndDeviceId("A1");
        ClockCheck[] checks = [.. new[] { 40, 0, -1 }.Select(day => new ClockCheck(One, device, Samples.Day(day), Duration.FromMilliseconds(1_500)))];
        EndDeviceEvent[] events =
        [
            new(device, One, Samples.Day(12), 102, 9), new(device, One, Samples.Day(-7), 101, 1), new(device, One, Samples.Day(-8), 101, 0),
            new(device, One, Samples.Day(13), 102, 10), new(device, One, Samples.Day(0), 102, 3), new(device, One, Samples.Day(0), 101, 2),
            new(device, new UsagePointId(2), Samples.Day(0), 101, 2),
        ];
        BilledPeriod[] billed =
        [
            new(One, ReadingType.ImportEnergy, "B-3", Samples.Day(5), Samples.Day(9)), new(One, ReadingType.ImportEnergy, "B-2", Samples.Day(4), Samples.Day(5)),
            new(One, ReadingType.ImportEnergy, "B-1", Samples.Day(-30), Samples.Day(1)), new(One, ReadingType.ImportEnergy, "B-0", Samples.Day(-60), Samples.Day(0)),
        ];
        var batch = new ReadingBatch(Samples.Recorded) { ClockChecks = checks, Events = events, Billed = billed };
        await Stores.Readings.AppendAsync(batch, Stop);
        await Stores.Readings.AppendAsync(batch, Stop);
        await Stores.ReopenAsync();

        UsagePointEvidence evidence = await EvidenceAsync(Instant.MaxValue);

        Assert.Equal([checks[1], checks[0]], evidence.ClockChecks.Select(stored => stored.Check));
        Assert.Equal([events[1], events[5], events[4], events[0]], evidence.Events);
        Assert.Equal(["B-1", "B-2"], evidence.Billed.Select(period => period.BillNumber));
        Assert.Equal(billed[2], evidence.Billed[0]);
    }

    [Fact]
    public async Task TheVersionsOfABillAreKeptAsTheFirstMarkSaidThem()
    {
        var period = new BilledPeriod(One, ReadingType.ImportEnergy, "B-1", Samples.Day(0), Samples.Day(3))
        {
            EnergyWh = 123_456_789_012,
            Versions = [new(Samples.Day(0), 0), new(Samples.Day(1) + Duration.FromHours(1), 7), new(Samples.Day(2), 300)],
        };
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { Billed = [period] }, Stop);
        await Stores.Readings.AppendAsync(new ReadingBatch(Later) { Billed = [period with { Versions = [], EnergyWh = null }] }, Stop);
        await Stores.ReopenAsync();

        BilledPeriod kept = Assert.Single((await EvidenceAsync(Instant.MaxValue)).Billed);
        Assert.Equal(period.Versions, kept.Versions);
        Assert.Equal(period.EnergyWh, kept.EnergyWh);
        Assert.Equal(300, kept.VersionOf(Samples.Day(2)));
        Assert.Null(kept.VersionOf(Samples.Day(3)));
    }

    [Fact]
    public async Task AnswersComeInTheOrderOfTheQueries()
    {
        await Stores.Readings.AppendAsync(Samples.Batch([.. Enumerable.Range(1, 9).Select(i => Samples.Block((ulong)i, 0))]), Stop);

        IReadOnlyList<UsagePointEvidence> answers = await Stores.Readings.ReadEvidenceAsync(
            [.. new ulong[] { 5, 1, 77, 9 }.Select(i => new EvidenceQuery(new UsagePointId(i), Samples.Day(0), Samples.Day(1), Instant.MaxValue))], Stop);

        Assert.Equal([5UL, 1, 77, 9], answers.Select(answer => answer.UsagePoint.Number));
        Assert.Equal([Samples.Block(5, 0)], answers[0].Blocks.Select(stored => stored.Block));
        Assert.Empty(answers[2].Blocks);
    }

    [Fact]
    public async Task FindingsAreOneWhenStoredTwiceAndStreamInOrder()
    {
        StoredFinding[] ordered =
        [
            Finding(1, 0, 0, RuleId.Gap, 3, null, null), Finding(1, 0, 0, RuleId.Spike, 9, 4.25m, 1.8m), Finding(1, 0, 1, RuleId.Spike, 9, 4.25m, 1.8m),
            Finding(2, 0, null, RuleId.Identity, 0, null, null), Finding(2, 0, 0, RuleId.Sum, 0, -12.5m, 0.000_1m), Finding(1, 1, 0, RuleId.Gap, 3, 79_228_162_514_264_337_593_543_950_335m, 1),
        ];
        StoredFinding[] shuffled = [.. ordered];
        new Random(2).Shuffle(shuffled);
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { Findings = shuffled }, Stop);
        StoredFinding other = ordered[1] with { Finding = ordered[1].Finding with { Measured = 99 } };
        await Stores.Readings.AppendAsync(new ReadingBatch(Later) { Findings = [.. ordered, other] }, Stop);

        List<StoredFinding> all = await ListAsync(Stores.Readings.ReadFindingsAsync(null, Samples.Days(0, 2), Stop));
        List<StoredFinding> ofOne = await ListAsync(Stores.Readings.ReadFindingsAsync(One, Samples.Days(0, 1), Stop));

        Assert.Equal(ordered, all);
        Assert.Equal(ordered[..3], ofOne);
    }

    [Fact]
    public async Task MoreFindingsThanAPageAreAllThereOnce()
    {
        StoredFinding[] findings = [.. Enumerable.Range(0, 5_000).Select(i => Finding((ulong)(i % 10), i / 1_000, 0, RuleId.Negative, i, i, 0))];
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { Findings = findings }, Stop);

        List<StoredFinding> all = await ListAsync(Stores.Readings.ReadFindingsAsync(null, Samples.Days(0, 5), Stop));
        List<StoredFinding> ofOne = await ListAsync(Stores.Readings.ReadFindingsAsync(One, Samples.Days(0, 5), Stop));

        Assert.Equal(5_000, all.Distinct().Count());
        Assert.Equal(5_000, all.Count);
        Assert.Equal(findings.Where(finding => finding.UsagePoint == One), ofOne);
    }

    [Fact]
    public async Task RebillProposalsAreKeptOnce()
    {
        var proposal = new RebillProposal(One, ReadingType.ImportEnergy, Samples.Day(3), "B-1", 0, 1, 9_000, 8_500);
        var other = new RebillProposal(new UsagePointId(2), ReadingType.ImportEnergy, Samples.Day(2), "B-2", 1, 2, 100, -100);
        var register = new RebillProposal(One, ReadingType.ImportRegister, Samples.Day(3), "B-1", null, 2, 9_000, null);
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { RebillProposals = [proposal, other, register] }, Stop);
        await Stores.Readings.AppendAsync(new ReadingBatch(Later) { RebillProposals = [proposal] }, Stop);

        Assert.Equal([other, proposal, register], await ListAsync(Stores.Readings.ReadRebillProposalsAsync(null, Samples.Days(0, 4), Stop)));
        Assert.Equal([proposal, register], await ListAsync(Stores.Readings.ReadRebillProposalsAsync(One, Samples.Days(3, 1), Stop)));
        Assert.Empty(await ListAsync(Stores.Readings.ReadRebillProposalsAsync(One, Samples.Days(0, 3), Stop)));
    }

    [Fact]
    public async Task AQuarantinedBlockStandsAsideAndMakesNoVersion()
    {
        var put = new QuarantinedBlock(new EndDeviceId("X"), Samples.Block(1, 0), RuleId.Identity);
        var batch = new ReadingBatch(Samples.Recorded) { Quarantine = [put] };

        Assert.Equal(new AppendResult(0, 0), await Stores.Readings.AppendAsync(batch, Stop));
        Assert.Equal(new AppendResult(0, 0), await Stores.Readings.AppendAsync(batch, Stop));
        Assert.Empty(await ListAsync(Stores.Readings.ReadAsync(Samples.Import(1), Samples.Days(0, 1), Instant.MaxValue, Stop)));
    }

    [Fact]
    public async Task UsagePointsAreReplacedWholeWithTheirInstallations()
    {
        UsagePointRecord record = Record(1, "K-100", "A1", "B2"), other = Record(2, "K-200", "C3");
        await Stores.UsagePoints.PutAsync([record, other], Stop);
        UsagePointRecord moved = Record(1, "K-101", "B2");
        await Stores.UsagePoints.PutAsync([moved], Stop);
        await Stores.ReopenAsync();

        AssertSame(moved, await Stores.UsagePoints.FindAsync(One, Stop));
        AssertSame(other, await Stores.UsagePoints.FindByServicePointAsync("K-200", Stop));
        Assert.Null(await Stores.UsagePoints.FindByServicePointAsync("K-100", Stop));
        Assert.Null(await Stores.UsagePoints.FindAsync(new UsagePointId(3), Stop));
        Assert.Equal([1UL, 2], (await ListAsync(Stores.UsagePoints.ReadAllAsync(Stop))).Select(found => found.UsagePoint.Id.Number));
    }

    private static UsagePointRecord Record(ulong number, string servicePoint, params string[] serials) => new(
        new UsagePoint(new UsagePointId(number), servicePoint, "Asia/Kolkata", 2_000, 1, "delhi-brpl", ["prepaid", "rural"]),
        [
            .. serials.Select((serial, i) => new Installation(
                new UsagePointId(number), new EndDeviceId(serial), Samples.Day(10 * i), i + 1 < serials.Length ? Samples.Day(10 * i + 10) : null, 5, 30, 20)),
        ]);

    private static void AssertSame(UsagePointRecord expected, UsagePointRecord? found)
    {
        Assert.NotNull(found);
        Assert.Equal(expected.Installations, found.Installations);
        Assert.Equal(expected.UsagePoint.BillingFlags, found.UsagePoint.BillingFlags);
        Assert.Equal(expected.UsagePoint with { BillingFlags = [] }, found.UsagePoint with { BillingFlags = [] });
    }

    private static StoredFinding Finding(ulong usagePoint, int day, int? version, RuleId rule, int interval, decimal? measured, decimal? limit) => new(
        new UsagePointId(usagePoint), ReadingType.ImportEnergy, Samples.Day(day), version,
        new Finding(rule, Severity.Warn, Samples.Day(day) + Duration.FromMinutes(30L * interval), measured, limit, interval == 9 ? "third-highest" : ""));

    private async Task<UsagePointEvidence> EvidenceAsync(Instant knownAt) =>
        (await Stores.Readings.ReadEvidenceAsync([new EvidenceQuery(One, Samples.Day(0), Samples.Day(5), knownAt)], Stop))[0];
}

using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Gate;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.Stores.Tests.Contract;

/// <summary>Edits with their names, releases of them, and what waits for one.</summary>
public abstract class ReleaseContract(Func<Task<IStores>> open) : StoreContract(open)
{
    private static readonly UsagePointId One = new(1), Huge = new(ulong.MaxValue);
    private static readonly DateInterval April = Month(4), May = Month(5);
    private static readonly string Blocks = new('a', 64), Others = new('b', 64);

    [Fact]
    public async Task AReleaseStandsForItsVersionsAfterARestartAndForNoOthers()
    {
        EditRelease release = Release(One, April, Blocks, "sunita", 0);
        await Stores.Releases.AddAsync(release, Stop);
        await Stores.ReopenAsync();
        Assert.Equal(release, await Stores.Releases.FindAsync(One, April, Blocks, Stop));
        Assert.Null(await Stores.Releases.FindAsync(One, April, Others, Stop));
        Assert.Null(await Stores.Releases.FindAsync(One, May, Blocks, Stop));
        Assert.Null(await Stores.Releases.FindAsync(Huge, April, Blocks, Stop));
    }

    [Fact]
    public async Task TheFirstReleaseOfTheSameVersionsStandsAndTheNewestComesFirst()
    {
        EditRelease first = Release(One, April, Blocks, "sunita", 0), second = Release(Huge, May, Others, "bela", 1);
        foreach (EditRelease one in (EditRelease[])[first, Release(One, April, Blocks, "bela", 5), second]) await Stores.Releases.AddAsync(one, Stop);
        Assert.Equal(first, await Stores.Releases.FindAsync(One, April, Blocks, Stop));
        Assert.Equal([second, first], await Stores.Releases.ReadAsync(10, Stop));
        Assert.Equal([second], await Stores.Releases.ReadAsync(1, Stop));
    }

    [Fact]
    public async Task WhatIsAskedForStaysOpenUntilOneOfItsDaysIsBilled()
    {
        ReleaseRequest[] requests = [Asked(Huge, April, 0), Asked(One, May, 1), Asked(One, April, 1), Asked(new UsagePointId(2), April, 2)];
        await Stores.Releases.AskAsync([requests[3], requests[0]], Stop);
        await Stores.Releases.AskAsync([requests[1], requests[2], Asked(Huge, April, 9)], Stop);
        await Stores.Releases.AskAsync([], Stop);
        await Stores.ReopenAsync();

        // By the time of the first asking, then by usage point and period.
        Assert.Equal([requests[0], requests[2], requests[1], requests[3]], await Stores.Releases.ReadOpenAsync(null, 10, Stop));
        Assert.Equal([requests[2], requests[1]], await Stores.Releases.ReadOpenAsync(requests[0], 2, Stop));
        Assert.Empty(await Stores.Releases.ReadOpenAsync(requests[3], 10, Stop));

        var lastOfApril = new DateInterval(April.End, April.End);
        await Stores.Bills.AddAsync([Bill("B-1", One, lastOfApril, null), Bill("B-2", new UsagePointId(3), April, null)], Stop);
        Assert.Equal([requests[0], requests[1], requests[3]], await Stores.Releases.ReadOpenAsync(null, 10, Stop));
    }

    [Fact]
    public async Task ABillKeepsTheReleaseThatItWasMadeUnder()
    {
        await Stores.Bills.AddAsync([Bill("B-1", One, April, Blocks), Bill("B-2", One, May, null)], Stop);
        await Stores.ReopenAsync();
        Assert.Equal(Blocks, (await Stores.Bills.FindAsync("B-1", Stop))!.Facts.ReleasedBlocks);
        Assert.Equal([null, Blocks], (await Stores.Bills.ReadAsync(One, 0, 10, Stop)).Select(facts => facts.ReleasedBlocks));
    }

    [Fact]
    public async Task WhoEditedIsKeptWithTheVersionAndComesWithTheEvidence()
    {
        var meter = new EndDeviceId("A1");
        ReadingEdit[] edits =
        [
            new(One, ReadingType.ImportEnergy, Samples.Day(0), null, 1, "anil", "seen on the display") { Evidence = new EditEvidence("photograph 4711", new string('a', 64)) }, new(One, ReadingType.ImportEnergy, Samples.Day(0), null, 2, "bela", "the photograph says otherwise") { Evidence = new EditEvidence("letter of 3 May", null) },
            new(One, ReadingType.ImportRegister, Samples.Day(5), meter, 0, "anil", "read by eye"),
        ];
        ReadingEdit[] outside = [edits[0] with { UsagePoint = Huge }, edits[0] with { Start = Samples.Day(-1) }, edits[2] with { Start = Samples.Day(6) }];
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { Edits = [edits[2], .. outside, edits[0]] }, Stop);
        Instant later = Samples.Recorded + Duration.FromDays(1);
        await Stores.Readings.AppendAsync(
            new ReadingBatch(later) { Blocks = [Samples.Block(1, 0, version: 2)], Registers = [Samples.Register(1, 5, "A1", 50)], Edits = [edits[1], edits[0] with { By = "nobody" }] }, Stop);
        await Stores.ReopenAsync();

        Assert.Equal(edits, await EditsAsync(Instant.MaxValue));
        Assert.Equal([edits[0], edits[2]], await EditsAsync(later - Duration.FromTicks(1)));
    }

    private async Task<IReadOnlyList<ReadingEdit>> EditsAsync(Instant knownAt) =>
        (await Stores.Readings.ReadEvidenceAsync([new EvidenceQuery(One, Samples.Day(0), Samples.Day(5), knownAt)], Stop))[0].Edits;

    private static DateInterval Month(int month) => new(new LocalDate(2026, month, 1), new LocalDate(2026, month, 1).PlusMonths(1).PlusDays(-1));

    private static Instant At(int hour) => Samples.Recorded + Duration.FromHours(hour);

    private static EditRelease Release(UsagePointId usagePoint, DateInterval period, string blocks, string by, int hour) =>
        new(usagePoint, period, blocks, by, $"looked at by {by}, with the photograph", At(hour));

    private static ReleaseRequest Asked(UsagePointId usagePoint, DateInterval period, int hour) => new(usagePoint, period, At(hour));

    private static IssuedBill Bill(string number, UsagePointId usagePoint, DateInterval period, string? blocks) => new(
        new BillFacts(number, usagePoint, period, period.End.PlusDays(2), "INR", 100, 1_000, 0, false, period.End.Month) { ReleasedBlocks = blocks }, "{}"u8.ToArray(), "p"u8.ToArray(), "{}"u8.ToArray());
}

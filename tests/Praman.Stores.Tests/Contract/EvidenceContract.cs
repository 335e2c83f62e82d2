using NodaTime;
using Praman.HeadEnd.Inventory;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.Stores.Tests.Contract;

/// <summary>However a store reads the evidence of many usage points at once, and whatever it remembers, the answers are those of one at a time.</summary>
public abstract class EvidenceContract(Func<Task<IStores>> open) : StoreContract(open)
{
    private static readonly Instant Later = Samples.Recorded + Duration.FromDays(1);

    [Theory]
    [InlineData(1UL, 1UL)] // side by side
    [InlineData(1UL, 1_000UL)] // far apart
    [InlineData(ulong.MaxValue - 20, 1UL)] // over the end of the signed numbers that some stores keep
    [InlineData(9_223_372_036_854_775_800UL, 1UL)]
    public async Task EvidenceOfManyIsThatOfEachAlone(ulong first, ulong step)
    {
        ulong[] numbers = [.. Enumerable.Range(0, 20).Select(i => unchecked(first + ((ulong)i * step)))];
        await Stores.Readings.AppendAsync(
            new ReadingBatch(Samples.Recorded)
            {
                Blocks = [.. numbers.SelectMany(number => Enumerable.Range(0, 4).Select(day => Samples.Block(number, day))), Samples.Block(numbers[3], 1, 1)],
                Registers = [.. numbers.SelectMany(number => Enumerable.Range(0, 4).Select(day => Samples.Register(number, day, $"M{number}", 1_000 * day)))],
            },
            Stop);
        await Stores.Readings.AppendAsync(
            new ReadingBatch(Later)
            {
                Blocks = [Samples.Block(numbers[5], 2, 1), Samples.Block(numbers[6], 1, type: ReadingType.ExportEnergy)],
                ClockChecks = [new ClockCheck(new UsagePointId(numbers[7]), new EndDeviceId("M"), Samples.Day(2), Duration.FromSeconds(3))],
                Events = [new EndDeviceEvent(new EndDeviceId("M"), new UsagePointId(numbers[8]), Samples.Day(1), 101, 1)],
                Billed = [new BilledPeriod(new UsagePointId(numbers[9]), ReadingType.ImportEnergy, "B-1", Samples.Day(0), Samples.Day(2))],
            },
            Stop);

        // Every other one, most over one period, some over others, one twice; now and as it was known before.
        List<EvidenceQuery> queries = [.. numbers.Where((_, i) => i is < 12 or 19).Select(number => Query(number, 1, 3, Instant.MaxValue))];
        queries[2] = Query(numbers[2], 0, 4, Instant.MaxValue);
        queries[5] = Query(numbers[5], 1, 3, Samples.Recorded);
        queries[6] = new EvidenceQuery(new UsagePointId(numbers[6]), Samples.Day(1) + Duration.FromMinutes(1), Samples.Day(2), Instant.MaxValue);
        foreach (bool twice in new[] { false, true })
        {
            if (twice) queries.Add(queries[0]);
            IReadOnlyList<UsagePointEvidence> together = await Stores.Readings.ReadEvidenceAsync(queries, Stop);
            Assert.Equal(queries.Count, together.Count);
            for (int i = 0; i < queries.Count; i++)
            {
                UsagePointEvidence alone = (await Stores.Readings.ReadEvidenceAsync([queries[i]], Stop))[0];
                Assert.Equal(queries[i].UsagePoint, together[i].UsagePoint);
                Assert.Equal(alone.Blocks, together[i].Blocks);
                Assert.Equal(alone.Registers, together[i].Registers);
                Assert.Equal(alone.ClockChecks, together[i].ClockChecks);
                Assert.Equal(alone.Events, together[i].Events);
                Assert.Equal(alone.Billed, together[i].Billed);
            }
            Assert.Equal([0, 1, 0], together[3].Blocks.Select(stored => stored.Block.Version));
            Assert.Equal([2, 4, 2, 0], new[] { 0, 2, 5, 6 }.Select(i => together[i].Blocks.Count));
            Assert.Equal([3, 4, 3, 1], new[] { 0, 2, 5, 6 }.Select(i => together[i].Registers.Count));
            Assert.Single(together[7].ClockChecks);
            Assert.Single(together[8].Events);
            Assert.Single(together[9].Billed);
        }
    }

    [Fact]
    public async Task ARegisterThatIsThereIsNeverDenied()
    {
        EvidenceQuery query = Query(1, 0, 30, Instant.MaxValue), later = Query(1, 10, 40, Instant.MaxValue), earlier = Query(1, -20, 30, Instant.MaxValue);
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { Registers = [Samples.Register(1, 35, "A", 5, ReadingType.ExportRegister), Samples.Register(2, 1, "B", 5)] }, Stop);
        _ = await MayHold(query); // whatever a store remembers of this
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { Registers = [Samples.Register(1, -15, "A", 5, ReadingType.ImportApparentRegister)] }, Stop);
        Assert.True(await Stores.Readings.MayHoldRegistersAsync(later, ReadingType.ExportRegister, Stop));
        Assert.True(await Stores.Readings.MayHoldRegistersAsync(earlier, ReadingType.ImportApparentRegister, Stop));
        await Stores.Readings.AppendAsync(new ReadingBatch(Samples.Recorded) { Registers = [Samples.Register(1, 3, "A", 5, ReadingType.ImportRegisterAtRemoval)] }, Stop);
        Assert.True(await MayHold(query));
        await Stores.ReopenAsync();
        Assert.True(await MayHold(query));

        ValueTask<bool> MayHold(EvidenceQuery asked) => Stores.Readings.MayHoldRegistersAsync(asked, ReadingType.ImportRegister, Stop);
    }

    /// <summary>Random registers of some usage points over some years, and random questions: the answer is that of reading everything.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task WhetherARegisterIsHeldIsWhatTheEvidenceSays(int seed)
    {
        var random = new Random(seed);
        ReadingType[] types =
        [
            ReadingType.ImportRegister, ReadingType.ImportRegisterAtRemoval, ReadingType.ImportRegisterAtInstallation, ReadingType.ExportRegister, ReadingType.ImportApparentRegister,
        ];
        ReadingType[] quantities = [ReadingType.ImportRegister, ReadingType.ExportRegister, ReadingType.ImportApparentRegister];
        foreach (int batch in Enumerable.Range(0, 12))
        {
            await Stores.Readings.AppendAsync(
                new ReadingBatch(Samples.Recorded + Duration.FromHours(batch))
                {
                    Blocks = [Samples.Block((ulong)random.Next(1, 5), random.Next(0, 500), batch)],
                    Registers = [.. Enumerable.Range(0, 2).Select(i => Samples.Register((ulong)random.Next(1, 5), random.Next(0, 500), "M", random.Next(), types[random.Next(types.Length)], (2 * batch) + i))],
                },
                Stop);
        }
        (int held, int none) = (0, 0);
        for (int i = 0; i < 500; i++)
        {
            int first = random.Next(-50, 550);
            Instant known = random.Next(3) == 0 ? Instant.MaxValue : Samples.Recorded + Duration.FromHours(random.Next(-1, 13));
            EvidenceQuery query = new(new UsagePointId((ulong)random.Next(1, 6)), Samples.Day(first), Samples.Day(first + random.Next(1, 150)), known);
            UsagePointEvidence all = (await Stores.Readings.ReadEvidenceAsync([query], Stop))[0];
            foreach (ReadingType quantity in quantities)
            {
                bool expected = all.Registers.Any(stored => ((byte)stored.Register.Block.Type & 0x1F) == ((byte)quantity & 0x1F));
                Assert.Equal(expected, await Stores.Readings.HoldsRegisterAsync(query, quantity, Stop));
                if (expected) held++;
                else none++;
            }
        }
        Assert.True(held > 100 && none > 100, $"{held} held, {none} not: the questions say too little");
    }

    [Fact]
    public async Task AnEmptyStoreHoldsNoRegister() =>
        Assert.False(await Stores.Readings.HoldsRegisterAsync(Query(1, 0, 30, Instant.MaxValue), ReadingType.ImportRegister, Stop));

    [Fact]
    public async Task WhatTheDirectoryFoundBeforeAChangeIsNotGivenAfterIt()
    {
        var id = new UsagePointId(1);
        var point = new UsagePoint(id, "K-1", "Asia/Kolkata", 1_000, 1, "t", []);
        await Stores.UsagePoints.PutAsync([new UsagePointRecord(point, [new Installation(id, new EndDeviceId("A1"), Samples.Day(0), null)])], Stop);
        Assert.Null((await Stores.UsagePoints.FindAsync(id, Stop))!.Installations[0].Until);

        var installations = new[] { new Installation(id, new EndDeviceId("A1"), Samples.Day(0), Samples.Day(9)) };
        InventoryMeter meter = new(new EndDeviceId("A1"), "tcp://a1", "5052000000000001", null, MeterAccess.UtilitySetting, installations);
        await Stores.Meters.PutAsync([meter], Stop);
        Assert.Equal(Samples.Day(9), (await Stores.UsagePoints.FindAsync(id, Stop))!.Installations[0].Until);

        await Stores.UsagePoints.PutAsync([new UsagePointRecord(point with { PhaseCount = 3 }, [])], Stop);
        UsagePointRecord last = (await Stores.UsagePoints.FindAsync(id, Stop))!;
        Assert.Equal(3, last.UsagePoint.PhaseCount);
        Assert.Empty(last.Installations);
    }

    private static EvidenceQuery Query(ulong number, int first, int until, Instant knownAt) =>
        new(new UsagePointId(number), Samples.Day(first), Samples.Day(until), knownAt);
}

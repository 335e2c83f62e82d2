using CsCheck;
using NodaTime;
using Praman.MeterData.Ingest;
using Praman.MeterData.Tests.Stores;
using Praman.Metering;

namespace Praman.MeterData.Tests.Properties;

/// <summary>R5: whatever the order in which readings come, the same days are in force in the end.</summary>
public sealed class OrderOfArrivalTests
{
    private static readonly LocalDate First = new(2026, 4, 6);
    private const int Days = 4;

    /// <summary>What a meter gave, cut into sessions: parts of days, corrections, refusals, drift, outages, registers that are lost.</summary>
    private static List<MeterReading> Sessions(World world, Random random)
    {
        var readings = new List<MeterReading>();
        long register = 10_000;
        Add([], [world.Register(First, register)]);
        for (int d = 0; d < Days; d++)
        {
            LocalDate day = First.PlusDays(d);
            long?[] truth = [.. Enumerable.Range(0, 48).Select(i => (long?)random.Next(50, 400))];
            if (random.Next(3) == 0) truth[random.Next(48)] = 5_000;
            register += truth.Sum(v => v!.Value);
            int parts = random.Next(1, 4);
            for (int part = 0; part < parts; part++)
            {
                long?[] rows = [.. truth];
                for (int i = 0; i < 48; i++) if (random.Next(parts) != 0 || (d == 2 && i is > 10 and < 14)) rows[i] = null;
                IntervalBlock block = world.Day(day, rows, random.Next(6) == 0 ? IntervalFlags.Clock : 0);
                if (random.Next(5) == 0) block = Refuse(block, random.Next(48));
                Duration? drift = random.Next(2) == 0 ? Duration.FromSeconds(random.Next(4) == 0 ? 300 : 20) : null;
                Add([block], random.Next(4) == 0 ? [] : [world.Register(day.PlusDays(1), register)], drift);
            }
            if (random.Next(3) == 0)
            {
                long?[] other = [.. truth];
                other[random.Next(48)] += random.Next(1, 200);
                Add([world.Day(day, other)], []);
            }
            if (random.Next(8) == 0) Add([], [world.Register(day.PlusDays(1), register + 7)]);
        }
        var outage = world.Start(First.PlusDays(2)) + Duration.FromHours(5);
        readings.Add(world.Reading([], [], outage + Duration.FromDays(1), events: [
            new EndDeviceEvent(World.MeterA, World.Id, outage, 101, 1), new EndDeviceEvent(World.MeterA, World.Id, outage + Duration.FromMinutes(100), 102, 3)]));
        if (random.Next(2) == 0) // a second failure, after a restoration that is lost
        {
            Instant second = outage + Duration.FromMinutes(random.Next(100));
            readings.Add(world.Reading([], [], outage + Duration.FromDays(2), events: [new EndDeviceEvent(World.MeterA, World.Id, second, 101, 2)]));
        }
        return readings;

        void Add(IReadOnlyList<IntervalBlock> blocks, IReadOnlyList<RegisterReading> registers, Duration? drift = null)
        {
            Instant readAt = world.Start(First.PlusDays(readings.Count / 2)) + Duration.FromMinutes(37 * (readings.Count + 1));
            readings.Add(world.Reading(blocks, registers, readAt, drift));
        }
    }

    private static IntervalBlock Refuse(IntervalBlock block, int index)
    {
        (long[] values, IntervalQuality[] qualities) = block.Decode();
        if (qualities[index].HasValue) qualities[index] = qualities[index] with { State = IntervalState.Failed };
        return IntervalBlock.Create(block.Header, values, qualities);
    }

    /// <summary>Delivers in batches of random size, with nightly estimation in between where asked, and gives what is in force at the end.</summary>
    private static async Task<string> Deliver(int seed, int order, bool estimateBetween)
    {
#pragma warning disable CA5394 // seeded, so that a failing order can be run again
        var world = new World();
        List<MeterReading> readings = Sessions(world, new Random(seed));
        var shuffle = new Random(order);
        MeterReading[] delivered = [.. readings];
        if (order > 0) shuffle.Shuffle(delivered);
        if (order % 3 == 1) delivered = [.. delivered, delivered[shuffle.Next(delivered.Length)]]; // one comes twice
        for (int at = 0; at < delivered.Length;)
        {
            int size = Math.Min(shuffle.Next(1, 4), delivered.Length - at);
            await world.Accept(delivered[at..(at + size)]);
            at += size;
            if (estimateBetween && shuffle.Next(3) == 0) await world.Estimate(First.PlusDays(shuffle.Next(Days)));
        }
#pragma warning restore CA5394
        for (int d = 0; d < Days; d++) await world.Estimate(First.PlusDays(d));
        int versions = world.Store.Blocks.Count;
        HashSet<StoredBlock> known = [.. world.Store.Blocks];
        await world.Accept(delivered); // all of it again: nothing new
        for (int d = 0; d < Days; d++) await world.Estimate(First.PlusDays(d));
        if (versions != world.Store.Blocks.Count) // says what came of readings that were all known
        {
            Assert.Fail(string.Join('\n', world.Store.Blocks.Where(s => !known.Contains(s)).Select(s =>
            {
                IntervalBlock before = world.Store.Blocks.Last(k => k.Block.Start == s.Block.Start && k.Block.Version == s.Block.Version - 1).Block;
                (long[] values, IntervalQuality[] qualities) = s.Block.Decode();
                (long[] valuesBefore, IntervalQuality[] qualitiesBefore) = before.Decode();
                IEnumerable<string> changes = Enumerable.Range(0, s.Block.Count).Where(i => values[i] != valuesBefore[i] || qualities[i] != qualitiesBefore[i])
                    .Select(i => $"{i}: {qualitiesBefore[i].State} {qualitiesBefore[i].Flags} {valuesBefore[i]} -> {qualities[i].State} {qualities[i].Flags} {values[i]}");
                return $"seed {seed} order {order}: {s.Block.Start} v{s.Block.Version} {s.Block.Header.Cause}: {string.Join("; ", changes)}";
            })));
        }

        var days = new List<string>();
        for (int d = 0; d < Days; d++)
        {
            IntervalBlock block = world.Store.InForce(World.Id, world.Start(First.PlusDays(d)))!;
            (long[] values, IntervalQuality[] qualities) = block.Decode();
            // Version and cause tell the way by which the day came; the rest of its octets may not.
            IntervalBlockHeader bare = block.Header with { Version = 0, Cause = BlockCause.Received };
            days.Add(Convert.ToHexString(IntervalBlock.Create(bare, values, qualities).Bytes.Span));
        }
        return string.Join('\n', days);
    }

    [Theory]
    [InlineData(21_266)] // a value that was measured, then refused by the meter, then estimated
    public async Task Seeds_that_once_failed_stay_fixed(int seed)
    {
        for (int order = 1; order <= 6; order++) Assert.Equal(await Deliver(seed, 0, false), await Deliver(seed, order, true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_order_of_arrival_gives_the_same_octets_in_force(bool estimateBetween) => Gen.Int[0, 100_000].Sample(seed =>
    {
        string expected = Deliver(seed, 0, false).GetAwaiter().GetResult();
        for (int order = 1; order <= 4; order++)
        {
            string actual = Deliver(seed, order, estimateBetween).GetAwaiter().GetResult();
            if (actual != expected) Assert.Fail($"seed {seed}, order {order}:\n{expected}\n{actual}");
        }
    }, iter: 25, threads: 1);
}

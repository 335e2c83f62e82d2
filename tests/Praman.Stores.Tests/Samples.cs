using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;

namespace Praman.Stores.Tests;

/// <summary>Day blocks that are the same in every run.</summary>
internal static class Samples
{
    public static readonly Instant FirstDay = Instant.FromUtc(2026, 3, 31, 18, 30); // 1 April 2026 in Kolkata

    public static readonly Instant Recorded = Instant.FromUtc(2026, 4, 2, 1, 15);

    public static Instant Day(int day) => FirstDay + Duration.FromDays(day);

    public static Interval Days(int first, int count) => new(Day(first), Day(first + count));

    public static UsagePointId UsagePoint(ulong number) => new(number);

    public static ChannelId Import(ulong usagePoint) => new(new UsagePointId(usagePoint), ReadingType.ImportEnergy);

    /// <summary>A half-hourly day, 60 to 560 Wh an interval; other versions have other values.</summary>
    public static IntervalBlock Block(ulong usagePoint, int day, int version = 0, ReadingType type = ReadingType.ImportEnergy, int seed = 0) =>
        Block(usagePoint, Day(day), version, type, seed);

    public static IntervalBlock Block(ulong usagePoint, Instant start, int version = 0, ReadingType type = ReadingType.ImportEnergy, int seed = 0)
    {
        const int Count = 48;
        var random = new Random(HashOf(usagePoint, start, version, seed));
        var values = new long[Count];
        var qualities = new IntervalQuality[Count];
        int level = 60 + random.Next(150);
        for (int i = 0; i < Count; i++)
        {
            values[i] = level + random.Next(40) + (i is > 12 and < 18 or > 36 and < 44 ? level + random.Next(200) : 0);
            qualities[i] = IntervalQuality.Valid;
        }
        BlockCause cause = version == 0 ? BlockCause.Received : BlockCause.Estimation;
        return IntervalBlock.Create(new IntervalBlockHeader(new UsagePointId(usagePoint), type, start, 30, Count, version, cause), values, qualities);
    }

    public static RegisterBlock Register(ulong usagePoint, int day, string serial, long value, ReadingType type = ReadingType.ImportRegister, int version = 0) =>
        new(IntervalBlock.CreateRegister(new UsagePointId(usagePoint), type, Day(day), value, IntervalQuality.Valid, version), new EndDeviceId(serial), 10);

    public static ReadingBatch Batch(params IntervalBlock[] blocks) => Batch(Recorded, blocks);

    public static ReadingBatch Batch(Instant recordedAt, params IntervalBlock[] blocks) => new(recordedAt) { Blocks = blocks };

    private static int HashOf(ulong usagePoint, Instant start, int version, int seed) =>
        unchecked((int)(usagePoint * 2_654_435_761UL) ^ (int)(start.ToUnixTimeSeconds() * 40_503) ^ (version * 7_919) ^ (seed * 104_729));
}

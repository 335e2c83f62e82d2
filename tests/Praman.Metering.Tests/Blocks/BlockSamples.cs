using NodaTime;

namespace Praman.Metering.Tests.Blocks;

/// <summary>Blocks made from a seed, of every kind that the format has.</summary>
internal static class BlockSamples
{
    private static readonly ReadingType[] Types = Enum.GetValues<ReadingType>();
    private static readonly IntervalState[] States = Enum.GetValues<IntervalState>();
    private static readonly int[] Counts = [1, 2, 3, 23, 46, 48, 50, 96, 100, 288, 1_500];

    public static (IntervalBlockHeader Header, sbyte Scaler, long[] Values, IntervalQuality[] Qualities) Make(int seed)
    {
#pragma warning disable CA5394 // a seeded sequence, so that a failure can be repeated
        var random = new Random(seed);
        int count = Counts[random.Next(Counts.Length)];
        var header = new IntervalBlockHeader(
            new UsagePointId(random.Next(4) == 0 ? (ulong)random.NextInt64() * 2 + 1 : (ulong)random.Next(1_000_000)),
            Types[random.Next(Types.Length)], Instant.FromUtc(2000, 1, 1, 0, 0) + Duration.FromMinutes(random.Next(3) == 0 ? random.Next(100) : random.NextInt64(4_200_000_000)),
            random.Next(1_501), count, random.Next(3) == 0 ? random.Next((1 << 20) + 1) : random.Next(4), (BlockCause)random.Next(6));
        var values = new long[count];
        long size = random.Next(6) switch { 0 => 1, 1 => 3, 2 => 2_000, 3 => 1_000_000, 4 => 1L << 40, _ => IntervalBlockCodec.ValueLimit };
        for (int i = 0; i < count; i++) values[i] = random.NextInt64(random.Next(2) == 0 ? 1 - size : 0, size);
        if (random.Next(5) == 0) Array.Fill(values, values[0]);
        if (random.Next(4) == 0) Array.Sort(values);
        var qualities = new IntervalQuality[count];
        int kind = random.Next(5);
        IntervalQuality run = default;
        for (int i = 0; i < count; i++)
        {
            if (kind == 4 || (kind == 3 && random.Next(8) == 0)) run = new IntervalQuality(States[random.Next(States.Length)], (IntervalFlags)random.Next(128));
            qualities[i] = kind switch { 0 => IntervalQuality.Raw, 1 => IntervalQuality.Valid, 2 => IntervalQuality.Missing, _ => run };
        }
        return (header, (sbyte)(random.Next(3) == 0 ? random.Next(-128, 128) : 0), values, qualities);
#pragma warning restore CA5394
    }

    public static byte[] Encode(int seed)
    {
        (IntervalBlockHeader header, sbyte scaler, long[] values, IntervalQuality[] qualities) = Make(seed);
        return IntervalBlock.Create(header, values, qualities, scaler).Bytes.ToArray();
    }
}

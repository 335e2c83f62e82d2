namespace Praman.Transports.Memory;

/// <summary>Numbers that follow from a seed (SplitMix64): the same on every machine and in every version of the runtime.</summary>
public struct SeededSequence(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below <paramref name="limit"/>, which is at least 1.</summary>
    public int Below(int limit) => (int)(((UInt128)Next() * (uint)limit) >> 64);

    /// <summary>True with the given probability, 0 to 1.</summary>
    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    /// <summary>A time from <paramref name="shortest"/> to <paramref name="longest"/>.</summary>
    public TimeSpan Between(TimeSpan shortest, TimeSpan longest) =>
        longest <= shortest ? shortest : shortest + TimeSpan.FromTicks((long)(((UInt128)Next() * (ulong)(longest - shortest).Ticks) >> 64));
}

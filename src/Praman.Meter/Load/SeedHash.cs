namespace Praman.Meter.Load;

/// <summary>Numbers that follow from a seed and a place alone, whatever was asked before (the finaliser of SplitMix64).</summary>
internal static class SeedHash
{
    public static ulong Of(ulong seed, ulong a, ulong b = 0)
    {
        ulong x = seed + (a * 0x9E3779B97F4A7C15UL) + (b * 0xD1B54A32D192ED03UL);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }

    /// <summary>A whole number in [0, <paramref name="count"/>).</summary>
    public static int Below(ulong hash, int count) => (int)(((hash >> 32) * (ulong)count) >> 32);
}

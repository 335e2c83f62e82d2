using NodaTime;
using Praman.Metering;
using Praman.Transports.Memory;

namespace Praman.HeadEnd.Collection;

/// <summary>
/// When a meter that failed is tried again: after a wait that doubles, shortened by up to half at random from the seed, so that meters
/// that failed together do not come back together.
/// </summary>
public sealed class RetrySchedule(CollectionOptions options)
{
    /// <summary>The wait after so many failed attempts, 1 or more.</summary>
    public Duration Delay(EndDeviceId endDevice, LocalDate day, int attempts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        long full = options.RetryDelay.Ticks;
        for (int i = 1; i < attempts && full < options.RetryDelayMax.Ticks; i++) full *= 2;
        full = Math.Min(full, options.RetryDelayMax.Ticks);
        var random = new SeededSequence(options.Seed ^ Hash(endDevice) ^ ((ulong)(uint)(day.Year * 512 + day.DayOfYear) << 20) ^ (uint)attempts);
        return Duration.FromTicks(full - (long)(((UInt128)random.Next() * (ulong)(full / 2)) >> 64));
    }

    /// <summary>True where no further attempt is made in this day's round.</summary>
    public bool IsExhausted(int attempts) => attempts >= options.AttemptCountMax;

    // FNV-1a: the same in every process, unlike string.GetHashCode.
    private static ulong Hash(EndDeviceId endDevice)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (char letter in endDevice.Serial) hash = (hash ^ letter) * 0x100_0000_01B3;
        return hash;
    }
}

using System.ComponentModel.DataAnnotations;

namespace Praman.HeadEnd.Push;

/// <summary>What a listener for pushes takes. Whoever can reach it may connect, so everything has a limit.</summary>
public sealed class PushOptions
{
    /// <summary>Connections at once; one more is closed as it comes.</summary>
    [Range(1, 100_000)] public int ConnectionCountMax { get; init; } = 1_000;

    /// <summary>Octets of a whole push, its blocks together.</summary>
    [Range(256, 1 << 20)] public int LengthMax { get; init; } = 1 << 16;

    /// <summary>Longest silence on a connection.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest a connection stands; a meter that has more to say connects again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan ConnectionTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Pushes that are refused before the connection is closed.</summary>
    [Range(1, 1_000)] public int FaultCountMax { get; init; } = 8;

    /// <summary>Meters that push over one connection, as behind a concentrator.</summary>
    [Range(1, 10_000)] public int MeterCountMax { get; init; } = 64;

    /// <summary>Pushes of one meter that are taken in an hour: even one with the right keys cannot fill the disk.</summary>
    [Range(1, 100_000)] public int PushCountPerHourMax { get; init; } = 240;
}

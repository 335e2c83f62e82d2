using NodaTime;
using Praman.Meter;
using Praman.Meter.Load;
using Praman.Metering;

namespace Praman.Cli.Demo;

/// <summary>One home of the street: its usage point, its meters by time, and what flows there.</summary>
internal sealed class DemoHome
{
    public required UsagePoint UsagePoint { get; set; }

    public required ILoadSource Load { get; init; }

    /// <summary>Meters that stand or stood here, by time; one, or two after an exchange.</summary>
    public List<DemoMeter> Meters { get; } = [];

    /// <summary>Highest current of its meters, a phase, in amperes.</summary>
    public required int RatedCurrentA { get; init; }

    /// <summary>What the interval file calls it; null for a home of the built-in model.</summary>
    public string? SourceName { get; init; }

    /// <summary>The meter that stands here now.</summary>
    public DemoMeter Standing => Meters[^1];
}

/// <summary>A virtual meter with what the head-end is told of it.</summary>
internal sealed record DemoMeter(VirtualMeter Meter, MeterKeys Keys, ReadOnlyMemory<byte> SystemTitle, Instant From)
{
    public EndDeviceId EndDevice => new(Meter.Serial);

    /// <summary>When it was removed; null while it stands.</summary>
    public Instant? Until { get; set; }
}

using System.Diagnostics.CodeAnalysis;
using NodaTime;
using Praman.Meter.Load;

namespace Praman.Meter;

/// <summary>Many meters of one type in one process, found by serial number. Each meter is used by one thread at a time; different meters by different threads.</summary>
public sealed class MeterFleet(MeterModel model)
{
    private readonly Dictionary<string, VirtualMeter> _meters = new(StringComparer.Ordinal);

    /// <summary>What they share.</summary>
    public MeterType Type { get; } = new(model);

    public int Count => _meters.Count;

    /// <summary>All, in no order.</summary>
    public IReadOnlyCollection<VirtualMeter> Meters => _meters.Values;

    /// <summary>Adds a meter.</summary>
    /// <exception cref="ArgumentException">The serial number is taken.</exception>
    public VirtualMeter Add(
        string serial, ReadOnlyMemory<byte> systemTitle, MeterKeys keys, ILoadSource source, Instant installedAt, LoadTotals initial = default, int driftPpm = 0)
    {
        var meter = new VirtualMeter(Type, serial, systemTitle, keys, source, installedAt, initial, driftPpm);
        if (!_meters.TryAdd(serial, meter)) throw new ArgumentException($"there is a meter {serial} already", nameof(serial));
        return meter;
    }

    public bool TryFind(string serial, [NotNullWhen(true)] out VirtualMeter? meter) => _meters.TryGetValue(serial, out meter);

    /// <summary>
    /// Exchanges a meter: the old one is read no more from <paramref name="at"/> on and leaves the fleet, the new one counts from zero at the same
    /// usage point.
    /// </summary>
    /// <returns>The new meter.</returns>
    public VirtualMeter Exchange(VirtualMeter old, Instant at, string serial, ReadOnlyMemory<byte> systemTitle, MeterKeys keys, int driftPpm = 0)
    {
        ArgumentNullException.ThrowIfNull(old);
        VirtualMeter replacement = Add(serial, systemTitle, keys, old.Source, at, driftPpm: driftPpm);
        old.Remove(at);
        _meters.Remove(old.Serial);
        return replacement;
    }
}

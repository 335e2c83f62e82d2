using NodaTime;
using Praman.Metering;

namespace Praman.HeadEnd.Tests.Simulation;

/// <summary>Keeps what it is given, and how often.</summary>
internal sealed class ReadingsTaken : IMeterReadingSink
{
    public List<MeterReading> All { get; } = [];

    /// <summary>Blocks by channel and start; each as often as it came.</summary>
    public Dictionary<(UsagePointId, ReadingType, Instant), List<IntervalBlock>> Blocks { get; } = [];

    public Dictionary<(EndDeviceId, ReadingType, Instant), long> Registers { get; } = [];

    public List<EndDeviceEvent> Events { get; } = [];

    /// <summary>Thrown instead of taking, while set.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Waited for before anything is taken, as for a slow disk; null where there is none.</summary>
    public Task? Gate { get; set; }

    public int BatchSizeMax { get; private set; }

    public async ValueTask AcceptAsync(IReadOnlyList<MeterReading> readings, CancellationToken cancellationToken)
    {
        if (Gate is { } gate) await gate.WaitAsync(cancellationToken);
        if (Fault is not null) throw Fault;
        BatchSizeMax = Math.Max(BatchSizeMax, readings.Count);
        foreach (MeterReading reading in readings)
        {
            All.Add(reading);
            foreach (IntervalBlock block in reading.Blocks)
            {
                (UsagePointId, ReadingType, Instant) key = (block.UsagePoint, block.Type, block.Start);
                if (!Blocks.TryGetValue(key, out List<IntervalBlock>? list)) Blocks[key] = list = [];
                list.Add(block);
            }
            foreach (RegisterReading register in reading.Registers) Registers[(register.EndDevice, register.Type, register.At)] = register.Value;
            Events.AddRange(reading.Events);
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using NodaTime;
using Praman.Dlms.Server;
using Praman.HeadEnd.Sessions;
using Praman.Meter;
using Praman.Transports;
using Praman.Transports.Memory;

namespace Praman.HeadEnd.Tests.Simulation;

/// <summary>A network in memory: meters by address, each link with its faults from one seed.</summary>
internal sealed class MemoryLinks(TimeProvider time, LinkFaults faults, ulong seed) : IMeterLinks
{
    private readonly Dictionary<string, VirtualMeter> _meters = [];
    private SeededSequence _seeds = new(seed);

    /// <summary>Answers in place of a meter at an address.</summary>
    public Dictionary<string, Func<IBytePipe, Task>> Strangers { get; } = [];

    /// <summary>Links made.</summary>
    public int LinkCount { get; private set; }

    /// <summary>What is told to a client that connects; null lets it.</summary>
    public Func<string, LinkException?>? Refuse { get; set; }

    /// <summary>Sees what a meter is sent, before it does.</summary>
    public Action<VirtualMeter, byte[]>? Tap { get; set; }

    /// <summary>Sees what a meter answers, before the client does.</summary>
    public Action<VirtualMeter, byte[]>? Record { get; set; }

    /// <summary>Changes what a meter answers on its way; null leaves it.</summary>
    public Func<byte[], byte[]>? Alter { get; set; }

    public void Add(string link, VirtualMeter meter) => _meters[link] = meter;

    public ValueTask<IBytePipe> ConnectAsync(string link, CancellationToken cancellationToken)
    {
        if (Refuse?.Invoke(link) is { } refusal) throw refusal;
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair(faults, _seeds.Next(), time);
        LinkCount++;
        if (Strangers.TryGetValue(link, out Func<IBytePipe, Task>? stranger)) _ = stranger(far);
        else if (!_meters.TryGetValue(link, out VirtualMeter? meter)) throw new LinkException(LinkFault.Unreachable, $"{link} is not reachable");
        else _ = ServeAsync(far, meter);
        return ValueTask.FromResult<IBytePipe>(near);
    }

    private async Task ServeAsync(MemoryPipe pipe, VirtualMeter meter)
    {
        using DlmsServerAssociation association = meter.OpenAssociation();
        try
        {
            while (!association.IsClosed)
            {
                ReadResult result = await pipe.Input.ReadAsync();
                byte[] request = result.Buffer.ToArray();
                if (request.Length > 0) Tap?.Invoke(meter, request);
                ReadOnlyMemory<byte> answer = association.Receive(request, Instant.FromDateTimeOffset(time.GetUtcNow()));
                pipe.Input.AdvanceTo(result.Buffer.End);
                Record?.Invoke(meter, answer.ToArray());
                if (Alter is { } alter) answer = alter(answer.ToArray());
                if (!answer.IsEmpty) await pipe.Output.WriteAsync(answer);
                if (result.IsCompleted) break;
            }
        }
        catch (LinkException)
        {
            // the link broke: the meter waits for the next
        }
        await pipe.DisposeAsync();
    }
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using NodaTime;
using Praman.Cli.Meters;
using Praman.Dlms.Push;
using Praman.Dlms.Server;
using Praman.Meter;
using Praman.Meter.Definitions;
using Praman.Testing;
using Praman.Transports.Memory;
using Praman.Transports.Udp;

namespace Praman.Cli.Tests;

/// <summary>The ports of simulated meters go on where something fails, and their pushes where somebody does not answer.</summary>
public sealed class MeterPortTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly StringWriter _said = new();

    private StationServer Server => new(TimeProvider.System, TextWriter.Synchronized(_said));

    [Fact]
    public async Task AnAcceptThatFailsIsToldAndThePortGoesOn()
    {
        (MemoryPipe near, MemoryPipe far) = MemoryPipe.CreatePair();
        int calls = 0;
        StationServer server = Server;
        await using (server)
        {
            server.Add("tcp://here:4059", async cancellationToken =>
            {
                switch (++calls)
                {
                    case 1: throw new InvalidOperationException("too many open files");
                    case 2: throw new IOException("still too many");
                    case 3: return near;
                    default:
                        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                        return null;
                }
            }, () => new Echo());
            await AnswersAsync(far);
        }
        Assert.Equal(
            ["tcp://here:4059 failed: too many open files; it is tried again in 0.1 s", "tcp://here:4059 failed: still too many; it is tried again in 0.2 s"],
            _said.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task ALinkWhoseStationFailsIsEndedAndToldAndTheNextIsServed()
    {
        (MemoryPipe Near, MemoryPipe Far)[] links = [MemoryPipe.CreatePair(), MemoryPipe.CreatePair(), MemoryPipe.CreatePair()];
        int accepted = 0, opened = 0;
        StationServer server = Server;
        await using (server)
        {
            server.Add("tcp://here:4059", async cancellationToken =>
            {
                if (accepted < links.Length) return links[accepted++].Near;
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                return null;
            }, () => ++opened == 1 ? throw new NotSupportedException("no such station") : new Echo { Fails = opened == 2 });
            await links[1].Far.Output.WriteAsync("x"u8.ToArray(), Cancellation);
            await AnswersAsync(links[2].Far);
            foreach (int ended in (int[])[0, 1]) Assert.True((await links[ended].Far.Input.ReadAsync(Cancellation)).IsCompleted);
        }
        Assert.Contains("tcp://here:4059: a link failed and was ended: no such station", _said.ToString(), StringComparison.Ordinal);
        Assert.Contains("tcp://here:4059: a link failed and was ended: the station broke", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADatagramThatFailsIsToldAndTheNextIsAnswered()
    {
        IPEndPoint here = new(IPAddress.Loopback, 1), there = new(IPAddress.Loopback, 2);
        int calls = 0, opened = 0;
        var answered = new TaskCompletionSource<IPEndPoint>();
        StationServer server = Server;
        await using (server)
        {
            server.Add("udp://here:4059", async cancellationToken =>
            {
                switch (++calls)
                {
                    case 1: throw new InvalidOperationException("no buffer space");
                    case 2: return new UdpDatagram(here, "x"u8.ToArray());
                    case 3: return new UdpDatagram(there, "y"u8.ToArray());
                    default:
                        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                        return null;
                }
            }, (octets, remote, _) =>
            {
                answered.TrySetResult(remote);
                return ValueTask.CompletedTask;
            }, () => new Echo { Fails = ++opened == 1, Answer = [0, 1, 0, 1, 0, 1, 0, 1, 0x61] });
            Assert.Equal(there, await answered.Task.WaitAsync(Patience, Cancellation));
        }
        Assert.Contains("udp://here:4059 failed: no buffer space; it is tried again in 0.1 s", _said.ToString(), StringComparison.Ordinal);
        Assert.Contains("udp://here:4059: a link failed and was ended: the station broke", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADestinationWhereNobodyAnswersHoldsUpOnlyWhatGoesThere()
    {
        const int deadCount = 40;
        VirtualMeter[] meters = [.. await MetersAsync("127.0.0.1:1", deadCount), .. await MetersAsync("127.0.0.1:2", 3)];
        int waiting = 0, most = 0;
        var arrived = new TaskCompletionSource();
        int living = 0;
        var sender = new PushSender(meters, TimeSpan.FromMilliseconds(20), TimeProvider.System, async (push, cancellationToken) =>
        {
            if (push.Address.EndsWith(":2", StringComparison.Ordinal))
            {
                if (Interlocked.Increment(ref living) == 3) arrived.TrySetResult();
                return true;
            }
            int now = Interlocked.Increment(ref waiting);
            for (int seen = most; now > seen; seen = most) Interlocked.CompareExchange(ref most, now, seen);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return false;
        });
        await using (sender)
        {
            sender.Start();
            await arrived.Task.WaitAsync(Patience, Cancellation);
        }
        Assert.InRange(most, 2, PushSender.ToOneMax);
    }

    [Fact]
    public async Task APushGoesAsADatagramWhereItsTransportSaysSo()
    {
        using UdpListener listener = UdpListener.Start(new IPEndPoint(IPAddress.Loopback, 0), UdpOptions.Default);
        var sender = new PushSender([.. await MetersAsync(listener.EndPoint.ToString(), 1, transport: 1)], TimeSpan.FromMilliseconds(20), TimeProvider.System);
        await using (sender)
        {
            sender.Start();
            UdpDatagram datagram = (await listener.ReceiveAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation))!.Value;
            var receiver = new PushReceiver();
            receiver.AppendDatagram(datagram.Octets.Span);
            Assert.True(receiver.TryTake(out PushMessage? push));
            Assert.Equal((PushCarrier.Wrapper, PushFault.MissingKey), (push.Carrier, push.Fault)); // whole, and nobody has its key here
        }
    }

    // Meters that push each quarter of an hour, at once and without a wait before a retry.
    private static async Task<IEnumerable<VirtualMeter>> MetersAsync(string destination, int count, byte transport = 0)
    {
        JsonNode profile = JsonNode.Parse(await File.ReadAllTextAsync(TestFiles.InRepository("meters", "e-meter.json"), Cancellation))!;
        JsonNode setup = profile["objects"]!.AsArray().Single(o => o!["logicalName"]!.GetValue<string>() == "0.0.25.9.0.255")!["acts"]!;
        setup["3"]!["value"]!.AsArray()[0]!["value"] = transport;
        setup["3"]!["value"]!.AsArray()[1]!["value"] = destination;
        setup["5"]!["value"] = 0;
        setup["7"]!["value"] = 0;
        Assert.True(MeterDefinition.TryParse(Encoding.UTF8.GetBytes(profile.ToJsonString()), out MeterDefinition? definition, out string? fault), fault);
        MeterType type = definition.CreateType();
        Instant installedAt = SystemClock.Instance.GetCurrentInstant() - Duration.FromHours(1);
        return [.. Enumerable.Range(0, count).Select(index => SimulatedMeter.Create(type, 1, index, installedAt).Meter)];
    }

    private static async Task AnswersAsync(MemoryPipe link)
    {
        await link.Output.WriteAsync("x"u8.ToArray(), Cancellation);
        Assert.Equal(1, (await link.Input.ReadAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation)).Buffer.Length);
    }

    private sealed class Echo : IDlmsStation
    {
        public bool Fails { get; init; }

        public byte[] Answer { get; init; } = [1];

        public bool IsClosed => false;

        public ReadOnlyMemory<byte> Receive(ReadOnlySpan<byte> octets, Instant now) => Fails ? throw new NotSupportedException("the station broke") : Answer;

        public void Dispose()
        {
        }
    }
}

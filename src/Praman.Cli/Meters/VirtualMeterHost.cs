using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using NodaTime;
using Praman.Dlms.Server;
using Praman.Meter;
using Praman.Transports.Memory;
using Praman.Transports.Tcp;

namespace Praman.Cli.Meters;

/// <summary>
/// Serves virtual meters over TCP on loopback, a port each, and fails sessions on purpose from a seed. It holds a meter's lock (the meter
/// itself) while it answers; whoever else changes a meter takes the same lock.
/// </summary>
internal sealed class VirtualMeterHost(TimeProvider clock, ulong seed, TextWriter errors) : IAsyncDisposable
{
    // A client that only connects holds a socket and nothing else; past this many a meter hangs up.
    private const int ConnectionCountMax = 16;
    private const int RequestBytesMax = 256 * 1024;

    private readonly ConcurrentDictionary<VirtualMeter, Station> _stations = new();
    private readonly CancellationTokenSource _stop = new();
    private double _failShare;

    /// <summary>Connections taken so far.</summary>
    public long ConnectionCount => _stations.Values.Sum(s => Interlocked.Read(ref s.Connections));

    /// <summary>Connections that were failed on purpose.</summary>
    public long FailedCount => _stations.Values.Sum(s => Interlocked.Read(ref s.Failed));

    /// <summary>Serves a meter; returns its link, <c>tcp://127.0.0.1:port</c>.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="port">Where; 0 for any port that is free.</param>
    /// <exception cref="Praman.Transports.LinkException">The port is in use.</exception>
    public string Add(VirtualMeter meter, int port = 0)
    {
        var listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, port), TcpOptions.Default with { Backlog = ConnectionCountMax });
        var station = new Station(meter, listener, Hash(meter.Serial));
        if (!_stations.TryAdd(meter, station))
        {
            listener.Dispose();
            throw new InvalidOperationException($"meter {meter.Serial} is served already");
        }
        station.Running = RunAsync(station);
        return $"tcp://{listener.EndPoint}";
    }

    /// <summary>From now on this share of connections, 0 to 1, is refused or cut in the middle, alike for every run of the seed.</summary>
    public void FailSessions(double share) => Volatile.Write(ref _failShare, share);

    /// <summary>Hangs up on whoever calls this meter, until it is let speak again.</summary>
    public void Silence(VirtualMeter meter, bool silent) => _stations[meter].IsSilent = silent;

    /// <summary>Serves it no more.</summary>
    public async Task RemoveAsync(VirtualMeter meter)
    {
        if (!_stations.TryRemove(meter, out Station? station)) return;
        station.Listener.Dispose();
        await station.Running.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (Station station in _stations.Values) station.Listener.Dispose();
        foreach (Station station in _stations.Values) await station.Running.ConfigureAwait(false);
        _stations.Clear();
        _stop.Dispose();
    }

    private async Task RunAsync(Station station)
    {
        var open = new HashSet<Task>();
        // The clock may be one that this host's own work drives: a pause is real time.
        var faults = new PortFaults($"tcp://{station.Listener.EndPoint}", errors, TimeProvider.System);
        while (await faults.NextAsync(async cancellationToken => await station.Listener.AcceptAsync(cancellationToken).ConfigureAwait(false), _stop.Token).ConfigureAwait(false) is { } pipe)
        {
            open.RemoveWhere(task => task.IsCompleted);
            if (open.Count >= ConnectionCountMax) await pipe.DisposeAsync().ConfigureAwait(false);
            else open.Add(ServeAsync(station, pipe));
        }
        await Task.WhenAll(open).ConfigureAwait(false);
    }

    private async Task ServeAsync(Station station, TcpPipe pipe)
    {
        long number = Interlocked.Increment(ref station.Connections);
        int answersLeft = AnswersUntilFailure(station, number);
        if (answersLeft < int.MaxValue) Interlocked.Increment(ref station.Failed);
        await using (pipe.ConfigureAwait(false))
        {
            if (answersLeft == 0 || station.IsSilent) return;
            DlmsServerAssociation association;
            lock (station.Meter) association = station.Meter.OpenAssociation();
            try
            {
                await AnswerAsync(station.Meter, association, pipe, answersLeft).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The caller hung up, or the host ends.
            }
            finally
            {
                lock (station.Meter) association.Dispose();
            }
        }
    }

    private async Task AnswerAsync(VirtualMeter meter, DlmsServerAssociation association, TcpPipe pipe, int answersLeft)
    {
        while (true)
        {
            ReadResult result = await pipe.Input.ReadAsync(_stop.Token).ConfigureAwait(false);
            if (result.Buffer.Length > RequestBytesMax) return;
            bool closed;
            bool any;
            lock (meter)
            {
                ReadOnlyMemory<byte> answer = association.Receive(
                    result.Buffer.IsSingleSegment ? result.Buffer.FirstSpan : result.Buffer.ToArray(), Instant.FromDateTimeOffset(clock.GetUtcNow()));
                any = !answer.IsEmpty;
                if (any && answersLeft > 1) pipe.Output.Write(answer.Span);
                else if (any) pipe.Output.Write(answer.Span[..(answer.Length / 2)]); // cut in the middle of the answer
                closed = association.IsClosed;
            }
            pipe.Input.AdvanceTo(result.Buffer.End);
            if (any)
            {
                await pipe.Output.FlushAsync(_stop.Token).ConfigureAwait(false);
                if (answersLeft != int.MaxValue && --answersLeft == 0) return;
            }
            if (closed || result.IsCompleted) return;
        }
    }

    // From seed, meter and number alone, so that what runs beside it does not matter.
    private int AnswersUntilFailure(Station station, long number)
    {
        var random = new SeededSequence(seed ^ station.Hash ^ ((ulong)number * 0x9E37_79B9_7F4A_7C15));
        return random.Chance(Volatile.Read(ref _failShare)) ? random.Below(8) : int.MaxValue;
    }

    private static ulong Hash(string serial)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (char letter in serial) hash = (hash ^ letter) * 0x100_0000_01B3;
        return hash;
    }

    private sealed class Station(VirtualMeter meter, TcpPipeListener listener, ulong hash)
    {
        public long Connections;
        public long Failed;

        public VirtualMeter Meter { get; } = meter;

        public TcpPipeListener Listener { get; } = listener;

        public ulong Hash { get; } = hash;

        public volatile bool IsSilent;

        public Task Running { get; set; } = Task.CompletedTask;
    }
}

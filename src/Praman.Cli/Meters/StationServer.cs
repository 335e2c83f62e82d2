using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using NodaTime;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.Transports;
using Praman.Transports.Serial;
using Praman.Transports.Tcp;
using Praman.Transports.Udp;

namespace Praman.Cli.Meters;

/// <summary>
/// Serves stations on this machine: over TCP, a station a connection; over UDP, a station a sender; on a serial line, one. A port that fails says so and goes on.
/// </summary>
/// <param name="errors">Where ports and links that failed are told of.</param>
internal sealed class StationServer(TimeProvider clock, TextWriter errors) : IAsyncDisposable
{
    /// <summary>Connections or senders that one port serves at once, where nothing else is said.</summary>
    public const int CallerCountDefault = 64;

    private const int Backlog = 512;
    private const int RequestBytesMax = 256 * 1024;

    // As long as a station keeps a link of which nothing is heard.
    private static readonly TimeSpan LinkSilence = new HdlcSettings().InactivityTimeout.ToTimeSpan();

    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _listeners = [];
    private readonly List<Task> _running = [];

    /// <summary>Serves TCP on loopback; returns the port.</summary>
    /// <param name="open">Makes the station of a connection.</param>
    /// <param name="port">Where; 0 for any port that is free.</param>
    /// <param name="callerCountMax">Connections at once; one more is hung up on.</param>
    /// <exception cref="LinkException">The port is in use.</exception>
    public int AddTcp(Func<IDlmsStation> open, int port, int callerCountMax = CallerCountDefault)
    {
        var listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, port), TcpOptions.Default with { Backlog = Backlog });
        _listeners.Add(listener);
        Add($"tcp://{listener.EndPoint}", async cancellationToken => await listener.AcceptAsync(cancellationToken).ConfigureAwait(false), open, callerCountMax);
        return listener.EndPoint.Port;
    }

    /// <summary>Serves links that come one after another.</summary>
    /// <param name="name">Of the port, for who is told that it failed.</param>
    /// <param name="accept">Gives the next link; null where no more come.</param>
    /// <param name="open">Makes the station of a link.</param>
    /// <param name="callerCountMax">Links at once; one more is hung up on.</param>
    public void Add(string name, Func<CancellationToken, ValueTask<IBytePipe?>> accept, Func<IDlmsStation> open, int callerCountMax = CallerCountDefault) =>
        _running.Add(AcceptAsync(accept, open, callerCountMax, new PortFaults(name, errors, clock)));

    /// <summary>Serves UDP on loopback: the wrapper, a frame a datagram; returns the port.</summary>
    /// <exception cref="LinkException">The port is in use.</exception>
    public int AddUdp(Func<IDlmsStation> open, int port, int callerCountMax = CallerCountDefault)
    {
        var listener = UdpListener.Start(new IPEndPoint(IPAddress.Loopback, port), UdpOptions.Default);
        _listeners.Add(listener);
        Add($"udp://{listener.EndPoint}", listener.ReceiveAsync, listener.SendAsync, open, callerCountMax);
        return listener.EndPoint.Port;
    }

    /// <summary>Serves datagrams that come one after another.</summary>
    /// <param name="name">Of the port, for who is told that it failed.</param>
    /// <param name="receive">Gives the next datagram; null where no more come.</param>
    /// <param name="send">Sends one.</param>
    /// <param name="open">Makes the station of a sender.</param>
    /// <param name="callerCountMax">Senders at once; whoever was silent longest is forgotten for one more.</param>
    public void Add(
        string name, Func<CancellationToken, ValueTask<UdpDatagram?>> receive, Func<ReadOnlyMemory<byte>, IPEndPoint, CancellationToken, ValueTask> send,
        Func<IDlmsStation> open, int callerCountMax = CallerCountDefault) =>
        _running.Add(ServeDatagramsAsync(receive, send, open, callerCountMax, new PortFaults(name, errors, clock)));

    /// <summary>Serves a serial line until it is closed.</summary>
    /// <param name="pipe">The line; closed with the server.</param>
    /// <param name="station">Who answers on it.</param>
    public void AddSerial(ISerialPipe pipe, IDlmsStation station) => _running.Add(ServeAsync(pipe, station, new PortFaults("the serial line", errors, clock)));

    /// <summary>Serves an optical port: HDLC after its opening by mode E, which is awaited again once the link is closed.</summary>
    public void AddOptical(ISerialPipe pipe, MeterStation station, ModeEMeter opening) => _running.Add(ServeOpticalAsync(pipe, station, opening, new PortFaults("the optical port", errors, clock)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (IDisposable listener in _listeners) listener.Dispose();
        await Task.WhenAll(_running).ConfigureAwait(false);
        _stop.Dispose();
    }

    private Instant Now => Instant.FromDateTimeOffset(clock.GetUtcNow());

    private async Task AcceptAsync(Func<CancellationToken, ValueTask<IBytePipe?>> accept, Func<IDlmsStation> open, int callerCountMax, PortFaults faults)
    {
        var connections = new HashSet<Task>();
        while (await faults.NextAsync(accept, _stop.Token).ConfigureAwait(false) is { } pipe)
        {
            if (connections.Count >= callerCountMax) connections.RemoveWhere(task => task.IsCompleted);
            if (connections.Count >= callerCountMax) await pipe.DisposeAsync().ConfigureAwait(false);
            else connections.Add(ServeAsync(pipe, open, faults));
        }
        await Task.WhenAll(connections).ConfigureAwait(false);
    }

    private async Task ServeAsync(IBytePipe pipe, Func<IDlmsStation> open, PortFaults faults)
    {
        IDlmsStation station;
        try
        {
            station = open();
        }
        catch (Exception exception)
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            await faults.SayAsync(exception).ConfigureAwait(false);
            return;
        }
        await ServeAsync(pipe, station, faults).ConfigureAwait(false);
    }

    private async Task ServeAsync(IBytePipe pipe, IDlmsStation station, PortFaults faults)
    {
        await using (pipe.ConfigureAwait(false))
        using (station)
        {
            try
            {
                while (await ReadAsync(pipe, station.Receive).ConfigureAwait(false) != Heard.End && !station.IsClosed)
                {
                }
            }
            catch (Exception exception) when (IsEnd(exception))
            {
                // The caller hung up, the line was closed, or the server ends.
            }
            catch (Exception exception)
            {
                await faults.SayAsync(exception).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeOpticalAsync(ISerialPipe pipe, MeterStation station, ModeEMeter opening, PortFaults faults)
    {
        await using (pipe.ConfigureAwait(false))
        using (station)
        {
            try
            {
                while (true)
                {
                    pipe.SetLine(ModeEMeter.SignOnLine);
                    opening.Reset();
                    ModeEAnswer answer = default;
                    while (!answer.IsOpen)
                    {
                        if (await ReadAsync(pipe, (octets, _) => (answer = opening.Received(octets)).Send).ConfigureAwait(false) == Heard.End) return;
                        await Task.Delay(answer.Pause, clock, _stop.Token).ConfigureAwait(false);
                        if (answer.Line is { } line) pipe.SetLine(line);
                    }
                    await SpeakAsync(pipe, station, answer.Rest).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (IsEnd(exception))
            {
                // The line was closed, or the server ends.
            }
            catch (Exception exception)
            {
                await faults.SayAsync(exception).ConfigureAwait(false);
            }
        }
    }

    // HDLC until the link is closed, or nobody opens one: a probe that was taken off says no farewell.
    private async Task SpeakAsync(ISerialPipe pipe, MeterStation station, ReadOnlyMemory<byte> first)
    {
        if (!first.IsEmpty) await pipe.Output.WriteAsync(station.Receive(first.Span, Now), _stop.Token).ConfigureAwait(false);
        bool wasOpen;
        Heard heard;
        do
        {
            wasOpen = station.IsLinkOpen;
            heard = await ReadAsync(pipe, station.Receive, LinkSilence).ConfigureAwait(false);
        }
        while (heard != Heard.End && (station.IsLinkOpen || (!wasOpen && heard == Heard.Octets)));
    }

    private static bool IsEnd(Exception exception) => exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    // One read and its answer.
    private async Task<Heard> ReadAsync(IBytePipe pipe, Answer answer, TimeSpan? silence = null)
    {
        using ITimer timer = clock.CreateTimer(static state => ((PipeReader)state!).CancelPendingRead(), pipe.Input, silence ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        ReadResult result = await pipe.Input.ReadAsync(_stop.Token).ConfigureAwait(false);
        if (result.Buffer.Length > RequestBytesMax) return Heard.End;
        bool any = !result.Buffer.IsEmpty;
        ReadOnlyMemory<byte> send = answer(result.Buffer.IsSingleSegment ? result.Buffer.FirstSpan : result.Buffer.ToArray(), Now);
        pipe.Input.AdvanceTo(result.Buffer.End);
        if (!send.IsEmpty) await pipe.Output.WriteAsync(send, _stop.Token).ConfigureAwait(false);
        return result.IsCompleted ? Heard.End : any ? Heard.Octets : Heard.Silence;
    }

    private async Task ServeDatagramsAsync(
        Func<CancellationToken, ValueTask<UdpDatagram?>> receive, Func<ReadOnlyMemory<byte>, IPEndPoint, CancellationToken, ValueTask> send, Func<IDlmsStation> open,
        int callerCountMax, PortFaults faults)
    {
        var senders = new Dictionary<IPEndPoint, LinkedListNode<(IPEndPoint Remote, IDlmsStation Station)>>();
        var byUse = new LinkedList<(IPEndPoint Remote, IDlmsStation Station)>();
        while (await faults.NextAsync(receive, _stop.Token).ConfigureAwait(false) is { } datagram)
        {
            try
            {
                await AnswerAsync(datagram).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break; // the server ends
            }
            catch (Exception exception)
            {
                await faults.SayAsync(exception).ConfigureAwait(false);
                if (senders.TryGetValue(datagram.Remote, out LinkedListNode<(IPEndPoint Remote, IDlmsStation Station)>? failed)) Forget(failed);
            }
        }
        foreach ((_, IDlmsStation station) in byUse) station.Dispose();

        async ValueTask AnswerAsync(UdpDatagram datagram)
        {
            if (!senders.Remove(datagram.Remote, out LinkedListNode<(IPEndPoint Remote, IDlmsStation Station)>? node))
            {
                if (senders.Count == callerCountMax) Forget(byUse.First!); // whoever was silent longest
                node = new((datagram.Remote, open()));
            }
            else byUse.Remove(node);
            senders[datagram.Remote] = node;
            byUse.AddLast(node);
            ReadOnlyMemory<byte> answers = node.Value.Station.Receive(datagram.Octets.Span, Now);
            while (!answers.IsEmpty) // a frame a datagram
            {
                _ = WrapperHeader.TryRead(answers.Span, WrapperHeader.ApduLengthMax, out WrapperHeader header, out _, out _);
                int length = WrapperHeader.Length + header.ApduLength;
                await send(answers[..length], datagram.Remote, _stop.Token).ConfigureAwait(false);
                answers = answers[length..];
            }
            if (node.Value.Station.IsClosed) Forget(node); // the next datagram begins anew
        }

        void Forget(LinkedListNode<(IPEndPoint Remote, IDlmsStation Station)> node)
        {
            node.Value.Station.Dispose();
            byUse.Remove(node);
            senders.Remove(node.Value.Remote);
        }
    }

    private delegate ReadOnlyMemory<byte> Answer(ReadOnlySpan<byte> octets, Instant now);

    private enum Heard
    {
        Octets,

        /// <summary>Nothing, for as long as was waited.</summary>
        Silence,

        /// <summary>Nothing more comes.</summary>
        End,
    }
}

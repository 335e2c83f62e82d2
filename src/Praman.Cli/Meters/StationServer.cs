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

/// <summary>Serves stations on this machine: over TCP, a station a connection; over UDP, a station a sender; on a serial line, one.</summary>
internal sealed class StationServer(TimeProvider clock) : IAsyncDisposable
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
        _running.Add(AcceptAsync(listener, open, callerCountMax));
        return listener.EndPoint.Port;
    }

    /// <summary>Serves UDP on loopback: the wrapper, a frame a datagram; returns the port.</summary>
    /// <exception cref="LinkException">The port is in use.</exception>
    public int AddUdp(Func<IDlmsStation> open, int port, int callerCountMax = CallerCountDefault)
    {
        var listener = UdpListener.Start(new IPEndPoint(IPAddress.Loopback, port), UdpOptions.Default);
        _listeners.Add(listener);
        _running.Add(ServeDatagramsAsync(listener, open, callerCountMax));
        return listener.EndPoint.Port;
    }

    /// <summary>Serves a serial line until it is closed.</summary>
    /// <param name="pipe">The line; closed with the server.</param>
    /// <param name="station">Who answers on it.</param>
    public void AddSerial(ISerialPipe pipe, IDlmsStation station) => _running.Add(ServeAsync(pipe, station));

    /// <summary>Serves an optical port: HDLC after its opening by mode E, which is awaited again once the link is closed.</summary>
    public void AddOptical(ISerialPipe pipe, MeterStation station, ModeEMeter opening) => _running.Add(ServeOpticalAsync(pipe, station, opening));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (IDisposable listener in _listeners) listener.Dispose();
        await Task.WhenAll(_running).ConfigureAwait(false);
        _stop.Dispose();
    }

    private Instant Now => Instant.FromDateTimeOffset(clock.GetUtcNow());

    private async Task AcceptAsync(TcpPipeListener listener, Func<IDlmsStation> open, int callerCountMax)
    {
        var connections = new HashSet<Task>();
        try
        {
            while (await listener.AcceptAsync(_stop.Token).ConfigureAwait(false) is { } pipe)
            {
                if (connections.Count >= callerCountMax) connections.RemoveWhere(task => task.IsCompleted);
                if (connections.Count >= callerCountMax) await pipe.DisposeAsync().ConfigureAwait(false);
                else connections.Add(ServeAsync(pipe, open()));
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
        await Task.WhenAll(connections).ConfigureAwait(false);
    }

    private async Task ServeAsync(IBytePipe pipe, IDlmsStation station)
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
        }
    }

    private async Task ServeOpticalAsync(ISerialPipe pipe, MeterStation station, ModeEMeter opening)
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

    private async Task ServeDatagramsAsync(UdpListener listener, Func<IDlmsStation> open, int callerCountMax)
    {
        var senders = new Dictionary<IPEndPoint, LinkedListNode<(IPEndPoint Remote, IDlmsStation Station)>>();
        var byUse = new LinkedList<(IPEndPoint Remote, IDlmsStation Station)>();
        try
        {
            while (await listener.ReceiveAsync(_stop.Token).ConfigureAwait(false) is { } datagram)
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
                    await listener.SendAsync(answers[..length], datagram.Remote, _stop.Token).ConfigureAwait(false);
                    answers = answers[length..];
                }
                if (node.Value.Station.IsClosed) Forget(node); // the next datagram begins anew
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
        foreach ((_, IDlmsStation station) in byUse) station.Dispose();

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

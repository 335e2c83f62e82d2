using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Praman.Transports.Tcp;

/// <summary>A TCP link, IPv4 or IPv6, without Nagle's delay. Nothing is read before it is asked for, so its buffers are bounded by its user.</summary>
public sealed class TcpPipe : IBytePipe
{
    private readonly NetworkStream _stream;

    internal TcpPipe(Socket socket, TcpOptions options)
    {
        Apply(socket, options);
        _stream = new NetworkStream(socket, ownsSocket: true);
        Remote = $"tcp://{socket.RemoteEndPoint}";
        Input = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: options.ReadBufferBytes, minimumReadSize: 1, leaveOpen: true));
        Output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public string Remote { get; }

    /// <summary>Connects to a host name or address; every address that a name has is tried.</summary>
    /// <exception cref="LinkException">Nobody answers there, or not in time.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async ValueTask<TcpPipe> ConnectAsync(
        string host, int port, TcpOptions options, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Socket? socket = null;
        try
        {
            socket = NewSocket(host);
            if (IPAddress.TryParse(host, out IPAddress? address)) await socket.ConnectAsync(address, port, either.Token).ConfigureAwait(false);
            else await socket.ConnectAsync(host, port, either.Token).ConfigureAwait(false);
            var pipe = new TcpPipe(socket, options);
            socket = null;
            return pipe;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LinkException(LinkFault.TimedOut, $"tcp://{host}:{port} did not answer within {options.ConnectTimeout.TotalSeconds:0.#} s");
        }
        catch (SocketException exception)
        {
            LinkFault fault = exception.SocketErrorCode == SocketError.TimedOut ? LinkFault.TimedOut : LinkFault.Unreachable;
            throw new LinkException(fault, $"tcp://{host}:{port} is not reachable: {exception.Message}", exception);
        }
        finally
        {
            socket?.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync().ConfigureAwait(false);
        try
        {
            await Output.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // What was still to be sent cannot be: the link is gone already.
        }
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private static Socket NewSocket(string host) =>
        IPAddress.TryParse(host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp); // both families where the system has both

    private static void Apply(Socket socket, TcpOptions options)
    {
        socket.NoDelay = true;
        if (options.SocketBufferBytes == 0) return;
        socket.SendBufferSize = options.SocketBufferBytes;
        socket.ReceiveBufferSize = options.SocketBufferBytes;
    }
}

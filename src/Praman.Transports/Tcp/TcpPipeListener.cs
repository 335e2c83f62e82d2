using System.Net;
using System.Net.Sockets;

namespace Praman.Transports.Tcp;

/// <summary>Listens for TCP links at one address; <see cref="IPAddress.IPv6Any"/> serves both families.</summary>
public sealed class TcpPipeListener : IDisposable
{
    private readonly Socket _socket;
    private readonly TcpOptions _options;

    private TcpPipeListener(Socket socket, TcpOptions options)
    {
        _socket = socket;
        _options = options;
    }

    /// <summary>Where it listens; the port is the one chosen where 0 was asked for.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <exception cref="LinkException">The address is taken or not this machine's.</exception>
    public static TcpPipeListener Start(IPEndPoint endPoint, TcpOptions options)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = endPoint.Address.Equals(IPAddress.IPv6Any);
            socket.Bind(endPoint);
            socket.Listen(options.Backlog);
            return new TcpPipeListener(socket, options);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            LinkFault fault = exception.SocketErrorCode == SocketError.AddressAlreadyInUse ? LinkFault.AddressInUse : LinkFault.Unreachable;
            string why = fault == LinkFault.AddressInUse ? "the port is in use by another program" : exception.Message;
            throw new LinkException(fault, $"cannot listen on {endPoint}: {why}", exception);
        }
    }

    /// <summary>The next link; null once the listener is disposed.</summary>
    public async ValueTask<TcpPipe?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                Socket accepted = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    return new TcpPipe(accepted, _options);
                }
                catch (Exception exception) when (exception is SocketException or IOException)
                {
                    accepted.Dispose(); // gone before it was looked at
                }
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted)
            {
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // The caller hung up before it was accepted: the next one.
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}

using System.Net;
using System.Net.Sockets;

namespace Praman.Transports.Udp;

/// <summary>Takes datagrams from anybody at one address and sends answers back. One reader and any number of senders.</summary>
public sealed class UdpListener : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer;
    private readonly UdpOptions _options;

    private UdpListener(Socket socket, UdpOptions options)
    {
        _socket = socket;
        _options = options;
        _buffer = new byte[options.DatagramBytesMax + 1]; // one more than is taken, so that a longer one is seen to be longer
    }

    /// <summary>Where it listens; the port is the one chosen where 0 was asked for.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <exception cref="LinkException">The address is taken or not this machine's.</exception>
    public static UdpListener Start(IPEndPoint endPoint, UdpOptions options)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DatagramBytesMax, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.DatagramBytesMax, UdpOptions.DatagramBytesLimit, nameof(options));
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(endPoint);
            return new UdpListener(socket, options);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            LinkFault fault = exception.SocketErrorCode == SocketError.AddressAlreadyInUse ? LinkFault.AddressInUse : LinkFault.Unreachable;
            string why = fault == LinkFault.AddressInUse ? "the port is in use by another program" : exception.Message;
            throw new LinkException(fault, $"cannot take datagrams at {endPoint}: {why}", exception);
        }
    }

    /// <summary>The next datagram, valid until the next call; one that is empty or too long is passed over. Null once the listener is disposed.</summary>
    public async ValueTask<UdpDatagram?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                SocketReceiveFromResult came = await _socket.ReceiveFromAsync(_buffer, AnyOf(EndPoint), cancellationToken).ConfigureAwait(false);
                if (came.ReceivedBytes > 0 && came.ReceivedBytes <= _options.DatagramBytesMax) return new((IPEndPoint)came.RemoteEndPoint, _buffer.AsMemory(0, came.ReceivedBytes));
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted)
            {
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.MessageSize)
            {
                // Somebody whom we answered is gone, or a datagram was longer than any: the next one.
            }
        }
    }

    /// <summary>Sends one datagram; one that cannot be sent is lost, as datagrams are.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> datagram, IPEndPoint remote, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendToAsync(datagram, remote, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Nobody waits for it any longer.
        }
    }

    public void Dispose() => _socket.Dispose();

    private static IPEndPoint AnyOf(IPEndPoint local) => new(local.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
}

/// <summary>A datagram and its sender.</summary>
/// <param name="Remote">Who sent it.</param>
/// <param name="Octets">Its content.</param>
public readonly record struct UdpDatagram(IPEndPoint Remote, ReadOnlyMemory<byte> Octets);

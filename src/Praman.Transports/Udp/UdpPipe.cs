using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Praman.Transports.Udp;

/// <summary>
/// A peer that is spoken to by datagrams (IEC 62056-4-7, wrapper over UDP). What is flushed at once is one datagram; what is read are the octets
/// of datagrams, one after another, from that peer alone. Nothing says that one arrives: asking again is its user's matter.
/// </summary>
public sealed class UdpPipe : IBytePipe
{
    private readonly Socket _socket;

    private UdpPipe(Socket socket, UdpOptions options, string remote)
    {
        _socket = socket;
        Remote = remote;
        var stream = new UdpReadStream(socket, options.DatagramBytesMax, remote);
        // One more octet than allowed, so that a longer datagram is seen to be.
        int room = options.DatagramBytesMax + 1;
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: room, minimumReadSize: room));
        Output = new UdpPipeWriter(socket, options.DatagramBytesMax, remote);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public string Remote { get; }

    /// <summary>Prepares to speak to a host name or address; nothing is sent, so nobody need be there.</summary>
    /// <exception cref="LinkException">There is no such name, or no way there.</exception>
    public static async ValueTask<UdpPipe> ConnectAsync(string host, int port, UdpOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DatagramBytesMax, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.DatagramBytesMax, UdpOptions.DatagramBytesLimit, nameof(options));
        Socket? socket = null;
        try
        {
            IPAddress? address = IPAddress.TryParse(host, out IPAddress? literal) ? literal : (await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
            if (address is null) throw new LinkException(LinkFault.Unreachable, $"udp://{host}:{port} is not reachable: the name has no address");
            socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(address, port, cancellationToken).ConfigureAwait(false);
            var pipe = new UdpPipe(socket, options, $"udp://{new IPEndPoint(address, port)}");
            socket = null;
            return pipe;
        }
        catch (SocketException exception)
        {
            throw new LinkException(LinkFault.Unreachable, $"udp://{host}:{port} is not reachable: {exception.Message}", exception);
        }
        finally
        {
            socket?.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Output.CompleteAsync().ConfigureAwait(false);
        await Input.CompleteAsync().ConfigureAwait(false);
        _socket.Dispose();
    }
}

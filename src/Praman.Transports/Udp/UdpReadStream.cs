using System.Net.Sockets;

namespace Praman.Transports.Udp;

/// <summary>Datagrams as a stream to read: each read is one datagram. An empty one is passed over, since it would look like the end.</summary>
internal sealed class UdpReadStream(Socket socket, int datagramBytesMax, string remote) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            int count;
            try
            {
                count = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                LinkFault fault = exception.SocketErrorCode == SocketError.ConnectionRefused ? LinkFault.Unreachable : LinkFault.Lost;
                throw new LinkException(fault, $"{remote}: {exception.Message}", exception);
            }
            if (count > datagramBytesMax) throw new LinkException(LinkFault.Lost, $"{remote} sent a datagram of more than {datagramBytesMax} octets");
            if (count > 0) return count;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}

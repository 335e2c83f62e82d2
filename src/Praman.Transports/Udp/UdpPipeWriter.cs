using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Praman.Transports.Udp;

/// <summary>Sends what is flushed at once as one datagram.</summary>
internal sealed class UdpPipeWriter(Socket socket, int datagramBytesMax, string remote) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _written = new(256);
    private bool _completed;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written.WrittenCount;

    public override void Advance(int bytes) => _written.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    /// <summary>Nothing: a datagram is taken by the system at once, so no flush is ever pending.</summary>
    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null) => _completed = true;

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        int count = _written.WrittenCount;
        if (count == 0 || _completed) return new FlushResult(false, _completed);
        try
        {
            if (count > datagramBytesMax) throw new LinkException(LinkFault.Lost, $"{remote}: a frame of {count} octets does not fit a datagram of {datagramBytesMax}");
            await socket.SendAsync(_written.WrittenMemory, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            LinkFault fault = exception.SocketErrorCode == SocketError.ConnectionRefused ? LinkFault.Unreachable : LinkFault.Lost;
            throw new LinkException(fault, $"{remote}: {exception.Message}", exception);
        }
        finally
        {
            _written.ResetWrittenCount();
        }
        return new FlushResult(false, false);
    }
}

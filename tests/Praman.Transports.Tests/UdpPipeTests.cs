using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Praman.Transports.Udp;

namespace Praman.Transports.Tests;

/// <summary>Datagrams over loopback.</summary>
public class UdpPipeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public async Task AFlushIsADatagramAndADatagramIsRead(string host)
    {
        Assert.SkipWhen(host == "::1" && !Socket.OSSupportsIPv6, "this machine has no IPv6");
        IPAddress address = IPAddress.TryParse(host, out IPAddress? literal) ? literal : (await Dns.GetHostAddressesAsync(host, Cancellation))[0];
        using var meter = new UdpClient(new IPEndPoint(address, 0));
        await using UdpPipe pipe = await UdpPipe.ConnectAsync(host, ((IPEndPoint)meter.Client.LocalEndPoint!).Port, UdpOptions.Default, Cancellation);
        byte[] frame = Pipes.Frame(1, 9_000); // longer than any segment of a stream's writer
        pipe.Output.Write(frame.AsSpan(0, 5_000));
        pipe.Output.Write(frame.AsSpan(5_000));
        await pipe.Output.FlushAsync(Cancellation);
        UdpReceiveResult came = await meter.ReceiveAsync(Cancellation);
        Assert.Equal(frame, came.Buffer);

        await meter.SendAsync(Array.Empty<byte>(), came.RemoteEndPoint, Cancellation); // says nothing, and ends nothing
        await meter.SendAsync(new byte[] { 1, 2, 3 }, came.RemoteEndPoint, Cancellation);
        await meter.SendAsync(frame, came.RemoteEndPoint, Cancellation);
        Assert.Equal([1, 2, 3, .. frame], await pipe.Input.ReadExactlyAsync(frame.Length + 3, Cancellation));
    }

    [Fact]
    public async Task AStrangersDatagramIsNotRead()
    {
        using var meter = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using UdpPipe pipe = await UdpPipe.ConnectAsync("127.0.0.1", ((IPEndPoint)meter.Client.LocalEndPoint!).Port, UdpOptions.Default, Cancellation);
        await pipe.Output.WriteAsync(new byte[] { 9 }, Cancellation);
        IPEndPoint client = (await meter.ReceiveAsync(Cancellation)).RemoteEndPoint;
        await stranger.SendAsync(new byte[] { 66 }, client, Cancellation);
        await meter.SendAsync(new byte[] { 7 }, client, Cancellation);
        Assert.Equal([7], await pipe.Input.ReadExactlyAsync(1, Cancellation));
    }

    [Fact]
    public async Task LongerDatagramsThanAllowedAreRefused()
    {
        using var meter = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new UdpOptions { DatagramBytesMax = 100 };
        await using UdpPipe pipe = await UdpPipe.ConnectAsync("127.0.0.1", ((IPEndPoint)meter.Client.LocalEndPoint!).Port, options, Cancellation);
        LinkException tooLong = await Assert.ThrowsAsync<LinkException>(async () => await pipe.Output.WriteAsync(new byte[101], Cancellation));
        Assert.Contains("101 octets", tooLong.Message, StringComparison.Ordinal);
        await pipe.Output.WriteAsync(new byte[100], Cancellation);
        await meter.SendAsync(new byte[200], (await meter.ReceiveAsync(Cancellation)).RemoteEndPoint, Cancellation);
        await Assert.ThrowsAsync<LinkException>(async () => await pipe.Input.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task NobodyThereIsSeenWhenItIsAsked()
    {
        int port;
        using (var gone = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0))) port = ((IPEndPoint)gone.Client.LocalEndPoint!).Port;
        await using UdpPipe pipe = await UdpPipe.ConnectAsync("127.0.0.1", port, UdpOptions.Default, Cancellation);
        LinkException refused = await Assert.ThrowsAsync<LinkException>(async () =>
        {
            await pipe.Output.WriteAsync(new byte[] { 1 }, Cancellation);
            await pipe.Input.ReadAsync(Cancellation);
        });
        Assert.Equal(LinkFault.Unreachable, refused.Fault);
        LinkException unknown = await Assert.ThrowsAsync<LinkException>(async () => await UdpPipe.ConnectAsync("no-such-host.invalid", 4059, UdpOptions.Default, Cancellation));
        Assert.Equal(LinkFault.Unreachable, unknown.Fault);
    }

    [Fact]
    public async Task AWaitingReadIsGivenUp()
    {
        using var meter = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using UdpPipe pipe = await UdpPipe.ConnectAsync("127.0.0.1", ((IPEndPoint)meter.Client.LocalEndPoint!).Port, UdpOptions.Default, Cancellation);
        ValueTask<ReadResult> waiting = pipe.Input.ReadAsync(Cancellation);
        pipe.Input.CancelPendingRead();
        Assert.True((await waiting).IsCanceled);
        pipe.Input.AdvanceTo((await ReadAgainAsync(pipe, meter)).Buffer.End);
    }

    private static async Task<ReadResult> ReadAgainAsync(UdpPipe pipe, UdpClient meter)
    {
        await pipe.Output.WriteAsync(new byte[] { 1 }, Cancellation);
        await meter.SendAsync(new byte[] { 2 }, (await meter.ReceiveAsync(Cancellation)).RemoteEndPoint, Cancellation);
        ReadResult result = await pipe.Input.ReadAsync(Cancellation);
        Assert.Equal(1, result.Buffer.Length);
        return result;
    }
}

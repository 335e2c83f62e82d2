using System.IO.Pipelines;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Praman.Transports.Tcp;

namespace Praman.Transports.Tests;

public class TcpPipeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("127.0.0.1", "::")]
    public async Task OctetsGoBothWaysAndTheEndIsSeen(string host, string listenAt)
    {
        Assert.SkipWhen(listenAt.Contains(':') && !System.Net.Sockets.Socket.OSSupportsIPv6, "this machine has no IPv6");
        using TcpPipeListener listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Parse(listenAt), 0), TcpOptions.Default);
        ValueTask<TcpPipe?> accepting = listener.AcceptAsync(Cancellation);
        TcpPipe client = await TcpPipe.ConnectAsync(host, listener.EndPoint.Port, TcpOptions.Default, TimeProvider.System, Cancellation);
        TcpPipe server = (await accepting)!;
        byte[] big = Pipes.Frame(5, 100_000);
        Task<byte[]> reading = server.Input.ReadExactlyAsync(big.Length, Cancellation);
        await client.Output.WriteAsync(big, Cancellation);
        Assert.Equal(big, await reading);
        await server.Output.WriteAsync(new byte[] { 7 }, Cancellation);
        Assert.Equal([7], await client.Input.ReadExactlyAsync(1, Cancellation));
        await client.DisposeAsync();
        ReadResult end = await server.Input.ReadAsync(Cancellation);
        Assert.True(end.IsCompleted);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task NobodyThereIsUnreachable()
    {
        int port;
        using (TcpPipeListener listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, 0), TcpOptions.Default)) port = listener.EndPoint.Port;
        LinkException refused = await Assert.ThrowsAsync<LinkException>(
            async () => await TcpPipe.ConnectAsync("127.0.0.1", port, TcpOptions.Default, TimeProvider.System, Cancellation));
        Assert.Equal(LinkFault.Unreachable, refused.Fault);
        Assert.Contains($"127.0.0.1:{port}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANameThatDoesNotExistIsUnreachable()
    {
        LinkException unknown = await Assert.ThrowsAsync<LinkException>(
            async () => await TcpPipe.ConnectAsync("no-such-host.invalid", 4059, TcpOptions.Default, TimeProvider.System, Cancellation));
        Assert.Equal(LinkFault.Unreachable, unknown.Fault);
    }

    [Fact]
    public async Task AConnectionThatTakesTooLongTimesOut()
    {
        // A full backlog leaves further connections waiting in the kernel.
        using TcpPipeListener listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, 0), TcpOptions.Default with { Backlog = 1 });
        var time = new FakeTimeProvider();
        var options = TcpOptions.Default with { ConnectTimeout = TimeSpan.FromSeconds(3) };
        var waiting = new List<Task<TcpPipe>>();
        for (int i = 0; i < 8; i++) waiting.Add(TcpPipe.ConnectAsync("127.0.0.1", listener.EndPoint.Port, options, time, Cancellation).AsTask());
        Task<TcpPipe> last = waiting[^1];
        Assert.SkipWhen(last.IsCompletedSuccessfully, "this system takes more connections than the backlog says");
        time.Advance(TimeSpan.FromSeconds(4));
        LinkException late = await Assert.ThrowsAsync<LinkException>(() => last);
        Assert.Equal(LinkFault.TimedOut, late.Fault);
        foreach (Task<TcpPipe> one in waiting.Where(w => w.IsCompletedSuccessfully)) await (await one).DisposeAsync();
    }

    [Fact]
    public async Task TheCallersCancellationIsNotATimeout()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await TcpPipe.ConnectAsync("127.0.0.1", 1, TcpOptions.Default, TimeProvider.System, cancelled.Token));
    }

    [Fact]
    public void APortInUseIsSaidInWords()
    {
        using TcpPipeListener first = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, 0), TcpOptions.Default);
        LinkException taken = Assert.Throws<LinkException>(() => TcpPipeListener.Start(first.EndPoint, TcpOptions.Default).Dispose());
        Assert.Equal(LinkFault.AddressInUse, taken.Fault);
        Assert.Contains("in use", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADisposedListenerAcceptsNoMore()
    {
        TcpPipeListener listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, 0), TcpOptions.Default);
        Task<TcpPipe?> accepting = listener.AcceptAsync(Cancellation).AsTask();
        listener.Dispose();
        Assert.Null(await accepting);
    }
}

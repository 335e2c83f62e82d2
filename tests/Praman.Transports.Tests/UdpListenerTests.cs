using System.Net;
using System.Net.Sockets;
using Praman.Transports.Udp;

namespace Praman.Transports.Tests;

/// <summary>Datagrams from anybody, over loopback.</summary>
public class UdpListenerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EachSenderIsAnsweredAndWhatIsEmptyOrTooLongIsPassedOver()
    {
        using var listener = UdpListener.Start(new IPEndPoint(IPAddress.Loopback, 0), UdpOptions.Default with { DatagramBytesMax = 100 });
        using var one = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var other = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (byte[] datagram in new byte[][] { [], new byte[101], [1, 2, 3] }) await one.SendAsync(datagram, listener.EndPoint, Cancellation);
        UdpDatagram came = (await listener.ReceiveAsync(Cancellation))!.Value;
        Assert.Equal((one.Client.LocalEndPoint, "010203"), (came.Remote, Convert.ToHexString(came.Octets.Span)));
        await other.SendAsync(new byte[100], listener.EndPoint, Cancellation);
        UdpDatagram second = (await listener.ReceiveAsync(Cancellation))!.Value;
        Assert.Equal((other.Client.LocalEndPoint, 100), (second.Remote, second.Octets.Length));
        await listener.SendAsync(new byte[] { 7 }, came.Remote, Cancellation);
        await listener.SendAsync(new byte[] { 8 }, second.Remote, Cancellation);
        Assert.Equal([7], (await one.ReceiveAsync(Cancellation)).Buffer);
        Assert.Equal([8], (await other.ReceiveAsync(Cancellation)).Buffer);
    }

    [Fact]
    public async Task ASenderThatIsGoneEndsNothing()
    {
        using var listener = UdpListener.Start(new IPEndPoint(IPAddress.Loopback, 0), UdpOptions.Default);
        IPEndPoint gone;
        using (var sender = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0))) gone = (IPEndPoint)sender.Client.LocalEndPoint!;
        await listener.SendAsync(new byte[] { 1 }, gone, Cancellation);
        using var next = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await next.SendAsync(new byte[] { 5 }, listener.EndPoint, Cancellation);
        Assert.Equal([5], (await listener.ReceiveAsync(Cancellation))!.Value.Octets.ToArray());
    }

    [Fact]
    public async Task APortInUseIsNamedAndADisposedListenerEnds()
    {
        using var listener = UdpListener.Start(new IPEndPoint(IPAddress.Loopback, 0), UdpOptions.Default);
        LinkException fault = Assert.Throws<LinkException>(() => UdpListener.Start(listener.EndPoint, UdpOptions.Default));
        Assert.Equal(LinkFault.AddressInUse, fault.Fault);
        Task<UdpDatagram?> waiting = listener.ReceiveAsync(Cancellation).AsTask();
        listener.Dispose();
        Assert.Null(await waiting);
    }
}

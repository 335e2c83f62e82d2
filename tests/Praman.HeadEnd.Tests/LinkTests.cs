using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Dlms.Framing;
using Praman.Dlms.Server;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Sessions;
using Praman.Meter;
using Praman.Meter.Load;
using Praman.Metering;
using Praman.Testing;
using Praman.Transports;
using Praman.Transports.Addresses;
using Praman.Transports.Serial;
using Praman.Transports.Tcp;
using Praman.Transports.Udp;

namespace Praman.HeadEnd.Tests;

/// <summary>A virtual meter read, with HLS and encryption, over each kind of link that an address can name.</summary>
public sealed class LinkTests : IDisposable
{
    private static readonly byte[] Guek = Convert.FromHexString("000102030405060708090A0B0C0D0E0F"), Gak = Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    private static readonly Instant Start = Instant.FromUtc(2026, 5, 31, 18, 30);

    private readonly VirtualMeter _meter = new(new MeterType(new()), "12345678", VirtualMeter.MakeSystemTitle("PRM", 4711),
        new Meter.MeterKeys(Guek, Gak, "lnt1"u8.ToArray(), "ABCDEFGHABCDEFGH"u8.ToArray()), new HouseholdLoad(1, Start, Offset.FromHoursAndMinutes(5, 30)), Start, default);

    private readonly CancellationTokenSource _stop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    [Theory]
    [InlineData("", 1, 0)]
    [InlineData("&octets=4&physical=17&info=512&window=3", 4, 17)]
    public async Task OverASerialLine(string options, int octets, int physical)
    {
        await using SerialPair pair = await SerialPair.OpenOrSkipAsync(Cancellation);
        await using SerialPipe far = SerialPipe.Open(pair.Far, SerialLine.Default);
        Task serving = ServeAsync(far, new HdlcSettings { Server = new(octets, 1, physical), Offer = HdlcParameters.Of(1024, 7) });
        await AssertReadAsync($"serial://{pair.Near}?baud=9600{options}");
        await _stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task ThroughAnOpticalPort()
    {
        await using SerialPair pair = await SerialPair.OpenOrSkipAsync(Cancellation);
        // A pseudo-terminal has no speed, so the meter's side need not follow it.
        await using SerialPipe far = SerialPipe.Open(pair.Far, SerialLine.Default);
        var signOns = new List<string>();
        Task serving = ServeOpticalAsync(far, signOns);
        await AssertReadAsync($"serial://{pair.Near}?opening=mode-e");
        await _stop.CancelAsync();
        await serving;
        Assert.Equal(["/?!\r\n", "\u0006252\r\n", "/?!\r\n", "\u0006252\r\n"], signOns); // the public client first, then the utility
    }

    [Fact]
    public async Task OverHdlcOnTcp()
    {
        using TcpPipeListener listener = TcpPipeListener.Start(new IPEndPoint(IPAddress.Loopback, 0), TcpOptions.Default);
        Task serving = Task.Run(async () =>
        {
            while (await listener.AcceptAsync(_stop.Token) is { } pipe)
            {
                await using (pipe) await ServeAsync(pipe, new HdlcSettings { Server = new(2, 1, 17) });
            }
        }, Cancellation);
        await AssertReadAsync($"hdlc+tcp://{listener.EndPoint}?physical=17");
        listener.Dispose();
        await serving;
    }

    [Fact]
    public async Task OverUdp()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)socket.Client.LocalEndPoint!).Port, frames = 0;
        Task serving = Task.Run(async () =>
        {
            var associations = new Dictionary<IPEndPoint, DlmsServerAssociation>();
            try
            {
                while (true)
                {
                    UdpReceiveResult datagram = await socket.ReceiveAsync(_stop.Token);
                    frames++;
                    if (!associations.TryGetValue(datagram.RemoteEndPoint, out DlmsServerAssociation? association)) associations[datagram.RemoteEndPoint] = association = _meter.OpenAssociation();
                    ReadOnlyMemory<byte> answer = association.Receive(datagram.Buffer, Start);
                    if (!answer.IsEmpty) await socket.SendAsync(answer, datagram.RemoteEndPoint, _stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                foreach (DlmsServerAssociation association in associations.Values) association.Dispose();
            }
        }, Cancellation);
        await AssertReadAsync($"udp://127.0.0.1:{port}");
        await _stop.CancelAsync();
        await serving;
        Assert.True(frames >= 6); // public: open, read, release; utility: open, prove, read, release
    }

    [Fact]
    public async Task ASerialLineWithoutAMeterIsGivenUpInTime()
    {
        await using SerialPair pair = await SerialPair.OpenOrSkipAsync(Cancellation);
        SessionError? error = await ReadAsync($"serial://{pair.Near}", TimeSpan.FromMilliseconds(200), _ => { });
        Assert.Equal(SessionFault.Timeout, error!.Fault);
        error = await ReadAsync("serial:///dev/no-such-device", TimeSpan.FromSeconds(1), _ => { });
        Assert.Equal(SessionFault.Unreachable, error!.Fault);
    }

    private static async Task AssertReadAsync(string uri)
    {
        string serial = "";
        SessionError? error = await ReadAsync(uri, TimeSpan.FromSeconds(20), value => serial = Encoding.ASCII.GetString(value.OctetSpan));
        Assert.True(error is null, error?.ToString());
        Assert.Equal("12345678", serial);
    }

    private static async Task<SessionError?> ReadAsync(string uri, TimeSpan timeout, Action<CosemData> take)
    {
        Assert.True(MeterAddress.TryParse(uri, out MeterAddress? address, out string? fault), fault);
        using var keys = new Inventory.MeterKeys(Guek, Gak);
        var opener = new SessionOpener(
            new MeterLinks(TcpOptions.Default, UdpOptions.Default, TimeProvider.System), new CounterLeases(new EphemeralCounters()), "PRMTEST\u0001"u8.ToArray(),
            SessionLimits.Default with { ReplyTimeout = timeout }, TimeProvider.System);
        var target = new SessionTarget(new EndDeviceId("12345678"), address.Link, MeterAccess.UtilitySetting, keys, "");
        return await opener.UseAsync(target, async (session, token) =>
        {
            SessionError? error = await session.GetAsync(new(1, new ObisCode(0, 0, 96, 1, 0, 255), 2), null, token) ?? session.Read(out CosemData _);
            if (error is not null) return error;
            session.Read(out CosemData value);
            take(value);
            return null;
        }, Cancellation);
    }

    private async Task ServeAsync(IBytePipe pipe, HdlcSettings hdlc)
    {
        using DlmsServerAssociation association = _meter.OpenAssociation(hdlc: hdlc);
        try
        {
            while (!association.IsClosed)
            {
                ReadResult result = await pipe.Input.ReadAsync(_stop.Token);
                ReadOnlyMemory<byte> answer = association.Receive(result.Buffer.ToArray(), Start);
                pipe.Input.AdvanceTo(result.Buffer.End);
                if (!answer.IsEmpty) await pipe.Output.WriteAsync(answer, _stop.Token);
                if (result.IsCompleted) break;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // the test ends, or the client hung up
        }
    }

    // Text until the option select is confirmed, then HDLC until the link is closed, then text again.
    private async Task ServeOpticalAsync(SerialPipe pipe, List<string> signOns)
    {
        using DlmsServerAssociation association = _meter.OpenAssociation(hdlc: new HdlcSettings());
        var text = new StringBuilder();
        bool isHdlc = false;
        try
        {
            while (true)
            {
                ReadResult result = await pipe.Input.ReadAsync(_stop.Token);
                byte[] octets = result.Buffer.ToArray();
                pipe.Input.AdvanceTo(result.Buffer.End);
                if (isHdlc)
                {
                    byte[] answer = association.Receive(octets, Start).ToArray();
                    await pipe.Output.WriteAsync(answer, _stop.Token);
                    isHdlc = !(answer.Length == 9 && answer[5] == 0x73); // a UA without parameters: the link is closed
                    continue;
                }
                text.Append(Encoding.ASCII.GetString([.. octets.Select(octet => (byte)(octet & 0x7F))]));
                if (!text.ToString().EndsWith("\r\n", StringComparison.Ordinal)) continue;
                signOns.Add(text.ToString());
                isHdlc = text[0] == '\u0006';
                await pipe.Output.WriteAsync(isHdlc ? Encoding.ASCII.GetBytes(text.ToString()) : "/PRM5\\2PRAMAN\r\n"u8.ToArray(), _stop.Token);
                text.Clear();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // the test ends
        }
    }
}

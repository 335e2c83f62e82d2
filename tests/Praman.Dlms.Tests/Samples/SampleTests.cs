using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using NodaTime;
using Praman.Dlms.Apdus;
using Praman.Dlms.Axdr;
using Praman.Dlms.Server;
using Praman.Dlms.Tests.Association;
using Praman.Testing;

namespace Praman.Dlms.Tests.Samples;

/// <summary>The samples run as they are, and do what they say.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task AMeterIsReadOverTcp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString();
        Task serving = ServeAsync(listener, TestContext.Current.CancellationToken);
        (int exit, string output, string error) = await RunAsync("ReadMeter.dll", "127.0.0.1", port, "lnt1");
        Assert.Equal((0, ""), (exit, error));
        string[] lines = output.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal("1-0:1.8.0.255: 1234567 x 10^0 Wh", lines[0]);
        Assert.Equal("96 rows of the load profile", lines[1]);
        Assert.Equal("2026-02-28T19:00:00Z 23001 1 1 1 1", lines[2]);
        Assert.Equal(98, lines.Length);
        await serving;
    }

    [Fact]
    public async Task AWrongPasswordIsSaid()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener, TestContext.Current.CancellationToken);
        (int exit, _, string error) = await RunAsync("ReadMeter.dll", "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port.ToString(), "wrong");
        Assert.Equal(1, exit);
        Assert.StartsWith("AuthenticationFailed", error, StringComparison.Ordinal);
        await serving;
        Assert.Equal(2, (await RunAsync("ReadMeter.dll", "there")).Exit);
    }

    [Fact]
    public async Task APushIsDecoded()
    {
        string push = Convert.ToHexString(Wire.ToClient(16, new DataNotification(1, null, CosemData.Structure(CosemData.LogicalName(TestDevice.Import), CosemData.DoubleLongUnsigned(5))).Encode()));
        (int exit, string output, string error) = await RunAsync("DecodePush.dll", push);
        Assert.Equal((0, ""), (exit, error));
        Assert.Equal("a push by Wrapper, not authenticated\n  1-0:1.8.0.255 double-long-unsigned 5\n", output.ReplaceLineEndings("\n"));
        (exit, _, error) = await RunAsync("DecodePush.dll", "0F0000");
        Assert.Equal(1, exit);
        Assert.StartsWith("Malformed", error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("DecodePush.dll", "XY")).Exit);
        Assert.Equal(2, (await RunAsync("DecodePush.dll", push, "--guek", "00")).Exit);
    }

    private static async Task ServeAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        using TcpClient tcp = await listener.AcceptTcpClientAsync(cancellationToken);
        using var server = new DlmsServerAssociation(new TestDevice());
        NetworkStream link = tcp.GetStream();
        byte[] received = new byte[2_000];
        while (await link.ReadAsync(received, cancellationToken) is > 0 and int count)
            await link.WriteAsync(server.Receive(received.AsSpan(0, count), Instant.FromUtc(2026, 3, 3, 0, 0)), cancellationToken);
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(DotnetProgram.Of(program, arguments))!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, (await error).TrimEnd());
    }
}

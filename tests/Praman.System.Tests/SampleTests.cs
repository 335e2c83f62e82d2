using System.Diagnostics;
using System.Net.Sockets;
using Praman.Dlms.Acse;
using Praman.Dlms.Axdr;
using Praman.Dlms.Client;
using Praman.Metering;
using Praman.Testing;

namespace Praman.System.Tests;

/// <summary>The samples run as they are, and do what they say.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task AServedMeterIsReadByAClientOfTheLibrary()
    {
        ProcessStartInfo start = DotnetProgram.Of("ServeMeter.dll", "0");
        using Process process = Process.Start(start)!;
        try
        {
            string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            Assert.StartsWith("serving tcp://", line, StringComparison.Ordinal);
            using var tcp = new TcpClient();
            await tcp.ConnectAsync("127.0.0.1", new Uri(line!["serving ".Length..]).Port, TestContext.Current.CancellationToken);
            NetworkStream link = tcp.GetStream();

            // The public client may not read energy; the meter reader with its password may.
            using (var stranger = new DlmsClient(new DlmsClientSettings { ClientSap = 16 }))
            {
                Assert.True((await WalkAsync(stranger, link, stranger.Connect())).IsDone);
                Assert.Equal(ClientErrorKind.AccessDenied, (await WalkAsync(stranger, link, stranger.Get(new(3, ObisCode.Parse("1-0:1.8.0.255"), 2)))).Error?.Kind);
                Assert.True((await WalkAsync(stranger, link, stranger.Release())).IsDone);
            }
            using var client = new DlmsClient(new DlmsClientSettings { ClientSap = 32, Mechanism = AuthenticationMechanism.Lls, Secret = "12345678"u8.ToArray() });
            Assert.True((await WalkAsync(client, link, client.Connect())).IsDone);
            Assert.True((await WalkAsync(client, link, client.Get(new(3, ObisCode.Parse("1-0:1.8.0.255"), 2)))).IsDone);
            Assert.True(client.TryGetValue(out CosemData energy, out _) && energy.TryGetInt64(out long wattHours) && wattHours >= 28_800); // two days of 600 W
            Assert.True((await WalkAsync(client, link, client.GetEntries(ObisCode.Parse("1-0:99.1.0.255"), 1, 0))).IsDone);
            Assert.True(client.TryGetValue(out CosemData rows, out _));
            Assert.Equal(96, rows.Count);
            Assert.True(rows[94][1].TryGetInt64(out long before));
            Assert.True(rows[95][1].TryGetInt64(out long last));
            Assert.Equal(150, last - before);
            Assert.True((await WalkAsync(client, link, client.Release())).IsDone);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task AWordThatIsNoPortIsRefused()
    {
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(DotnetProgram.Of("ServeMeter.dll", "here"), null, 60);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("'here' is no port", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASignedReadingIsVerifiedAndAnAlteredOneIsNot()
    {
        PramanProgram.Outcome outcome = await PramanProgram.RunAsync(DotnetProgram.Of("SignAndVerify.dll"), null, 60);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("as sent: the meter said so: structure{octet-string 0100010800FF, double-long-unsigned 1234567}", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("one watt-hour less: refused: the signature is not over these octets", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("cut short: refused: at byte", outcome.Output, StringComparison.Ordinal);
    }

    private static async Task<ClientStep> WalkAsync(DlmsClient client, NetworkStream link, ClientStep step)
    {
        byte[] received = new byte[4_096];
        while (step.Status == ClientStatus.Pending)
        {
            if (!step.Send.IsEmpty) await link.WriteAsync(step.Send);
            int count = await link.ReadAsync(received);
            Assert.True(count > 0, "the meter hung up");
            step = client.Received(received.AsSpan(0, count));
        }
        return step;
    }
}

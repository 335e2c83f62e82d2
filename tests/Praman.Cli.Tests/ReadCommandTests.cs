using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Praman.Testing;
using Praman.Transports.Serial;

namespace Praman.Cli.Tests;

/// <summary><c>praman simulate</c> and <c>praman read</c> against one another, as executables over loopback.</summary>
public sealed class ReadCommandTests : IAsyncLifetime
{
    private const string WrongKey = "00000000000000000000000000000000";

    private Process _simulate = null!;
    private string _uri = "";

    public async ValueTask InitializeAsync()
    {
        _simulate = Start(["simulate", "--meters", "2", "--port", "0", "--seed", "7", "--json"]);
        await _simulate.StandardOutput.ReadLineAsync();
        JsonNode second = JsonNode.Parse((await _simulate.StandardOutput.ReadLineAsync())!)!;
        Assert.Equal("PRM0000002", second["serial"]!.GetValue<string>());
        _uri = second["uri"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        _simulate.Kill();
        await _simulate.WaitForExitAsync();
        _simulate.Dispose();
    }

    [Fact]
    public void ShowsWhatTheMeterIsAndMeasuresAndItsLastDay()
    {
        (int exit, string output, string errors) = Run(_uri);
        Assert.Equal((0, ""), (exit, errors));
        Assert.Contains("PRM0000002", output, StringComparison.Ordinal);
        Assert.Contains("active energy import (+A), total", output, StringComparison.Ordinal);
        Assert.Contains("48 intervals of 30 min", output, StringComparison.Ordinal);
        Assert.DoesNotContain("guek", output, StringComparison.Ordinal);
    }

    [Fact]
    public void GivesOneJsonDocumentWithAWholeDayAndNoKey()
    {
        (int exit, string output, _) = Run(_uri, "--json");
        Assert.Equal(0, exit);
        Assert.Single(output.TrimEnd().Split('\n'));
        JsonNode json = JsonNode.Parse(output)!;
        Assert.Equal("50524D0000000002", json["systemTitle"]!.GetValue<string>());
        Assert.InRange(json["clockDriftSeconds"]!.GetValue<decimal>(), -5, 5);
        JsonArray rows = json["blockLoad"]!["rows"]!.AsArray();
        Assert.Equal(48, rows.Count);
        Assert.EndsWith("T00:30:00+05:30", rows[0]!["end"]!.GetValue<string>(), StringComparison.Ordinal);
        JsonNode energy = json["instantaneous"]!.AsArray().Single(v => v!["obis"]!.GetValue<string>() == "1-0:1.8.0.255")!;
        Assert.Equal("Wh", energy["unit"]!.GetValue<string>());
        Assert.True(decimal.Parse(energy["value"]!.GetValue<string>()) > 1_251_000);
        Assert.DoesNotContain("guek", output, StringComparison.Ordinal);
    }

    [Fact]
    public void ThePublicClientNeedsNoKeys()
    {
        (int exit, string output, _) = Run(_uri[.._uri.IndexOf('?')]);
        Assert.Equal(0, exit);
        Assert.Contains("PRM0000002", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Block load", output, StringComparison.Ordinal);
    }

    [Fact]
    public void TheHeadEndsTitleIsRefusedAndAnotherIsNot()
    {
        AssertFault(2, "is the head-end's", $"{_uri}&title=50524D4845000001");
        Assert.Equal(0, Run($"{_uri}&title=50524D4845000002").Exit);
    }

    [Fact]
    public void ACounterThatIsNamedIsBegunAt()
    {
        // Above what an unproved answer is believed: from here on the meter shows a counter that only a person can vouch for.
        Assert.Equal(0, Run(_uri, "--counter", "20000000").Exit);
        AssertFault(1, "unproved invocation counter", _uri);
        Assert.Equal(0, Run(_uri, "--counter", "21000000").Exit);
        AssertEnds(1, "the meter refused 5: it has taken a higher one than was named", "read", _uri, "--counter", "5");
        AssertEnds(1, "the keys must be changed", "read", _uri, "--counter", "4294967290");
    }

    [Fact]
    public async Task EachRunHasATitleOfItsOwn()
    {
        string first = await TitleOfARunAsync(), second = await TitleOfARunAsync();
        Assert.StartsWith("50524D", first, StringComparison.Ordinal);
        Assert.StartsWith("50524D", second, StringComparison.Ordinal);
        Assert.Equal(3, new HashSet<string> { first, second, "50524D4845000001" }.Count);
    }

    // The calling AP title of the AARQ that a run sends through us to the meter.
    private async Task<string> TitleOfARunAsync()
    {
        var meter = new Uri(_uri);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using Process process = Start(["read", $"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}{meter.Query}"]);
        string title = "";
        while (title.Length == 0) // the first association is the public client's, to ask for the counter
        {
            using TcpClient near = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            using var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, meter.Port, TestContext.Current.CancellationToken);
            Task back = far.GetStream().CopyToAsync(near.GetStream(), TestContext.Current.CancellationToken);
            byte[] buffer = new byte[4096];
            int length = await near.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken); // an AARQ comes in one piece over loopback
            int at = buffer.AsSpan(0, length).IndexOf((ReadOnlySpan<byte>)[0xA6, 0x0A, 0x04, 0x08]);
            if (at >= 0)
            {
                title = Convert.ToHexString(buffer, at + 4, 8);
                break;
            }
            await far.GetStream().WriteAsync(buffer.AsMemory(0, length), TestContext.Current.CancellationToken);
            await near.GetStream().CopyToAsync(far.GetStream(), TestContext.Current.CancellationToken);
            far.Client.Shutdown(SocketShutdown.Send);
            await back;
        }
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return title;
    }

    [Fact]
    public void EachFaultHasItsWordsAndItsExitCode()
    {
        string link = _uri[.._uri.IndexOf('?')];
        AssertFault(1, "wrong key", $"{link}?client=48&auth=gmac&guek={WrongKey}&gak={WrongKey}");
        AssertFault(1, "wrong application context", $"{link}?client=48");
        AssertFault(1, "object-undefined for 0-0:43.1.7.255 (invocation counter 7), where the counter of client 112 would stand", _uri.Replace("client=48", "client=112", StringComparison.Ordinal));
        AssertFault(1, "client=48 in the address, or another), or name the counter to begin at with --counter N", _uri.Replace("client=48", "client=112", StringComparison.Ordinal));
        AssertFault(3, "not reachable", "tcp://127.0.0.1:1");
        AssertFault(3, "/dev/no-such-device: there is no such device", "serial:///dev/no-such-device");
        AssertFault(2, "needs physical", "serial:///dev/ttyUSB0?octets=4");
        AssertFault(2, "32 hex digits", $"{link}?guek=00");
    }

    [Fact]
    public void ARefusalNamesTheObject()
    {
        AssertEnds(1, "this meter has no profile 1-0:99.9.0.255 (see --objects)", "read", _uri, "--profile", "1.0.99.9.0.255");
    }

    [Fact]
    public void ReversedDatesAreRefusedAndARangeWithoutRowsSaysWhatThereIs()
    {
        AssertEnds(2, "--from 2026-11-02 is after --to 2026-11-01", "read", _uri, "--profile", "1.0.99.1.0.255", "--from", "2026-11-02", "--to", "2026-11-01");
        (int exit, _, string errors) = Run(_uri, "--profile", "1.0.99.2.0.255", "--from", "2001-01-01", "--to", "2001-01-02");
        Assert.Equal(0, exit);
        Assert.Matches(@"no row in this range: the meter has \d+ rows from 20\d\d-\d\d-\d\dT00:00:00 to 20\d\d-\d\d-\d\dT00:00:00", errors);
    }

    [Theory]
    [InlineData("?framing=hdlc", "timed out: no answer", "the port may speak the wrapper")]
    [InlineData("", "timed out: no answer", "add framing=hdlc")]
    public void SilenceIsTimeAndTellsWhatToTry(string options, string fault, string advice)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        (int exit, _, string errors) = Run($"tcp://{silent.LocalEndpoint}{options}", "--timeout", "1");
        Assert.Equal(3, exit);
        Assert.Contains(fault, errors, StringComparison.Ordinal);
        Assert.Contains(advice, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnInterruptedReadSaysSo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends the signal of Ctrl-C as Linux does");
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        ProcessStartInfo start = DotnetProgram.Of("praman.dll", "read", $"tcp://{silent.LocalEndpoint}", "--timeout", "600");
        string[] arguments = ["--default-signal=INT", start.FileName, .. start.ArgumentList]; // a shell's background job ignores it
        start.ArgumentList.Clear();
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.FileName = "env";
        using Process process = Process.Start(start)!;
        using TcpClient caller = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken); // it has begun
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((130, "praman read: interrupted"), (process.ExitCode, errors.Trim()));
    }

    [Theory]
    [InlineData("e-meter", "Wh")]
    [InlineData("e-meter-ecdsa", "Wh")]
    [InlineData("mbus-hub", "m³")]
    public async Task AMeterWithoutAProfileOfItsPresentValuesShowsItsRegisters(string profile, string unit)
    {
        using Process simulate = Start(["simulate", "--profile", profile, "--port", "0", "--seed", "7", "--json"]);
        try
        {
            string uri = JsonNode.Parse((await simulate.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!)!["uri"]!.GetValue<string>();
            (int exit, string output, string errors) = Run(uri, "--json");
            Assert.Equal((0, ""), (exit, errors));
            JsonNode json = JsonNode.Parse(output)!;
            JsonNode[] values = [.. json["instantaneous"]!.AsArray().Select(value => value!)];
            Assert.Contains(values, value => value["unit"]?.GetValue<string>() == unit && decimal.Parse(value["value"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture) > 0);
            Assert.InRange(values.Length, 1, 40);
            (_, output, _) = Run(uri, "--objects", "--json");
            int registers = JsonNode.Parse(output)!["objects"]!.AsArray().Count(o => o!["class"]!.GetValue<int>() is 3 or 4 or 5);
            Assert.InRange(values.Length + json["registersLeftOut"]!.GetValue<int>(), 1, registers);
        }
        finally
        {
            simulate.Kill();
            await simulate.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task ALineThatAnotherProgramHasOpenNamesThatProgram()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the system tells what a program has open on Linux only");
        await using SerialPair pair = await SerialPair.OpenOrSkipAsync(TestContext.Current.CancellationToken);
        using Process other = Process.Start("/bin/sh", ["-c", $"exec sleep 60 < {pair.Near}"]);
        try
        {
            string held = $"sleep ({other.Id})";
            for (int tries = 0; tries < 200 && !SerialDevice.OtherHolders(pair.Near).Contains(held); tries++) await Task.Delay(50, TestContext.Current.CancellationToken);
            AssertEnds(3, held, "read", $"serial://{pair.Near}", "--timeout", "1");
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void SimulateRefusesAPortThatIsTakenAndANumberOutOfRange()
    {
        string port = _uri[(_uri.LastIndexOf(':', _uri.IndexOf('?')) + 1).._uri.IndexOf('?')];
        AssertEnds(2, "in use", "simulate", "--port", port);
        AssertEnds(2, "expected 1 to", "simulate", "--meters", "0");
    }

    private static void AssertFault(int exit, string words, string uri) => AssertEnds(exit, words, "read", uri);

    private static void AssertEnds(int exit, string words, params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(60_000), "it does not end");
        Assert.Equal(exit, process.ExitCode);
        Assert.Contains(words, errors.GetAwaiter().GetResult(), StringComparison.Ordinal);
        Assert.Equal("", output.GetAwaiter().GetResult());
    }

    private static (int Exit, string Output, string Errors) Run(params string[] arguments) => DotnetProgram.RunPraman(["read", .. arguments]);

    private static Process Start(string[] arguments) => Process.Start(DotnetProgram.Of("praman.dll", arguments))!;
}

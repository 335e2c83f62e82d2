using System.Diagnostics;
using System.Text.Json.Nodes;

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
    public void EachFaultHasItsWordsAndItsExitCode()
    {
        string link = _uri[.._uri.IndexOf('?')];
        AssertFault(1, "wrong key", $"{link}?client=48&auth=gmac&guek={WrongKey}&gak={WrongKey}");
        AssertFault(1, "wrong application context", $"{link}?client=48");
        AssertFault(3, "not reachable", "tcp://127.0.0.1:1");
        AssertFault(2, "later version", "serial:/dev/ttyUSB0");
        AssertFault(2, "32 hex digits", $"{link}?guek=00");
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

    private static (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        using Process process = Start(["read", .. arguments]);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(60_000), "it does not end");
        return (process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "praman.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}

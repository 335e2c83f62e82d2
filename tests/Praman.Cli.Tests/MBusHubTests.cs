using System.Diagnostics;
using System.Text.Json.Nodes;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman simulate --profile mbus-hub</c> read by <c>praman read</c>, as executables over loopback.</summary>
public sealed class MBusHubTests : IAsyncLifetime
{
    private Process _simulate = null!;
    private string _uri = "";

    public async ValueTask InitializeAsync()
    {
        _simulate = Process.Start(DotnetProgram.Of("praman.dll", "simulate", "--profile", "mbus-hub", "--port", "0", "--seed", "11", "--json"))!;
        _uri = JsonNode.Parse((await _simulate.StandardOutput.ReadLineAsync())!)!["uri"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        _simulate.Kill();
        await _simulate.WaitForExitAsync();
        _simulate.Dispose();
    }

    private string Run(params string[] options)
    {
        (int exit, string output, string errors) = DotnetProgram.RunPraman(["read", _uri, .. options]);
        Assert.Equal((0, ""), (exit, errors));
        return output;
    }

    [Fact]
    public void ChannelsTheirSlavesAndTheirProfilesAreReadInWordsAndUnits()
    {
        string objects = Run("--objects");
        for (int channel = 1; channel <= 4; channel++)
        {
            foreach (string name in (string[])[$"0-{channel}:24.1.0.255", $"0-{channel}:24.2.1.255", $"0-{channel}:24.3.0.255"]) Assert.Contains(name, objects, StringComparison.Ordinal);
            Assert.Contains($"M-Bus client, channel {channel}", objects, StringComparison.Ordinal);
        }

        string client = Run("--object", "0.1.24.1.0.255");
        Assert.Matches(@"manufacturer_id +\d+, PRM\n", client);
        Assert.Matches(@"device_type +3, gas\n", client);
        Assert.Matches(@"identification_number +\d+, \d{8}\n", client);
        Assert.Matches(@"value +\d+\.\d{1,3} m³\n", Run("--object", "0.1.24.2.1.255"));
        Assert.Matches(@"value +\d+ J, \d+(\.\d+)? GJ\n", Run("--object", "0.3.24.2.1.255"));
        Assert.Matches(@"value +\d+ Wh, \d+(\.\d+)? kWh\n", Run("--object", "0.4.24.2.1.255"));

        JsonNode table = JsonNode.Parse(Run("--profile", "0.2.24.3.0.255", "--json"))!;
        JsonArray columns = table["columns"]!.AsArray();
        Assert.Equal(["0-2:96.10.3.255", "0-2:24.2.1.255", "0-2:24.2.1.255"], columns.Select(c => c!["obis"]!.GetValue<string>()));
        Assert.Equal("m³", columns[1]!["unit"]!.GetValue<string>());
        decimal[] values = [.. table["rows"]!.AsArray().Select(row => row!["values"]![1]!.GetValue<decimal>())];
        Assert.True(values.Length > 24, $"{values.Length} rows");
        Assert.Equal(values.Order(), values);
        Assert.True(values[^1] > values[0]);
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman read</c> against <c>praman simulate</c> over every kind of link, as executables: what one serves, the other reads.</summary>
public sealed class SimulateLinksTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hdlc+tcp", "--framing", "hdlc")]
    [InlineData("udp", "--udp")]
    [InlineData("shared", "--shared")]
    [InlineData("shared udp", "--shared", "--udp")]
    [InlineData("line", "--shared", "--framing", "hdlc")]
    [InlineData("gateway", "--gateway", "1")]
    [InlineData("gateway udp", "--gateway", "0", "--udp")]
    [InlineData("short names shared", "--shared", "--names", "short")]
    [InlineData("gateway hdlc", "--gateway", "0", "--framing", "hdlc")]
    public async Task EachOfSeveralMetersIsReadByItsOwnAddress(string kind, params string[] options)
    {
        await using var simulate = await Simulation.StartAsync(3, ["--port", "0", .. options]);
        bool isOne = kind is not ("hdlc+tcp" or "udp");
        Assert.Equal(isOne ? 1 : 3, simulate.Uris.Select(uri => new Uri(uri).Port).Distinct().Count());
        for (int meter = 0; meter < 3; meter++) AssertReads(simulate.Uris[meter], $"PRM000000{meter + 1}");
    }

    [Fact]
    public async Task AMeterBehindAGatewayIsNamedByAnOptionAsWell()
    {
        await using var simulate = await Simulation.StartAsync(2, ["--port", "0", "--gateway", "3"]);
        string uri = simulate.Uris[1];
        Assert.Contains("?gateway=3:@PRM0000002&", uri, StringComparison.Ordinal);
        string bare = uri.Replace("gateway=3:@PRM0000002&", "", StringComparison.Ordinal);
        AssertReads(bare, "PRM0000002", "--gateway", "3:@PRM0000002");
        AssertReads(bare, "PRM0000002", "--gateway", "3:50524D30303030303032");
        (int exit, _, string errors) = Run("read", bare, "--gateway", "4:@PRM0000002", "--timeout", "1");
        Assert.Equal(3, exit); // nobody answers for a meter that is not there
        Assert.Contains("timed out", errors, StringComparison.Ordinal);
        (exit, _, errors) = Run("read", uri, "--gateway", "3:@PRM0000001");
        Assert.Equal(2, exit);
        Assert.Contains("one of the two", errors, StringComparison.Ordinal);
        (exit, _, errors) = Run("read", bare, "--gateway", "PRM0000001");
        Assert.Equal(2, exit);
        Assert.Contains("expected NETWORK:HEX", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMeterWithShortNamesIsReadByTheSameOptions()
    {
        await using var simulate = await Simulation.StartAsync(1, ["--port", "0", "--names", "short"]);
        string uri = simulate.Uris[0];
        Assert.Contains("?names=short&", uri, StringComparison.Ordinal);
        (int exit, string output, string errors) = Run("read", uri, "--objects", "--json");
        Assert.True(exit == 0, errors);
        JsonArray objects = JsonNode.Parse(output)!["objects"]!.AsArray();
        Assert.Contains(objects, one => one!["obis"]!.GetValue<string>() == "1-0:99.1.0.255");
        Assert.DoesNotContain(objects, one => one!["class"]!.GetValue<int>() == 15); // there is no such in this association
        (exit, output, errors) = Run("read", uri, "--object", "1.0.1.8.0.255", "--attribute", "2", "--json");
        Assert.True(exit == 0, errors);
        Assert.Equal(3, JsonNode.Parse(output)!["class"]!.GetValue<int>());
        (exit, output, errors) = Run("read", uri, "--relay", "off", "--yes");
        Assert.True(exit == 0, errors + output);
        (exit, _, errors) = Run("read", uri.Replace("names=short&", "", StringComparison.Ordinal));
        Assert.Equal(1, exit);
        Assert.Contains("wrong application context", errors, StringComparison.Ordinal);
        (exit, _, errors) = Run("read", uri, "--object", "1.0.99.99.0.255");
        Assert.Equal(1, exit);
        Assert.Contains("has no 1-0:99.99.0.255", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMeterWithoutARelayIsSaidToHaveNone()
    {
        await using var simulate = await Simulation.StartAsync(1, ["--port", "0", "--profile", "is15959-c"]);
        (int exit, _, string errors) = Run("read", simulate.Uris[0], "--relay", "off", "--yes");
        Assert.Equal(1, exit);
        Assert.Contains("this meter has no relay (0-0:96.3.10.255)", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinksToMetersOfAnotherProcessAreMeasured()
    {
        await using var simulate = await Simulation.StartAsync(70, ["--port", "0", "--gateway", "0"]); // more than are opened at a time
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, simulate.Uris, Cancellation);
            (int exit, string output, string errors) = Run("bench", "links", "--addresses", file, "--json");
            Assert.True(exit == 0, errors);
            JsonArray figures = JsonNode.Parse(output)!["figures"]!.AsArray();
            Assert.Equal(70, figures[0]!["value"]!.GetValue<double>());
            Assert.True(figures[1]!["value"]!.GetValue<double>() > 0);
            await File.AppendAllTextAsync(file, simulate.Uris[0].Replace("PRM0000001", "PRM0000099", StringComparison.Ordinal).Replace("guek=", "geuk=", StringComparison.Ordinal), Cancellation);
            (exit, _, errors) = Run("bench", "links", "--addresses", file);
            Assert.Equal(2, exit);
            Assert.Contains("line 71: option 'geuk' is not known", errors, StringComparison.Ordinal);
            Assert.Equal(2, Run("bench", "links").Exit);
            Assert.Equal(2, Run("bench", "dlms", "--addresses", file).Exit);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task MetersOfOneSerialLineAreReadOneAfterAnother()
    {
        await using SerialPair line = await SerialPair.OpenOrSkipAsync(Cancellation);
        await using var simulate = await Simulation.StartAsync(3, ["--serial", line.Far]);
        Assert.Contains("octets=2&physical=18", simulate.Uris[1], StringComparison.Ordinal);
        Assert.Contains($"with the device there instead of {line.Far}", await simulate.HintAsync(), StringComparison.Ordinal);
        for (int meter = 2; meter >= 0; meter--) AssertReads(simulate.Uris[meter].Replace(line.Far, line.Near, StringComparison.Ordinal), $"PRM000000{meter + 1}");
    }

    [Fact]
    public async Task ASilentLineIsTimeAndTellsWhatToTry()
    {
        await using SerialPair line = await SerialPair.OpenOrSkipAsync(Cancellation);
        (int exit, _, string errors) = Run("read", $"serial://{line.Near}", "--timeout", "1");
        Assert.Equal(3, exit);
        Assert.Contains("timed out: no answer", errors, StringComparison.Ordinal);
        foreach (string advice in (string[])["turn the probe", "opening=mode-e", "physical=", "baud="]) Assert.Contains(advice, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALineThatIsInUseIsRefused()
    {
        await using SerialPair line = await SerialPair.OpenOrSkipAsync(Cancellation);
        await using var simulate = await Simulation.StartAsync(1, ["--serial", line.Far]);
        (int exit, _, string errors) = Run("simulate", "--serial", line.Far);
        Assert.Equal(2, exit);
        Assert.Matches(@"(is also open in|is in use by) \S+ \(\d+\)", errors);
    }

    [Fact]
    public void ALinkToNothingIsNoDevice()
    {
        string folder = Directory.CreateTempSubdirectory("praman-line-").FullName;
        try
        {
            File.CreateSymbolicLink(Path.Combine(folder, "meter"), "nothing");
            foreach (string name in (string[])["meter", "none"])
            {
                string device = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(folder, name));
                (int exit, _, string errors) = Run("simulate", "--serial", device);
                Assert.Equal(2, exit);
                Assert.Contains("there is no such device", errors, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task AnOpticalPortIsOpenedByModeETimeAfterTime()
    {
        await using SerialPair line = await SerialPair.OpenOrSkipAsync(Cancellation);
        await using var simulate = await Simulation.StartAsync(1, ["--serial", line.Far, "--opening", "mode-e"]);
        string uri = simulate.Uris[0].Replace(line.Far, line.Near, StringComparison.Ordinal);
        Assert.Contains("opening=mode-e", uri, StringComparison.Ordinal);
        AssertReads(uri, "PRM0000001");
        AssertReads(uri, "PRM0000001"); // the link was closed, and the sign-on is awaited again
        (int exit, _, _) = Run("read", uri.Replace("opening=mode-e", "opening=direct", StringComparison.Ordinal), "--timeout", "1");
        Assert.Equal(3, exit); // no link without the sign-on
    }

    [Theory]
    [InlineData("UDP carries the wrapper", "--udp", "--framing", "hdlc")]
    [InlineData("expected one of the two", "--shared", "--gateway", "1")]
    [InlineData("all meters are stations of that line", "--serial", "/dev/null", "--udp")]
    [InlineData("goes with --serial", "--opening", "mode-e")]
    [InlineData("one meter behind it", "--serial", "/dev/null", "--opening", "mode-e", "--meters", "2")]
    [InlineData("a line carries up to 250", "--shared", "--framing", "hdlc", "--meters", "251")]
    [InlineData("expected 300 to 921600", "--serial", "/dev/null", "--baud", "50")]
    [InlineData("--framing foo: expected hdlc or wrapper", "--framing", "foo")]
    [InlineData("--names foo: expected logical or short", "--names", "foo")]
    [InlineData("--gateway 300: expected a whole number from 0 to 255", "--gateway", "300")]
    [InlineData("there is no such device", "--serial", "/dev/praman-none")]
    public void WhatDoesNotGoTogetherIsNamed(string words, params string[] options)
    {
        (int exit, _, string errors) = Run(["simulate", .. options]);
        Assert.Equal(2, exit);
        Assert.Contains(words, errors, StringComparison.Ordinal);
    }

    private static void AssertReads(string uri, string serial, params string[] options)
    {
        (int exit, string output, string errors) = Run(["read", uri, "--json", "--timeout", "60", .. options]);
        Assert.Equal((0, ""), (exit, errors));
        JsonNode json = JsonNode.Parse(output)!;
        Assert.Contains(json["identity"]!.AsArray(), value => value!["value"]?.GetValue<string>() == serial);
        Assert.Equal(48, json["blockLoad"]!["rows"]!.AsArray().Count);
    }

    private static (int Exit, string Output, string Errors) Run(params string[] arguments) => DotnetProgram.RunPraman(arguments);

    private sealed class Simulation : IAsyncDisposable
    {
        private readonly Process _process;

        private Simulation(Process process, string[] uris) => (_process, Uris) = (process, uris);

        public string[] Uris { get; }

        public static async Task<Simulation> StartAsync(int count, string[] options)
        {
            Process process = Process.Start(DotnetProgram.Of("praman.dll", ["simulate", "--meters", $"{count}", "--seed", "7", "--json", .. options]))!;
            string[] uris = new string[count];
            for (int meter = 0; meter < count; meter++) uris[meter] = JsonNode.Parse((await process.StandardOutput.ReadLineAsync(Cancellation))!)!["uri"]!.GetValue<string>();
            return new Simulation(process, uris);
        }

        /// <summary>What stands below the addresses.</summary>
        public async Task<string> HintAsync() => await _process.StandardError.ReadLineAsync(Cancellation) ?? "";

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }
    }
}

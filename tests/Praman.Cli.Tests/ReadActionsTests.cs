using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;
using Parquet;
using Parquet.Schema;
using Praman.Cli.Meters;
using Praman.Metering;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary>Profiles, objects, the clock and the relay of a three-phase meter that a file describes, as executables over loopback.</summary>
public sealed class ReadActionsTests : IAsyncLifetime
{
    private const string BlockLoad = "1.0.99.1.0.255";

    private readonly string _folder = Directory.CreateTempSubdirectory("praman-read-").FullName;
    private Process _simulate = null!;
    private string _uri = "";

    public async ValueTask InitializeAsync()
    {
        _simulate = Process.Start(DotnetProgram.Of("praman.dll", "simulate", "--profile", TestFiles.InRepository("meters", "is15959-d3.json"), "--port", "0", "--seed", "3", "--json"))!;
        _uri = JsonNode.Parse((await _simulate.StandardOutput.ReadLineAsync())!)!["uri"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        _simulate.Kill();
        await _simulate.WaitForExitAsync();
        _simulate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static (int Exit, string Output, string Errors) Start(params string[] arguments) => DotnetProgram.RunPraman(arguments);

    private (int Exit, string Output, string Errors) Run(params string[] options) => Start(["read", _uri, .. options]);

    // Three days that the meter has lived, so that two requests are joined.
    private string[] Range()
    {
        JsonNode clock = JsonNode.Parse(Run("--object", "0.0.1.0.0.255", "--attribute", "2", "--json").Output)!;
        DateOnly today = DateOnly.Parse(clock["attributes"]![0]!["value"]!.GetValue<string>()[..10], CultureInfo.InvariantCulture);
        string Day(int back) => today.AddDays(-back).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return ["--profile", BlockLoad, "--from", Day(4) + "T00:30", "--to", Day(2)];
    }

    [Fact]
    public async Task AProfileByRangeIsTheSameAsJsonAsCsvAndAsParquet()
    {
        string[] range = Range();
        (int exit, string output, string errors) = Run([.. range, "--json"]);
        Assert.Equal((0, ""), (exit, errors));
        JsonNode table = JsonNode.Parse(output)!;
        JsonArray rows = table["rows"]!.AsArray(), columns = table["columns"]!.AsArray();
        Assert.Equal(3 * 48, rows.Count);
        Assert.Equal(3 * 48, rows.Select(row => row!["at"]!.GetValue<string>()).Distinct().Count());
        Assert.All(rows, row => Assert.Equal(columns.Count, row!["values"]!.AsArray().Count));
        int energy = columns.Select(c => c!["obis"]!.GetValue<string>()).ToList().IndexOf("1-0:1.29.0.255");
        decimal sum = rows.Sum(row => row!["values"]![energy]!.GetValue<decimal>());
        Assert.True(sum > 0);

        string csv = Path.Combine(_folder, "load.csv");
        (exit, output, _) = Run([.. range, "--out", csv]);
        Assert.Equal((0, $"144 rows in {csv}"), (exit, output.Trim()));
        string[] lines = await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken);
        Assert.Equal(145, lines.Length);
        Assert.Equal("1-0:1.29.0.255 Wh", lines[0].Split(',')[energy + 1]);
        Assert.Equal(sum, lines.Skip(1).Sum(line => decimal.Parse(line.Split(',')[energy + 1], CultureInfo.InvariantCulture)));

        string parquet = Path.Combine(_folder, "load.parquet");
        Assert.Equal(0, Run([.. range, "--out", parquet]).Exit);
        await using ParquetReader reader = await ParquetReader.CreateAsync(parquet, cancellationToken: TestContext.Current.CancellationToken);
        DataField field = reader.Schema.GetDataFields().Single(f => f.Name == "1-0:1.29.0.255 Wh");
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        decimal?[] values = new decimal?[144];
        await group.ReadAsync<decimal>(field, values.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(sum, values.Sum());
    }

    [Fact]
    public void AnObjectIsFoundInTheMetersOwnListAndScaled()
    {
        (int exit, string output, _) = Run("--object", "1.0.32.7.0.255", "--json");
        Assert.Equal(0, exit);
        JsonNode json = JsonNode.Parse(output)!;
        Assert.Equal((3, "Register"), (json["class"]!.GetValue<int>(), json["className"]!.GetValue<string>()));
        JsonNode value = json["attributes"]!.AsArray().Single(a => a!["attribute"]!.GetValue<int>() == 2)!;
        Assert.Equal("V", value["unit"]!.GetValue<string>());
        Assert.InRange(decimal.Parse(value["value"]!.GetValue<string>(), CultureInfo.InvariantCulture), 200m, 265m);
        (exit, _, string errors) = Run("--object", "1.0.99.99.0.255");
        Assert.Equal(1, exit);
        Assert.Contains("has no 1-0:99.99.0.255", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void AMeterThatKeepsAPartOfADaySaysThatTheDayIsNotWhole()
    {
        (int exit, string output, _) = Run("--json");
        Assert.Equal((0, 48), (exit, JsonNode.Parse(output)!["blockLoad"]!["intervalsExpected"]!.GetValue<int>()));
        Assert.DoesNotContain("not have the whole day", Run().Output, StringComparison.Ordinal);
        var survey = new MeterSurvey { Address = "tcp://127.0.0.1" };
        BlockLoadEntry[] rows = [new(new LocalDateTime(2026, 11, 23, 23, 30).WithOffset(Offset.FromHours(5)), []), new(new LocalDateTime(2026, 11, 24, 0, 0).WithOffset(Offset.FromHours(5)), [])];
        survey.BlockLoad = new BlockLoadDay(new LocalDate(2026, 11, 23), 30, 48, [], rows);
        Assert.Contains("Block load of 2026-11-23, 2 of 48 intervals of 30 min, each by its end: the meter does not have the whole day", MeterSurveyText.ToText(survey), StringComparison.Ordinal);
    }

    [Fact]
    public void AnObjectIsCalledAsItsProfileFileCallsIt()
    {
        (int exit, string output, _) = Run("--objects", "--model", "is15959-d3", "--json");
        Assert.Equal(0, exit);
        JsonNode profile = JsonNode.Parse(File.ReadAllText(TestFiles.InRepository("meters", "is15959-d3.json")))!;
        Dictionary<string, string> named = profile["objects"]!.AsArray().Where(o => o!["name"] is not null).ToDictionary(o => ObisCode.Parse(o!["logicalName"]!.GetValue<string>()).ToString(), o => o!["name"]!.GetValue<string>());
        Assert.NotEmpty(named);
        Assert.All(JsonNode.Parse(output)!["objects"]!.AsArray().Where(o => named.ContainsKey(o!["obis"]!.GetValue<string>())),
            o => Assert.Equal(named[o!["obis"]!.GetValue<string>()], o["name"]!.GetValue<string>()));
        Assert.Equal(2, Start("read", "tcp://127.0.0.1:1", "--objects", "--model", "no-such-meter").Exit);
    }

    [Fact]
    public void TheAssociationIsWalkedInWords()
    {
        (int exit, string output, _) = Run("--objects");
        Assert.Equal(0, exit);
        Assert.Contains(output.Split('\n'), line => line.StartsWith("1-0:99.1.0.255", StringComparison.Ordinal) && line.Contains("ProfileGeneric", StringComparison.Ordinal));
        JsonArray all = JsonNode.Parse(Run("--objects", "--json").Output)!["objects"]!.AsArray();
        Assert.Equal(output.TrimEnd().Split('\n').Length, all.Count);
        Assert.True(all.Count > 80);
        JsonArray seen = JsonNode.Parse(Start("read", _uri[.._uri.IndexOf('?')], "--objects", "--json").Output)!["objects"]!.AsArray(); // the public client sees less
        Assert.InRange(seen.Count, 3, 20);
    }

    [Fact]
    public void TheRelayIsSwitchedOnlyWhenConfirmedAndReadBack()
    {
        (int exit, string output, string errors) = Run("--relay", "off");
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("expected --yes", errors, StringComparison.Ordinal);
        Assert.Equal("true", Relay());
        (exit, output, _) = Run("--relay", "off", "--yes", "--json");
        Assert.Equal((0, "off"), (exit, JsonNode.Parse(output)!["relay"]!.GetValue<string>()));
        Assert.Equal("false", Relay());
        Assert.Equal(0, Run("--relay", "on", "--yes").Exit);
        Assert.Equal("true", Relay());
    }

    private string Relay() => JsonNode.Parse(Run("--object", "0.0.96.3.10.255", "--attribute", "2", "--json").Output)!["attributes"]![0]!["value"]!.GetValue<string>();

    [Fact]
    public void TheClockIsSetAndReadBackAndTheMeterRecordsIt()
    {
        Assert.Equal(2, Run("--set-time").Exit);
        (int exit, string output, _) = Run("--set-time", "--yes", "--json");
        Assert.Equal(0, exit);
        Assert.EndsWith("+05:30", JsonNode.Parse(output)!["clock"]!.GetValue<string>(), StringComparison.Ordinal);
        JsonNode events = JsonNode.Parse(Run("--profile", "0.0.99.98.3.255", "--json").Output)!;
        Assert.Contains(events["rows"]!.AsArray(), row => row!["values"]![0]!.GetValue<decimal>() == 151);
    }

    [Theory]
    [InlineData("--relay", "open")]
    [InlineData("--profile", "load")]
    [InlineData("--object", "1.0.1.8")]
    [InlineData("--from", "2026-11-01")]
    [InlineData("--profile", BlockLoad, "--from", "yesterday")]
    [InlineData("--profile", BlockLoad, "--from", "2026-11-03", "--to", "2026-11-01")]
    [InlineData("--profile", BlockLoad, "--out", "load.xls")]
    [InlineData("--profile", BlockLoad, "--set-time")]
    public void AWrongOptionIsRefusedBeforeTheMeterIsCalled(params string[] options)
    {
        (int exit, string output, string errors) = Start(["read", "tcp://127.0.0.1:1", .. options]);
        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith("praman read: ", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"format\": \"praman-meter/1\"", "line 1")]
    [InlineData("{\"format\": \"praman-meter/1\", \"name\": \"x\", \"meter\": {\"category\": \"D1\"}, \"objects\": [{\"class\": 3}]}", "objects[0]")]
    public void ABadProfileFileIsRefusedWithItsPlace(string content, string words)
    {
        string file = Path.Combine(_folder, "bad.json");
        File.WriteAllText(file, content);
        (int exit, _, string errors) = Start("simulate", "--profile", file);
        Assert.Equal(2, exit);
        Assert.Contains(words, errors, StringComparison.Ordinal);
        Assert.Equal(2, Start("simulate", "--profile", "no-such-meter").Exit);
    }
}

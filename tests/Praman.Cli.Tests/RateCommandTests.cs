using System.Text;
using System.Text.Json;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman rate</c> as a process: lines in, lines out, exit codes.</summary>
public sealed class RateCommandTests
{
    private static readonly string Tariffs = TestFiles.InRepository("tariffs");

    private static (int Exit, string[] Lines, string Errors) Run(byte[] input, params string[] arguments)
    {
        (int exit, string output, string errors) = DotnetProgram.RunPraman(["rate", .. arguments], input);
        return (exit, output.Split('\n', StringSplitOptions.RemoveEmptyEntries), errors);
    }

    private static (int Exit, string[] Lines, string Errors) Run(string input, params string[] arguments) => Run(Encoding.UTF8.GetBytes(input), arguments);

    private const string Gujarat = """{"id": "gj", "tariff": "in-gj-rgp-urban", "inputs": {"period": {"from": "2025-09-01", "to": "2025-09-30"}, "quantities": {"kwh": "100"}, "sanctioned_load_kw": "2"}}""";

    [Fact]
    public void ALineInIsABillOut()
    {
        (int exit, string[] lines, string errors) = Run(Gujarat + "\n", "--tariffs", Tariffs, "--json");
        Assert.Equal((0, ""), (exit, errors));
        JsonElement bill = JsonElement.Parse(Assert.Single(lines));
        Assert.Equal("gj", bill.GetProperty("id").GetString());
        Assert.Equal("658.38", bill.GetProperty("total").GetString());
        Assert.Equal("273205182031bc31fdf83726eeacf10eee207fa2c06be90c855d7edbfc9889a3", bill.GetProperty("tariffHash").GetString());
        Assert.Equal(["energy", "fixed", "fpppa", "duty"], bill.GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("id").GetString()));
        Assert.NotEqual(0, bill.GetProperty("trace").GetArrayLength());
    }

    [Fact]
    public void ARefusedCaseIsNamedTheNextOneIsRatedAndTheExitCodeIs1()
    {
        string refused = Gujarat.Replace("2025-09", "2021-09", StringComparison.Ordinal);
        (int exit, string[] lines, _) = Run($"{refused}\n\n{Gujarat}", "--tariffs", Path.Combine(Tariffs, "in-gj-rgp-urban.json"), "--json");
        Assert.Equal(1, exit);
        Assert.Equal(2, lines.Length);
        JsonElement error = JsonElement.Parse(lines[0]).GetProperty("error");
        Assert.Equal(("SERIES-GAP", "gj-fpppa 2021-09-01"), (error.GetProperty("code").GetString(), error.GetProperty("missing").GetString()));
        Assert.Equal("658.38", JsonElement.Parse(lines[1]).GetProperty("total").GetString());
    }

    [Theory]
    [InlineData("{\"id\": \"a\"", "line 2")]
    [InlineData("[]", "line 2")]
    [InlineData("{\"id\": \"a\", \"id\": \"b\"}", "line 2")]
    [InlineData("{\"id\": \"\\ud800\", \"tariff\": \"t\", \"inputs\": {}}", "line 2")]
    public void AnUnreadableLineIsNamedByNumberAndTheOthersAreRated(string line, string place)
    {
        (int exit, string[] lines, string errors) = Run($"{Gujarat}\n{line}\n{Gujarat}\n", "--tariffs", Tariffs, "--json");
        Assert.Equal((2, 2), (exit, lines.Length));
        Assert.Contains(place, errors, StringComparison.Ordinal);
        Assert.Contains("expected", errors, StringComparison.Ordinal);
    }

    /// <summary>Who gives nothing is told what was expected, by an example that works.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("\n  \n")]
    public void NothingOnStandardInputIsToldWithAnExampleThatIsRated(string input)
    {
        (int exit, string[] lines, string errors) = Run(input, "--tariffs", Tariffs, "--json");
        Assert.Equal((2, 0), (exit, lines.Length));
        Assert.StartsWith("praman rate: nothing on standard input; expected one JSON object", errors, StringComparison.Ordinal);
        (exit, lines, _) = Run(errors[(errors.IndexOf("such as ", StringComparison.Ordinal) + "such as ".Length)..], "--tariffs", Tariffs, "--json");
        Assert.Equal(0, exit);
        Assert.Equal("658.38", JsonElement.Parse(Assert.Single(lines)).GetProperty("total").GetString());
    }

    [Fact]
    public void ALineThatIsNotUtf8IsUnreadable()
    {
        byte[] line = Encoding.Latin1.GetBytes("{\"id\": \"é\", \"tariff\": \"t\", \"inputs\": {}}\n");
        Assert.Equal(2, Run(line, "--tariffs", Tariffs, "--json").Exit);
    }

    [Fact]
    public void TariffsThatCannotBeReadEndWith2AndThePlace()
    {
        (int exit, string[] lines, string errors) = Run(Gujarat, "--tariffs", Path.Combine(Tariffs, "tariff.schema.json"), "--json");
        Assert.Equal((2, 0), (exit, lines.Length));
        Assert.Contains("$.format", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutJsonATableIsPrinted()
    {
        (int exit, string[] lines, _) = Run(Gujarat, "--tariffs", Tariffs);
        Assert.Equal(0, exit);
        Assert.Contains(lines, l => l.Contains("50 kWh × 3.05 = 152.50", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("total", StringComparison.Ordinal) && l.Contains("658.38", StringComparison.Ordinal));
    }
}

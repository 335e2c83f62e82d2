using System.Text.Json;
using System.Xml.Linq;
using Praman.Billing.Tariffs;
using Praman.Cli.Tariffs;
using Praman.Testing;

namespace Praman.Cli.Tests;

/// <summary><c>praman tariff lint</c> and <c>praman tariff explain</c> as a process: exit codes, text, JSON, the picture.</summary>
public sealed class TariffCommandTests
{
    private static readonly string Tariffs = TestFiles.InRepository("tariffs");

    private static (int Exit, string Output, string Errors) Run(params string[] arguments) => DotnetProgram.RunPraman(["tariff", .. arguments]);

    [Fact]
    public void ThePublishedTariffsHaveNoFault()
    {
        (int exit, string output, string errors) = Run("lint", Tariffs, "--json");
        Assert.Equal((0, ""), (exit, errors));
        JsonElement answer = JsonElement.Parse(output);
        Assert.Equal(0, answer.GetProperty("errors").GetInt32());
        Assert.Equal(answer.GetProperty("files").GetInt32(), answer.GetProperty("tariffs").GetInt32());
        Assert.Contains(answer.GetProperty("findings").EnumerateArray(), f =>
            f.GetProperty("code").GetString() == "RATE-NULL" && f.GetProperty("file").GetString() == "in-mp-lv1-fixedrule.json" && f.GetProperty("path").GetString() == "fixed.rate");
    }

    [Fact]
    public void AFaultEndsWith1AndStrictMakesAWarningOne()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("praman-lint-");
        try
        {
            string file = Path.Combine(folder.FullName, "in-gj-rgp-urban.json");
            string text = File.ReadAllText(Path.Combine(Tariffs, "in-gj-rgp-urban.json"));
            File.WriteAllText(file, text.Replace("\"3.05\"", "3.05", StringComparison.Ordinal));
            (int exit, string output, _) = Run("lint", folder.FullName);
            Assert.Equal(1, exit);
            Assert.Contains("bands[0].rate: expected a decimal", output, StringComparison.Ordinal);
            File.Move(file, Path.Combine(folder.FullName, "other.json"));
            File.WriteAllText(Path.Combine(folder.FullName, "other.json"), text);
            (exit, output, _) = Run("lint", folder.FullName);
            Assert.Equal(0, exit);
            Assert.Contains("1 file, 1 tariff: 0 errors, 1 warning,", output, StringComparison.Ordinal);
            (exit, output, _) = Run("lint", folder.FullName, "--strict");
            Assert.Equal(1, exit);
            Assert.Contains("FILE-NAME", output, StringComparison.Ordinal);
            File.WriteAllText(file, text); // the same tariff in two files: a fault of neither alone
            (exit, output, _) = Run("lint", folder.FullName);
            Assert.Equal(1, exit);
            Assert.Contains("stands in another file too", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void ATariffIsSaidInWordsWithEachOfItsNumbersAndItsCliffs()
    {
        (int exit, string output, string errors) = Run("explain", Path.Combine(Tariffs, "in-hp-domestic-2025.json"), "--units", "400");
        Assert.Equal((0, ""), (exit, errors));
        Assert.Contains("up to 125 kWh a month at 5.45 INR each; above 125 at 5.90 INR", output, StringComparison.Ordinal);
        Assert.Contains("! from 125 to 126 units the bill goes from 0.00 to 685.42 INR", output, StringComparison.Ordinal);
        Assert.Contains("! from 300 to 301 units the bill goes from 1411.00 to 1719.65 INR", output, StringComparison.Ordinal);
        Assert.Equal(16, output.Split('\n').Count(line => line.Contains(" │", StringComparison.Ordinal) || line.Contains(" ┤", StringComparison.Ordinal)));
    }

    public static TheoryData<string> Ids => [.. Directory.EnumerateFiles(Tariffs, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Where(f => !f.EndsWith(".schema", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Ids))]
    public void EveryTariffHasWordsForEachOfItsLines(string id)
    {
        Assert.True(TariffSet.TryLoad(Path.Combine(Tariffs, id + ".json"), out TariffSet? set, out _));
        string words = string.Join('\n', TariffWords.Of(set.Tariffs[id], set).SelectMany(section => section.Sentences));
        JsonElement tariff = JsonElement.Parse(File.ReadAllBytes(Path.Combine(Tariffs, id + ".json"))).GetProperty("tariffs")[0];
        foreach (string list in (string[])["components", "subsidies", "rebates"])
        {
            if (!tariff.TryGetProperty(list, out JsonElement lines)) continue;
            foreach (JsonElement line in lines.EnumerateArray())
            {
                string name = line.GetProperty("id").GetString()!;
                Assert.Contains(list == "components" ? $"({name}): " : $"{name}: ", words, StringComparison.Ordinal);
                foreach (string rate in RatesOf(line)) Assert.Contains(rate, words, StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<string> RatesOf(JsonElement node)
    {
        if (node.ValueKind == JsonValueKind.Array) return node.EnumerateArray().SelectMany(RatesOf);
        if (node.ValueKind != JsonValueKind.Object) return [];
        return node.EnumerateObject().SelectMany(member => member.Value.ValueKind == JsonValueKind.String && member.Name is "rate" or "percent" or "multiplier" or "adder" or "amount" or "cap" or "units_per_month"
            ? member.Value.ValueKind == JsonValueKind.String ? [member.Value.GetString()!.TrimStart('-')] : (IEnumerable<string>)[] : RatesOf(member.Value));
    }

    [Fact]
    public void TheJsonHasTheCurveAndThePictureTellsItsCliffsInWords()
    {
        string svg = Path.GetTempFileName();
        try
        {
            (int exit, string output, _) = Run("explain", "in-kl-1a-2023", "--tariffs", Tariffs, "--units", "600", "--svg", svg, "--json");
            Assert.Equal(0, exit);
            JsonElement answer = JsonElement.Parse(output);
            Assert.Equal(601, answer.GetProperty("points").GetArrayLength());
            Assert.Contains(answer.GetProperty("cliffs").EnumerateArray(), cliff => cliff.GetProperty("units").GetInt32() == 500 && cliff.GetProperty("after").GetString() == "3841.20");
            XDocument picture = XDocument.Load(svg);
            XNamespace name = "http://www.w3.org/2000/svg";
            Assert.Contains("from 500 to 501 units the bill goes from 3304.66 to 3841.20 INR", picture.Root!.Element(name + "desc")!.Value, StringComparison.Ordinal);
            Assert.Equal(answer.GetProperty("cliffs").GetArrayLength(), picture.Descendants(name + "line").Count(line => (string?)line.Attribute("class") == "cliff"));
        }
        finally
        {
            File.Delete(svg);
        }
    }

    /// <summary>What the guide prints is what the commands print.</summary>
    [Fact]
    public void TheGuideShowsWhatTheCommandsSay()
    {
        string file = Path.Combine(Tariffs, "in-hp-domestic-2025.json");
        string said = Run("lint", file).Output + Run("explain", file, "--units", "400").Output;
        string guide = File.ReadAllText(TestFiles.InRepository("docs", "guide", "tariffs.md"));
        string[] blocks = [.. guide.Split("```text\n").Skip(1).Select(rest => rest.Split("```")[0])];
        Assert.Equal(2, blocks.Length);
        foreach (string line in blocks.SelectMany(block => block.Split('\n')).Where(line => !line.StartsWith("in-hp", StringComparison.Ordinal))) Assert.Contains(line, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no such file", "explain", "no-such-tariff")]
    [InlineData("--external", "explain", "in-ka-bescom-2025", "--external", "fppca")]
    [InlineData("--units", "explain", "in-ka-bescom-2025", "--units", "0")]
    [InlineData("--period", "explain", "in-ka-bescom-2025", "--period", "2025-09-01")]
    [InlineData("--phase", "explain", "in-ka-bescom-2025", "--phase", "two")]
    [InlineData("no such file or folder", "lint", "no-such-folder")]
    public void WrongUsageIsOneLineAndEndsWith2(string said, params string[] arguments)
    {
        string[] tariffs = arguments[0] == "explain" ? ["--tariffs", Tariffs] : [];
        (int exit, string output, string errors) = Run([.. arguments, .. tariffs]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(said, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }
}

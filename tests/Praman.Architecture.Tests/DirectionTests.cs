using System.Text.RegularExpressions;
using System.Xml.Linq;
using Praman.Testing;

namespace Praman.Architecture.Tests;

/// <summary>The table in docs/architecture.md is the rule: which project may reference which.</summary>
public sealed partial class DirectionTests
{
    [Fact]
    public void EveryProjectReferencesOnlyWhatTheArchitectureTableAllows()
    {
        Dictionary<string, string[]> allowed = ArchitectureTable();
        var faults = new List<string>();
        foreach ((string project, string[] references) in ProjectReferences())
        {
            Assert.True(allowed.ContainsKey(project), $"{project} has no row in the table of docs/architecture.md");
            faults.AddRange(references.Except(allowed[project]).Select(reference => $"{project} must not reference {reference}"));
        }
        Assert.Empty(faults);
    }

    [Fact]
    public void TheTableHasNoRowWithoutAProjectAndNoCycle()
    {
        Dictionary<string, string[]> allowed = ArchitectureTable();
        Assert.Equal(ProjectReferences().Keys.Order(StringComparer.Ordinal), allowed.Keys.Order(StringComparer.Ordinal));
        foreach (string project in allowed.Keys) Assert.DoesNotContain(project, Reachable(project, allowed));
    }

    [Fact]
    public void ModulesDoNotReferenceOneAnother()
    {
        string[] modules = ["Praman.HeadEnd", "Praman.MeterData", "Praman.Billing"];
        foreach (string module in modules)
        {
            Assert.Empty(Reachable(module, ArchitectureTable()).Intersect(modules));
        }
    }

    [Fact]
    public void OnlyTheLastProjectsUseAFrameworksPackages()
    {
        string[] free = ["Praman.Storage", "Praman.Server", "Praman.Cli"];
        // Options, logging and registration are abstractions that a module may name; what stands behind them is the host's.
        string[] anywhere =
        [
            "NodaTime", "BouncyCastle.Cryptography", "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Logging.Abstractions",
            "Microsoft.Extensions.Options.ConfigurationExtensions", "Microsoft.Extensions.Options.DataAnnotations",
        ];
        // The platform's own serial port, which comes as a package; only the project that makes links may name it.
        string[] ports = ["System.IO.Ports"];
        foreach (string path in SourceProjects())
        {
            string name = Path.GetFileNameWithoutExtension(path);
            if (free.Contains(name)) continue;
            IEnumerable<string> packages = XDocument.Load(path).Descendants("PackageReference").Select(p => (string?)p.Attribute("Include") ?? "");
            Assert.Empty(packages.Except(anywhere).Except(name == "Praman.Transports" ? ports : []).Select(package => $"{name} must not use the package {package}"));
            Assert.DoesNotContain("Microsoft.NET.Sdk.Web", File.ReadAllText(path), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Praman.Metering")]
    [InlineData("Praman.Proof")]
    [InlineData("Praman.Dlms")]
    [InlineData("Praman.Meter")]
    [InlineData("Praman.MeterData/Validation")]
    [InlineData("Praman.MeterData/Estimation")]
    [InlineData("Praman.Billing/Prepayment")]
    [InlineData("Praman.Billing/Rating")]
    [InlineData("Praman.Billing/Ledger")]
    [InlineData("Praman.Billing/Payments")]
    [InlineData("Praman.Billing/Verification")]
    public void SansIoCodeNamesNoSocketFileThreadTimerOrClock(string folder)
    {
        string[] sources = Sources(folder);
        Assert.NotEmpty(sources);
        var faults = new List<string>();
        foreach (string source in sources)
        {
            foreach (Match match in Forbidden().Matches(WithoutComments(File.ReadAllText(source))))
            {
                faults.Add($"{Path.GetRelativePath(TestFiles.Root, source)}: {match.Value}");
            }
        }
        Assert.Empty(faults);
    }

    private static Dictionary<string, string[]> ArchitectureTable()
    {
        var table = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(TestFiles.InRepository("docs", "architecture.md")))
        {
            Match row = TableRow().Match(line);
            if (!row.Success) continue;
            table[row.Groups[1].Value] =
                [.. row.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(n => $"Praman.{n}")];
        }
        Assert.NotEmpty(table);
        return table;
    }

    private static Dictionary<string, string[]> ProjectReferences() => SourceProjects().ToDictionary(
        path => Path.GetFileNameWithoutExtension(path),
        path => XDocument.Load(path).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string?)reference.Attribute("Include") ?? "").Replace('\\', '/'))).ToArray(),
        StringComparer.Ordinal);

    private static HashSet<string> Reachable(string project, Dictionary<string, string[]> allowed)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>(allowed[project]);
        while (next.TryDequeue(out string? name))
        {
            if (seen.Add(name)) foreach (string further in allowed[name]) next.Enqueue(further);
        }
        return seen;
    }

    private static string[] SourceProjects() => Directory.GetFiles(TestFiles.InRepository("src"), "*.csproj", SearchOption.AllDirectories);

    private static string[] Sources(string folder) =>
        Directory.GetFiles(TestFiles.InRepository("src", folder), "*.cs", SearchOption.AllDirectories);

    private static string WithoutComments(string source) => Comment().Replace(source, "");

    [GeneratedRegex(@"^\| (Praman\.\w+) \| ([\w, ]*) ?\|")]
    private static partial Regex TableRow();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bSystem\.Net\b|\bSystem\.IO\.(?!Hashing|Pipelines)|\bFile\.(Read|Write|Open|Exists)|\bFileStream\b|\bSocket\b|\bTask\.(Run|Delay)|\bnew Thread\b|\bPeriodicTimer\b|\bTimeProvider\b|\bStopwatch\b|\bSystemClock\b|\bILogger\b|\bConsole\.")]
    private static partial Regex Forbidden();
}

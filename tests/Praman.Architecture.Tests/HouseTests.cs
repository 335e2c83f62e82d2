using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Praman.Testing;

namespace Praman.Architecture.Tests;

/// <summary>Rules of the house that a compiler does not know.</summary>
public sealed partial class HouseTests
{
    [Fact]
    public void NoSourceFileOutgrowsItsReason()
    {
        IEnumerable<string> tooLong = Tracked("*.cs")
            .Select(path => (path, lines: File.ReadLines(path).Count()))
            .Where(file => file.lines > 600)
            .Select(file => $"{Relative(file.path)} has {file.lines} lines: split it");
        Assert.Empty(tooLong);
    }

    [Fact]
    public void EveryProjectStandsInTheSolution()
    {
        IEnumerable<string> listed = XDocument.Load(TestFiles.InRepository("Praman.slnx")).Descendants("Project").Select(p => (string?)p.Attribute("Path") ?? "");
        IEnumerable<string> there = Tracked("*.csproj").Select(Relative);
        Assert.Equal(there.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryProjectHasItsLockFile()
    {
        Assert.Empty(Tracked("*.csproj").Where(path => !File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "packages.lock.json"))).Select(Relative));
    }

    [Fact]
    public void NoTestIsSwitchedOffAndNoWorkIsLeftUndone()
    {
        var faults = new List<string>();
        foreach (string path in Tracked("*.cs").Where(path => !path.EndsWith(nameof(HouseTests) + ".cs", StringComparison.Ordinal)))
        {
            foreach (Match match in Undone().Matches(File.ReadAllText(path))) faults.Add($"{Relative(path)}: {match.Value}");
        }
        Assert.Empty(faults);
    }

    [Fact]
    public void EveryLinkInTheDocumentsLeadsSomewhere()
    {
        var faults = new List<string>();
        foreach (string path in Tracked("*.md"))
        {
            foreach (Match match in Link().Matches(File.ReadAllText(path)))
            {
                string target = match.Groups[1].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal)) continue;
                string full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, target));
                if (!File.Exists(full) && !Directory.Exists(full)) faults.Add($"{Relative(path)} → {target}");
            }
        }
        Assert.Empty(faults);
    }

    [Fact]
    public void DecisionRecordsAreNumberedWithoutGapsAndHaveTheirThreeParts()
    {
        string[] records = [.. Directory.GetFiles(TestFiles.InRepository("docs", "decisions"), "*.md").Order(StringComparer.Ordinal)];
        Assert.NotEmpty(records);
        for (int i = 0; i < records.Length; i++)
        {
            Assert.StartsWith($"{i + 1:D4}-", Path.GetFileName(records[i]), StringComparison.Ordinal);
            string text = File.ReadAllText(records[i]);
            foreach (string part in (string[])["## Context", "## Decision", "## Consequences"]) Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    internal static IEnumerable<string> Tracked(string pattern)
    {
        var start = new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", pattern])
        {
            WorkingDirectory = TestFiles.Root, RedirectStandardOutput = true,
        };
        using Process git = Process.Start(start)!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        string[] files = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => TestFiles.InRepository(line)).Where(File.Exists)];
        Assert.NotEmpty(files);
        return files;
    }

    private static string Relative(string path) => Path.GetRelativePath(TestFiles.Root, path);

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|\bHACK\b|Assert\.True\(true\)|Skip\s*=\s*""")]
    private static partial Regex Undone();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}

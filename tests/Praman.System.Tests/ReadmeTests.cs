using System.Diagnostics;
using System.Text;
using Praman.Testing;

namespace Praman.System.Tests;

/// <summary>Every block of the README runs as it is written; what it prints is what the README says.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task EveryCommandOfTheReadmeRunsAndPrintsWhatItSays()
    {
        List<(string Language, string Text)> blocks = Blocks(await File.ReadAllTextAsync(TestFiles.InRepository("README.md")));
        Assert.True(blocks.Count(block => block.Language == "sh") >= 4, "the README has lost its commands");
        string folder = Path.Combine(Path.GetTempPath(), $"praman-readme-{Guid.NewGuid():N}");
        try
        {
            for (int i = 0; i < blocks.Count; i++)
            {
                if (blocks[i].Language != "sh") continue;
                string? expected = i + 1 < blocks.Count && blocks[i + 1].Language == "text" && !blocks[i + 1].Text.StartsWith("./praman", StringComparison.Ordinal) ? blocks[i + 1].Text : null;
                foreach (string line in blocks[i].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)) await RunAsync(line.Replace("demo-data", folder, StringComparison.Ordinal), expected);
            }
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void ContinuousIntegrationRunsExactlyTheTestCommandOfTheReadme()
    {
        Assert.Contains("```sh\n./praman test\n```", File.ReadAllText(TestFiles.InRepository("README.md")), StringComparison.Ordinal);
        Assert.Contains("\n./praman test\n", File.ReadAllText(TestFiles.InRepository(".ci", "run")), StringComparison.Ordinal);
    }

    private static async Task RunAsync(string line, string? expected)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (line == "./praman test") return; // this is that run
        PramanProgram.Outcome outcome;
        if (words[0] == "./praman")
        {
            // The demonstration as a newcomer runs it, but for a port that is free and an end.
            string[] more = line == "./praman demo" ? ["--exit-when-done", "--port", "0"] : [];
            outcome = await PramanProgram.RunAsync([.. words[1..], .. more]);
        }
        else
        {
            Assert.Equal("node", words[0]);
            try
            {
                outcome = await PramanProgram.RunAsync(
                    new ProcessStartInfo("node", words[1..]) { WorkingDirectory = TestFiles.Root, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true }, null, 60);
            }
            catch (global::System.ComponentModel.Win32Exception)
            {
                return; // no Node here: the verifiers' agreement is tested where there is
            }
        }
        Assert.True(outcome.ExitCode == 0, $"{line}\nexit {outcome.ExitCode}\n{outcome.Error}");
        if (expected is not null) Assert.Equal(Trimmed(expected), Trimmed(outcome.Output));
    }

    private static string Trimmed(string text)
    {
        var trimmed = new StringBuilder();
        foreach (string line in text.Replace("\r", "", StringComparison.Ordinal).Trim().Split('\n')) trimmed.Append(line.TrimEnd()).Append('\n');
        return trimmed.ToString();
    }

    private static List<(string Language, string Text)> Blocks(string markdown)
    {
        var blocks = new List<(string, string)>();
        string[] lines = markdown.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal)) continue;
            string language = lines[i][3..].Trim();
            var text = new StringBuilder();
            for (i++; i < lines.Length && lines[i] != "```"; i++) text.Append(lines[i]).Append('\n');
            blocks.Add((language, text.ToString()));
        }
        return blocks;
    }
}

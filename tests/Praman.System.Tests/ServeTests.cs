using System.Diagnostics;
using System.Text.RegularExpressions;
using Praman.Testing;

namespace Praman.System.Tests;

/// <summary><c>praman serve</c> on the folder of a demonstration that has ended, and on folders that are not whole.</summary>
[Collection(DemoCollection.Name)]
public sealed class ServeTests(DemoFixture demo)
{
    /// <summary>Octets of a page of the database (docs/reference/storage.md).</summary>
    private const int PageLength = 8_192;

    [Fact]
    public async Task TheFolderOfAnEndedDemonstrationIsServed()
    {
        string folder = CopyOfTheFolder();
        try
        {
            ProcessStartInfo start = DotnetProgram.Of("praman.dll", ["serve", "--data", folder, "--port", "0"]);
            start.WorkingDirectory = TestFiles.Root;
            using Process serve = Process.Start(start)!;
            try
            {
                using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                string? address = null;
                string said = "";
                while (address is null && await serve.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
                {
                    said += line + "\n";
                    if (Regex.Match(line, @"^The pages stand at (\S+) until") is { Success: true } match) address = match.Groups[1].Value;
                }
                Assert.True(address is not null, said);
                using var client = new HttpClient();
                Assert.Contains("Sign in", await client.GetStringAsync(new Uri($"{address}/sign-in"), timeout.Token), StringComparison.Ordinal);
            }
            finally
            {
                serve.Kill(entireProcessTree: true);
                await serve.WaitForExitAsync();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task AFolderWithoutPeopleSaysWhatWasExpected() =>
        await RefusedAsync(folder => File.Delete(Path.Combine(folder, "people.json")), "people.json: there is no such file: expected the people who may sign in");

    [Fact]
    public async Task AnEmptiedDatabaseBesideAFullLogIsRefusedAndLeftAsItIs() =>
        await RefusedAsync(folder => File.WriteAllBytes(Path.Combine(folder, "praman.db"), []), "praman.db': the database is empty, but the log beside it has");

    [Fact]
    public async Task ADatabaseWithZeroedPagesIsRefusedAndLeftAsItIs() => await RefusedAsync(
        folder =>
        {
            using FileStream file = new(Path.Combine(folder, "praman.db"), FileMode.Open);
            for (int page = 2; page < file.Length / PageLength; page += 7)
            {
                file.Position = page * PageLength;
                file.Write(new byte[PageLength]);
            }
        },
        "the database is damaged");

    [Fact]
    public async Task ANewDatabaseBesideAFullLogIsRefused() => await RefusedAsync(
        folder =>
        {
            string elsewhere = Directory.CreateTempSubdirectory("praman-new-").FullName;
            Praman.Storage.PramanStore.OpenAsync(elsewhere).GetAwaiter().GetResult().DisposeAsync().AsTask().GetAwaiter().GetResult();
            File.Copy(Path.Combine(elsewhere, "praman.db"), Path.Combine(folder, "praman.db"), overwrite: true);
            Directory.Delete(elsewhere, recursive: true);
        },
        "the database holds no readings, but the log beside it has");

    [Fact]
    public async Task ADatabaseWithoutItsLogIsRefused() => await RefusedAsync(folder => File.Delete(Path.Combine(folder, "log", "checkpoint")), "but the log beside it has 0");

    /// <summary>Harms a copy of the folder; the program must end with 2 and one line that says <paramref name="reason"/>.</summary>
    private async Task RefusedAsync(Action<string> harm, string reason)
    {
        string folder = CopyOfTheFolder();
        try
        {
            harm(folder);
            byte[] before = await File.ReadAllBytesAsync(Path.Combine(folder, "praman.db"));
            PramanProgram.Outcome outcome = await PramanProgram.RunAsync(["serve", "--data", folder, "--port", "0"], timeoutSeconds: 60);
            Assert.Equal(2, outcome.ExitCode);
            Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
            Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(folder, "praman.db")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string CopyOfTheFolder()
    {
        string copy = Directory.CreateTempSubdirectory("praman-serve-").FullName;
        foreach (string file in Directory.EnumerateFiles(demo.Folder, "*", SearchOption.AllDirectories))
        {
            string path = Path.Combine(copy, Path.GetRelativePath(demo.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }
        return copy;
    }
}

using System.Diagnostics;
using System.Text;

namespace Praman.Testing;

/// <summary>A built program as a process of its own, whichever way the tests themselves were started.</summary>
internal static class DotnetProgram
{
    private const int EndMilliseconds = 120_000;

    /// <summary>How to start it, with all three streams redirected and in UTF-8.</summary>
    /// <param name="assembly">File name of the program beside the tests, such as <c>praman.dll</c>.</param>
    public static ProcessStartInfo Of(string assembly, params IEnumerable<string> arguments) =>
        new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8, StandardErrorEncoding = Encoding.UTF8,
        };

    /// <summary>Runs <c>praman.dll</c> to its end.</summary>
    /// <param name="input">What it finds on standard input; nothing unless given.</param>
    public static (int Exit, string Output, string Errors) RunPraman(IEnumerable<string> arguments, byte[]? input = null)
    {
        using Process process = Process.Start(Of("praman.dll", arguments))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process ended without reading: its exit code says why.
        }
        Assert.True(process.WaitForExit(EndMilliseconds), "it does not end");
        return (process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    /// <summary>Starts a program of this test that says a line for each thing it acknowledged, after a first <c>ready</c>, and kills it with SIGKILL.</summary>
    /// <param name="lines">Lines to wait for after the first.</param>
    /// <param name="last">A line that ends the waiting too; null: none does.</param>
    /// <returns>All whole lines that it wrote, those between the last awaited one and the kill included.</returns>
    public static async Task<List<string>> RunAndKillAsync(string assembly, IEnumerable<string> arguments, int lines, CancellationToken cancellationToken, string? last = null)
    {
        ProcessStartInfo start = Of(assembly, arguments);
        (start.RedirectStandardError, start.StandardErrorEncoding) = (false, null); // nobody reads it here: it belongs on the screen
        using Process child = Process.Start(start)!;
        var said = new List<string>();
        try
        {
            while (said.Count <= lines && await child.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                said.Add(line);
                if (line == last) break;
            }
        }
        finally
        {
            child.Kill(); // SIGKILL: no handler runs, nothing is flushed
        }
        // What was written to the pipe before the kill was acknowledged as well; a line cut off in the middle was not.
        string rest = await child.StandardOutput.ReadToEndAsync(cancellationToken);
        await child.WaitForExitAsync(cancellationToken);
        said.AddRange(rest.Split('\n').SkipLast(1));
        Assert.Equal("ready", said[0]);
        return said;
    }
}

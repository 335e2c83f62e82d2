using System.Diagnostics;
using Praman.Testing;

namespace Praman.System.Tests;

/// <summary>Runs the program as a person would: the built executable, its arguments, its output and its exit code.</summary>
internal static class PramanProgram
{
    public sealed record Outcome(int ExitCode, string Output, string Error);

    public static async Task<Outcome> RunAsync(IEnumerable<string> arguments, string? input = null, int timeoutSeconds = 240)
    {
        ProcessStartInfo start = DotnetProgram.Of("praman.dll", arguments);
        start.WorkingDirectory = TestFiles.Root;
        return await RunAsync(start, input, timeoutSeconds);
    }

    public static async Task<Outcome> RunAsync(ProcessStartInfo start, string? input, int timeoutSeconds)
    {
        using Process process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(timeoutSeconds));
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token), error = process.StandardError.ReadToEndAsync(timeout.Token);
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), timeout.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
            return new Outcome(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} took more than {timeoutSeconds} s");
        }
    }
}

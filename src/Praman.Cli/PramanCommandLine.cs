using System.CommandLine;
using Praman.Cli.Bench;
using Praman.Cli.Commands;
using Praman.Cli.Demo;

namespace Praman.Cli;

/// <summary>The one executable: its commands, and the form of its errors.</summary>
internal static class PramanCommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Praman: smart metering that can be checked, from the meter's bytes to the bill.");
        foreach (Command command in Commands()) root.Subcommands.Add(command);
        ParseResult parsed = root.Parse(args);
        string? misused = UsageText.OfUnknownOptions(parsed, args) ?? (parsed.Errors.Count > 0 ? UsageText.Of(parsed) : null);
        if (misused is not null)
        {
            await Console.Error.WriteLineAsync($"praman: {misused}").ConfigureAwait(false);
            return ExitCodes.BadInput;
        }
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        try
        {
            int exit = await parsed.InvokeAsync(invocation).ConfigureAwait(false);
            return exit == ExitCodes.Interrupted ? await InterruptedAsync(parsed).ConfigureAwait(false) : exit; // what did not end in time after Ctrl-C
        }
        catch (OperationCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            await Console.Error.WriteLineAsync($"praman: timed out: {exception.InnerException.Message}").ConfigureAwait(false);
            return ExitCodes.Unreachable;
        }
        catch (OperationCanceledException)
        {
            return await InterruptedAsync(parsed).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            await Console.Error.WriteLineAsync($"praman: {exception.Message}").ConfigureAwait(false);
            return ExitCodes.BadInput;
        }
    }

    private static async Task<int> InterruptedAsync(ParseResult parsed)
    {
        await Console.Error.WriteLineAsync($"praman {parsed.CommandResult.Command.Name}: interrupted").ConfigureAwait(false);
        return ExitCodes.Interrupted;
    }

    private static IEnumerable<Command> Commands() =>
    [
        DecodeCommand.Create(),
        RateCommand.Create(),
        SettleCommand.Create(),
        ReadCommand.Create(),
        SimulateCommand.Create(),
        TariffCommand.Create(),
        VerifyCommand.Create(),
        ReconcileCommand.Create(),
        LogCommand.Create(),
        WitnessCommand.Create(),
        DemoCommand.Create(),
        ServeCommand.Create(),
        EraseCommand.Create(),
        RebillCommand.Create(),
        PushesCommand.Create(),
        BenchCommand.Create(),
    ];
}

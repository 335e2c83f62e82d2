using Spectre.Console;

namespace Praman.Cli.Demo;

/// <summary>What people see while the street lives: a bar a step on standard error, and the answer on standard output.</summary>
internal sealed class DemoScreen
{
    private readonly IAnsiConsole _console;

    public DemoScreen(bool quiet)
    {
        // With --json, standard output is one document and nothing else.
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(quiet ? TextWriter.Null : Console.Error) });
        Output = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(quiet ? TextWriter.Null : Console.Out) });
        IsTerminal = !quiet && !Console.IsErrorRedirected;
    }

    /// <summary>Where the summary, the sign-in names and the address go.</summary>
    public IAnsiConsole Output { get; }

    public bool IsTerminal { get; }

    /// <summary>Runs steps with a bar each.</summary>
    public async Task<T> RunAsync<T>(Func<Func<string, int, Action<int>>, Task<T>> work)
    {
        if (!IsTerminal)
        {
            // Bars redrawn into a file are noise: a line a step is enough.
            return await work((name, total) =>
            {
                _console.WriteLine($"{name} ...");
                return _ => { };
            }).ConfigureAwait(false);
        }
        return await _console.Progress().AutoClear(false).Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(context => work((name, total) =>
            {
                ProgressTask task = context.AddTask(name, maxValue: Math.Max(1, total));
                return done => task.Value = done;
            })).ConfigureAwait(false);
    }
}

using Spectre.Console;

namespace Praman.Cli.Demo;

/// <summary>What people see while the street lives: a bar a step, on standard error, so that standard output stays one document.</summary>
internal sealed class DemoScreen
{
    private readonly IAnsiConsole _console;

    public DemoScreen(bool quiet)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(quiet ? TextWriter.Null : Console.Error) });
        IsTerminal = !quiet && !Console.IsErrorRedirected;
    }

    public IAnsiConsole Output => _console;

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

using Praman.Cli.Commands;
using Praman.Server.Hosting;
using Praman.Server.Stores;
using Spectre.Console;

namespace Praman.Cli.Demo;

/// <summary>The pages of the demonstration.</summary>
internal static class DemoPages
{
    public static async Task ServeAsync(DemoRun run, DemoPeople people, IAnsiConsole console, Func<string, Task> ready, CancellationToken cancellationToken)
    {
        PramanServerOptions options = StoreServer.Options(
            run.Store, run.Tariffs, run.Log.Keys, people.List, run.Options.Port, run.Options.Zone, run.Clock, isDemo: true, suppliers: RepositoryFiles.Suppliers(), places: run.Places);
        await using var server = await PramanServer.StartAsync(options, cancellationToken).ConfigureAwait(false);
        string address = server.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        people.Write(console);
        console.WriteLine($"The pages stand at {address} until Ctrl-C.");
        await ready(address).ConfigureAwait(false);
        await ServeCommand.WaitAsync(server, cancellationToken).ConfigureAwait(false);
    }
}

using Praman.Cli.Commands;
using Praman.Metering;
using Praman.Server.Hosting;
using Praman.Server.People;
using Praman.Server.Stores;
using Spectre.Console;

namespace Praman.Cli.Demo;

/// <summary>The pages of the demonstration, with three example people whose passwords are made for this run.</summary>
internal static class DemoPages
{
    public static async Task ServeAsync(DemoRun run, DemoResult result, IAnsiConsole console, Func<string, Task> ready, CancellationToken cancellationToken)
    {
        UsagePointId consumer = result.Bills.Bills.Count > 0 ? result.Bills.Bills[0].Facts.UsagePoint : run.Street.Homes[0].UsagePoint.Id;
        string[] passwords = [Password(run, 0), Password(run, 1), Password(run, 2)];
        var people = new PeopleList(
        [
            Person.Create("asha", "Asha Patel", Role.Consumer, passwords[0], consumer),
            Person.Create("om", "Om Desai", Role.Operator, passwords[1]),
            Person.Create("aditi", "Aditi Rao", Role.Auditor, passwords[2]),
        ]);
        people.Save(Path.Combine(run.Store.Folder, ServeCommand.PeopleName));
        PramanServerOptions options = StoreServer.Options(run.Store, run.Tariffs, run.Log.Keys, people, run.Options.Port, DemoOptions.Zone, run.Clock, isDemo: true);
        await using var server = await PramanServer.StartAsync(options, cancellationToken).ConfigureAwait(false);
        string address = server.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("sign in as").AddColumn("name").AddColumn("password");
        table.AddRow("a consumer", "asha", passwords[0]);
        table.AddRow("an operator", "om", passwords[1]);
        table.AddRow("an auditor", "aditi", passwords[2]);
        console.Write(table);
        console.WriteLine($"The pages stand at {address} until Ctrl-C.");
        await ready(address).ConfigureAwait(false);
        await ServeCommand.WaitAsync(server, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ten letters that follow from the seed: they protect a demonstration, and nothing else.</summary>
    private static string Password(DemoRun run, ulong number)
    {
        const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";
        byte[] octets = run.Street.DeriveKey("password", number);
        return string.Create(10, octets, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = Letters[source[i] % Letters.Length];
        });
    }
}

using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Praman.Cli.Commands;
using Praman.Server.Operations;

namespace Praman.Cli.Demo;

/// <summary><c>praman demo</c>: the whole way from meters' bytes to checked bills, then the pages.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var meters = new Option<int>("--meters") { Description = $"homes on the street, 1 to {DemoOptions.MetersMax}; with --readings all of the file unless given", DefaultValueFactory = _ => 100 };
        var days = new Option<int>("--days") { Description = $"days that are lived through; each whole month among them is billed, three days after its end; {DemoOptions.DaysMin} to {DemoOptions.DaysMax}; the first is {DemoOptions.FirstDay:uuuu-MM-dd}", DefaultValueFactory = _ => 35 };
        var tariff = new Option<string>("--tariff") { Description = "id of a tariff in tariffs/", DefaultValueFactory = _ => "in-gj-rgp-urban" };
        var seed = new Option<ulong>("--seed") { Description = "the same seed gives the same bill bytes", DefaultValueFactory = _ => 1 };
        var port = new Option<int>("--port") { Description = "port of the pages; 0 takes any that is free", DefaultValueFactory = _ => 5080 };
        var data = new Option<string?>("--data") { Description = "data folder to make and keep; without it one is made and removed" };
        var readings = new Option<string?>("--readings") { Description = "interval data to replay (CSV, also gzipped) instead of the built-in load model" };
        var incidents = new Option<bool>("--incidents") { Description = "with --readings: the demonstration's incidents and prepaid homes as well; without it real homes live what the file says and nothing else" };
        var map = new Option<string?>("--map") { Description = "columns of --readings: meter=…,ts=…,value=…,unit=Wh|kWh,stamp=start|end,separator=;|tab|comma" };
        var witness = new Option<string[]>("--witness") { Description = "a witness that somebody else runs (`praman witness`), written URL#KEY; may stand several times, and all must cosign" };
        var exit = new Option<bool>("--exit-when-done") { Description = "end instead of serving the pages" };
        var json = new Option<bool>("--json") { Description = "one JSON document on standard output" };
        var command = new Command("demo", "A street of meters lives through a month; its bills are made, checked and shown.")
        {
            meters, days, tariff, seed, port, data, readings, incidents, map, witness, exit, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new DemoOptions
            {
                Meters = parsed.GetValue(meters), Days = parsed.GetValue(days), Tariff = parsed.GetValue(tariff)!, Seed = parsed.GetValue(seed), Port = parsed.GetValue(port),
                Data = parsed.GetValue(data), Readings = parsed.GetValue(readings), Incidents = parsed.GetValue(incidents), Map = parsed.GetValue(map), Witnesses = parsed.GetValue(witness) ?? [], ExitWhenDone = parsed.GetValue(exit), Json = parsed.GetValue(json),
            };
            bool metersGiven = parsed.GetResult(meters) is { Implicit: false };
            if (Refuse(options) is { } reason)
            {
                await Console.Error.WriteLineAsync($"praman: {reason}").ConfigureAwait(false);
                return ExitCodes.BadInput;
            }
            return await RunAsync(options, metersGiven, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static string? Refuse(DemoOptions options)
    {
        if (options.Meters is < 1 or > DemoOptions.MetersMax) return $"--meters {options.Meters}: expected 1 to {DemoOptions.MetersMax}";
        if (options.Days is < 1 or > DemoOptions.DaysMax) return $"--days {options.Days}: expected {DemoOptions.DaysMin} to {DemoOptions.DaysMax}";
        if (DemoRun.BilledMonths(options.Days).Count == 0) return $"--days {options.Days}: no whole calendar month from {DemoOptions.FirstDay:uuuu-MM-dd} on lies in them; expected {DemoOptions.DaysMin} to {DemoOptions.DaysMax}";
        if (options.Port is < 0 or > 65_535) return $"--port {options.Port}: expected 0 to 65535";
        if (options.Map is not null && options.Readings is null) return "--map without --readings: there is no file whose columns it could name";
        if (options.Incidents && options.Readings is null) return "--incidents without --readings: the demonstration's own street has them anyway";
        if (options.Readings is not null && !File.Exists(options.Readings)) return $"--readings {options.Readings}: there is no such file";
        if (File.Exists(options.Data)) return $"--data {options.Data}: it is a file; expected a folder that is new or empty";
        if (options.Data is not null && Directory.Exists(options.Data) && Directory.EnumerateFileSystemEntries(options.Data).Any())
        {
            return $"--data {options.Data}: the folder is not empty; a demonstration begins in a new one";
        }
        foreach (string text in options.Witnesses)
        {
            using var client = new HttpClient();
            if (!HttpWitness.TryParse(text, client, out _, out string? reason)) return $"--witness {text}: {reason}";
        }
        return options.ExitWhenDone || options.Port == 0 ? null : PortInUse(options.Port);
    }

    /// <summary>Asks for the port before the street lives: nobody waits to be told at the end.</summary>
    private static string? PortInUse(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return $"--port {port}: the port is in use: stop the program that has it, or take another, such as --port {(port == 65_535 ? port - 1 : port + 1)}";
        }
    }

    private static async Task<int> RunAsync(DemoOptions options, bool metersGiven, CancellationToken cancellationToken)
    {
        string folder = options.Data ?? Path.Combine(Path.GetTempPath(), $"praman-demo-{Environment.ProcessId}");
        var screen = new DemoScreen(options.Json);
        try
        {
            DemoRun run = await DemoRun.PrepareAsync(options, metersGiven, folder, cancellationToken).ConfigureAwait(false);
            await using (run.ConfigureAwait(false))
            {
                if (run.Readings is { IsShort: true } few) await Console.Error.WriteLineAsync($"praman: {few.ShortWords(options.Readings!)}").ConfigureAwait(false);
                DemoResult result = await screen.RunAsync(step => run.RunAsync(step, cancellationToken)).ConfigureAwait(false);
                DemoReport.Write(screen.Output, result);
                DemoFiles files = await DemoFiles.WriteAsync(folder, run, result, cancellationToken).ConfigureAwait(false);
                DemoPeople people = DemoPeople.Of(run, result);
                people.List.Save(Path.Combine(folder, ServeCommand.PeopleName));
                if (options.Data is not null && !options.Json) await files.ExplainAsync(Console.Out).ConfigureAwait(false);
                if (options.ExitWhenDone)
                {
                    // `praman serve` shows a folder that is kept: its passwords are said now or never.
                    if (options.Data is not null) people.Write(screen.Output);
                    if (options.Json) await WriteJsonAsync(result, null).ConfigureAwait(false);
                }
                else
                {
                    await DemoPages.ServeAsync(
                        run, people, screen.Output, address => options.Json ? WriteJsonAsync(result, address) : Task.CompletedTask, cancellationToken).ConfigureAwait(false);
                }
                return result.IsSound ? ExitCodes.Done : ExitCodes.No;
            }
        }
        finally
        {
            if (options.Data is null && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private static Task WriteJsonAsync(DemoResult result, string? address)
    {
        using Stream output = Console.OpenStandardOutput();
        DemoReport.WriteJson(output, result, address);
        return Task.CompletedTask;
    }
}

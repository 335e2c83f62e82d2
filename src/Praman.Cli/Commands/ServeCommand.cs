using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using NodaTime;
using Praman.Billing.Tariffs;
using Praman.Cli.Demo;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof.Notes;
using Praman.Server.Hosting;
using Praman.Server.People;
using Praman.Server.Stores;
using Praman.Storage;

namespace Praman.Cli.Commands;

/// <summary><c>praman serve</c>: the pages and the API of a data folder until Ctrl-C.</summary>
internal static class ServeCommand
{
    /// <summary>Names of people who may sign in, below the data folder.</summary>
    public const string PeopleName = "people.json";

    /// <summary>Verifier keys of the log and its witnesses, below the data folder's <c>log</c>.</summary>
    public const string KeysName = "keys";

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "data folder, such as `praman demo --data` made", Required = true };
        var port = new Option<int>("--port") { Description = "port of the pages; 0 takes any that is free", DefaultValueFactory = _ => 5080 };
        var zone = new Option<string?>("--time-zone") { Description = "zone whose local days are collected; without it that of the first usage point" };
        var command = new Command("serve", "The pages and the API of a data folder until Ctrl-C. Collection is run by `praman demo` so far.") { data, port, zone };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = parsed.GetValue(data)!;
            if (!File.Exists(Path.Combine(folder, PramanStore.DatabaseName))) throw new InvalidDataException($"--data {folder}: there is no {PramanStore.DatabaseName} in it; expected a data folder, such as `praman demo --data` makes");
            if (parsed.GetValue(port) is < 0 or > 65_535) throw new InvalidDataException($"--port {parsed.GetValue(port)}: expected 0 to 65535");
            DateTimeZone? days = parsed.GetValue(zone) is not { } id
                ? null
                : DateTimeZoneProviders.Tzdb.GetZoneOrNull(id) ?? throw new InvalidDataException($"--time-zone {id}: there is no such zone; expected one such as Asia/Kolkata");
            await ServeAsync(folder, parsed.GetValue(port), days, cancellationToken).ConfigureAwait(false);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Waits for Ctrl-C, then stops the server.</summary>
    public static async Task WaitAsync(WebApplication server, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await server.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task ServeAsync(string folder, int port, DateTimeZone? zone, CancellationToken cancellationToken)
    {
        string tariffs = RepositoryFiles.Find("tariffs");
        if (!TariffSet.TryLoad(tariffs, out TariffSet? set, out IReadOnlyList<TariffFault> faults)) throw new InvalidDataException(faults[0].ToString());
        // The database first: where it is damaged, that is what has to be told, whatever else is missing.
        PramanStore store = await PramanStore.OpenExistingAsync(folder, cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            PeopleList people = PeopleList.Load(Path.Combine(folder, PeopleName));
            List<NoteVerifierKey> keys = ReadKeys(Path.Combine(folder, "log", KeysName));
            zone ??= await ZoneAsync(store, cancellationToken).ConfigureAwait(false);
            await using WebApplication server = await PramanServer.StartAsync(StoreServer.Options(store, set, keys, people, port, zone), cancellationToken).ConfigureAwait(false);
            await Console.Out.WriteLineAsync($"The pages stand at {server.Urls.First()} until Ctrl-C.").ConfigureAwait(false);
            await WaitAsync(server, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask<DateTimeZone> ZoneAsync(PramanStore store, CancellationToken cancellationToken)
    {
        await foreach (UsagePointRecord record in store.UsagePoints.ReadAllAsync(cancellationToken).ConfigureAwait(false)) return DateTimeZoneProviders.Tzdb[record.UsagePoint.TimeZone];
        return DemoOptions.India;
    }

    private static List<NoteVerifierKey> ReadKeys(string path)
    {
        var keys = new List<NoteVerifierKey>();
        foreach (string line in File.ReadLines(path))
        {
            if (line.Length == 0) continue;
            if (!NoteVerifierKey.TryParse(line, out NoteVerifierKey? key, out DecodeError error)) throw new InvalidDataException($"{path}: {error}");
            keys.Add(key);
        }
        return keys.Count(key => key.Type == NoteKeyType.Ed25519) == 1 ? keys : throw new InvalidDataException($"{path}: exactly one key of a log was expected");
    }
}

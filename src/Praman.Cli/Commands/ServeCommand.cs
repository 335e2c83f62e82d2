using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using NodaTime;
using Praman.Billing.Tariffs;
using Praman.Cli.Demo;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Inventory;
using Praman.HeadEnd.Push;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Proof.Notes;
using Praman.Server.Hosting;
using Praman.Server.Operations;
using Praman.Server.Payments;
using Praman.Server.People;
using Praman.Server.Prepaid;
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
        var push = new Option<string?>("--push") { Description = "also take what meters of the inventory push, over TCP at this port: PORT on this machine only, ADDRESS:PORT, or 0.0.0.0:PORT for all", HelpName = "[ADDRESS:]PORT" };
        var channels = new Option<string?>("--channels") { Description = $"secrets of the payment channels whose callbacks are taken; without it {ChannelSecrets.FileName} of the data folder, where there is one" };
        var logKey = new Option<string?>("--log-key") { Description = "file with the log's signing key: with it each day's trial balance is published" };
        var hosts = new Option<string[]>("--host") { Description = "name by which requests may come besides localhost, such as bills.example.org; may stand several times", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var proxies = new Option<string[]>("--trusted-proxy")
        {
            Description = "address of the proxy with TLS whose X-Forwarded-For and X-Forwarded-Proto are believed; cookies then go over TLS only", HelpName = "ADDRESS", DefaultValueFactory = _ => [],
        };
        var command = new Command("serve", "The pages and the API of a data folder until Ctrl-C. Collection is run by `praman demo` so far.") { data, port, zone, push, channels, logKey, hosts, proxies };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = parsed.GetValue(data)!;
            if (!File.Exists(Path.Combine(folder, PramanStore.DatabaseName))) throw new InvalidDataException($"--data {folder}: there is no {PramanStore.DatabaseName} in it; expected a data folder, such as `praman demo --data` makes");
            if (parsed.GetValue(port) is < 0 or > 65_535) throw new InvalidDataException($"--port {parsed.GetValue(port)}: expected 0 to 65535");
            DateTimeZone? days = parsed.GetValue(zone) is not { } id
                ? null
                : DateTimeZoneProviders.Tzdb.GetZoneOrNull(id) ?? throw new InvalidDataException($"--time-zone {id}: there is no such zone; expected one such as Asia/Kolkata");
            IPEndPoint? pushes = null;
            if (parsed.GetValue(push) is { } at && !TryEndPoint(at, out pushes)) throw new InvalidDataException($"--push {at}: expected PORT, or ADDRESS:PORT such as 0.0.0.0:4059");
            string besides = Path.Combine(folder, ChannelSecrets.FileName);
            string? secrets = parsed.GetValue(channels) ?? (File.Exists(besides) ? besides : null);
            var front = new FrontDoor(parsed.GetValue(port), HostNames(parsed.GetValue(hosts)!), Proxies(parsed.GetValue(proxies)!));
            await ServeAsync(folder, front, days, pushes, secrets, parsed.GetValue(logKey), cancellationToken).ConfigureAwait(false);
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

    // A bare port is this machine's alone: who opens one to the world says so.
    private static bool TryEndPoint(string text, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)) endPoint = new IPEndPoint(IPAddress.Loopback, port);
        else if (text.LastIndexOf(':') > 0 && !text.EndsWith(']') && IPEndPoint.TryParse(text, out IPEndPoint? parsed)) endPoint = parsed;
        return endPoint is not null;
    }

    // A pattern would let any name in that it fits: one name, without port.
    private static string[] HostNames(string[] given)
    {
        foreach (string name in given)
        {
            if (Uri.CheckHostName(name) == UriHostNameType.Unknown) throw new InvalidDataException($"--host {name}: expected a name such as bills.example.org, without scheme or port");
        }
        return given;
    }

    private static IPAddress[] Proxies(string[] given) =>
        [.. given.Select(text => IPAddress.TryParse(text, out IPAddress? address) ? address : throw new InvalidDataException($"--trusted-proxy {text}: expected an IP address such as 10.0.0.5"))];

    // With the keys that the data folder has; none are made here.
    private static MasterKey OpenMasterKey(string folder)
    {
        string path = Path.Combine(folder, "keys", "master.key");
        return File.Exists(path) ? MasterKey.OpenOrCreate(path) : throw new InvalidDataException($"{path}: there is no master key; --push needs the keys of the meters");
    }

    private static async Task ServeAsync(string folder, FrontDoor front, DateTimeZone? zone, IPEndPoint? pushes, string? secrets, string? logKey, CancellationToken cancellationToken)
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
            PaymentChannels? payments = secrets is null ? null : ChannelSecrets.Load(secrets, store.Ledger, zone);
            using NoteSigningKey? key = logKey is null ? null : ReadKey(logKey);
            PramanServerOptions options = StoreServer.Options(
                store, set, keys, people, front.Port, zone, payments: payments, hostNames: front.HostNames, trustedProxies: front.Proxies, suppliers: RepositoryFiles.Suppliers(),
                places: WalletPlaces.Load(RepositoryFiles.Find("rules"), set));
            // Before the pages: what cannot be is told before anything stands.
            using MasterKey? master = pushes is null ? null : OpenMasterKey(folder);
            PushListener? listener = pushes is null ? null : PushListener.Start(
                pushes, store.Meters, store.Pushes, store.Counters, new KeyStore(master!, store.Keys), Convert.FromHexString(CollectionOptions.ClientTitleDefault), new PushOptions(), TimeProvider.System);
            bool stood = false;
            try
            {
                await using WebApplication server = await PramanServer.StartAsync(options, cancellationToken).ConfigureAwait(false);
                stood = true;
                if (listener is not null) await Console.Out.WriteLineAsync($"Pushes of meters are taken at {listener.EndPoint}.").ConfigureAwait(false);
                await Console.Out.WriteLineAsync($"The pages stand at {server.Urls.First()} until Ctrl-C.").ConfigureAwait(false);
                if (key is null) await WaitAsync(server, cancellationToken).ConfigureAwait(false);
                else await WaitAsync(server, Nights(store, key, zone), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (listener is not null)
                {
                    await listener.DisposeAsync().ConfigureAwait(false);
                    if (stood) await TellAsync(listener.Counts).ConfigureAwait(false);
                }
            }
        }
    }

    private static Task TellAsync(PushCounts counts) => Console.Error.WriteLineAsync(
        $"Pushes: {counts.Taken} taken, {counts.Repeated} repeated, {counts.Unknown} of unknown meters, {counts.Refused} refused; connections: {counts.Connections} taken, {counts.TurnedAway} turned away, {counts.Failed} ended by the store.");

    private sealed record FrontDoor(int Port, IReadOnlyList<string> HostNames, IReadOnlyList<IPAddress> Proxies);

    private static LedgerNights Nights(PramanStore store, NoteSigningKey key, DateTimeZone zone) =>
        new(new LedgerClose(store.Ledger, PublicLog.Open(key, [], store.Log, store.LogIndex), zone), store.Ledger, store.LogIndex, zone, TimeProvider.System);

    /// <summary>Serves and publishes until Ctrl-C; a day that cannot be published ends both, with what does not fit: nothing wrong is signed, and it is seen.</summary>
    private static async Task WaitAsync(WebApplication server, LedgerNights nights, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task publishing = nights.RunAsync(ending.Token), serving = WaitAsync(server, ending.Token);
        await Task.WhenAny(publishing, serving).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        await serving.ConfigureAwait(false);
        try
        {
            await publishing.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C
        }
    }

    internal static NoteSigningKey ReadKey(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"--log-key {path}: there is no such file; expected the log's signing key");
        return NoteSigningKey.TryParse(File.ReadAllText(path), out NoteSigningKey? key, out DecodeError error) ? key : throw new InvalidDataException($"--log-key {path}: {error}");
    }

    internal static async ValueTask<DateTimeZone> ZoneAsync(PramanStore store, CancellationToken cancellationToken)
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

using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Praman.Proof.Notes;
using Praman.Server.Witnessing;
using Praman.Storage;
using Praman.Storage.Logs;

namespace Praman.Cli.Commands;

/// <summary><c>praman witness</c>: a witness of logs until Ctrl-C, with a key and a memory of its own (docs/reference/log.md).</summary>
internal static class WitnessCommand
{
    public static Command Create()
    {
        var state = new Option<string>("--state") { Description = "folder of its key and its memory; made where it is not there. Whoever loses it must not use its key again", Required = true };
        var name = new Option<string?>("--name") { Description = "name for a new key, such as consumers.example/w1" };
        var keys = new Option<string[]>("--log-key") { Description = "A public key of a log that it watches (name+id+base64), or a file with one a line. May stand several times.", Required = true };
        var address = new Option<string>("--address") { Description = "address to listen at", DefaultValueFactory = _ => "127.0.0.1" };
        var port = new Option<int>("--port") { Description = "port to listen at; 0 takes any that is free", DefaultValueFactory = _ => 5090 };
        var json = new Option<bool>("--json") { Description = "address and key as one JSON object" };
        var command = new Command("witness", "Cosigns heads of the logs that it watches, each only if it goes on from the last (C2SP tlog-witness), until Ctrl-C.")
        {
            state, name, keys, address, port, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            NoteVerifierKey[] logs = Logs(parsed.GetValue(keys) ?? []);
            if (!IPAddress.TryParse(parsed.GetValue(address), out IPAddress? listen)) throw new InvalidDataException($"--address {parsed.GetValue(address)}: expected an IP address, such as 127.0.0.1");
            if (parsed.GetValue(port) is < 0 or > 65_535) throw new InvalidDataException($"--port {parsed.GetValue(port)}: expected 0 to 65535");
            try
            {
                using WitnessFolder folder = WitnessFolder.Open(parsed.GetValue(state)!, parsed.GetValue(name));
                var options = new WitnessServerOptions(folder, logs, listen, parsed.GetValue(port), TimeProvider.System);
                await using WebApplication server = await WitnessServer.StartAsync(options, cancellationToken).ConfigureAwait(false);
                await SayAsync(server.Urls.First(), folder.Key.VerifierKey, parsed.GetValue(json)).ConfigureAwait(false);
                await ServeCommand.WaitAsync(server, cancellationToken).ConfigureAwait(false);
                return ExitCodes.Done;
            }
            catch (StoreException fault)
            {
                throw new InvalidDataException(fault.Message, fault);
            }
        });
        return command;
    }

    private static NoteVerifierKey[] Logs(string[] keys)
    {
        CheckpointPolicy? read = VerifyCommand.ReadPolicy(keys, 0, out string? problem);
        if (read is null) throw new InvalidDataException(problem);
        if (read.LogKeys.Count == 0) throw new InvalidDataException("--log-key: none of the keys is of a log (type 0x01)");
        NoteVerifierKey[] logs = [.. read.LogKeys.Distinct()];
        string? twice = logs.GroupBy(key => key.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? logs : throw new InvalidDataException($"--log-key: two keys of the log {twice}; expected one a log");
    }

    private static Task SayAsync(string url, NoteVerifierKey key, bool json) => Console.Out.WriteLineAsync(
        json ? new JsonObject { ["url"] = url, ["key"] = key.ToString() }.ToJsonString() : $"The witness {key.Name} stands at {url} until Ctrl-C. Its key:\n{key}");
}

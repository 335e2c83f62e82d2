using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Praman.Cli.Meters;
using Praman.HeadEnd.Sessions;
using Praman.Metering;
using Spectre.Console;

namespace Praman.Cli.Commands;

/// <summary>Does what a <see cref="ReadRequest"/> asks for on an open session, and tells what came of it.</summary>
internal sealed class ReadActions(ReadRequest request, bool json, TextWriter output, TextWriter errors, TimeProvider timeProvider)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private ProfileReader? _profile;
    private ObjectListReader? _objects;
    private ObjectReader? _object;
    private MeterOrders? _orders;

    /// <summary>Asks the person where something is changed in the meter; 0 where it may be done.</summary>
    /// <param name="meter">What the question names.</param>
    /// <param name="ask">Asks, and gives the answer; null where there is nobody to ask.</param>
    public async Task<int> ConfirmAsync(string meter, Func<string, bool>? ask)
    {
        if (request.Question(meter) is not { } question || request.IsConfirmed) return ExitCodes.Done;
        string option = request.SetTime ? "--set-time" : "--relay";
        if (ask is null)
        {
            await errors.WriteLineAsync($"praman read: {option} asks before it acts, and there is no terminal to ask on: expected --yes").ConfigureAwait(false);
            return ExitCodes.BadInput;
        }
        if (ask(question)) return ExitCodes.Done;
        await errors.WriteLineAsync($"praman read: {option} was not confirmed; nothing was sent").ConfigureAwait(false);
        return ExitCodes.No;
    }

    public async ValueTask<SessionError?> RunAsync(MeterSession session, CancellationToken cancellationToken)
    {
        if (request.Objects)
        {
            _objects = new ObjectListReader(request.Names);
            return await _objects.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        }
        if (request.Object is { } named)
        {
            _object = new ObjectReader(named, request.Attribute, request.ClassId, request.Names);
            return await _object.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        }
        if (request.Profile is { } profile) return await ReadProfileAsync(profile, session, cancellationToken).ConfigureAwait(false);
        _orders = new MeterOrders(timeProvider);
        return request.Relay is { } connect
            ? await _orders.SwitchRelayAsync(session, connect, cancellationToken).ConfigureAwait(false)
            : await _orders.SetTimeAsync(session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes what was read or done.</summary>
    public async Task<int> TellAsync(CancellationToken cancellationToken)
    {
        if (_objects is not null) return await TellAsync(_objects.ToJson().ToJsonString(Json), _objects.ToText, _objects.Objects.Count, cancellationToken).ConfigureAwait(false);
        if (_object is not null) return await TellAsync(_object.ToJson().ToJsonString(Json), _object.ToText, _object.Readings.Count, cancellationToken).ConfigureAwait(false);
        if (_profile?.Table is { } table)
        {
            if (_profile.Instead is { } instead) await errors.WriteLineAsync($"praman read: {instead}").ConfigureAwait(false);
            string? extension = request.Out is null ? null : Path.GetExtension(request.Out).ToLowerInvariant();
            if (extension is not (".csv" or ".parquet"))
                return await TellAsync(MeterTableText.ToJson(table), () => MeterTableText.ToText(table), table.Rows.Count, cancellationToken).ConfigureAwait(false);
            FileStream stream = File.Create(request.Out!);
            await using (stream.ConfigureAwait(false))
            {
                if (extension == ".parquet") await MeterTableParquet.WriteAsync(table, stream, cancellationToken).ConfigureAwait(false);
                else
                {
                    var writer = new StreamWriter(stream);
                    await using (writer.ConfigureAwait(false)) MeterTableText.WriteCsv(table, writer);
                }
            }
            return await SayWrittenAsync(table.Rows.Count).ConfigureAwait(false);
        }
        return request.Relay is not null ? await TellRelayAsync().ConfigureAwait(false) : await TellClockAsync().ConfigureAwait(false);
    }

    private async ValueTask<SessionError?> ReadProfileAsync(ObisCode profile, MeterSession session, CancellationToken cancellationToken)
    {
        SessionError? error = null;
        if (Console.IsErrorRedirected || !ReferenceEquals(errors, Console.Error))
        {
            _profile = new ProfileReader(profile, request.From, request.To, _ => { });
            return await _profile.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        }
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(errors) });
        await console.Progress().AutoClear(true).StartAsync(async progress =>
        {
            ProgressTask bar = progress.AddTask($"reading {profile}", maxValue: 1);
            bar.IsIndeterminate = request.From is null;
            _profile = new ProfileReader(profile, request.From, request.To, share => bar.Value = share);
            error = await _profile.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return error;
    }

    private async Task<int> TellAsync(string asJson, Func<string> asText, int count, CancellationToken cancellationToken)
    {
        if (request.Out is not null)
        {
            await File.WriteAllTextAsync(request.Out, asJson + "\n", cancellationToken).ConfigureAwait(false);
            return await SayWrittenAsync(count).ConfigureAwait(false);
        }
        if (json) await output.WriteLineAsync(asJson).ConfigureAwait(false);
        else await output.WriteAsync(asText()).ConfigureAwait(false);
        return ExitCodes.Done;
    }

    private async Task<int> SayWrittenAsync(int count)
    {
        string one = request.Objects ? "object" : request.Object is null ? "row" : "attribute";
        if (json) await output.WriteLineAsync(new JsonObject { ["file"] = request.Out, [one + "s"] = count }.ToJsonString(Json)).ConfigureAwait(false);
        else await output.WriteLineAsync($"{Counted.Of(count, one)} in {request.Out}").ConfigureAwait(false);
        return ExitCodes.Done;
    }

    private async Task<int> TellRelayAsync()
    {
        bool isConnected = _orders!.IsConnected == true;
        if (json) await output.WriteLineAsync(new JsonObject { ["relay"] = isConnected ? "on" : "off" }.ToJsonString(Json)).ConfigureAwait(false);
        else await output.WriteLineAsync($"the relay reads {(isConnected ? "closed: supply connected" : "open: supply disconnected")}").ConfigureAwait(false);
        if (isConnected == request.Relay) return ExitCodes.Done;
        await errors.WriteLineAsync("praman read: the meter took the command, and its relay does not show it").ConfigureAwait(false);
        return ExitCodes.No;
    }

    private async Task<int> TellClockAsync()
    {
        string? before = _orders!.ClockBefore is { } was ? MeterSurveyor.Text(was) : null, after = _orders.ClockAfter is { } now ? MeterSurveyor.Text(now) : null;
        if (json) await output.WriteLineAsync(new JsonObject { ["clockBefore"] = before, ["clock"] = after }.ToJsonString(Json)).ConfigureAwait(false);
        else await output.WriteLineAsync($"the clock showed {before ?? "no time"} and shows {after ?? "no time"}").ConfigureAwait(false);
        return ExitCodes.Done;
    }
}

using System.CommandLine;
using System.Text.Json;
using NodaTime;
using Praman.Cli.Meters;
using Praman.Meter;
using Praman.Transports;
using Praman.Transports.Addresses;
using Praman.Transports.Serial;

namespace Praman.Cli.Commands;

/// <summary><c>praman simulate</c>: serves virtual meters on loopback until Ctrl-C and prints where and with which keys to read them.</summary>
internal static class SimulateCommand
{
    private const int MeterCountMax = 10_000;
    private const int DaysLived = 40;
    private static readonly TimeSpan PushEvery = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var meters = new Option<int>("--meters") { Description = $"how many, 1 to {MeterCountMax}", DefaultValueFactory = _ => 1, HelpName = "N" };
        var port = new Option<int>("--port") { Description = "port of the first; each further meter has the next", DefaultValueFactory = _ => 4059, HelpName = "P" };
        var seed = new Option<ulong>("--seed") { Description = "homes, serials and keys follow from it", DefaultValueFactory = _ => 1, HelpName = "S" };
        var json = new Option<bool>("--json") { Description = "one JSON document a meter on standard output" };
        var profile = new Option<string?>("--profile")
        {
            Description = $"what kind of meters: a profile file in JSON, or the name of one that comes along ({string.Join(", ", MeterProfiles.Names)})", HelpName = "FILE",
        };
        var framing = new Option<string>("--framing") { Description = "hdlc or wrapper; a serial line speaks HDLC", DefaultValueFactory = _ => "wrapper", HelpName = "F" };
        var names = new Option<string>("--names") { Description = "logical or short: how the meters name their objects", DefaultValueFactory = _ => "logical", HelpName = "N" };
        var udp = new Option<bool>("--udp") { Description = "datagrams instead of TCP" };
        var shared = new Option<bool>("--shared") { Description = "all at one port: logical devices 1, 2, … over the wrapper, stations of one line over HDLC" };
        var gateway = new Option<byte?>("--gateway") { Description = "all behind a gateway at one port, in this network (0 to 255); a meter's address there is its serial number", HelpName = "NET" };
        var serial = new Option<string?>("--serial") { Description = "all as stations of this serial line, such as /dev/ttyUSB1", HelpName = "DEVICE" };
        var baud = new Option<int>("--baud") { Description = "speed of the serial line; with mode E the highest that is offered", DefaultValueFactory = _ => SerialLine.Default.Baud, HelpName = "B" };
        var opening = new Option<string>("--opening") { Description = "direct, or mode-e: the meter awaits the sign-on of IEC 62056-21", DefaultValueFactory = _ => "direct", HelpName = "O" };
        var command = new Command("simulate", "Serve virtual meters on this machine until Ctrl-C; they have lived for forty days.")
        {
            meters, port, seed, profile, framing, names, udp, shared, gateway, serial, baud, opening, json,
        };
        framing.AcceptOnlyFromAmong("hdlc", "wrapper");
        names.AcceptOnlyFromAmong("logical", "short");
        opening.AcceptOnlyFromAmong("direct", "mode-e");
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(meters), parsed.GetValue(port), parsed.GetValue(seed), parsed.GetValue(profile),
            new SimulatedLinks
            {
                Framing = parsed.GetValue(framing) == "hdlc" ? LinkFraming.Hdlc : LinkFraming.Wrapper, UsesShortNames = parsed.GetValue(names) == "short", IsUdp = parsed.GetValue(udp), IsShared = parsed.GetValue(shared), GatewayNetwork = parsed.GetValue(gateway),
                Device = parsed.GetValue(serial), Line = SerialLine.Default with { Baud = parsed.GetValue(baud) }, Opening = parsed.GetValue(opening) == "mode-e" ? LinkOpening.ModeE : LinkOpening.Direct,
            },
            parsed.GetValue(json), Console.Out, Console.Error, TimeProvider.System, cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(
        int count, int port, ulong seed, string? profile, SimulatedLinks links, bool json, TextWriter output, TextWriter errors, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MeterCountMax) return await RefuseAsync(errors, $"--meters {count}: expected 1 to {MeterCountMax}").ConfigureAwait(false);
        if (port is < 0 or > 65_535 || (!links.IsOne && port > 0 && port + count - 1 > 65_535)) return await RefuseAsync(errors, $"--port {port}: {count} meters need ports up to 65535").ConfigureAwait(false);
        if (!MeterProfiles.TryLoad(profile, out MeterType? type, out string? fault)) return await RefuseAsync(errors, $"--profile {fault}").ConfigureAwait(false);
        if (links.Line.Baud is < SerialLine.BaudMin or > SerialLine.BaudMax)
            return await RefuseAsync(errors, $"--baud {links.Line.Baud}: expected {SerialLine.BaudMin} to {SerialLine.BaudMax}").ConfigureAwait(false);
        if (links.Fault(count) is { } wrong) return await RefuseAsync(errors, wrong).ConfigureAwait(false);
        Instant now = Instant.FromDateTimeOffset(clock.GetUtcNow());
        Instant installedAt = type.Model.Zone.AtStartOfDay(now.InZone(type.Model.Zone).Date.PlusDays(-DaysLived)).ToInstant();
        SimulatedMeter[] meters = [.. Enumerable.Range(0, count).Select(index => SimulatedMeter.Create(type, seed, index, installedAt, links.SapOf(index), links.UsesShortNames))];
        var server = new StationServer(clock, errors);
        var pushes = new PushSender([.. meters.Select(one => one.Meter)], PushEvery, clock);
        await using (pushes.ConfigureAwait(false))
        await using (server.ConfigureAwait(false))
        {
            pushes.Start();
            try
            {
                IReadOnlyList<MeterAddress> addresses = links.Serve(server, meters, port);
                for (int index = 0; index < count; index++)
                {
                    string uri = addresses[index].ToText(withKeys: true);
                    await output.WriteLineAsync(json ? JsonSerializer.Serialize(new { serial = meters[index].Meter.Serial, uri }, JsonSerializerOptions.Web) : uri).ConfigureAwait(false);
                }
            }
            catch (LinkException exception)
            {
                return await RefuseAsync(errors, exception.Message).ConfigureAwait(false);
            }
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            string speak = $"{count} {(count == 1 ? "meter speaks" : "meters speak")}";
            await errors.WriteLineAsync(links.Device is { } device
                ? $"{speak} at this end of the line; Ctrl-C ends. At its other end: praman read '…one of the addresses above, with the device there instead of {device}…'"
                : $"{speak} on this machine; Ctrl-C ends. Try: praman read '…one of the addresses above…'").ConfigureAwait(false);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C: the ordinary end.
            }
        }
        return ExitCodes.Done;
    }

    private static async Task<int> RefuseAsync(TextWriter errors, string fault)
    {
        await errors.WriteLineAsync($"praman simulate: {fault}").ConfigureAwait(false);
        return ExitCodes.BadInput;
    }
}

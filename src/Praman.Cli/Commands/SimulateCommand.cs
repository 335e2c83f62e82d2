using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using Praman.Cli.Meters;
using Praman.Meter;
using Praman.Transports;

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
        var command = new Command("simulate", "Serve virtual meters on this machine until Ctrl-C; they have lived for forty days.") { meters, port, seed, profile, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(meters), parsed.GetValue(port), parsed.GetValue(seed), parsed.GetValue(profile), parsed.GetValue(json), Console.Out, Console.Error, TimeProvider.System, cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(
        int count, int port, ulong seed, string? profile, bool json, TextWriter output, TextWriter errors, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MeterCountMax) return await RefuseAsync(errors, $"--meters {count}: expected 1 to {MeterCountMax}").ConfigureAwait(false);
        if (port < 0 || (port > 0 && port + count - 1 > 65_535)) return await RefuseAsync(errors, $"--port {port}: {count} meters need ports up to 65535").ConfigureAwait(false);
        if (!MeterProfiles.TryLoad(profile, out MeterType? type, out string? fault)) return await RefuseAsync(errors, fault).ConfigureAwait(false);
        Instant now = Instant.FromDateTimeOffset(clock.GetUtcNow());
        Instant installedAt = type.Model.Zone.AtStartOfDay(now.InZone(type.Model.Zone).Date.PlusDays(-DaysLived)).ToInstant();
        var host = new VirtualMeterHost(clock, seed);
        await using (host.ConfigureAwait(false))
        {
            host.StartPushing(PushEvery);
            try
            {
                for (int i = 0; i < count; i++)
                {
                    SimulatedMeter meter = SimulatedMeter.Create(type, seed, i, installedAt);
                    string link = host.Add(meter.Meter, port == 0 ? 0 : port + i);
                    int at = int.Parse(link.AsSpan(link.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture);
                    string uri = meter.AddressAt("127.0.0.1", at).ToText(withKeys: true);
                    await output.WriteLineAsync(json ? JsonSerializer.Serialize(new { serial = meter.Meter.Serial, uri }, JsonSerializerOptions.Web) : uri).ConfigureAwait(false);
                }
            }
            catch (LinkException exception)
            {
                return await RefuseAsync(errors, exception.Message).ConfigureAwait(false);
            }
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            await errors.WriteLineAsync($"{count} {(count == 1 ? "meter speaks" : "meters speak")} on this machine; Ctrl-C ends. Try: praman read '…one of the addresses above…'").ConfigureAwait(false);
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

using System.CommandLine;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Tariffs;
using Praman.Billing.Tariffs.Urdb;

namespace Praman.Cli.Commands;

/// <summary><c>praman tariff import-urdb</c>: a tariff file of a rate of OpenEI's Utility Rate Database.</summary>
internal static class TariffImportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A rate as JSON, as the database answers (one rate, or one in \"items\"); - for standard input." };
        var output = new Option<string?>("--out") { Description = "Writes the tariff here; default: standard output." };
        var id = new Option<string?>("--id") { Description = "Id of the tariff; default: us-urdb- and the rate's label." };
        var currency = new Option<string?>("--currency") { Description = "Currency of a rate of elsewhere than the United States, such as CAD." };
        var zone = new Option<string?>("--time-zone") { Description = "Zone of the hours, such as America/Los_Angeles; default: that of the connection which is billed." };
        var from = new Option<string?>("--valid-from") { Description = "First day, such as 2026-04-01, where the rate has none." };
        var collected = new Option<string?>("--collected") { Description = "Day on which the rate was taken from the database; default: today." };
        var net = new Option<bool>("--net-metering") { Description = "For homes that feed in, where the rate offers net metering." };
        var partial = new Option<bool>("--partial") { Description = "Leaves out what the form cannot hold, and marks the tariff as partial: no bill may be issued with it." };
        var command = new Command("import-urdb", "Makes a tariff file of a rate of OpenEI's Utility Rate Database.") { file, output, id, currency, zone, from, collected, net, partial };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!TryDay(parsed.GetValue(from), out LocalDate? first) || !TryDay(parsed.GetValue(collected), out LocalDate? day))
            {
                return await FailAsync("--valid-from and --collected: expected a day such as 2026-04-01").ConfigureAwait(false);
            }
            if (parsed.GetValue(zone) is { } name && DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is null) return await FailAsync($"--time-zone {name}: there is no such zone; expected one such as America/Los_Angeles").ConfigureAwait(false);
            var options = new UrdbImportOptions
            {
                Id = parsed.GetValue(id),
                Currency = parsed.GetValue(currency),
                TimeZone = parsed.GetValue(zone),
                ValidFrom = first,
                Collected = day ?? LocalDate.FromDateTime(TimeProvider.System.GetUtcNow().Date),
                HasNetMetering = parsed.GetValue(net),
                AllowsPartial = parsed.GetValue(partial),
            };
            return await RunAsync(parsed.GetValue(file)!, parsed.GetValue(output), options, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    /// <returns>0; 1 where the rate cannot be carried over, or not whole; 2 where it cannot be read.</returns>
    private static async Task<int> RunAsync(string path, string? output, UrdbImportOptions options, CancellationToken cancellationToken)
    {
        byte[] json;
        if (path == "-")
        {
            using Stream input = Console.OpenStandardInput();
            json = await ReadAsync(input, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            if (!File.Exists(path)) return await FailAsync($"{path}: there is no such file").ConfigureAwait(false);
            FileStream input = File.OpenRead(path);
            await using (input.ConfigureAwait(false)) json = await ReadAsync(input, cancellationToken).ConfigureAwait(false);
        }
        UrdbImportResult result = UrdbImport.Read(json, path == "-" ? "standard input" : path, options);
        foreach (TariffFault fault in result.Faults) await Console.Error.WriteLineAsync($"praman tariff import-urdb: {fault}").ConfigureAwait(false);
        if (result.TariffId is null) return ExitCodes.No;
        if (output is null) await Console.Out.WriteAsync(Encoding.UTF8.GetString(result.File.Span)).ConfigureAwait(false);
        else await File.WriteAllBytesAsync(output, result.File, cancellationToken).ConfigureAwait(false);
        foreach (string note in result.Notes) await Console.Error.WriteLineAsync(note).ConfigureAwait(false);
        return ExitCodes.Done;
    }

    /// <summary>One octet more than is allowed at most: the import refuses that by its length.</summary>
    private static async Task<byte[]> ReadAsync(Stream input, CancellationToken cancellationToken)
    {
        byte[] octets = new byte[UrdbImport.LengthMax + 1];
        int length = await input.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return octets[..length];
    }

    private static bool TryDay(string? text, out LocalDate? day)
    {
        ParseResult<LocalDate>? read = text is null ? null : LocalDatePattern.Iso.Parse(text);
        day = read is { Success: true } ? read.Value : null;
        return read is null or { Success: true };
    }

    private static async Task<int> FailAsync(string problem)
    {
        await Console.Error.WriteLineAsync("praman tariff import-urdb: " + problem).ConfigureAwait(false);
        return ExitCodes.BadInput;
    }
}

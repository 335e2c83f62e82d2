using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Payments;
using Praman.Billing.Stores;
using Praman.Metering;
using Praman.Storage;

namespace Praman.Cli.Commands;

/// <summary><c>praman reconcile</c>: the ledger of a payment channel against the gateway's settlement files (docs/reference/payments.md).</summary>
internal static class ReconcileCommand
{
    private const int DaysMax = 400;

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Settlement files of one channel, JSON.", Arity = ArgumentArity.OneOrMore };
        var data = new Option<string>("--data") { Description = "data folder with the ledger", Required = true };
        var from = new Option<string?>("--from") { Description = "first local day; without it that of the first file" };
        var until = new Option<string?>("--until") { Description = "last local day, included; without it that of the last file" };
        var book = new Option<bool>("--book") { Description = "post what arrived at the bank before reporting; the same file again posts nothing" };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of text." };
        var command = new Command("reconcile", "Holds the ledger of a payment channel against settlement files.") { files, data, from, until, book, json };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(data)!, parsed.GetValue(files)!, parsed.GetValue(from), parsed.GetValue(until), parsed.GetValue(book), parsed.GetValue(json), Console.Out, cancellation));
        return command;
    }

    /// <returns>0 where everything fits, 1 where something does not.</returns>
    /// <exception cref="InvalidDataException">A file or an option cannot be read.</exception>
    public static async Task<int> RunAsync(string folder, string[] paths, string? from, string? until, bool book, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        List<SettlementFile> files = [];
        foreach (string path in paths) files.Add(await ReadAsync(path, cancellationToken).ConfigureAwait(false));
        (string channel, string currency) = (files[0].Channel, files[0].Currency);
        if (files.Find(file => file.Channel != channel || file.Currency != currency) is { } other) throw new InvalidDataException($"{other.BankReference} is of {other.Channel} in {other.Currency}; files of {channel} in {currency} were expected");
        if (files.GroupBy(file => file.BankReference, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice) throw new InvalidDataException($"{twice.Key} is given twice; each file once was expected");
        LocalDate first = Date("--from", from) ?? files.Min(file => file.Day), last = Date("--until", until) ?? files.Max(file => file.Day);
        if (last < first || Period.DaysBetween(first, last) >= DaysMax) throw new InvalidDataException($"--from {first:uuuu-MM-dd} --until {last:uuuu-MM-dd}: 1 to {DaysMax} days were expected");
        PramanStore store = await PramanStore.OpenExistingAsync(folder, cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            if (book) await BookAsync(store.Ledger, files, currency, cancellationToken).ConfigureAwait(false);
            ReconciliationReport report = await ReconciliationRun.RunAsync(store.Ledger, channel, currency, new DateInterval(first, last), files, cancellationToken).ConfigureAwait(false);
            await output.WriteAsync(json ? JsonOf(report) + "\n" : TextOf(report)).ConfigureAwait(false);
            return report.IsClean ? ExitCodes.Done : ExitCodes.No;
        }
    }

    private static async Task BookAsync(ILedgerStore ledger, List<SettlementFile> files, string currency, CancellationToken cancellationToken)
    {
        // The zone says the day of notices; a settlement names its day itself.
        var desk = new PaymentDesk(ledger, currency, DateTimeZone.Utc);
        var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        foreach (SettlementFile file in files)
        {
            PaymentResult result = await desk.SettleAsync(file, now, cancellationToken).ConfigureAwait(false);
            if (result.Outcome == PaymentOutcome.Refused) throw new InvalidDataException($"{file.BankReference}: {result.Reason}");
        }
    }

    private static async Task<SettlementFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path}: there is no such file; a settlement file was expected");
        if (new FileInfo(path).Length > SettlementFileJson.LengthMax) throw new InvalidDataException($"{path}: more than {SettlementFileJson.LengthMax} octets");
        byte[] octets = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        return SettlementFileJson.TryRead(octets, out SettlementFile? file, out string problem) ? file : throw new InvalidDataException($"{path}: {problem}");
    }

    private static LocalDate? Date(string option, string? text) => text is null ? null
        : LocalDatePattern.Iso.Parse(text) is { Success: true } date ? date.Value
        : throw new InvalidDataException($"{option} {text}: a date such as 2026-04-01 was expected");

    private static string CodeOf(ReconciliationCode code) => JsonNamingPolicy.KebabCaseLower.ConvertName(code.ToString());

    private static string JsonOf(ReconciliationReport report)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("channel", report.Channel);
            json.WriteString("currency", report.Currency);
            json.WriteString("from", LocalDatePattern.Iso.Format(report.Days.Start));
            json.WriteString("until", LocalDatePattern.Iso.Format(report.Days.End));
            json.WriteBoolean("clean", report.IsClean);
            json.WriteNumber("movements", report.Movements);
            json.WriteNumber("lines", report.Lines);
            json.WriteNumber("taken", report.Taken);
            json.WriteNumber("settled", report.Settled);
            json.WriteNumber("banked", report.Banked);
            json.WriteNumber("suspense", report.Suspense);
            json.WriteNumber("unmatched", report.Unmatched);
            json.WriteStartArray("findings");
            foreach (ReconciliationFinding finding in report.Findings)
            {
                json.WriteStartObject();
                json.WriteString("code", CodeOf(finding.Code));
                json.WriteString("day", LocalDatePattern.Iso.Format(finding.Day));
                json.WriteString("order_id", finding.OrderId);
                json.WriteString("reference", finding.Reference);
                if (finding.Ledger is { } ledger) json.WriteNumber("ledger", ledger);
                else json.WriteNull("ledger");
                if (finding.File is { } file) json.WriteNumber("file", file);
                else json.WriteNull("file");
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string TextOf(ReconciliationReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{(report.IsClean ? "FITS" : "DIFFERS")}  {report.Channel}, {report.Days.Start:uuuu-MM-dd} to {report.Days.End:uuuu-MM-dd}, {report.Currency}\n");
        text.Append(CultureInfo.InvariantCulture, $"  taken {Amount(report.Taken)} in {Counted.Of(report.Movements, "movement")}; settled {Amount(report.Settled)} in {Counted.Of(report.Lines, "line")}; at the bank {Amount(report.Banked)}\n");
        text.Append(CultureInfo.InvariantCulture, $"  not yet at the bank {Amount(report.Suspense)}; waiting for a person {Amount(report.Unmatched)}\n");
        foreach (ReconciliationFinding finding in report.Findings)
            text.Append(CultureInfo.InvariantCulture, $"  {CodeOf(finding.Code)}: {finding.Day:uuuu-MM-dd} {finding.OrderId} {finding.Reference}; ledger {Amount(finding.Ledger)}, file {Amount(finding.File)}\n");
        return text.ToString();
    }

    private static string Amount(long? minor) => minor is { } amount ? (amount / 100m).ToString("0.00", CultureInfo.InvariantCulture) : "nothing";
}

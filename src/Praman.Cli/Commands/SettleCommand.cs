using System.Buffers;
using System.CommandLine;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Cli.Commands;

/// <summary><c>praman settle</c>: settles prepaid scenarios from standard input, one JSON object a line, day by day.</summary>
internal static class SettleCommand
{
    /// <summary>Longest line and largest rule pack read, in octets.</summary>
    private const int LineLengthMax = 4 << 20;

    private const string Example = """{"id": "1", "inputs": {"tariff": "in-tn-1a-2022", "cycle": {"from": "2022-12-01", "to": "2023-01-29"}, "daily_kwh": "9.000 each of 60 days"}}""";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static Command Create()
    {
        var tariffs = new Option<string>("--tariffs") { Description = "A tariff file (praman-tariff/1), or a folder of them.", Required = true };
        var rules = new Option<string[]>("--rules") { Description = "Files of rule packs and holidays (praman-rule-pack/1); the default pack unless a scenario names one.", AllowMultipleArgumentsPerToken = true };
        var json = new Option<bool>("--json") { Description = "One JSON object a scenario instead of a table." };
        var command = new Command("settle", "Settles prepaid scenarios {\"id\", \"inputs\"} from standard input, one JSON object a line.") { tariffs, rules, json };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(tariffs)!, parsed.GetValue(rules) ?? [], parsed.GetValue(json),
            Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string tariffs, string[] rules, bool json, Stream input, Stream output, TextWriter errors, CancellationToken cancellationToken)
    {
        if (!TariffSet.TryLoad(tariffs, out TariffSet? set, out IReadOnlyList<TariffFault> faults))
        {
            foreach (TariffFault fault in faults) await errors.WriteLineAsync($"praman settle: {fault}").ConfigureAwait(false);
            return ExitCodes.BadInput;
        }
        RulePackSet? packs = null;
        foreach (string file in rules)
        {
            if (new FileInfo(file) is not { Exists: true, Length: <= LineLengthMax })
            {
                await errors.WriteLineAsync($"praman settle: {file}: expected a file of at most {LineLengthMax} octets").ConfigureAwait(false);
                return ExitCodes.BadInput;
            }
            if (!RulePackSet.TryParse(await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false), out RulePackSet? read, out faults))
            {
                foreach (TariffFault fault in faults) await errors.WriteLineAsync($"praman settle: {file}: {fault}").ConfigureAwait(false);
                return ExitCodes.BadInput;
            }
            packs = packs is null ? read : packs.With(read);
        }
        TariffBook book = new(set);
        JsonLines lines = new("settle", "one JSON object {\"id\", \"inputs\"}", Example, LineLengthMax, (source, answers) => Answer(source, book, packs, json, answers));
        return await lines.RunAsync(input, output, errors, cancellationToken).ConfigureAwait(false);
    }

    private static int Answer(JsonElement source, TariffBook book, RulePackSet? packs, bool json, PipeWriter answers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        bool settled = false;
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            if (PrepaidCaseReader.TryRead(source, packs, out PrepaidCase? read, out string id, out RatingRefusal? error)) settled = SettledCaseJson.Write(writer, book, read);
            else SettledCaseJson.WriteRefused(writer, id, error);
        }
        if (json)
        {
            answers.Write(buffer.WrittenSpan);
            answers.Write("\n"u8);
        }
        else
        {
            using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
            Utf8.GetBytes(SettleText.Of(document.RootElement), answers);
        }
        return settled ? ExitCodes.Done : ExitCodes.No;
    }
}

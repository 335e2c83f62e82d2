using System.Buffers;
using System.CommandLine;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Cli.Commands;

/// <summary><c>praman rate</c>: rates cases from standard input, one JSON object a line, under published tariffs.</summary>
internal static class RateCommand
{
    /// <summary>Longest line read, in octets: a month of half hours with prices is about 0.1 million.</summary>
    public const int LineLengthMax = 32 << 20;

    private const string Example =
        """{"id": "1", "tariff": "in-gj-rgp-urban", "inputs": {"period": {"from": "2025-09-01", "to": "2025-09-30"}, "quantities": {"kwh": "100"}, "sanctioned_load_kw": "2"}}""";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static Command Create()
    {
        var tariffs = new Option<string>("--tariffs") { Description = "A tariff file (praman-tariff/1), or a folder of them.", Required = true };
        var json = new Option<bool>("--json") { Description = "One JSON object a case instead of a table." };
        var command = new Command("rate", "Rates cases {\"id\", \"tariff\", \"inputs\"} from standard input, one JSON object a line.") { tariffs, json };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(tariffs)!, parsed.GetValue(json), Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error, cancellation));
        return command;
    }

    /// <summary>Rates every line of <paramref name="input"/>.</summary>
    /// <returns>0 when all were rated, 1 when a case was refused, 2 when tariffs or a line could not be read.</returns>
    public static async Task<int> RunAsync(string tariffs, bool json, Stream input, Stream output, TextWriter errors, CancellationToken cancellationToken)
    {
        if (!TariffSet.TryLoad(tariffs, out TariffSet? set, out IReadOnlyList<TariffFault> faults))
        {
            foreach (TariffFault fault in faults) await errors.WriteLineAsync($"praman rate: {fault}").ConfigureAwait(false);
            return ExitCodes.BadInput;
        }
        TariffBook book = new(set);
        JsonLines lines = new("rate", "one JSON object {\"id\", \"tariff\", \"inputs\"}", Example, LineLengthMax, (source, answers) => Rate(source, book, json, answers));
        return await lines.RunAsync(input, output, errors, cancellationToken).ConfigureAwait(false);
    }

    private static int Rate(JsonElement source, TariffBook book, bool json, PipeWriter answers)
    {
        RatedCase rated = RatingCase.TryRead(source, out RatingCase? read, out string id, out RatingRefusal? error)
            ? read.Rate(book, json ? TraceDetail.Full : TraceDetail.None)
            : RatedCase.Refused(id, error);
        if (json)
        {
            using (var writer = new Utf8JsonWriter(answers, Plain)) RatedCaseJson.Write(writer, rated);
            answers.Write("\n"u8);
        }
        else Utf8.GetBytes(RatedCaseText.Of(rated), answers);
        return rated.Result.IsRated ? ExitCodes.Done : ExitCodes.No;
    }
}

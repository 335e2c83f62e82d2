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

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };
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
        var run = new Run(new TariffBook(set), json);
        PipeReader lines = PipeReader.Create(input);
        PipeWriter answers = PipeWriter.Create(output);
        bool done = false;
        while (!done)
        {
            ReadResult read = await lines.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                run.Rate(rest.Slice(0, end), answers);
                rest = rest.Slice(rest.GetPosition(1, end));
            }
            done = read.IsCompleted;
            if (rest.Length > LineLengthMax)
            {
                run.Fail($"more than {LineLengthMax} octets");
                done = true; // where such a line ends is not worth reading on for
            }
            else if (done && rest.Length > 0)
            {
                run.Rate(rest, answers);
                rest = rest.Slice(rest.End);
            }
            lines.AdvanceTo(rest.Start, rest.End);
            await answers.FlushAsync(cancellationToken).ConfigureAwait(false);
            foreach (string problem in run.TakeProblems()) await errors.WriteLineAsync(problem).ConfigureAwait(false);
        }
        await lines.CompleteAsync().ConfigureAwait(false);
        await answers.CompleteAsync().ConfigureAwait(false);
        return run.ExitCode;
    }

    /// <summary>The lines so far.</summary>
    private sealed class Run(TariffBook book, bool json)
    {
        private readonly List<string> _problems = [];
        private int _line;

        public int ExitCode { get; private set; }

        public string[] TakeProblems()
        {
            string[] problems = [.. _problems];
            _problems.Clear();
            return problems;
        }

        public void Rate(ReadOnlySequence<byte> line, PipeWriter answers)
        {
            _line++;
            ReadOnlyMemory<byte> bytes = line.IsSingleSegment ? line.First : line.ToArray();
            if (_line == 1 && bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
            if (!bytes.Span.ContainsAnyExcept(" \t\r"u8)) return;
            try
            {
                using JsonDocument document = JsonDocument.Parse(bytes, Strict);
                if (document.RootElement.ValueKind == JsonValueKind.Object) Rate(document.RootElement, answers);
                else Fail("not a JSON object");
            }
            catch (JsonException exception)
            {
                Fail($"not JSON ({exception.Message})");
            }
            catch (InvalidOperationException exception) // a text that is not UTF-8, or an escape of half a character
            {
                Fail($"not text ({exception.Message})");
            }
        }

        public void Fail(string problem)
        {
            _problems.Add($"praman rate: line {Math.Max(_line, 1)}: {problem}; expected one JSON object {{\"id\", \"tariff\", \"inputs\"}}");
            ExitCode = ExitCodes.BadInput;
        }

        private void Rate(JsonElement source, PipeWriter answers)
        {
            RatedCase rated = RatingCase.TryRead(source, out RatingCase? read, out string id, out RatingRefusal? error)
                ? read.Rate(book, json ? TraceDetail.Full : TraceDetail.None)
                : RatedCase.Refused(id, error);
            if (!rated.Result.IsRated && ExitCode == ExitCodes.Done) ExitCode = ExitCodes.No;
            if (json)
            {
                using (var writer = new Utf8JsonWriter(answers, Plain)) RatedCaseJson.Write(writer, rated);
                answers.Write("\n"u8);
            }
            else Utf8.GetBytes(RatedCaseText.Of(rated), answers);
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Praman.Cli.Commands;

/// <summary>Reads one JSON object a line and hands each to a command that answers it. A line that is none is a problem of its number, and the
/// next one is read.</summary>
/// <param name="command">Stands before each problem.</param>
/// <param name="expectation">What a line should be.</param>
/// <param name="example">Such a line, for who gave none.</param>
/// <param name="lengthMax">Longest line read, in octets.</param>
/// <param name="answer">Answers one object; gives the exit code of the line.</param>
internal sealed class JsonLines(string command, string expectation, string example, int lengthMax, Func<JsonElement, PipeWriter, int> answer)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };
    private readonly List<string> _problems = [];
    private int _line;
    private bool _isEmpty = true;
    private int _exitCode = ExitCodes.Done;

    /// <summary>Reads to the end.</summary>
    /// <returns>2 where a line could not be read or none came, else the worst that a line gave.</returns>
    public async Task<int> RunAsync(Stream input, Stream output, TextWriter errors, CancellationToken cancellationToken)
    {
        PipeReader lines = PipeReader.Create(input);
        PipeWriter answers = PipeWriter.Create(output);
        bool done = false;
        while (!done)
        {
            ReadResult read = await lines.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                Answer(rest.Slice(0, end), answers);
                rest = rest.Slice(rest.GetPosition(1, end));
            }
            done = read.IsCompleted;
            if (rest.Length > lengthMax)
            {
                _line++;
                Fail($"more than {lengthMax} octets");
                done = true; // where such a line ends is not worth reading on for
            }
            else if (done && rest.Length > 0)
            {
                Answer(rest, answers);
                rest = rest.Slice(rest.End);
            }
            lines.AdvanceTo(rest.Start, rest.End);
            await answers.FlushAsync(cancellationToken).ConfigureAwait(false);
            foreach (string problem in _problems) await errors.WriteLineAsync(problem).ConfigureAwait(false);
            _problems.Clear();
        }
        await lines.CompleteAsync().ConfigureAwait(false);
        await answers.CompleteAsync().ConfigureAwait(false);
        if (!_isEmpty) return _exitCode;
        await errors.WriteLineAsync($"praman {command}: nothing on standard input; expected {expectation} a line, such as {example}").ConfigureAwait(false);
        return ExitCodes.BadInput;
    }

    private void Answer(ReadOnlySequence<byte> line, PipeWriter answers)
    {
        _line++;
        ReadOnlyMemory<byte> bytes = line.IsSingleSegment ? line.First : line.ToArray();
        if (_line == 1 && bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (!bytes.Span.ContainsAnyExcept(" \t\r"u8)) return;
        _isEmpty = false;
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object) _exitCode = Math.Max(_exitCode, answer(document.RootElement, answers));
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

    private void Fail(string problem)
    {
        _isEmpty = false;
        _problems.Add($"praman {command}: line {_line}: {problem}; expected {expectation}");
        _exitCode = ExitCodes.BadInput;
    }
}

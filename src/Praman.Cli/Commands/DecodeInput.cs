using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Praman.Dlms.Explain.Captures;

namespace Praman.Cli.Commands;

/// <summary>One message to decode and where it came from.</summary>
/// <param name="Name">How an error names it: empty for one message, <c>line 3</c> in a file of lines.</param>
/// <param name="Octets">The message; null where the text is not hex.</param>
/// <param name="Fault">Why it is not.</param>
internal sealed record DecodeInput(string Name, ReadOnlyMemory<byte>? Octets, string? Fault)
{
    /// <summary>Where the message stands in a capture; null for others.</summary>
    public CapturedMessage? Captured { get; init; }

    private const int FileLengthMax = 1 << 28;

    /// <summary>Reads hex text, a file of hex lines, a binary file, a capture, the log of a serial line, or any of the files from standard input ("-").</summary>
    /// <param name="arguments">What the command line names.</param>
    /// <param name="standardInput">Opens standard input.</param>
    /// <param name="captures">How captures are read.</param>
    /// <param name="inputs">The messages; those of a capture come as they are asked for.</param>
    /// <param name="fault">Why there are none.</param>
    /// <returns>False where there is nothing to decode, with the reason.</returns>
    public static bool TryRead(
        IReadOnlyList<string> arguments, Func<Stream> standardInput, CaptureInput captures,
        [NotNullWhen(true)] out IEnumerable<DecodeInput>? inputs, [NotNullWhen(false)] out string? fault)
    {
        inputs = null;
        fault = null;
        if (arguments is ["-"])
        {
            using Stream stream = standardInput();
            return TryReadStream(stream, "standard input", captures, out inputs, out fault);
        }
        if (arguments.Count == 1 && File.Exists(arguments[0]))
        {
            using FileStream stream = File.OpenRead(arguments[0]);
            return TryReadStream(stream, arguments[0], captures, out inputs, out fault);
        }
        string text = string.Join(' ', arguments);
        if (!TryParseHex(text, out byte[]? octets, out int at, out string reason))
        {
            fault = arguments.Count == 1 && LooksLikeFile(text) ? $"no such file: {text}" : arguments.Count == 1 && at == 0 ? $"'{arguments[0]}' is neither a file nor hex: {reason}" : $"at character {at + 1}: {reason}";
            return false;
        }
        inputs = [new DecodeInput("", octets, null)];
        return true;
    }

    // What is no hex and has an ending or a folder.
    private static bool LooksLikeFile(string text) => (Path.HasExtension(text) || text.AsSpan().ContainsAny('/', '\\')) && !text.Any(char.IsControl);

    /// <summary>Reads hex digits in pairs; blanks, colons, commas, hyphens and 0x before a pair are passed over.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? octets, out int at, out string reason)
    {
        octets = null;
        reason = "";
        byte[] buffer = new byte[text.Length / 2 + 1];
        int count = 0;
        for (at = 0; at < text.Length; at++)
        {
            char character = text[at];
            if (char.IsWhiteSpace(character) || character is ':' or ',' or ';' or '-') continue;
            if (character == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X')
            {
                at++;
                continue;
            }
            if (!char.IsAsciiHexDigit(character))
            {
                reason = $"'{character}' where hex digits were expected";
                return false;
            }
            if (at + 1 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]))
            {
                reason = "a hex digit without its pair: expected two digits an octet";
                return false;
            }
            buffer[count++] = byte.Parse(text.Slice(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            at++;
        }
        if (count == 0)
        {
            at = 0;
            reason = "nothing to decode: expected hex digits";
            return false;
        }
        octets = buffer[..count];
        return true;
    }

    private static bool TryReadStream(
        Stream stream, string name, CaptureInput captures, [NotNullWhen(true)] out IEnumerable<DecodeInput>? inputs, [NotNullWhen(false)] out string? fault)
    {
        inputs = null;
        fault = null;
        using var memory = new MemoryStream();
        byte[] piece = new byte[1 << 16];
        for (int read = stream.Read(piece); read > 0; read = stream.Read(piece))
        {
            memory.Write(piece, 0, read);
            if (memory.Length <= FileLengthMax) continue;
            fault = $"{name} is longer than {FileLengthMax} octets";
            return false;
        }
        byte[] content = memory.ToArray();
        if (content.Length == 0)
        {
            fault = $"{name} is empty: expected hex text or a binary message";
            return false;
        }
        if (content is [0x1F, 0x8B, 8, ..])
        {
            fault = $"{name} is compressed with gzip: unpack it first";
            return false;
        }
        if (CaptureFileReader.IsCapture(content)) return captures.TryRead(content, name, out inputs, out fault);
        if (!TryText(content, out string? text))
        {
            inputs = [new DecodeInput("", content, null)];
            return true;
        }
        List<DecodeInput> lines = SerialLog.IsLog(text) ? captures.ReadLog(text) : ReadLines(text);
        inputs = lines;
        if (lines.Count == 0) fault = $"{name} has no line of hex";
        return fault is null;
    }

    private static List<DecodeInput> ReadLines(string text)
    {
        var inputs = new List<DecodeInput>();
        int number = 0;
        foreach (string line in text.TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            string trimmed = line.Trim();
            if (trimmed.Length == 0 || trimmed[0] == '#') continue;
            bool read = TryParseHex(trimmed, out byte[]? octets, out int at, out string reason);
            inputs.Add(new($"line {number}", octets, read ? null : $"at character {at + 1}: {reason}"));
        }
        if (inputs.Count == 1) inputs[0] = inputs[0] with { Name = "" };
        return inputs;
    }

    // Messages begin with octets that text does not have, or have them soon; text is printable throughout, and UTF-8 where it is more than ASCII.
    private static bool TryText(byte[] content, [NotNullWhen(true)] out string? text)
    {
        text = null;
        foreach (byte octet in content)
        {
            if (octet is 0x7F or (< 0x20 and not ((byte)'\t' or (byte)'\r' or (byte)'\n'))) return false;
        }
        try
        {
            text = Strict.GetString(content);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}

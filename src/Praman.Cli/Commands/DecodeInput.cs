using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Praman.Cli.Commands;

/// <summary>One message to decode and where it came from.</summary>
/// <param name="Name">How an error names it: empty for one message, <c>line 3</c> in a file of lines.</param>
/// <param name="Octets">The message; null where the text is not hex.</param>
/// <param name="Fault">Why it is not.</param>
internal sealed record DecodeInput(string Name, byte[]? Octets, string? Fault)
{
    private const int FileLengthMax = 1 << 28;

    /// <summary>Reads hex text, a file of hex lines, a binary file, or standard input ("-").</summary>
    /// <returns>False where there is nothing to decode, with the reason.</returns>
    public static bool TryRead(IReadOnlyList<string> arguments, Func<Stream> standardInput, [NotNullWhen(true)] out List<DecodeInput>? inputs, [NotNullWhen(false)] out string? fault)
    {
        inputs = null;
        fault = null;
        if (arguments is ["-"])
        {
            using Stream stream = standardInput();
            return TryReadStream(stream, "standard input", out inputs, out fault);
        }
        if (arguments.Count == 1 && File.Exists(arguments[0]))
        {
            using FileStream stream = File.OpenRead(arguments[0]);
            return TryReadStream(stream, arguments[0], out inputs, out fault);
        }
        string text = string.Join(' ', arguments);
        if (!TryParseHex(text, out byte[]? octets, out int at, out string reason))
        {
            fault = arguments.Count == 1 && at == 0 ? $"'{arguments[0]}' is neither a file nor hex: {reason}" : $"at character {at + 1}: {reason}";
            return false;
        }
        inputs = [new("", octets, null)];
        return true;
    }

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

    private static bool TryReadStream(Stream stream, string name, [NotNullWhen(true)] out List<DecodeInput>? inputs, [NotNullWhen(false)] out string? fault)
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
        inputs = IsText(content) ? ReadLines(Encoding.UTF8.GetString(content)) : [new("", content, null)];
        if (inputs.Count > 0) return true;
        fault = $"{name} has no line of hex";
        return false;
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

    // Messages begin with octets that text does not have, or have them soon; text is printable throughout.
    private static bool IsText(ReadOnlySpan<byte> content)
    {
        if (content.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) content = content[3..];
        foreach (byte octet in content)
        {
            if (octet is not ((>= 0x20 and < 0x7F) or (byte)'\t' or (byte)'\r' or (byte)'\n')) return false;
        }
        return true;
    }
}

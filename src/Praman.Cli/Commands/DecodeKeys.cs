using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Explain;

namespace Praman.Cli.Commands;

/// <summary>Keys of the command line and of a file.</summary>
internal static class DecodeKeys
{
    private const int FileLengthMax = 1 << 16;

    /// <summary>Reads <c>NAME=HEX</c> texts and a file with one a line (# begins a comment). No fault repeats a key.</summary>
    public static bool TryRead(string[] texts, string? file, [NotNullWhen(true)] out DlmsKeys? keys, [NotNullWhen(false)] out string? fault)
    {
        keys = null;
        var read = new DlmsKeys();
        fault = null;
        if (file is not null)
        {
            if (!File.Exists(file)) fault = $"--keys {file}: there is no such file";
            else if (new FileInfo(file).Length > FileLengthMax) fault = $"--keys {file}: longer than {FileLengthMax} octets";
            if (fault is not null) return false;
            foreach ((int index, string line) in File.ReadAllLines(file).Index())
            {
                string trimmed = line.Trim();
                if (trimmed.Length == 0 || trimmed[0] == '#') continue;
                if (TryAdd(read, trimmed, $"--keys {file}, line {index + 1}", out fault)) continue;
                return false;
            }
        }
        foreach (string text in texts)
        {
            if (!TryAdd(read, text, "--key", out fault)) return false;
        }
        keys = read;
        return true;
    }

    private static bool TryAdd(DlmsKeys keys, string text, string place, [NotNullWhen(false)] out string? fault)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
        {
            fault = $"{place}: expected NAME=HEX";
            return false;
        }
        string name = text[..equals].Trim();
        if (!DecodeInput.TryParseHex(text.AsSpan(equals + 1), out byte[]? value, out int at, out string reason)) fault = $"{place} {name}, at character {at + 1}: {reason}";
        else if (!keys.TryAdd(name, value, out fault)) fault = $"{place} {name}: {fault}";
        else fault = null;
        return fault is null;
    }
}

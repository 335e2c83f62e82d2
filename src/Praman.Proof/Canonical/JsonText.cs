using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Praman.Proof.Canonical;

/// <summary>Escapes of JSON strings, read in every form and written in the one that RFC 8785 section 3.2.2.2 leaves.</summary>
internal static class JsonText
{
    /// <summary>Octets that end a run of plain text: quote, backslash and the control characters.</summary>
    public static readonly SearchValues<byte> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(octet => (byte)octet), (byte)'"', (byte)'\\']);

    /// <summary>As <see cref="Special"/>, for UTF-16 text.</summary>
    public static readonly SearchValues<char> SpecialChars = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(unit => (char)unit), '"', '\\']);

    /// <summary>Decodes the escape at the start of <paramref name="text"/> (a backslash) into 1 to 4 octets of UTF-8.</summary>
    /// <returns>The octets written; <paramref name="consumed"/> counts those read; <paramref name="fault"/> is null where it is well formed.</returns>
    public static int ReadEscape(ReadOnlySpan<byte> text, Span<byte> octets, out int consumed, out string? fault)
    {
        consumed = 2;
        fault = null;
        if (text.Length < 2)
        {
            fault = "the text ends within an escape";
            return 0;
        }
        byte plain = text[1] switch
        {
            (byte)'"' => (byte)'"',
            (byte)'\\' => (byte)'\\',
            (byte)'/' => (byte)'/',
            (byte)'b' => (byte)'\b',
            (byte)'f' => (byte)'\f',
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            _ => 0,
        };
        if (plain != 0)
        {
            octets[0] = plain;
            return 1;
        }
        if (text[1] != 'u' || !TryHex(text, 2, out int unit))
        {
            fault = "an unknown escape";
            return 0;
        }
        consumed = 6;
        if (unit is >= 0xD800 and <= 0xDFFF)
        {
            if (unit >= 0xDC00 || text.Length < 12 || text[6] != '\\' || text[7] != 'u' || !TryHex(text, 8, out int low) || low is < 0xDC00 or > 0xDFFF)
            {
                fault = "half of a surrogate pair";
                return 0;
            }
            consumed = 12;
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
        return new Rune(unit).EncodeToUtf8(octets);
    }

    private static bool TryHex(ReadOnlySpan<byte> text, int start, out int unit)
    {
        unit = 0;
        if (text.Length < start + 4) return false;
        foreach (byte digit in text.Slice(start, 4))
        {
            int value = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
                _ => -1,
            };
            if (value < 0) return false;
            unit = (unit << 4) | value;
        }
        return true;
    }

    /// <summary>Writes one character, given as UTF-8, escaped where it has to be. At most 6 octets come out.</summary>
    public static int WriteEscaped(ReadOnlySpan<byte> character, Span<byte> output)
    {
        byte octet = character[0];
        if (character.Length > 1 || octet >= 0x20 && octet != '"' && octet != '\\')
        {
            character.CopyTo(output);
            return character.Length;
        }
        output[0] = (byte)'\\';
        byte letter = ShortEscape(octet);
        if (letter != 0)
        {
            output[1] = letter;
            return 2;
        }
        "u00"u8.CopyTo(output[1..]);
        output[4] = (byte)('0' + (octet >> 4));
        output[5] = (byte)("0123456789abcdef"[octet & 15]);
        return 6;
    }

    /// <summary>The letter of a two-octet escape, or 0 where the character has none.</summary>
    public static byte ShortEscape(byte octet) => octet switch
    {
        (byte)'"' => (byte)'"',
        (byte)'\\' => (byte)'\\',
        (byte)'\b' => (byte)'b',
        (byte)'\f' => (byte)'f',
        (byte)'\n' => (byte)'n',
        (byte)'\r' => (byte)'r',
        (byte)'\t' => (byte)'t',
        _ => 0,
    };
}

/// <summary>The integers of the subset: no sign but a minus, no leading zero, no minus zero, no fraction, no exponent.</summary>
internal static class JsonInteger
{
    public const string Clause = "RFC 8785 3.2.2.3, integers only";

    /// <summary>The octets of the integer at the start of <paramref name="text"/>, and its value.</summary>
    public static int Length(ReadOnlySpan<byte> text, out long value, out string? fault)
    {
        value = 0;
        int at = text.Length > 0 && text[0] == '-' ? 1 : 0;
        int digits = at;
        while (at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9')
        {
            if (at - digits == 16) break;
            value = value * 10 + (text[at++] - '0');
        }
        fault = null;
        if (at == digits) fault = "a digit is expected";
        else if (text[digits] == '0' && at - digits > 1) fault = "a leading zero";
        else if (text[digits] == '0' && digits == 1) fault = "minus zero";
        else if (at < text.Length && text[at] is (byte)'.' or (byte)'e' or (byte)'E')
            fault = "a fraction or an exponent: only integers are canonical here, write a decimal as a string";
        else if (value > CanonicalJson.IntegerMax || at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9')
            fault = string.Create(CultureInfo.InvariantCulture, $"an integer beyond {CanonicalJson.IntegerMax}");
        if (digits == 1) value = -value;
        return at;
    }
}

/// <summary>Where UTF-8 goes wrong.</summary>
internal static class Utf8Text
{
    /// <summary>The offset of the first octet that is not part of well-formed UTF-8; the length where all are.</summary>
    public static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out _, out int length) == OperationStatus.Done) at += length;
        return at;
    }

    public static bool IsValid(ReadOnlySpan<byte> text) => Utf8.IsValid(text);
}

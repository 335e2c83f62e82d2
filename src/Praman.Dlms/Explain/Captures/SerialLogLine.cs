using System.Buffers;
using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace Praman.Dlms.Explain.Captures;

/// <summary>A line of a log of a serial line: when, which way, and octets in hex.</summary>
/// <param name="At">The time, where its zone is given.</param>
/// <param name="Time">The time as it is written; null where there is none.</param>
/// <param name="IsSent">True where the side that kept the log sent, false where it received; null where no mark says.</param>
/// <param name="Octets">The octets; null where the line has none.</param>
internal readonly record struct SerialLogLine(Instant? At, string? Time, bool? IsSent, byte[]? Octets)
{
    private const int WordsBeforeOctets = 8;

    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t|:;,");
    private static readonly string[] SentMarks = ["tx", "->", "-->", "=>", ">>", ">>>", ">", "→", "send", "sent", "sending", "write", "wrote", "written", "out", "request", "req", "snd", "transmit", "transmitted"];
    private static readonly string[] ReceivedMarks = ["rx", "<-", "<--", "<=", "<<", "<<<", "<", "←", "recv", "receive", "received", "receiving", "read", "in", "response", "resp", "res", "rcv", "rcvd", "reply"];

    /// <summary>True where the line has a time or a mark before octets.</summary>
    public bool IsLogLine => Octets is not null && (Time is not null || IsSent is not null);

    /// <summary>Takes a line apart. What a log writes between mark and octets is passed over, up to a few words.</summary>
    public static SerialLogLine Of(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<char> rest = line.Trim();
        (Instant? at, string? time) = TakeTime(ref rest);
        bool? sent = null;
        for (int words = 0; words <= WordsBeforeOctets && !rest.IsEmpty; words++)
        {
            rest = rest.TrimStart(" \t[](){}|:,;");
            // After a mark, or right after the time, the octets; before that a number could be anything.
            if ((sent is not null || (time is not null && words == 0)) && TryOctets(rest, out byte[]? octets)) return new(at, time, sent, octets);
            ReadOnlySpan<char> word = TakeWord(ref rest);
            sent ??= MarkOf(word);
            if (time is null && words < 2 && sent is null) (at, time) = TakeTime(ref rest); // a level or a name stood before the time
        }
        return new(at, time, sent, null);
    }

    private static bool? MarkOf(ReadOnlySpan<char> word)
    {
        word = word.Trim("[](){}:|,;");
        foreach (string mark in SentMarks) if (word.Equals(mark, StringComparison.OrdinalIgnoreCase)) return true;
        foreach (string mark in ReceivedMarks) if (word.Equals(mark, StringComparison.OrdinalIgnoreCase)) return false;
        return null;
    }

    private static ReadOnlySpan<char> TakeWord(ref ReadOnlySpan<char> rest)
    {
        int end = rest.IndexOfAny(WordEnds);
        if (end < 0) end = rest.Length;
        ReadOnlySpan<char> word = rest[..end];
        rest = rest[Math.Min(rest.Length, Math.Max(end, 1))..];
        return word;
    }

    // 2026-01-02T10:11:12.345Z, 2026-01-02 10:11:12,345 +05:30, 02.01.2026 10:11:12, 10:11:12.345; in brackets or not.
    private static (Instant? At, string? Time) TakeTime(ref ReadOnlySpan<char> rest)
    {
        ReadOnlySpan<char> from = rest.TrimStart("[({ \t|:,");
        int position = 0;
        LocalDate? date = TakeDate(from, ref position);
        if (date is not null)
        {
            if (position < from.Length && from[position] is 'T' or ' ' or '_') position++;
            while (position < from.Length && from[position] == ' ') position++;
        }
        if (TakeClock(from, ref position) is not { } clock) return default;
        Offset? offset = TakeOffset(from, ref position);
        if (position < from.Length && (char.IsAsciiLetterOrDigit(from[position]) || from[position] == '.')) return default;
        if (date is null && position + 1 < from.Length && from[position] == ':' && char.IsAsciiHexDigit(from[position + 1])) return default; // octets with colons
        string text = from[..position].Trim().ToString();
        rest = from[position..];
        return (date is { } day && offset is { } zone ? (day + clock).WithOffset(zone).ToInstant() : null, text);
    }

    private static LocalDate? TakeDate(ReadOnlySpan<char> text, ref int position)
    {
        if (text.Length < 10) return null;
        ReadOnlySpan<char> ten = text[..10];
        bool yearFirst = ten[4] is '-' or '/' or '.' && ten[7] == ten[4];
        bool dayFirst = ten[2] == '.' && ten[5] == '.';
        if (!yearFirst && !dayFirst) return null;
        string year = (yearFirst ? ten[..4] : ten[6..]).ToString(), month = (yearFirst ? ten[5..7] : ten[3..5]).ToString(), day = (yearFirst ? ten[8..] : ten[..2]).ToString();
        ParseResult<LocalDate> parsed = LocalDatePattern.Iso.Parse($"{year}-{month}-{day}");
        if (!parsed.Success) return null;
        position = 10;
        return parsed.Value;
    }

    private static LocalTime? TakeClock(ReadOnlySpan<char> text, ref int position)
    {
        if (text.Length < position + 8) return null;
        ReadOnlySpan<char> eight = text.Slice(position, 8);
        if (eight[2] != ':' || eight[5] != ':' || !TwoDigits(eight, 23, out int hour) || !TwoDigits(eight[3..], 59, out int minute) || !TwoDigits(eight[6..], 59, out int second)) return null;
        position += 8;
        long nanoseconds = 0;
        if (position + 1 < text.Length && text[position] is '.' or ',' && char.IsAsciiDigit(text[position + 1]))
        {
            position++;
            long unit = NodaConstants.NanosecondsPerSecond / 10;
            for (; position < text.Length && char.IsAsciiDigit(text[position]); position++, unit /= 10) nanoseconds += (text[position] - '0') * unit;
        }
        return new LocalTime(hour, minute, second).PlusNanoseconds(nanoseconds);
    }

    private static Offset? TakeOffset(ReadOnlySpan<char> text, ref int position)
    {
        if (position < text.Length && text[position] == 'Z')
        {
            position++;
            return Offset.Zero;
        }
        int at = position;
        if (at < text.Length && text[at] == ' ') at++;
        if (text.Length < at + 6 || text[at] is not ('+' or '-') || text[at + 3] != ':') return null;
        if (!TwoDigits(text[(at + 1)..], 14, out int hours) || !TwoDigits(text[(at + 4)..], 59, out int minutes)) return null;
        position = at + 6;
        int sign = text[at] == '-' ? -1 : 1;
        return Offset.FromHoursAndMinutes(sign * hours, sign * minutes);
    }

    private static bool TwoDigits(ReadOnlySpan<char> text, int max, out int value) =>
        int.TryParse(text[..2], NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;

    // Pairs of hex digits to the end of the line, with or without blanks, colons, commas, hyphens or 0x.
    private static bool TryOctets(ReadOnlySpan<char> text, out byte[]? octets)
    {
        octets = null;
        byte[] buffer = new byte[text.Length / 2 + 1];
        int count = 0;
        for (int at = 0; at < text.Length; at++)
        {
            char letter = text[at];
            if (letter is ' ' or '\t' or ':' or ',' or '-' or ';' or '[' or ']') continue;
            if (letter == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X')
            {
                at++;
                continue;
            }
            if (at + 1 >= text.Length || !char.IsAsciiHexDigit(letter) || !char.IsAsciiHexDigit(text[at + 1])) return false;
            buffer[count++] = byte.Parse(text.Slice(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            at++;
        }
        if (count == 0) return false;
        octets = buffer[..count];
        return true;
    }
}

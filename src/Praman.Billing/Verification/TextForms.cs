using System.Globalization;
using System.Text;
using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Verification;

/// <summary>Forms of strings in a bill: one text for one value.</summary>
internal static class TextForms
{
    /// <summary>Digits with an optional minus and an optional fraction.</summary>
    public static bool IsDecimal(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("-"u8)) text = text[1..];
        int point = text.IndexOf((byte)'.');
        return point < 0 ? IsDigits(text) : IsDigits(text[..point]) && IsDigits(text[(point + 1)..]);
    }

    public static bool IsDecimalOrEmpty(ReadOnlySpan<byte> text) => text.IsEmpty || IsDecimal(text);

    /// <summary>A decimal, or decimal/whole, or nothing.</summary>
    public static bool IsExact(ReadOnlySpan<byte> text)
    {
        int slash = text.IndexOf((byte)'/');
        if (slash < 0) return IsDecimalOrEmpty(text);
        ReadOnlySpan<byte> denominator = text[(slash + 1)..];
        return IsDecimal(text[..slash]) && IsDigits(denominator) && denominator[0] != '0';
    }

    /// <summary>Whether a decimal or a fraction has this value, however it is written; one with more digits than the engine ever writes has not.</summary>
    public static bool IsValue(ReadOnlySpan<byte> text, ExactFraction expected)
    {
        Span<char> chars = stackalloc char[64];
        if (text.Length > chars.Length) return false;
        chars = chars[..Encoding.UTF8.GetChars(text, chars)];
        int slash = chars.IndexOf('/');
        ReadOnlySpan<char> number = slash < 0 ? chars : chars[..slash];
        int digits = number.Length - number.Count('-') - number.Count('.');
        if (digits > DigitCountMax || !TryDecimal(number, out decimal numerator)) return false; // a decimal would be cut to its digits, and so be equal
        ReadOnlySpan<char> whole = slash < 0 ? "1" : chars[(slash + 1)..];
        if (!long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out long denominator) || denominator == 0) return false;
        try
        {
            return ExactFraction.Of(numerator, denominator) == expected;
        }
        catch (OverflowException)
        {
            return false; // exact arithmetic never rounds, and what the engine makes does not overflow it
        }
    }

    /// <summary>Digits that a decimal holds, whatever they are.</summary>
    private const int DigitCountMax = 28;

    private static bool TryDecimal(ReadOnlySpan<char> text, out decimal value) => decimal.TryParse(
        text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    public static bool TryDate(ReadOnlySpan<byte> text, out LocalDate date)
    {
        date = default;
        if (text.Length != 10 || text[4] != '-' || text[7] != '-') return false;
        if (!TryNumber(text[..4], out int year) || !TryNumber(text[5..7], out int month) || !TryNumber(text[8..], out int day)) return false;
        if (year < 1900 || year > 9998 || month is < 1 or > 12 || day < 1 || day > CalendarSystem.Iso.GetDaysInMonth(year, month)) return false;
        date = new LocalDate(year, month, day);
        return true;
    }

    public static bool TryInstant(ReadOnlySpan<byte> text, out Instant instant)
    {
        instant = default;
        if (text.Length != 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z' || !TryDate(text[..10], out LocalDate date)) return false;
        if (!TryNumber(text[11..13], out int hour) || !TryNumber(text[14..16], out int minute) || !TryNumber(text[17..19], out int second)) return false;
        if (hour > 23 || minute > 59 || second > 59) return false;
        instant = date.At(new LocalTime(hour, minute, second)).InUtc().ToInstant();
        return true;
    }

    /// <summary>Whether the octets are this text.</summary>
    public static bool IsText(ReadOnlySpan<byte> octets, ReadOnlySpan<char> text)
    {
        if (octets.Length < text.Length) return false;
        int at = 0;
        while (at < text.Length && text[at] < 0x80 && octets[at] == text[at]) at++;
        if (at == text.Length) return octets.Length == at;
        Span<char> chars = octets.Length <= 512 ? stackalloc char[512] : new char[octets.Length];
        return chars[..Encoding.UTF8.GetChars(octets, chars)].SequenceEqual(text);
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool TryNumber(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (byte digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            value = (value * 10) + (digit - '0');
        }
        return true;
    }
}

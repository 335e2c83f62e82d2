using System.Globalization;

namespace Praman.Billing.Rating;

/// <summary>Decimals as this module reads and writes them: plain digits with a point, in no locale.</summary>
public static class DecimalText
{
    /// <summary>Digits before and after the point that a number of a tariff or an input may have.</summary>
    public const int WholeDigitsMax = 12, FractionDigitsMax = 9;

    /// <summary>Room for any decimal in any of these forms: a sign, 29 digits, the point, two decimals more, and over a denominator of 19 digits.</summary>
    internal const int LengthMax = 64;

    private const int MoneyDigits = 2;

    /// <summary>What <see cref="TryParse"/> accepts, in words.</summary>
    public const string Expectation = "a decimal such as \"3.05\", at most 12 digits before and 9 after the point";

    /// <summary>Reads <c>-?digits(.digits)?</c> and nothing else: no exponent, no separators, no sign '+'.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out decimal value)
    {
        value = 0;
        ReadOnlySpan<char> digits = text.Length > 0 && text[0] == '-' ? text[1..] : text;
        int point = digits.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? digits : digits[..point], fraction = point < 0 ? [] : digits[(point + 1)..];
        if (whole.Length is 0 or > WholeDigitsMax || fraction.Length > FractionDigitsMax || (point >= 0 && fraction.IsEmpty)) return false;
        if (whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9')) return false;
        return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Money: two decimals, or as many as the amount has beyond that; never a negative zero.</summary>
    public static string Money(decimal amount)
    {
        Span<char> text = stackalloc char[LengthMax];
        return new string(text[..WriteMoney(amount, text)]);
    }

    /// <summary><see cref="Money"/> into <paramref name="text"/>.</summary>
    /// <returns>Its length.</returns>
    internal static int WriteMoney(decimal amount, Span<char> text)
    {
        if (amount == 0)
        {
            "0.00".CopyTo(text);
            return 4;
        }
        int length, scale = amount.Scale;
        if (scale > FractionDigitsMax)
        {
            amount.TryFormat(text, out length, "0.00#######", CultureInfo.InvariantCulture);
            return length;
        }
        length = WriteAsGiven(amount, text);
        if (scale == 0) text[length++] = '.';
        for (; scale < MoneyDigits; scale++) text[length++] = '0';
        for (; scale > MoneyDigits && text[length - 1] == '0'; scale--) length--;
        return length;
    }

    /// <summary>Without trailing zeros.</summary>
    public static string Trimmed(decimal value)
    {
        Span<char> text = stackalloc char[LengthMax];
        return new string(text[..WriteTrimmed(value, text)]);
    }

    /// <summary><see cref="Trimmed"/> into <paramref name="text"/>.</summary>
    /// <returns>Its length.</returns>
    internal static int WriteTrimmed(decimal value, Span<char> text)
    {
        if (value == 0)
        {
            text[0] = '0';
            return 1;
        }
        int length = WriteAsGiven(value, text);
        return value.Scale == 0 ? length : text[..length].TrimEnd('0').TrimEnd('.').Length;
    }

    /// <summary>As it was given, trailing zeros kept: a rate of 3.00 is written as the order prints it.</summary>
    public static string AsGiven(decimal value)
    {
        Span<char> text = stackalloc char[LengthMax];
        return new string(text[..WriteAsGiven(value, text)]);
    }

    /// <summary><see cref="AsGiven"/> into <paramref name="text"/>.</summary>
    /// <returns>Its length.</returns>
    internal static int WriteAsGiven(decimal value, Span<char> text)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        ulong digits = (uint)bits[0] | ((ulong)(uint)bits[1] << 32);
        if (bits[2] != 0 || digits == 0)
        {
            value.TryFormat(text, out int whole, default, CultureInfo.InvariantCulture);
            return whole;
        }
        // Figures of a bill have few digits: they need nothing that the way for all 29 digits does.
        int scale = value.Scale, length = 1, at;
        for (ulong rest = digits / 10; rest > 0; rest /= 10) length++;
        length = Math.Max(length, scale + 1) + (scale > 0 ? 1 : 0) + (value < 0 ? 1 : 0);
        at = length;
        for (int i = 0; i < scale; i++) (text[--at], digits) = ((char)('0' + (digits % 10)), digits / 10);
        if (scale > 0) text[--at] = '.';
        do
        {
            (text[--at], digits) = ((char)('0' + (digits % 10)), digits / 10);
        }
        while (digits > 0);
        if (at > 0) text[0] = '-';
        return length;
    }
}

using System.Globalization;

namespace Praman.Billing.Rating;

/// <summary>Decimals as this module reads and writes them: plain digits with a point, in no locale.</summary>
public static class DecimalText
{
    /// <summary>Digits before and after the point that a number of a tariff or an input may have.</summary>
    public const int WholeDigitsMax = 12, FractionDigitsMax = 9;

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
        if (amount == 0) return "0.00";
        return amount.Scale == 2 ? amount.ToString(CultureInfo.InvariantCulture) : amount.ToString("0.00#######", CultureInfo.InvariantCulture);
    }

    /// <summary>Without trailing zeros.</summary>
    public static string Trimmed(decimal value)
    {
        if (value == 0) return "0";
        string text = value.ToString(CultureInfo.InvariantCulture);
        return value.Scale == 0 ? text : text.TrimEnd('0').TrimEnd('.');
    }

    /// <summary>As it was given, trailing zeros kept: a rate of 3.00 is written as the order prints it.</summary>
    public static string AsGiven(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}

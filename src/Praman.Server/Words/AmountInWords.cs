using System.Text;

namespace Praman.Server.Words;

/// <summary>An amount in English words with lakh and crore, as bills and cheques in India write it.</summary>
internal static class AmountInWords
{
    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary>Rupees and paise: <c>Rupees one thousand thirty-two and fifty paise only</c>. Null for another currency, which has other words.</summary>
    public static string? English(long minorUnits, string currency)
    {
        if (currency != "INR") return null;
        var text = new StringBuilder(minorUnits < 0 ? "Minus rupees " : "Rupees ");
        ulong absolute = minorUnits < 0 ? (ulong)-(minorUnits + 1) + 1 : (ulong)minorUnits;
        Append(text, absolute / 100);
        ulong paise = absolute % 100;
        if (paise > 0)
        {
            text.Append(" and ");
            Append(text, paise);
            text.Append(" paise");
        }
        return text.Append(" only").ToString();
    }

    private static void Append(StringBuilder text, ulong number)
    {
        if (number >= 10_000_000)
        {
            Append(text, number / 10_000_000);
            text.Append(" crore");
            number %= 10_000_000;
            if (number == 0) return;
            text.Append(' ');
        }
        (ulong Unit, string Word)[] units = [(100_000, " lakh"), (1000, " thousand"), (100, " hundred")];
        foreach ((ulong unit, string word) in units)
        {
            if (number < unit) continue;
            Append(text, number / unit);
            text.Append(word);
            number %= unit;
            if (number == 0) return;
            text.Append(' ');
        }
        if (number < 20) text.Append(Small[number]);
        else
        {
            text.Append(Tens[number / 10]);
            if (number % 10 != 0) text.Append('-').Append(Small[number % 10]);
        }
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using NodaTime;

namespace Praman.Billing.Rating;

/// <summary>Words a line's arithmetic from its parts: the same line, the same text, in every locale.</summary>
internal static class LineFormula
{
    private const string OneMonth = " month", OneDay = " day", BeforeAmount = " = ";

    /// <summary>Decimals that units and bases are shown with.</summary>
    private const int Decimals = 6;

    /// <summary>A formula as it was written before one month and one day lost their s.</summary>
    public static string WithOneAsMany(string formula) => formula
        .Replace(OneMonth + BeforeAmount, OneMonth + "s" + BeforeAmount, StringComparison.Ordinal).Replace(OneDay + BeforeAmount, OneDay + "s" + BeforeAmount, StringComparison.Ordinal);

    /// <summary>Room in which most formulas are worded without a pooled array.</summary>
    public const int LengthUsual = 256;

    public static string Of(RatedLine line)
    {
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[LengthUsual]);
        Append(ref text, line);
        return text.ToStringAndClear();
    }

    /// <summary>Words the line into text that nothing stands in yet.</summary>
    public static void Append(ref DefaultInterpolatedStringHandler text, RatedLine line)
    {
        if (line.IsOpen)
        {
            text.AppendLiteral("not computed: an input is not known");
            return;
        }
        for (int i = 0; i < line.Parts.Length; i++)
        {
            ref readonly RatedPart part = ref line.Parts[i];
            if (i > 0) text.AppendLiteral("; ");
            if (part.Name is not null)
            {
                text.AppendLiteral(part.Name);
                text.AppendLiteral(": ");
            }
            AppendPart(ref text, line, part);
        }
        if (line.Parts.Length != 1)
        {
            text.AppendLiteral(line.Parts.Length == 0 ? "nothing to charge = " : "; sum = ");
            AppendMoney(ref text, line.Amount);
        }
    }

    private static void AppendPart(ref DefaultInterpolatedStringHandler text, RatedLine line, in RatedPart part)
    {
        switch (line.Kind)
        {
            case LineKind.Percent:
                AppendRate(ref text, part);
                text.AppendLiteral(" % of ");
                AppendMoney(ref text, part.Units.AtMost(Decimals));
                AppendUnit(ref text, line);
                break;
            case LineKind.Fixed:
                if (line.Unit != "connection")
                {
                    AppendExact(ref text, line.Quantity);
                    AppendUnit(ref text, line);
                    text.AppendLiteral(" × ");
                }
                AppendRate(ref text, part);
                text.AppendLiteral(" × ");
                AppendMonths(ref text, part);
                text.AppendLiteral(part.Name is null ? OneMonth : OneDay);
                if (part.Units != 1) text.AppendLiteral("s");
                break;
            case LineKind.Interval:
                AppendUnits(ref text, line, part);
                text.AppendLiteral(" at the price of each interval");
                break;
            case LineKind.Minimum or LineKind.Subsidy or LineKind.Rebate when part.Rate is null:
                if (line.Unit is "kWh" or "bill" or "entitlement")
                {
                    AppendUnits(ref text, line, part);
                    break;
                }
                AppendMoney(ref text, part.Units.AtMost(Decimals));
                AppendUnit(ref text, line);
                break;
            case LineKind.TimeOfDay when part.IsMultiplier:
                AppendUnits(ref text, line, part);
                text.AppendLiteral(" × ");
                AppendTrimmed(ref text, line.Average!.Value.AtMost(Decimals));
                text.AppendLiteral(" × (");
                AppendRate(ref text, part);
                text.AppendLiteral(" − 1)");
                break;
            default:
                AppendUnits(ref text, line, part);
                text.AppendLiteral(" × ");
                AppendRate(ref text, part);
                break;
        }
        text.AppendLiteral(BeforeAmount);
        AppendMoney(ref text, part.Amount);
    }

    private static void AppendUnits(ref DefaultInterpolatedStringHandler text, RatedLine line, in RatedPart part)
    {
        AppendTrimmed(ref text, part.Units.AtMost(Decimals));
        AppendUnit(ref text, line);
    }

    private static void AppendUnit(ref DefaultInterpolatedStringHandler text, RatedLine line)
    {
        text.AppendLiteral(" ");
        text.AppendLiteral(line.Unit);
    }

    /// <summary>Six days of June are 6/30 months, not 1/5: the figures of the calendar are kept.</summary>
    private static void AppendMonths(ref DefaultInterpolatedStringHandler text, in RatedPart part)
    {
        if (part is { From: { } from, To: { } to })
        {
            int days = Period.DaysBetween(from, to) + 1, inMonth = CalendarSystem.Iso.GetDaysInMonth(from.Year, from.Month);
            if (days < inMonth && part.Units == ExactFraction.Of(days, inMonth))
            {
                text.AppendFormatted(days);
                text.AppendLiteral("/");
                text.AppendFormatted(inMonth);
                return;
            }
        }
        AppendExact(ref text, part.Units);
    }

    private static void AppendRate(ref DefaultInterpolatedStringHandler text, in RatedPart part)
    {
        if (part.Rate is { } rate) text.AppendFormatted(rate);
    }

    private static void AppendExact(ref DefaultInterpolatedStringHandler text, ExactFraction value)
    {
        Span<char> digits = stackalloc char[DecimalText.LengthMax];
        text.AppendFormatted(digits[..value.Write(digits)]);
    }

    private static void AppendTrimmed(ref DefaultInterpolatedStringHandler text, decimal value)
    {
        Span<char> digits = stackalloc char[DecimalText.LengthMax];
        text.AppendFormatted(digits[..DecimalText.WriteTrimmed(value, digits)]);
    }

    private static void AppendMoney(ref DefaultInterpolatedStringHandler text, decimal amount)
    {
        Span<char> digits = stackalloc char[DecimalText.LengthMax];
        text.AppendFormatted(digits[..DecimalText.WriteMoney(amount, digits)]);
    }
}

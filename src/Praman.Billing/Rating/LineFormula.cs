using System.Globalization;
using System.Text;
using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Words a line's arithmetic from its parts: the same line, the same text, in every locale.</summary>
internal static class LineFormula
{
    private const string OneMonth = " month", OneDay = " day", BeforeAmount = " = ";

    /// <summary>A formula as it was written before one month and one day lost their s.</summary>
    public static string WithOneAsMany(string formula) => formula
        .Replace(OneMonth + BeforeAmount, OneMonth + "s" + BeforeAmount, StringComparison.Ordinal).Replace(OneDay + BeforeAmount, OneDay + "s" + BeforeAmount, StringComparison.Ordinal);

    public static string Of(RatedLine line)
    {
        if (line.IsOpen) return "not computed: an input is not known";
        StringBuilder text = new(64 + 40 * line.Parts.Length);
        foreach (ref readonly RatedPart part in line.Parts.AsSpan())
        {
            if (text.Length > 0) text.Append("; ");
            if (part.Name is not null) text.Append(part.Name).Append(": ");
            AppendPart(text, line, part);
        }
        if (line.Parts.Length != 1)
        {
            if (text.Length > 0) text.Append("; ");
            text.Append(line.Parts.Length == 0 ? "nothing to charge = " : "sum = ").Append(DecimalText.Money(line.Amount));
        }
        return text.ToString();
    }

    private static void AppendPart(StringBuilder text, RatedLine line, in RatedPart part)
    {
        switch (line.Kind)
        {
            case LineKind.Percent:
                text.Append(Rate(part)).Append(" % of ").Append(Money(part.Units)).Append(' ').Append(line.Unit);
                break;
            case LineKind.Fixed:
                if (line.Unit != "connection") text.Append(line.Quantity.ToString()).Append(' ').Append(line.Unit).Append(" × ");
                text.Append(Rate(part)).Append(" × ").Append(Months(part)).Append(part.Name is null ? OneMonth : OneDay).Append(part.Units == 1 ? "" : "s");
                break;
            case LineKind.Interval:
                text.Append(part.Units.ToText(6)).Append(' ').Append(line.Unit).Append(" at the price of each interval");
                break;
            case LineKind.Minimum or LineKind.Subsidy or LineKind.Rebate when part.Rate is null:
                text.Append(line.Unit is "kWh" or "bill" or "entitlement" ? part.Units.ToText(6) : Money(part.Units)).Append(' ').Append(line.Unit);
                break;
            case LineKind.TimeOfDay when part.IsMultiplier:
                text.Append(part.Units.ToText(6)).Append(' ').Append(line.Unit).Append(" × ").Append(line.Average!.Value.ToText(6)).Append(" × (").Append(Rate(part)).Append(" − 1)");
                break;
            default:
                text.Append(part.Units.ToText(6)).Append(' ').Append(line.Unit).Append(" × ").Append(Rate(part));
                break;
        }
        text.Append(BeforeAmount).Append(DecimalText.Money(part.Amount));
    }

    /// <summary>Six days of June are 6/30 months, not 1/5: the figures of the calendar are kept.</summary>
    private static string Months(in RatedPart part)
    {
        if (part is { From: { } from, To: { } to })
        {
            int days = Period.DaysBetween(from, to) + 1, inMonth = CalendarSystem.Iso.GetDaysInMonth(from.Year, from.Month);
            if (days < inMonth && part.Units == ExactFraction.Of(days, inMonth)) return string.Create(CultureInfo.InvariantCulture, $"{days}/{inMonth}");
        }
        return part.Units.ToString();
    }

    private static string Money(ExactFraction amount) => DecimalText.Money(amount.RoundTo(0.000001m, RoundingMode.HalfUp));

    private static string Rate(in RatedPart part) => part.Rate is { } rate ? DecimalText.AsGiven(rate) : "";
}

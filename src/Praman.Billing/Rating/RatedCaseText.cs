using System.Globalization;
using System.Text;

namespace Praman.Billing.Rating;

/// <summary>A rated case as a table for people.</summary>
public static class RatedCaseText
{
    public static string Of(RatedCase rated)
    {
        ArgumentNullException.ThrowIfNull(rated);
        StringBuilder text = new();
        if (!rated.Result.IsRated)
        {
            RatingRefusal refusal = rated.Result.Refusal;
            return text.Append(rated.Id).Append(": refused, ").Append(refusal.Code).Append(": ").Append(refusal.Message).Append("\n\n").ToString();
        }
        RatedBill bill = rated.Result.Bill;
        text.Append(CultureInfo.InvariantCulture, $"{rated.Id}  tariff {bill.TariffId}  {bill.Months.ToText(4)} {(bill.Months == 1 ? "month" : "months")}\n");
        int width = Math.Max(12, bill.Lines.Count == 0 ? 0 : bill.Lines.Max(l => l.Id.Length));
        foreach (RatedLine line in bill.Lines) Row(text, line.Id, line.IsOpen ? null : line.Amount, width, line.Formula);
        Row(text, "gross", bill.Gross, width, "");
        if (bill.Net != bill.Gross) Row(text, "net", bill.Net, width, "");
        if (bill.Rounding != 0) Row(text, "rounding", bill.Rounding, width, "");
        Row(text, "total", bill.Total, width, bill.Currency);
        if (rated.Difference is { } difference) Row(text, "difference", difference, width, "");
        foreach (RatingWarning warning in bill.Warnings) text.Append(CultureInfo.InvariantCulture, $"  ! {warning.Code}: {warning.Message}\n");
        return text.Append('\n').ToString();
    }

    private static void Row(StringBuilder text, string name, decimal? amount, int width, string remark)
    {
        text.Append("  ").Append(name.PadRight(width)).Append((amount is { } known ? DecimalText.Money(known) : "?").PadLeft(12));
        if (remark.Length > 0) text.Append("  ").Append(remark);
        text.Append('\n');
    }
}

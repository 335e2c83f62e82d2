using Praman.Billing.Comparison;
using Praman.Billing.Rating;

namespace Praman.Server.Words;

/// <summary>The parts of a difference between two bills, in words.</summary>
internal static class ChangeWords
{
    private const int PerDayDecimals = 2;

    public static string Of(BillChangePart part, BillChangeFacts facts)
    {
        Format f = Format.Current;
        return part.Kind switch
        {
            BillChangeKind.Days => f.Text(W.ChangedDays, facts.DaysAfter, facts.DaysBefore),
            BillChangeKind.Use => f.Text(W.ChangedUse,
                PerDay(f, facts.KwhAfter - facts.EstimatedKwhAfter, facts.DaysAfter), PerDay(f, facts.KwhBefore - facts.EstimatedKwhBefore, facts.DaysBefore)),
            BillChangeKind.Slab => W.ChangedSlab,
            BillChangeKind.Estimates => f.Text(W.ChangedEstimates, Kwh(f, facts.EstimatedKwhAfter), Kwh(f, facts.EstimatedKwhBefore)),
            BillChangeKind.Hours => W.ChangedHours,
            BillChangeKind.Connection => W.ChangedConnection,
            BillChangeKind.Rate => facts.IsOtherTariff ? W.ChangedTariff : W.ChangedRate,
            BillChangeKind.Subsidy => W.ChangedSubsidy,
            BillChangeKind.Dues => W.ChangedDues,
            _ => W.Rounding,
        };
    }

    private static string PerDay(Format f, decimal kwh, int days) =>
        f.Decimal(decimal.Round(kwh / days, PerDayDecimals, MidpointRounding.AwayFromZero).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static string Kwh(Format f, decimal kwh) => f.Decimal(DecimalText.Trimmed(kwh));
}

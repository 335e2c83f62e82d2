using System.Globalization;
using System.Text;
using Praman.Billing.Rating;

namespace Praman.Cli.Tariffs;

/// <summary>Cost against use as text, for a screen and a screen reader: the plot, then its cliffs in words.</summary>
internal static class CostPlotText
{
    private const int Columns = 64, Rows = 16, CliffCountMax = 12;

    public static string Of(CostCurve curve, string currency)
    {
        StringBuilder text = new();
        if (curve.Points.Count > 1) Plot(text, curve, currency);
        foreach (string cliff in Cliffs(curve, currency)) text.Append("  ").Append(cliff).Append('\n');
        foreach (UnratedUnits unrated in curve.Unrated) text.Append("  ").Append(Unrated(unrated)).Append('\n');
        return text.ToString();
    }

    /// <summary>The cliffs in words, by units; of many, the largest.</summary>
    public static IEnumerable<string> Cliffs(CostCurve curve, string currency)
    {
        IEnumerable<CostCliff> shown = curve.Cliffs.OrderByDescending(cliff => Math.Abs(cliff.Jump)).Take(CliffCountMax).OrderBy(cliff => cliff.Units);
        foreach (CostCliff cliff in shown)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"! from {cliff.Units} to {cliff.Units + 1} units the bill goes from {DecimalText.Money(cliff.Before)} to {DecimalText.Money(cliff.After)} {currency}");
        }
        if (curve.Cliffs.Count > CliffCountMax) yield return string.Create(CultureInfo.InvariantCulture, $"and {curve.Cliffs.Count - CliffCountMax} smaller ones");
    }

    public static string Unrated(UnratedUnits unrated) => string.Create(CultureInfo.InvariantCulture,
        $"no bill from {unrated.From} to {unrated.To} units: {unrated.Refusal.Code} {unrated.Refusal.Missing}: {unrated.Refusal.Message}");

    private static void Plot(StringBuilder text, CostCurve curve, string currency)
    {
        char[][] cells = [.. Enumerable.Range(0, Rows).Select(_ => new string(' ', Columns).ToCharArray())];
        decimal low = Math.Min(0, curve.Points.Min(point => point.Net)), high = Math.Max(low + 1, curve.Points.Max(point => point.Net));
        int last = curve.Points[^1].Units;
        int RowOf(decimal net) => Rows - 1 - (int)decimal.Round((net - low) / (high - low) * (Rows - 1), MidpointRounding.AwayFromZero);
        int ColumnOf(int units) => (int)((long)units * (Columns - 1) / Math.Max(1, last));
        foreach (CostPoint point in curve.Points) cells[RowOf(point.Net)][ColumnOf(point.Units)] = '*';
        foreach (CostCliff cliff in curve.Cliffs)
        {
            int from = RowOf(cliff.Before), to = RowOf(cliff.After), column = ColumnOf(cliff.Units + 1);
            for (int row = Math.Min(from, to) + 1; row < Math.Max(from, to); row++) cells[row][column] = '!';
        }
        text.Append("  ").Append(currency).Append(" a bill, against units\n");
        for (int row = 0; row < Rows; row++)
        {
            decimal value = high - ((high - low) * row / (Rows - 1));
            string label = row % 5 == 0 ? value.ToString("0", CultureInfo.InvariantCulture) : "";
            text.Append(label.PadLeft(10)).Append(row % 5 == 0 ? " ┤" : " │").Append(new string(cells[row]).TrimEnd()).Append('\n');
        }
        text.Append(' ', 11).Append('└').Append('─', Columns).Append('\n');
        string end = last.ToString(CultureInfo.InvariantCulture), middle = (last / 2).ToString(CultureInfo.InvariantCulture);
        text.Append(' ', 12).Append('0').Append(middle.PadLeft((Columns / 2) - 1 + (middle.Length / 2))).Append(end.PadLeft(Columns - (Columns / 2) - (middle.Length / 2))).Append(" units\n");
    }
}

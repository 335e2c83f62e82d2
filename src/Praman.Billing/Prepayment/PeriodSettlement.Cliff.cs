namespace Praman.Billing.Prepayment;

/// <summary>Looking ahead to a crossing.</summary>
public sealed partial class PeriodSettlement
{
    /// <summary>Looks ahead from the last posted day.</summary>
    /// <param name="dailyKwh">Use to assume for each day.</param>
    /// <param name="horizonDays">Days to look ahead, within the period.</param>
    /// <param name="amountMin">Smallest rise that is worth a warning.</param>
    /// <returns>The first crossing that raises the price of earlier days by that much; null: none within the horizon.</returns>
    public CliffWarning? LookAhead(decimal dailyKwh, int horizonDays, decimal amountMin)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dailyKwh);
        int posted = _days.Count, last = Math.Min(_dates.Days, posted + Math.Max(horizonDays, 0));
        if (!_isConditional || posted == 0 || last == posted || dailyKwh == 0) return null;
        decimal[] ahead = new decimal[last];
        _kwhByDay.AsSpan(0, posted).CopyTo(ahead);
        ahead.AsSpan(posted).Fill(dailyKwh);
        for (int day = posted + 1; day <= last; day++)
        {
            decimal sum = SumTo(posted) + ((day - posted) * dailyKwh);
            if (Net(ahead, day - 1, null) is not { } plain || Net(ahead, day - 1, sum) is not { } under) return null; // what cannot be rated is not guessed
            if (under - plain >= amountMin && under > plain) return new(_dates.From.PlusDays(day - 1), day - posted, dailyKwh, under - plain);
        }
        return null;
    }

    private decimal? Net(decimal[] byDay, int days, decimal? judgedKwh) =>
        (_scratch ??= new()).Rate(Tariff, Period, byDay.AsMemory(0, days), judgedKwh, null, out decimal net) is null ? net : null;
}

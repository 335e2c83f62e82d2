namespace Praman.Billing.Prepayment;

/// <summary>For how many days a balance lasts, with a range.</summary>
/// <param name="Days">At the mean of the last days.</param>
/// <param name="Least">At the costliest of them.</param>
/// <param name="Most">At the cheapest; null where it cost nothing.</param>
public readonly record struct DaysLeft(decimal Days, decimal Least, decimal? Most)
{
    /// <summary>Days looked back: each day of the week counts once.</summary>
    public const int DaysBack = 7;

    /// <summary>Null where nothing was deducted, or the balance is used up.</summary>
    /// <param name="deductions">Of the last days, at most <see cref="DaysBack"/> of them count, the latest last.</param>
    public static DaysLeft? Of(decimal balance, IReadOnlyList<decimal> deductions)
    {
        ArgumentNullException.ThrowIfNull(deductions);
        int count = Math.Min(deductions.Count, DaysBack);
        if (count == 0 || balance <= 0) return null;
        decimal sum = 0, most = decimal.MinValue, least = decimal.MaxValue;
        for (int i = deductions.Count - count; i < deductions.Count; i++)
        {
            sum += deductions[i];
            most = Math.Max(most, deductions[i]);
            least = Math.Min(least, deductions[i]);
        }
        if (sum <= 0) return null;
        return new(Round(balance * count / sum), Round(balance / most), least > 0 ? Round(balance / least) : null);
    }

    private static decimal Round(decimal days) => decimal.Round(days, 1, MidpointRounding.ToZero);
}

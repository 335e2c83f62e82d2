namespace Praman.Billing.Rating;

/// <summary>Rates bills. Pure: the same tariff and determinants give the same bill on any thread and in any locale.</summary>
public static class RatingEngine
{
    /// <summary>Rates one bill, or says which number is missing.</summary>
    public static RatingResult Rate(CompiledTariff tariff, in BillingDeterminants determinants, TraceDetail detail = TraceDetail.None)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(determinants);
        return Finish(RatingRun.Begin(tariff, determinants, detail));
    }

    /// <summary>The cumulative bill B(k) of a prepaid period: days 1 to k, with the slab limits of the whole period and the fixed charge for
    /// k of its days. Units are not rounded to the unit step. A day's deduction is B(k) − B(k − 1), line by line; with all days given, the
    /// lines are those of the period's bill but for the rounding of units and of their split at a rate change.</summary>
    /// <param name="period">Determinants of the whole period, with its dates; its energy is not looked at.</param>
    /// <param name="kwhByDay">Energy of days 1 to k.</param>
    /// <param name="judgedKwh">Energy by which conditions and bands that hold for all units are chosen; null: that of days 1 to k. With the
    /// energy of the next day in it, the bill says what days 1 to k cost once that day's rules hold for them.</param>
    /// <param name="intervals">Intervals of days 1 to k, for prices by time of day or by interval.</param>
    public static RatingResult RateToDate(CompiledTariff tariff, in BillingDeterminants period, ReadOnlyMemory<decimal> kwhByDay, TraceDetail detail = TraceDetail.None,
        decimal? judgedKwh = null, IReadOnlyList<IntervalEnergy>? intervals = null)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(period);
        if (period.Period is not { } dates) return RatingResult.Of(new RatingRefusal(RefusalCodes.InputInvalid, "A bill to date needs the dates of its period.", "period"));
        if (kwhByDay.Length < 1 || kwhByDay.Length > dates.Days)
        {
            return RatingResult.Of(new RatingRefusal(RefusalCodes.InputInvalid, $"Expected energy of 1 to {dates.Days} days, found {kwhByDay.Length}.", "kwh_by_day"));
        }
        RatingRun run = RatingRun.Begin(tariff, period, detail);
        run.GoTo(dates.From.PlusDays(kwhByDay.Length - 1), kwhByDay, judgedKwh, intervals);
        return Finish(run);
    }

    /// <summary>Why there is no bill where a figure of it has more digits than a decimal holds.</summary>
    internal static RatingRefusal TooManyDigits => new(RefusalCodes.InputInvalid, "A figure of this bill needs more than 28 digits; the inputs are out of range.", "inputs");

    private static RatingResult Finish(RatingRun run)
    {
        try
        {
            return run.Rate();
        }
        catch (OverflowException)
        {
            return RatingResult.Of(TooManyDigits, run.Trace);
        }
        finally
        {
            run.End();
        }
    }
}

using NodaTime;

namespace Praman.Billing.Rating;

/// <summary>Bills to date: how far they go, and up to which units they stay what they are.</summary>
internal sealed partial class RatingRun
{
    private bool _isToDate;
    private LocalDate _lastDay;
    private ReadOnlyMemory<decimal> _kwhByDay;
    private decimal? _judgedKwh;

    /// <summary>Energy that takes the place of the determinants' own.</summary>
    private decimal? _givenKwh, _kwhImport;
    private IReadOnlyList<IntervalEnergy>? _intervals;
    private decimal _sameUpTo;

    /// <summary>
    /// Units up to which, included, the same days judged by more units than these were have the same lines: none of the limits that were looked at
    /// lies between.
    /// </summary>
    public decimal SameUpTo => _sameUpTo;

    /// <summary>The bill goes to a day of the period alone.</summary>
    /// <param name="judgedKwh">Energy by which conditions are judged; null: that of the days.</param>
    public void GoTo(LocalDate lastDay, ReadOnlyMemory<decimal> kwhByDay, decimal? judgedKwh, IReadOnlyList<IntervalEnergy>? intervals)
    {
        decimal sum = 0;
        foreach (decimal kwh in kwhByDay.Span) sum += kwh;
        (_isToDate, _lastDay, _kwhByDay, _judgedKwh) = (true, lastDay, kwhByDay, judgedKwh);
        (_givenKwh, _kwhImport, _intervals) = (sum, null, intervals);
    }

    /// <summary>Units that are judged were held against a limit: where they do not reach beyond it, more of them come out the same up to it.</summary>
    /// <param name="value">What was held against the limit: the units, or units a month.</param>
    /// <param name="per">What the limit is multiplied with to be one of units.</param>
    private void Until(in ExactFraction value, decimal? limit, in ExactFraction per)
    {
        if (!_isToDate || limit is not { } known || value > known) return;
        Until(known, per);
    }

    private void Until(in ExactFraction limit, in ExactFraction per)
    {
        decimal units;
        try
        {
            ExactFraction whole = limit * per;
            // A little less is always right: the days are then rated once more than they need to be.
            units = whole.IsDecimal ? whole.Numerator : whole.RoundTo(Finest, Tariffs.RoundingMode.Down);
        }
        catch (OverflowException)
        {
            units = decimal.MinValue;
        }
        if (units < _sameUpTo) _sameUpTo = units;
    }

    private const decimal Finest = 0.000000001m;
}

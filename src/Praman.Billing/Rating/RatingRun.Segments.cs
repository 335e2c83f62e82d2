using System.Runtime.InteropServices;
using NodaTime;
using NodaTime.Text;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Segments of the period: where a dated rate changes, and where a calendar month ends.</summary>
internal sealed partial class RatingRun
{
    /// <summary>Days of the period, both included; null dates: the whole of a period whose dates are not known.</summary>
    private readonly record struct Segment(LocalDate? From, LocalDate? To);

    private readonly List<Segment> _rateSegments = [], _seriesSegments = [];
    private bool _hasRateSegments;

    private static string Iso(LocalDate? date) => date is { } known ? LocalDatePattern.Iso.Format(known) : "";

    private bool TryValueOn(TariffSeries series, LocalDate date, out SeriesPoint point)
    {
        SeriesPoint? found = series.PointOn(date);
        point = found!;
        return found is not null ||
            Refuse(RefusalCodes.SeriesGap, $"{series.Id} {Iso(date)}", $"Series '{series.Id}' has no value for {Iso(date)}; a gap is never filled with an earlier value.");
    }

    /// <summary>The one date that a series by bill date is looked up with.</summary>
    private bool TryBillDate(TariffSeries series, out LocalDate date)
    {
        date = _inputs.BillDate ?? default;
        return _inputs.BillDate is not null || RefuseInput("bill_date", $"not given, and series '{series.Id}' goes by the date of the bill");
    }

    private bool TrySeriesPeriod(TariffSeries series, out BillingPeriod period)
    {
        period = _inputs.Period ?? default;
        return _inputs.Period is not null || RefuseInput("period", $"not given, and series '{series.Id}' goes by the date of consumption");
    }

    /// <summary>Last day, at most <paramref name="end"/>, on which the point that holds on <paramref name="date"/> still does.</summary>
    private bool TryPointEnd(TariffSeries series, LocalDate date, LocalDate end, out SeriesPoint point, out LocalDate last)
    {
        last = end;
        if (!TryValueOn(series, date, out point)) return false;
        if (point.To is { } stop && stop < last) last = stop;
        for (int i = 0; i < series.Points.Count; i++)
        {
            SeriesPoint later = series.Points[i];
            if (later.From > date && later.From <= last) last = later.From.PlusDays(-1);
        }
        return true;
    }

    /// <summary>The parts of the period between rate changes, over all series of the tariff; one part where the tariff has no segments.</summary>
    private bool TryRateSegments(out ReadOnlySpan<Segment> segments)
    {
        segments = [];
        if (!_hasRateSegments && !TryFindRateSegments()) return false;
        _hasRateSegments = true;
        segments = CollectionsMarshal.AsSpan(_rateSegments);
        return true;
    }

    private bool TryFindRateSegments()
    {
        List<Segment> found = _rateSegments;
        found.Clear();
        if (_inputs.Period is not { } period)
        {
            found.Add(new(null, null));
            return true;
        }
        if (!_rules.HasSegments || _compiled.Series.Count == 0)
        {
            found.Add(new(period.From, period.To));
            return true;
        }
        for (LocalDate from = period.From; from <= LastDay(period); from = found[^1].To!.Value.PlusDays(1))
        {
            LocalDate last = period.To; // a known later change ends the segment, also in a bill to date
            foreach (TariffSeries series in _compiled.Series)
            {
                if (!series.IsByBillDate && !TryPointEnd(series, from, last, out _, out last)) return false;
            }
            found.Add(new(from, last));
        }
        if (_trace is not null && found.Count > 1)
        {
            foreach (Segment segment in found) Note($"segment[{Iso(segment.From)}]", DaysOf(segment), ["period"], "days between changes of a dated rate");
        }
        return true;
    }

    private int DaysOf(Segment segment) => segment.From is { } from ? Period.DaysBetween(from, segment.To!.Value) + 1 : _days ?? 0;

    /// <summary>The day up to which values are needed.</summary>
    private LocalDate LastDay(BillingPeriod period) => _isToDate ? _lastDay : period.To;

    /// <summary>Shares units between segments: by dated intervals where the tariff says so and they exist, else by days, rounded to the unit
    /// step; the last takes the rest.</summary>
    private decimal[] Split(ExactFraction units, ReadOnlySpan<Segment> segments)
    {
        decimal whole = units.RoundTo(0.000000001m, RoundingMode.HalfUp);
        decimal[] shares = new decimal[segments.Length];
        if (_isToDate)
        {
            ShareByDay(segments, shares);
            return shares;
        }
        if (segments.Length > 1 && _rules.RateChangeSplit == RateChangeSplit.ByInterval && TryShareByInterval(whole, segments, shares)) return shares;
        decimal rest = whole;
        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] = i == shares.Length - 1 ? rest : Math.Min(rest, ShareOfDays(units, DaysOf(segments[i])).RoundTo(_rules.UnitStep, RoundingMode.HalfUp));
            rest -= shares[i];
        }
        return shares;
    }

    private ExactFraction ShareOfDays(ExactFraction units, int days) => units * ExactFraction.Of(days, _periodDays ?? _days!.Value);

    private void ShareByDay(ReadOnlySpan<Segment> segments, decimal[] shares)
    {
        ReadOnlySpan<decimal> byDay = _kwhByDay.Span;
        for (int i = 0; i < segments.Length; i++)
        {
            int first = Period.DaysBetween(_inputs.Period!.Value.From, segments[i].From!.Value);
            for (int day = first; day < Math.Min(byDay.Length, first + DaysOf(segments[i])); day++) shares[i] += byDay[day];
        }
    }

    private bool TryShareByInterval(decimal whole, ReadOnlySpan<Segment> segments, decimal[] shares)
    {
        if (_intervals is not { Count: > 0 } intervals) return false;
        Array.Clear(shares);
        foreach (IntervalEnergy interval in intervals)
        {
            if (interval.Date is not { } date) return false;
            for (int i = 0; i < segments.Length; i++)
            {
                if (date >= segments[i].From && date <= segments[i].To) shares[i] += interval.Kwh;
            }
        }
        decimal rest = whole;
        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] = i == shares.Length - 1 ? rest : Math.Min(rest, Stepped(shares[i]));
            rest -= shares[i];
        }
        return true;
    }
}

using NodaTime;
using NodaTime.Text;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Segments of the period: where a dated rate changes, and where a calendar month ends.</summary>
internal sealed partial class RatingRun
{
    /// <summary>Days of the period, both included; null dates: the whole of a period whose dates are not known.</summary>
    private readonly record struct Segment(LocalDate? From, LocalDate? To);

    private Segment[]? _rateSegments;

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
        date = inputs.BillDate ?? default;
        return inputs.BillDate is not null || RefuseInput("bill_date", $"not given, and series '{series.Id}' goes by the date of the bill");
    }

    private bool TrySeriesPeriod(TariffSeries series, out BillingPeriod period)
    {
        period = inputs.Period ?? default;
        return inputs.Period is not null || RefuseInput("period", $"not given, and series '{series.Id}' goes by the date of consumption");
    }

    /// <summary>Last day, at most <paramref name="end"/>, on which the point that holds on <paramref name="date"/> still does.</summary>
    private bool TryPointEnd(TariffSeries series, LocalDate date, LocalDate end, out SeriesPoint point, out LocalDate last)
    {
        last = end;
        if (!TryValueOn(series, date, out point)) return false;
        if (point.To is { } stop && stop < last) last = stop;
        foreach (SeriesPoint later in series.Points)
        {
            if (later.From > date && later.From <= last) last = later.From.PlusDays(-1);
        }
        return true;
    }

    /// <summary>The parts of the period between rate changes, over all series of the tariff; one part where the tariff has no segments.</summary>
    private bool TryRateSegments(out ReadOnlySpan<Segment> segments)
    {
        if (_rateSegments is null && !TryFindRateSegments())
        {
            segments = [];
            return false;
        }
        segments = _rateSegments;
        return true;
    }

    private bool TryFindRateSegments()
    {
        if (inputs.Period is not { } period)
        {
            _rateSegments = [new(null, null)];
            return true;
        }
        if (!_rules.HasSegments || compiled.Series.Count == 0)
        {
            _rateSegments = [new(period.From, period.To)];
            return true;
        }
        List<Segment> found = [];
        for (LocalDate from = period.From; from <= LastDay(period); from = found[^1].To!.Value.PlusDays(1))
        {
            LocalDate last = period.To; // a known later change ends the segment, also in a bill to date
            foreach (TariffSeries series in compiled.Series)
            {
                if (!series.IsByBillDate && !TryPointEnd(series, from, last, out _, out last)) return false;
            }
            found.Add(new(from, last));
        }
        _rateSegments = [.. found];
        if (found.Count > 1)
        {
            foreach (Segment segment in found) Note($"segment[{Iso(segment.From)}]", DaysOf(segment), ["period"], "days between changes of a dated rate");
        }
        return true;
    }

    private int DaysOf(Segment segment) => segment.From is { } from ? Period.DaysBetween(from, segment.To!.Value) + 1 : _days ?? 0;

    /// <summary>The day up to which values are needed.</summary>
    private LocalDate LastDay(BillingPeriod period) => toDate?.LastDay ?? period.To;

    /// <summary>Shares units between segments: by dated intervals where the tariff says so and they exist, else by days, rounded to the unit
    /// step; the last takes the rest.</summary>
    private decimal[] Split(ExactFraction units, ReadOnlySpan<Segment> segments)
    {
        decimal whole = units.RoundTo(0.000000001m, RoundingMode.HalfUp);
        decimal[] shares = new decimal[segments.Length];
        if (toDate is not null)
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

    private ExactFraction ShareOfDays(ExactFraction units, int days) => units * ExactFraction.Of(days, inputs.Period?.Days ?? _days!.Value);

    private void ShareByDay(ReadOnlySpan<Segment> segments, decimal[] shares)
    {
        ReadOnlySpan<decimal> byDay = toDate!.KwhByDay.Span;
        for (int i = 0; i < segments.Length; i++)
        {
            int first = Period.DaysBetween(inputs.Period!.Value.From, segments[i].From!.Value);
            for (int day = first; day < Math.Min(byDay.Length, first + DaysOf(segments[i])); day++) shares[i] += byDay[day];
        }
    }

    private bool TryShareByInterval(decimal whole, ReadOnlySpan<Segment> segments, decimal[] shares)
    {
        if (inputs.Intervals is not { Count: > 0 } intervals) return false;
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

using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Percentages of earlier lines, part by part where the tariff says so or the percentage changes within the period.</summary>
internal sealed partial class RatingRun
{
    private List<(SeriesPoint Point, ExactFraction Base)>? _bases;

    /// <summary>The days over which one point of a series was last found to hold.</summary>
    private (TariffSeries? Series, SeriesPoint? Point, LocalDate From, LocalDate To) _held;

    private bool TryPercent(CompiledComponent component, PercentCharge charge)
    {
        ExactFraction total = 0;
        bool open = false;
        for (int i = 0; i < component.Of.Length; i++)
        {
            if (!TryLineOf(component.Of[i], out int line)) continue; // a line that does not apply adds nothing
            open |= _lines[line].IsOpen;
            total += Weighted(_lines[line].Amount, charge.Of[i].Weight);
        }
        bool done = component.Series is { } series ? TrySeriesPercent(component, charge, series) : TryPlainPercent(component, charge, total);
        if (!done) return false;
        int made = AddLine(component, LineKind.Percent, total, _tariff.Currency, isOpen: open);
        if (_trace is not null) Note(charge.Id, _lines[made].Amount, [.. charge.Of.Select(o => o.Id)], Made(made).Formula);
        return true;
    }

    private static ExactFraction Weighted(decimal amount, decimal weight) => weight == 1 ? amount : ExactFraction.FromDecimal(amount) * weight;

    private bool TryPlainPercent(CompiledComponent component, PercentCharge charge, ExactFraction total)
    {
        decimal rate = charge.Rate ?? 0;
        if (charge.External is not null)
        {
            if (!TryExternal(charge.External, charge.Id, out rate)) return false;
        }
        else if (charge.Rate is null)
        {
            return Refuse(RefusalCodes.RateMissing, charge.Id + ".rate", $"The rate of '{charge.Id}' is not published in the tariff; it is not taken as 0.");
        }
        if (!charge.PerBand && !charge.PerSegment)
        {
            AddPercentPart(total, rate, null, null);
            return true;
        }
        for (int i = 0; i < component.Of.Length; i++)
        {
            if (!TryLineOf(component.Of[i], out int line)) continue;
            for (int n = _lines[line].FirstPart, end = n + _lines[line].PartCount; n < end; n++)
            {
                RatedPart part = _parts[n];
                AddPercentPart(Weighted(part.Amount, charge.Of[i].Weight), rate, part.From, part.To);
            }
        }
        return true;
    }

    private void AddPercentPart(ExactFraction of, decimal rate, LocalDate? from, LocalDate? to) =>
        _parts.Add(new(of, rate, _rules.LineRounding.Apply(of * rate * 0.01m), from, to));

    /// <summary>A percentage that goes by date: a part of the base counts at the value that holds on its days.</summary>
    private bool TrySeriesPercent(CompiledComponent component, PercentCharge charge, TariffSeries series)
    {
        LocalDate from, to;
        if (series.IsByBillDate)
        {
            if (!TryBillDate(series, out from)) return false;
            to = from;
        }
        else
        {
            if (!TrySeriesPeriod(series, out BillingPeriod period)) return false;
            (from, to) = (period.From, LastDay(period));
        }
        bool apart = charge.PerBand || charge.PerSegment;
        (_bases ??= []).Clear();
        if (!TryVisit(series, from, to, 0, apart: false)) return false; // the whole period must be covered, also where the base is 0
        for (int i = 0; i < component.Of.Length; i++)
        {
            if (!TryLineOf(component.Of[i], out int line)) continue;
            for (int n = _lines[line].FirstPart, end = n + _lines[line].PartCount; n < end; n++)
            {
                RatedPart part = _parts[n];
                ExactFraction share = Weighted(part.Amount, charge.Of[i].Weight);
                LocalDate partFrom = series.IsByBillDate ? from : part.From ?? from, partTo = series.IsByBillDate ? to : LocalDate.Min(part.To ?? to, to);
                if (!TryVisit(series, partFrom, partTo, share, apart)) return false;
            }
        }
        if (apart) return true;
        foreach ((SeriesPoint point, ExactFraction of) in _bases)
        {
            bool single = _bases.Count == 1;
            LocalDate partFrom = LocalDate.Max(from, point.From);
            LocalDate? partTo = single ? null : EndOf(series, point, to);
            AddPercentPart(of, point.Value, single ? null : partFrom, partTo);
        }
        return true;
    }

    private static LocalDate EndOf(TariffSeries series, SeriesPoint point, LocalDate end)
    {
        if (point.To < end) end = point.To.Value;
        for (int i = 0; i < series.Points.Count; i++)
        {
            SeriesPoint later = series.Points[i];
            if (later.From > point.From && later.From <= end) end = later.From.PlusDays(-1);
        }
        return end;
    }

    /// <summary>Shares an amount by days between the points that hold from one day to another.</summary>
    private bool TryVisit(TariffSeries series, LocalDate from, LocalDate to, ExactFraction amount, bool apart)
    {
        if (ReferenceEquals(_held.Series, series) && from >= _held.From && to <= _held.To)
        {
            Share(series, _held.Point!, amount, from, to, apart);
            return true;
        }
        int days = Period.DaysBetween(from, to) + 1;
        for (LocalDate start = from; start <= to;)
        {
            if (!TryPointEnd(series, start, to, out SeriesPoint point, out LocalDate last)) return false;
            int partDays = Period.DaysBetween(start, last) + 1;
            ExactFraction share = partDays == days ? amount : amount * ExactFraction.Of(partDays, days);
            _held = (series, point, start, last);
            Share(series, point, share, start, last, apart);
            start = last.PlusDays(1);
        }
        return true;
    }

    private void Share(TariffSeries series, SeriesPoint point, ExactFraction share, LocalDate from, LocalDate to, bool apart)
    {
        if (apart) AddPercentPart(share, point.Value, from, to);
        else AddToBase(series, point, share);
    }

    private void AddToBase(TariffSeries series, SeriesPoint point, ExactFraction share)
    {
        for (int i = 0; i < _bases!.Count; i++)
        {
            if (!ReferenceEquals(_bases[i].Point, point)) continue;
            _bases[i] = (point, _bases[i].Base + share);
            return;
        }
        NoteSeries(series, point);
        _bases.Add((point, share));
    }
}

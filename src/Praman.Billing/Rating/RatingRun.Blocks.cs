using System.Globalization;
using System.Runtime.InteropServices;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Slabs and rates per unit.</summary>
internal sealed partial class RatingRun
{
    private List<string>? _limits;

    /// <summary>Where bands stand in the tariff; worded only for a refusal or a trace.</summary>
    private readonly record struct BandsPath(string Owner, int Table, bool IsBlocks = false)
    {
        public override string ToString() => IsBlocks ? Owner + ".blocks" : Table < 0 ? Owner + ".bands" : string.Create(CultureInfo.InvariantCulture, $"{Owner}.tables[{Table}].bands");
    }

    private static string UnitOf(BilledQuantity quantity) => quantity switch { BilledQuantity.Kvah => "kVAh", BilledQuantity.KwMax => "kW", _ => "kWh" };

    private bool TryBlocks(CompiledComponent component, BlockCharge charge)
    {
        if (!TryQuantity(charge.Quantity, charge.Id, out ExactFraction units)) return false;
        if (!TryTable(charge.Tables, charge.Id, out BlockTable? table, out BandsPath path)) return false;
        if (!TryRateSegments(out ReadOnlySpan<Segment> segments)) return false;
        if (segments.Length == 1)
        {
            if (!TryFactor(charge.Per, charge.Id, out ExactFraction factor)) return false;
            if (!TryBands(table.Bands, table.IsWhole, path, units, factor, default, isJudged: charge.Quantity == BilledQuantity.Kwh)) return false;
        }
        else
        {
            decimal[] shares = Split(units, segments);
            for (int i = 0; i < segments.Length; i++)
            {
                if (!TryFactor(charge.Per, charge.Id, out ExactFraction factor, segments[i])) return false;
                if (_trace is not null) Note($"{charge.Id}.units[{Iso(segments[i].From)}]", shares[i], [NameOf(charge.Quantity)], "share of the units by days of the segment");
                if (!TryBands(table.Bands, table.IsWhole, path, shares[i], factor, segments[i])) return false;
            }
        }
        int line = AddLine(component, LineKind.Blocks, units, UnitOf(charge.Quantity));
        if (_trace is not null) Note(charge.Id, _lines[line].Amount, [NameOf(charge.Quantity), .. TakeLimits()], table.IsWhole ? "all units × rate of the band reached" : "units of each band × its rate, rounded, added");
        return true;
    }

    private static string NameOf(BilledQuantity quantity) => quantity switch
    {
        BilledQuantity.Kwh => "kwh",
        BilledQuantity.Kvah => "quantities.kvah",
        BilledQuantity.KwMax => "quantities.kw_max",
        BilledQuantity.KwhImport => "quantities.kwh_import",
        _ => "quantities.kwh_export",
    };

    /// <summary>Names of the limits that were traced since the last call.</summary>
    private string[] TakeLimits()
    {
        if (_limits is null) return [];
        string[] names = [.. _limits];
        _limits.Clear();
        return names;
    }

    private bool TryTable(IReadOnlyList<BlockTable> tables, string owner, out BlockTable table, out BandsPath path)
    {
        table = tables[0];
        path = new(owner, None);
        if (tables.Count == 1 && table.When is null) return true;
        for (int i = 0; i < tables.Count; i++)
        {
            table = tables[i];
            if (!TryApplies(table.When, owner, out bool applies)) return false;
            if (!applies) continue;
            path = new(owner, i);
            return true;
        }
        return Refuse(RefusalCodes.RateMissing, owner + ".tables", $"No table of '{owner}' holds for this bill: the rate is not in the tariff.");
    }

    /// <summary>What slab limits are multiplied with for the whole period or one segment of it.</summary>
    private bool TryFactor(ChargePer per, string owner, out ExactFraction factor, Segment? segment = null)
    {
        bool isPart = segment is { From: not null };
        switch (per)
        {
            case ChargePer.Day:
                bool known = TryDays(owner, out int days);
                factor = isPart ? DaysOf(segment!.Value) : _isToDate ? _inputs.Period!.Value.Days : days;
                return known;
            case ChargePer.Month when _rules.ProratesSlabLimits:
                factor = isPart && _rules.MonthFraction != MonthFraction.None && _inputs.BillingMonths is null ? MonthsOf(segment!.Value.From!.Value, segment.Value.To!.Value) : _months;
                if (isPart && (_rules.MonthFraction == MonthFraction.None || _inputs.BillingMonths is not null)) factor = ShareOfDays(factor, DaysOf(segment!.Value));
                return true;
            case ChargePer.Cycle when _rules.ProratesSlabLimits:
                factor = _months / _rules.CycleMonths;
                break;
            default:
                factor = per == ChargePer.Month ? _rules.CycleMonths : 1;
                break;
        }
        if (isPart) factor = ShareOfDays(factor, DaysOf(segment!.Value));
        return true;
    }

    /// <summary>Adds a part for each band that the units reach.</summary>
    /// <param name="isWhole">All units at the rate of the band reached.</param>
    /// <param name="isJudged">The units that are judged choose the band of a table for all units; false: the units themselves do.</param>
    private bool TryBands(IReadOnlyList<Band> bands, bool isWhole, BandsPath path, in ExactFraction units, in ExactFraction factor, Segment segment, int sign = 1, bool isJudged = false)
    {
        ExactFraction below = default, reached = isWhole && isJudged && _judgedKwh is { } judged ? judged : units;
        for (int i = 0; i < bands.Count && reached > below; i++)
        {
            Band band = bands[i];
            if (!TryLimit(band, path, i, factor, segment, out ExactFraction? limit)) return false;
            bool isLast = limit is null || reached <= limit.Value;
            if (isWhole && !isLast)
            {
                below = limit!.Value;
                continue;
            }
            if (isWhole && isJudged && _isToDate && limit is { } end) Until(end, ExactFraction.One);
            ExactFraction inBand = isWhole ? units : (isLast ? units : limit!.Value) - below;
            if (inBand.Sign > 0)
            {
                if (!TryBandRate(band, path, i, out decimal rate)) return false;
                _parts.Add(new(inBand, rate * sign, _rules.LineRounding.Apply(inBand * rate) * sign, segment.From, segment.To));
            }
            if (isLast) return true;
            below = limit!.Value;
        }
        return reached <= below || Refuse(RefusalCodes.RateMissing, string.Create(CultureInfo.InvariantCulture, $"{path}[{bands.Count}]"),
            $"The tariff has no rate in '{path}' above {below.ToText(6)} units, and the bill has {units.ToText(6)}.");
    }

    private bool TryLimit(Band band, BandsPath path, int index, in ExactFraction factor, Segment segment, out ExactFraction? limit)
    {
        limit = null;
        decimal? upto = band.Upto;
        if (band.UptoExternal is not null)
        {
            if (!TryExternal(band.UptoExternal, path, out decimal given)) return false;
            upto = given;
        }
        if (upto is null) return true;
        limit = upto.Value * factor;
        if (_rules.RoundsSlabLimits) limit = Rounding.HalfUpUnit.Apply(limit.Value);
        if (_trace is not null)
        {
            _limits!.Add(string.Create(CultureInfo.InvariantCulture, $"{path}[{index}].limit{(segment.From is null ? "" : $"[{Iso(segment.From)}]")}"));
            Note(_limits[^1], limit.Value, ["months"],
                string.Create(CultureInfo.InvariantCulture, $"{upto} × {factor}{(_rules.RoundsSlabLimits ? ", rounded half up to a whole unit" : "")}"));
        }
        return true;
    }

    private bool TryBandRate(Band band, BandsPath path, int index, out decimal rate)
    {
        rate = band.Rate ?? 0;
        if (band.External is not null) return TryExternal(band.External, path, out rate);
        return band.Rate is not null || Refuse(RefusalCodes.RateMissing, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}].rate"),
            $"The rate of band {index + 1} of '{path}' is not published in the tariff; it is not taken as 0.");
    }

    private bool TryUnit(CompiledComponent component, UnitCharge charge)
    {
        if (!TryQuantity(charge.Quantity, charge.Id, out ExactFraction units)) return false;
        if (component.Series is { } series)
        {
            if (!TryUnitSeries(series, units)) return false;
        }
        else
        {
            if (!TryUnitRate(charge, out decimal rate)) return false;
            _parts.Add(new(units, rate, _rules.LineRounding.Apply(units * rate)));
        }
        int line = AddLine(component, LineKind.Unit, units, UnitOf(charge.Quantity));
        if (_trace is not null) Note(charge.Id, _lines[line].Amount, [NameOf(charge.Quantity)], Made(line).Formula);
        return true;
    }

    private bool TryUnitRate(UnitCharge charge, out decimal rate)
    {
        rate = charge.Rate ?? 0;
        if (charge.External is not null) return TryExternal(charge.External, charge.Id, out rate);
        for (int i = 0; i < charge.Tables.Count; i++)
        {
            RateTable table = charge.Tables[i];
            if (!TryApplies(table.When, charge.Id, out bool applies)) return false;
            rate = table.Rate;
            if (applies) return true;
        }
        if (charge.Tables.Count > 0) return Refuse(RefusalCodes.RateMissing, charge.Id + ".tables", $"No table of '{charge.Id}' holds for this bill: the rate is not in the tariff.");
        return charge.Rate is not null || Refuse(RefusalCodes.RateMissing, charge.Id + ".rate", $"The rate of '{charge.Id}' is not published in the tariff; it is not taken as 0.");
    }

    private bool TryUnitSeries(TariffSeries series, ExactFraction units)
    {
        if (series.IsByBillDate)
        {
            if (!TryBillDate(series, out var date) || !TryValueOn(series, date, out SeriesPoint onDate)) return false;
            NoteSeries(series, onDate);
            _parts.Add(new(units, onDate.Value, _rules.LineRounding.Apply(units * onDate.Value)));
            return true;
        }
        if (!TrySeriesPeriod(series, out BillingPeriod period)) return false;
        List<Segment> segments = _seriesSegments;
        segments.Clear();
        for (var from = period.From; from <= LastDay(period); from = segments[^1].To!.Value.PlusDays(1))
        {
            if (!TryPointEnd(series, from, LastDay(period), out SeriesPoint point, out var last)) return false;
            NoteSeries(series, point);
            segments.Add(new(from, last));
        }
        decimal[] shares = segments.Count == 1 ? [] : Split(units, CollectionsMarshal.AsSpan(segments));
        for (int i = 0; i < segments.Count; i++)
        {
            decimal value = series.PointOn(segments[i].From!.Value)!.Value;
            ExactFraction share = segments.Count == 1 ? units : shares[i];
            _parts.Add(new(share, value, _rules.LineRounding.Apply(share * value), segments[i].From, segments[i].To));
        }
        return true;
    }

    private void NoteSeries(TariffSeries series, SeriesPoint point)
    {
        _points.Add(point);
        if (_trace is not null) Note($"{series.Id}[{Iso(point.From)}]", point.Value, [], $"value of series '{series.Id}' from {Iso(point.From)}, source {point.Source}");
    }
}

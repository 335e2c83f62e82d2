using System.Globalization;
using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Charges per connection, kW or kVA.</summary>
internal sealed partial class RatingRun
{
    private static readonly string[] FromMonths = ["months"];

    private bool TryFixed(CompiledComponent component, FixedCharge charge)
    {
        ExactFraction load = 0;
        bool usesLoad = charge.Basis is not FixedBasis.Connection || charge.BandsByLoad.Count > 0;
        if (usesLoad)
        {
            if (!TryLoad(charge, out ExactFraction? known)) return false;
            if (known is null) return AddOpenLine(component, charge);
            load = known.Value;
        }
        if (!TryFixedRate(charge, load, out decimal rate, out FixedBasis basis)) return false;
        ExactFraction quantity = basis == FixedBasis.Connection ? ExactFraction.One : load;
        string unit = basis switch { FixedBasis.Kw => "kW", FixedBasis.Kva => "kVA", _ => "connection" };
        ExactFraction perMonth = quantity * rate;
        if (charge.Per == ChargePer.Day)
        {
            if (!TryDays(charge.Id, out int days)) return false;
            _parts.Add(new(days, rate, _rules.LineRounding.Apply(perMonth * days), null, null, "days"));
        }
        else if (_rules is { HasSegments: true, ProratesFixed: true, MonthFraction: not MonthFraction.None } && _inputs is { Period: not null, BillingMonths: null })
        {
            if (!TryFixedSegments(charge, perMonth, rate)) return false;
        }
        else
        {
            ExactFraction months = _rules.ProratesFixed ? _months : _rules.CycleMonths;
            if (_isToDate)
            {
                if (!TryWholePeriod(charge, out bool whole)) return false;
                if (!whole) months = ShareOfDays(months, _kwhByDay.Length);
            }
            _parts.Add(new(months, rate, _rules.LineRounding.Apply(perMonth * months)));
        }
        int line = AddLine(component, LineKind.Fixed, quantity, unit);
        if (_trace is not null) Note(charge.Id, _lines[line].Amount, FromMonths, Made(line).Formula);
        return true;
    }

    /// <summary>One part for each stretch within a calendar month and between rate changes.</summary>
    private bool TryFixedSegments(FixedCharge charge, ExactFraction perMonth, decimal rate)
    {
        if (!TryRateSegments(out ReadOnlySpan<Segment> segments)) return false;
        foreach (Segment segment in segments)
        {
            LocalDate from = segment.From!.Value, end = _isToDate ? LocalDate.Min(segment.To!.Value, _lastDay) : segment.To!.Value;
            while (from <= end)
            {
                LocalDate last = from.With(DateAdjusters.EndOfMonth);
                if (last > end) last = end;
                ExactFraction months = MonthsOf(from, last);
                if (_trace is not null) Note($"{charge.Id}.months[{Iso(from)}]", months, ["period"], $"months from {Iso(from)} to {Iso(last)}");
                _parts.Add(new(months, rate, _rules.LineRounding.Apply(perMonth * months), from, last));
                from = last.PlusDays(1);
            }
        }
        return true;
    }

    private bool AddOpenLine(CompiledComponent component, FixedCharge charge)
    {
        Warn("LINE-OPEN", $"Line '{charge.Id}' is not computed: neither max_demand_kw nor sanctioned_load_kw is given.");
        AddLine(component, LineKind.Fixed, 0, "kW", isOpen: true);
        _trace?.Add(new(charge.Id, Unknown, ["sanctioned_load_kw", "max_demand_kw"], "the higher of the demand and 75 % of the sanctioned load; neither is given"));
        return true;
    }

    /// <summary>The load that the charge looks at; null where a maximum has neither of its figures, which leaves the line open.</summary>
    private bool TryLoad(FixedCharge charge, out ExactFraction? load)
    {
        load = null;
        if (_inputs.SanctionedLoadKw < 0 || _inputs.MaxDemandKw < 0 || _inputs.KwMax < 0) return RefuseInput("sanctioned_load_kw", "expected loads of 0 or more");
        decimal? sanctioned = _inputs.SanctionedLoadKw, demand = _inputs.MaxDemandKw ?? _inputs.KwMax;
        switch (charge.Load)
        {
            case LoadBasis.DerivedFromKwh:
                if (!TryKwhMonth(charge.Id, out ExactFraction kwhMonth)) return false;
                _sameUpTo = decimal.MinValue; // the load follows the units themselves, not a limit of them
                load = (kwhMonth / charge.Derive!.KwhPerStep).RoundTo(1, RoundingMode.Up) * charge.Derive.StepKw;
                _derivedLoadKw = load;
                if (_trace is not null) Note($"{charge.Id}.derived_load_kw", load.Value, ["kwh", "months"], string.Create(CultureInfo.InvariantCulture, $"each {charge.Derive.KwhPerStep} units a month or part count as {charge.Derive.StepKw} kW"));
                break;
            case LoadBasis.MaxOfDemandAnd75PercentSanctioned:
                if (sanctioned is null && demand is null) return true;
                load = Math.Max(demand ?? 0, (sanctioned ?? 0) * 0.75m);
                break;
            case LoadBasis.BillingDemand:
                if (sanctioned is null && demand is null) return RefuseInput("max_demand_kw", $"not given, and '{charge.Id}' is charged on the billing demand");
                load = Math.Max(demand ?? 0, sanctioned ?? 0);
                break;
            default:
                if (sanctioned is null) return RefuseInput("sanctioned_load_kw", $"not given, and '{charge.Id}' depends on it");
                load = sanctioned.Value;
                break;
        }
        if (charge.LoadRounding is { } rounding) load = rounding.Apply(load.Value);
        if (_trace is not null) Note($"{charge.Id}.load_kw", load.Value, ["sanctioned_load_kw", "max_demand_kw"], charge.LoadRounding is { } step ? $"load, rounded {Word(step.Mode)} to {DecimalText.AsGiven(step.Step)} kW" : "load");
        return true;
    }

    private bool TryFixedRate(FixedCharge charge, ExactFraction load, out decimal rate, out FixedBasis basis)
    {
        basis = charge.Basis;
        rate = charge.Rate ?? 0;
        if (charge.External is not null) return TryExternal(charge.External, charge.Id, out rate);
        if (charge.BandsByLoad.Count > 0)
        {
            for (int i = 0; i < charge.BandsByLoad.Count; i++)
            {
                LoadBand band = charge.BandsByLoad[i];
                if (band.UptoKw is { } limit && load > limit) continue;
                rate = band.Rate;
                basis = band.Basis ?? charge.Basis;
                return true;
            }
            return Refuse(RefusalCodes.RateMissing, $"{charge.Id}.bands_by_load[{charge.BandsByLoad.Count}]", $"'{charge.Id}' has no rate for a load of {load} kW.");
        }
        if (charge.BandsByKwh.Count > 0) return TryKwhBand(charge.BandsByKwh, charge.Id, "bands_by_kwh", out rate);
        if (charge.IsByPhase)
        {
            if (_inputs.Phase is not { } phase) return RefuseInput("phase", $"not given, and '{charge.Id}' depends on it");
            string name = phase == SupplyPhase.Single ? "by_phase.single" : "by_phase.three";
            IReadOnlyList<KwhBand>? bands = phase == SupplyPhase.Single ? charge.SinglePhase : charge.ThreePhase;
            if (bands is null) return Refuse(RefusalCodes.RateMissing, $"{charge.Id}.{name}", $"'{charge.Id}' has no rate for {(phase == SupplyPhase.Single ? "single" : "three")} phase.");
            return TryKwhBand(bands, charge.Id, name, out rate);
        }
        return charge.Rate is not null || Refuse(RefusalCodes.RateMissing, charge.Id + ".rate", $"The rate of '{charge.Id}' is not published in the tariff; it is not taken as 0.");
    }

    private bool TryKwhBand(IReadOnlyList<KwhBand> bands, string owner, string name, out decimal rate)
    {
        rate = 0;
        if (bands is [{ Upto: null, Rate: { } only }])
        {
            rate = only;
            return true;
        }
        if (!TryKwhMonth(owner, out ExactFraction kwhMonth)) return false;
        for (int i = 0; i < bands.Count; i++)
        {
            if (bands[i].Upto is { } limit && kwhMonth > limit) continue;
            Until(kwhMonth, bands[i].Upto, _months);
            rate = bands[i].Rate ?? 0;
            return bands[i].Rate is not null || Refuse(RefusalCodes.RateMissing, $"{owner}.{name}[{i}].rate",
                $"The rate of band {i + 1} of '{owner}.{name}' is not published in the tariff; it is not taken as 0.");
        }
        return Refuse(RefusalCodes.RateMissing, $"{owner}.{name}[{bands.Count}]", $"'{owner}' has no rate for {kwhMonth.ToText(4)} units a month.");
    }

    /// <summary>Tops the sum of the lines up to the tariff's minimum.</summary>
    private bool TryMinimum()
    {
        if (_tariff.Minimum is not { } minimum) return true;
        ExactFraction factor = minimum.Per == ChargePer.Month ? _months : 1;
        if (minimum.Per == ChargePer.Day)
        {
            if (!TryDays("minimum", out int days)) return false;
            factor = days;
        }
        decimal floor = _rules.LineRounding.Apply(minimum.Amount * factor), sum = 0;
        for (int i = 0; i < _lineCount; i++)
        {
            if (!minimum.Exclude.Contains(_lines[i].Id)) sum += _lines[i].Amount;
        }
        if (sum >= floor) return true;
        _parts.Add(new(sum, null, floor - sum));
        MakeLine(MinimumCharge.LineId, "Minimum charge", ChargeGroup.Fixed, LineKind.Minimum, sum, _tariff.Currency, _tariff.Sources);
        if (_trace is not null) Note(MinimumCharge.LineId, floor - sum, ["months"], $"up to {DecimalText.Money(floor)}");
        return true;
    }
}

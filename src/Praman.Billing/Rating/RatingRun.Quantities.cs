using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Period, months and measured quantities: what the components ask for.</summary>
internal sealed partial class RatingRun
{
    private ExactFraction _months;
    private int? _days, _periodDays;
    private ExactFraction? _kwh;
    private decimal? _kwhCarriedOut;

    private bool TryPrepare()
    {
        if (_tariff.Status == TariffStatus.Partial) Warn(_compiled.PartialWarning);
        if (!TryPeriod() || !TryMonths()) return false;
        if (_inputs.KwhByTou is null) return true;
        foreach (KeyValuePair<string, decimal> entry in _inputs.KwhByTou)
        {
            if (!NamesTouPeriod(entry.Key)) return RefuseInput($"kwh_by_tod.{entry.Key}", "the tariff has no time-of-day period of this name");
        }
        return true;
    }

    private bool NamesTouPeriod(string name)
    {
        foreach (CompiledComponent component in _compiled.Components)
        {
            if (component.Source is not TimeOfDayCharge tod) continue;
            foreach (TouPeriod period in tod.Periods)
            {
                if (string.Equals(period.Name, name, StringComparison.Ordinal)) return true;
            }
        }
        return false;
    }

    private bool TryPeriod()
    {
        (_days, _periodDays) = (_inputs.Days, null);
        if (_inputs.Days is <= 0 or > BillingPeriod.DaysMax) return RefuseInput("days", $"expected 1 to {BillingPeriod.DaysMax}");
        if (_inputs.Period is not { } period) return true;
        if (period.To < period.From) return RefuseInput("period", "its last day is before its first");
        int days = period.Days;
        if (days > BillingPeriod.DaysMax) return RefuseInput("period", $"more than {BillingPeriod.DaysMax} days");
        if (_inputs.Days is { } given && given != days) return RefuseInput("days", $"says {given}, the period has {days}");
        (_days, _periodDays) = (days, days);
        if (!IsForAmounts && (!_tariff.IsInForce(period.From) || !_tariff.IsInForce(period.To)))
        {
            string until = _tariff.ValidTo is { } last ? Iso(last) : "further notice";
            Warn("TARIFF-NOT-IN-FORCE", $"Tariff '{_tariff.Id}' is in force from {_tariff.ValidFrom:uuuu-MM-dd} to {until}; the period is not within.");
        }
        if (_isToDate) _days = _kwhByDay.Length;
        if (_trace is not null) Note("days", days, ["period"], "days of the period, both ends included");
        return true;
    }

    private bool TryMonths()
    {
        if (_inputs.BillingMonths is { } printed)
        {
            if (printed <= 0) return RefuseInput("billing_months", "expected more than 0");
            _months = printed;
            if (_trace is not null) Note("months", _months, ["billing_months"], "as printed on the bill");
            return true;
        }
        if (_rules.MonthFraction == MonthFraction.None)
        {
            _months = _rules.CycleMonths;
            if (_trace is not null) Note("months", _months, [], "months of a billing cycle");
            return true;
        }
        if (_days is null)
        {
            _months = _rules.CycleMonths;
            Warn("PERIOD-ASSUMED", "No period, days or billing_months were given: one whole billing cycle is taken.");
            if (_trace is not null) Note("months", _months, [], "no period given: months of a billing cycle");
            return true;
        }
        if (_rules.MonthFraction == MonthFraction.CalendarSum && _inputs.Period is null) return RefuseInput("period", "not given, and months are counted by the calendar");
        _months = _inputs.Period is { } period ? MonthsOf(period.From, period.To) : ExactFraction.Of(_days.Value, 30);
        if (_trace is not null) Note("months", _months, ["period"], _rules.MonthFraction == MonthFraction.DaysOver30 ? "days / 30" : "sum over calendar months of days billed / days in the month");
        return true;
    }

    /// <summary>Months of some days by the tariff's rule, which is not <see cref="MonthFraction.None"/>.</summary>
    private ExactFraction MonthsOf(LocalDate from, LocalDate to)
    {
        if (_rules.MonthFraction == MonthFraction.DaysOver30) return ExactFraction.Of(Period.DaysBetween(from, to) + 1, 30);
        ExactFraction months = default;
        while (from <= to)
        {
            int inMonth = CalendarSystem.Iso.GetDaysInMonth(from.Year, from.Month);
            LocalDate last = from.With(DateAdjusters.EndOfMonth);
            if (last > to) last = to;
            months += ExactFraction.Of(last.Day - from.Day + 1, inMonth);
            from = last.PlusDays(1);
        }
        return months;
    }

    private bool TryDays(string owner, out int days)
    {
        days = _days ?? 0; // to date: the days so far
        return _days is not null || RefuseInput("period", $"not given, and '{owner}' is a charge per day");
    }

    private bool TryQuantity(BilledQuantity quantity, string owner, out ExactFraction value)
    {
        if (quantity == BilledQuantity.Kwh) return TryKwh(owner, out value);
        (decimal? given, string name) = quantity switch
        {
            BilledQuantity.Kvah => (_inputs.Kvah, "quantities.kvah"),
            BilledQuantity.KwMax => (_inputs.KwMax ?? _inputs.MaxDemandKw, "quantities.kw_max"),
            BilledQuantity.KwhImport => (_kwhImport, "quantities.kwh_import"),
            _ => (_inputs.KwhExport, "quantities.kwh_export"),
        };
        value = given is null ? default : quantity == BilledQuantity.KwMax ? given.Value : Stepped(given.Value);
        if (given is null) return RefuseInput(name, $"not given, and '{owner}' asks for it");
        return given >= 0 || RefuseInput(name, "expected 0 or more");
    }

    private bool TryKwh(string owner, out ExactFraction value)
    {
        value = _kwh ?? default;
        if (_kwh is not null) return true;
        decimal kwh;
        if (_tariff.Export is not null && _kwhImport is { } import)
        {
            if (import < 0 || _inputs.KwhExport < 0 || _inputs.KwhCarriedIn < 0) return RefuseInput("quantities", "expected import, export and carried energy of 0 or more");
            decimal left = Stepped(import) - Stepped(_inputs.KwhExport ?? 0) - _inputs.KwhCarriedIn;
            kwh = Math.Max(left, 0);
            _kwhCarriedOut = Math.Max(-left, 0);
            if (_trace is not null) Note("kwh", kwh, ["quantities.kwh_import", "quantities.kwh_export", "kwh_carried_in"], "import − export − carried in, not below 0");
            if (_trace is not null) Note("kwh_carried_out", _kwhCarriedOut.Value, ["kwh"], "what is left of export and carried energy");
        }
        else
        {
            if (GivenKwh() is not { } given) return RefuseInput("quantities.kwh", $"not given, and '{owner}' asks for it");
            if (given < 0) return RefuseInput("quantities.kwh", "expected 0 or more");
            kwh = Stepped(given);
            if (_trace is not null) Note("kwh", kwh, ["quantities.kwh"], $"rounded half up to {DecimalText.AsGiven(_rules.UnitStep)}");
        }
        value = kwh;
        _kwh = kwh;
        return true;
    }

    /// <summary>The units by which conditions and bands for all units are chosen: those of the bill, unless a bill to date names others.</summary>
    private bool TryJudgedKwh(string owner, out ExactFraction value)
    {
        if (!TryKwh(owner, out value)) return false;
        if (_judgedKwh is { } judged) value = judged;
        return true;
    }

    /// <summary>As given, or the sum of the time-of-day or interval energy.</summary>
    private decimal? GivenKwh()
    {
        if (_givenKwh is not null) return _givenKwh;
        if (_inputs.KwhByTou is { } byTou) return byTou.Values.Sum();
        return _intervals?.Sum(i => i.Kwh);
    }

    private decimal Stepped(decimal quantity) => _isToDate ? quantity : ExactFraction.FromDecimal(quantity).RoundTo(_rules.UnitStep, RoundingMode.HalfUp);

    private bool TryKwhMonth(string owner, out ExactFraction kwhMonth)
    {
        kwhMonth = default;
        if (!TryJudgedKwh(owner, out ExactFraction kwh)) return false;
        kwhMonth = kwh / _months;
        if (_trace is not null && !_trace.Exists(s => s.Name == "kwh_month")) Note("kwh_month", kwhMonth, ["kwh", "months"], "units a month: kwh / months");
        return true;
    }
}

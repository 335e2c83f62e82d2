using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Prices by time of day, and prices of single intervals.</summary>
internal sealed partial class RatingRun
{
    private bool TryTimeOfDay(CompiledComponent component, TimeOfDayCharge charge)
    {
        decimal[] energy = new decimal[charge.Periods.Count];
        if (!TryTouEnergy(charge, energy)) return false;
        ExactFraction baseAmount = 0, baseUnits = 0;
        bool open = false;
        foreach (int index in component.Of)
        {
            if (!TryLineOf(index, out int line)) continue;
            open |= _lines[line].IsOpen;
            baseAmount += _lines[line].Amount;
        }
        ExactFraction sum = 0;
        if (component.Of.Length > 0 && !TryQuantity(charge.Quantity, charge.Id, out baseUnits)) return false;
        for (int i = 0; i < energy.Length; i++)
        {
            TouPeriod period = charge.Periods[i];
            sum += energy[i];
            ExactFraction amount = energy[i];
            if (period.Pricing == TouPricing.Multiplier) amount = baseUnits.IsZero ? 0 : amount * baseAmount * (period.Value - 1) / baseUnits;
            else amount *= period.Value;
            _parts.Add(new(energy[i], period.Value, _rules.LineRounding.Apply(amount), null, null, period.Name, period.Pricing == TouPricing.Multiplier));
        }
        int made = AddLine(component, LineKind.TimeOfDay, sum, UnitOf(charge.Quantity), isOpen: open, average: component.Of.Length == 0 ? null : baseUnits.IsZero ? 0 : baseAmount / baseUnits);
        if (_trace is not null) Note(charge.Id, _lines[made].Amount, [.. charge.Periods.Select(p => $"kwh_by_tod.{p.Name}"), .. charge.Base], "units of each period × its rate, rounded, added; a multiplier works on the average rate of the base");
        return true;
    }

    private bool TryTouEnergy(TimeOfDayCharge charge, decimal[] energy)
    {
        if (_inputs.KwhByTou is { } given)
        {
            for (int i = 0; i < energy.Length; i++)
            {
                if (given.TryGetValue(charge.Periods[i].Name, out energy[i]) && energy[i] < 0) return RefuseInput($"kwh_by_tod.{charge.Periods[i].Name}", "expected 0 or more");
            }
        }
        else if (_intervals is { } intervals)
        {
            for (int i = 0; i < intervals.Count; i++)
            {
                if (!TryFindPeriod(charge, intervals[i], i, out int found)) return false;
                if (found >= 0) energy[found] += intervals[i].Kwh;
            }
        }
        else return RefuseInput("kwh_by_tod", $"not given, and '{charge.Id}' goes by the time of day");
        if (_givenKwh is not { } total || charge.Quantity != BilledQuantity.Kwh) return true;
        if (_inputs.UnassignedKwh != 0 && charge.Periods.Any(p => p.Pricing == TouPricing.Rate))
        {
            return RefuseInput("unassigned_kwh", $"{DecimalText.Trimmed(_inputs.UnassignedKwh)} kWh were used at no known time, and '{charge.Id}' has a rate for known times alone");
        }
        decimal sum = energy.Sum() + _inputs.UnassignedKwh; // at no known time: charged by the base, not adjusted
        bool coversDay = charge.Periods.Any(p => p.From is null && p.Days == DayKind.All && p.Months.Count == 0);
        if (sum == total || (sum < total && !coversDay)) return true;
        return RefuseInput("kwh_by_tod", $"its energy is {DecimalText.Trimmed(sum)} kWh, quantities.kwh says {DecimalText.Trimmed(total)}");
    }

    /// <summary>The first period that holds the start of the interval; −1: none.</summary>
    private bool TryFindPeriod(TimeOfDayCharge charge, in IntervalEnergy interval, int index, out int found)
    {
        found = -1;
        for (int i = 0; i < charge.Periods.Count; i++)
        {
            TouPeriod period = charge.Periods[i];
            if (!Contains(period.From, period.To, interval.Start)) continue;
            if (period.Days != DayKind.All || period.Months.Count > 0)
            {
                if (interval.Date is not { } date) return RefuseInput($"intervals[{index}].from", $"a time alone; '{charge.Id}' needs the date");
                if (period.Days != DayKind.All && _inputs.Holidays is null && charge.Periods.Any(p => p.Days == DayKind.Holiday)) return RefuseInput("holidays", $"not given, and '{charge.Id}' has a period for holidays");
                if (!IsOn(period, date)) continue;
            }
            found = i;
            return true;
        }
        return true;
    }

    private bool IsOn(TouPeriod period, LocalDate date)
    {
        if (period.Months.Count > 0 && !period.Months.Contains(date.Month)) return false;
        bool weekend = date.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday;
        return period.Days switch
        {
            DayKind.Weekday => !weekend,
            DayKind.Weekend => weekend,
            DayKind.Holiday => _inputs.Holidays!.Contains(date),
            _ => true,
        };
    }

    /// <summary>Start included, end excluded; a stretch may pass midnight.</summary>
    private static bool Contains(LocalTime? from, LocalTime? to, LocalTime time)
    {
        if (from is not { } start) return true;
        LocalTime end = to!.Value;
        return start < end ? time >= start && time < end : time >= start || time < end;
    }

    private bool TryInterval(CompiledComponent component, IntervalCharge charge)
    {
        if (_intervals is not { } intervals) return RefuseInput("intervals", $"not given, and '{charge.Id}' has a price for each interval");
        if (_inputs.UnassignedKwh != 0)
        {
            return RefuseInput("unassigned_kwh", $"{DecimalText.Trimmed(_inputs.UnassignedKwh)} kWh were used at no known time, and '{charge.Id}' has prices for known times alone");
        }
        decimal sum = 0, energy = 0;
        for (int i = 0; i < intervals.Count; i++)
        {
            IntervalEnergy interval = intervals[i];
            if (interval.Price is not { } price)
            {
                return Refuse(RefusalCodes.ExternalMissing, charge.External ?? "w", $"'{charge.Id}' needs the price '{charge.External ?? "w"}' of interval {i}, which must come with the bill's _inputs.");
            }
            foreach (PriceStep step in charge.Steps)
            {
                if (!Contains(step.From, step.To, interval.Start)) continue;
                price = (price * step.Multiply) + step.Add;
                break;
            }
            if (charge.Cap < price) price = charge.Cap.Value;
            if (charge.Floor > price) price = charge.Floor.Value;
            sum += interval.Kwh * price;
            energy += interval.Kwh;
        }
        _parts.Add(new(energy, null, _rules.LineRounding.Apply(ExactFraction.Of(sum, charge.PriceDivisor))));
        int line = AddLine(component, LineKind.Interval, energy, "kWh");
        if (_trace is not null) Note(charge.Id, _lines[line].Amount, ["intervals"], "sum over intervals of energy × price by the tariff's formula, rounded once");
        return true;
    }
}

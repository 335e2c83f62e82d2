using NodaTime;
using Praman.Metering;
using Praman.Server.Plots;
using Praman.Server.Queries;
using Praman.Server.Usage;
using Praman.Server.Words;

namespace Praman.Server.Pages;

/// <summary>Days and months of use as bars with their words.</summary>
internal static class UsePlots
{
    /// <summary>Days of a month just begun that each have room for their number.</summary>
    private const int EachDayTickedMax = 10;

    public static BarPlot OfDay(DayUse day, string id)
    {
        Format f = Format.Current;
        var bars = new List<Bar>(day.Slots.Count);
        int? ticked = null;
        foreach (UseSlot slot in day.Slots)
        {
            int hour = slot.Start.Hour;
            bool isTick = slot.Start.Minute == 0 && hour % 6 == 0 && hour != ticked;
            if (isTick) ticked = hour;
            string span = Span(slot.Start, slot.End, false);
            bool isOff = IsOff(slot.Quality);
            string words = Words(f, span, slot.Wh, slot.Sureness);
            if (slot.Quality.IsByPerson) words = f.Text(W.BarEdited, words);
            bars.Add(new Bar(slot.Wh / 1000m, slot.Sureness, isOff ? f.Text(W.BarOff, words) : words, isTick ? f.Time(slot.Start.TimeOfDay) : null, IsOff: isOff));
        }
        string description = day.Highest is { } highest
            ? f.Text(W.DayPlotDescription, day.Slots.Count, f.Time(highest.Start.TimeOfDay), f.Time(highest.End.TimeOfDay), f.KwhExact(highest.Wh))
            : W.NothingKnown;
        return new BarPlot(id, f.Text(W.DayPlotTitle, f.DayLong(day.Day)), description, W.UnitKwh, bars);
    }

    public static BarPlot OfMonth(IReadOnlyList<DayUse> days, UsagePointId usagePoint, string id)
    {
        Format f = Format.Current;
        var bars = new List<Bar>(days.Count);
        foreach (DayUse day in days)
        {
            bool isTick = days.Count <= EachDayTickedMax || day.Day.Day == 1 || (day.Day.Day % 5 == 0 && day.Day.Day < 31);
            bars.Add(new Bar((day.TotalWh - day.EstimatedWh) / 1000m, day.Sureness == Sureness.Missing ? Sureness.Missing : Sureness.Measured,
                Words(f, f.DayLong(day.Day), day.TotalWh, day.Sureness), isTick ? day.Day.Day.ToString(f.Culture) : null,
                UseLinks.Day(usagePoint, day.Day), day.EstimatedWh / 1000m));
        }
        DayUse? highest = days.Where(d => d.Sureness != Sureness.Missing).MaxBy(d => d.TotalWh);
        string description = highest is null ? W.NothingKnown
            : f.Text(W.MonthPlotDescription, days.Count, f.DayLong(highest.Day), f.Kwh(highest.TotalWh));
        return new BarPlot(id, f.Text(W.MonthPlotTitle, f.Month(days[0].Day)), description, W.UnitKwh, bars);
    }

    /// <summary>A bill a bar; a tap opens it.</summary>
    /// <param name="open">The bill on whose page the plot stands: its bar leads nowhere.</param>
    public static BarPlot OfBills(IReadOnlyList<BillSummary> bills, string open, string id)
    {
        Format f = Format.Current;
        Bar[] bars = [.. bills.Select(bill => new Bar(
            (bill.EnergyWh - bill.EstimatedWh) / 1000m, Sureness.Measured, f.Text(bill.EstimatedWh > 0 ? W.BillBarEstimated : W.BillBar, f.Period(bill.Period), f.Kwh(bill.EnergyWh), f.Kwh(bill.EstimatedWh)),
            f.MonthShort(bill.Period.End), bill.BillNo == open ? null : $"/bill/{Uri.EscapeDataString(bill.BillNo)}", bill.EstimatedWh / 1000m))];
        return new BarPlot(id, W.BillsPlotTitle, f.Text(W.BillsPlotDescription, f.Count(bills.Count)), "kWh", bars);
    }

    /// <summary>An interval by its ends, with the offset where the clocks change and an hour may come twice.</summary>
    public static string Span(ZonedDateTime start, ZonedDateTime end, bool isWithOffset)
    {
        Format f = Format.Current;
        return $"{f.Time(start.TimeOfDay)}–{f.Time(end.TimeOfDay)}{(isWithOffset ? $" ({start.Offset})" : "")}";
    }

    /// <summary>How an interval or day is said: its value, and how sure it is where it is not measured.</summary>
    public static string Words(Format f, string span, long wh, Sureness sureness) => sureness switch
    {
        Sureness.Missing => f.Text(W.BarMissing, span),
        Sureness.Estimated => f.Text(W.BarEstimated, span, f.KwhExact(wh)),
        _ => f.Text(W.BarMeasured, span, f.KwhExact(wh)),
    };

    /// <summary>How an interval came about, in a phrase; empty for one that was measured.</summary>
    public static string Origin(IntervalQuality quality, int intervalMinutes)
    {
        Format f = Format.Current;
        // An interval says that the supply was off within it, not when: no time of day is claimed.
        string parts = intervalMinutes switch { 15 => W.QuarterHours, 30 => W.HalfHours, 60 => W.Hours, _ => W.Intervals };
        string text = quality.State switch
        {
            IntervalState.Missing or IntervalState.Failed => W.StateMissing,
            IntervalState.LateActual => W.StateLate,
            IntervalState.LinearInterpolation => W.StateLine,
            IntervalState.CheckMeterCopy => W.StateCheckMeter,
            IntervalState.LikeDayAverage or IntervalState.LikeDayLookup => W.StateLikeDays,
            IntervalState.ClassProfile => W.StateProfile,
            IntervalState.Flat => W.StateFlat,
            IntervalState.ZeroOutage => f.Text(W.StateOutage, parts),
            IntervalState.Edited => W.StateEdited,
            IntervalState.Warn => W.StateWarn,
            _ => "",
        };
        if (!IsOff(quality) || quality.State == IntervalState.ZeroOutage) return text;
        string off = f.Text(W.FlagOutage, parts);
        return text.Length == 0 ? off : $"{text}; {off}";
    }

    /// <summary>True where the supply was off for a part or all of an interval.</summary>
    public static bool IsOff(IntervalQuality quality) => quality.State == IntervalState.ZeroOutage || (quality.Flags & IntervalFlags.Outage) != 0;
}

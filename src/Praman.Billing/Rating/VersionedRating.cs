using NodaTime;
using NodaTime.Text;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>A period within which one version of a tariff gives way to the next: a part for each version, with its own months; one final rounding.</summary>
public static class VersionedRating
{
    private readonly record struct Part(CompiledTariff Tariff, LocalDate From, LocalDate To)
    {
        public int Days => Period.DaysBetween(From, To) + 1;
    }

    /// <summary>Divides the period by the days on which each version is in force, and its energy by dated intervals where they are given, else by
    /// days: rounded to the unit step of the last version, which takes the rest.</summary>
    /// <param name="versions">In any order. Of two in force on one day the one that started later holds.</param>
    /// <param name="whole">Determinants of the whole period, with its dates.</param>
    public static RatingResult Rate(IReadOnlyList<CompiledTariff> versions, BillingDeterminants whole, TraceDetail detail = TraceDetail.None)
    {
        ArgumentNullException.ThrowIfNull(versions);
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentOutOfRangeException.ThrowIfZero(versions.Count);
        if (whole.Period is not { } period || period.To < period.From || period.Days > BillingPeriod.DaysMax) return Refuse("period", "expected the dates of the period, to divide it by the days of each version");
        List<Part> parts = [];
        for (LocalDate day = period.From; day <= period.To; day = day.PlusDays(1))
        {
            CompiledTariff? holds = null;
            foreach (CompiledTariff version in versions)
            {
                if (version.Tariff.IsInForce(day) && (holds is null || version.Tariff.ValidFrom > holds.Tariff.ValidFrom)) holds = version;
            }
            if (holds is null) return RatingResult.Of(new RatingRefusal(RefusalCodes.TariffGap, $"None of the versions given is in force on {LocalDatePattern.Iso.Format(day)}.", LocalDatePattern.Iso.Format(day)));
            if (parts.Count > 0 && ReferenceEquals(parts[^1].Tariff, holds)) parts[^1] = parts[^1] with { To = day };
            else parts.Add(new(holds, day, day));
        }
        if (parts.Count == 1) return RatingEngine.Rate(parts[0].Tariff, whole, detail);
        if (Indivisible(parts, whole) is { } refusal) return refusal;
        List<RatedBill> bills = [];
        decimal rest = whole.Kwh ?? 0;
        Rounding step = new(parts[^1].Tariff.Tariff.Billing.UnitStep, RoundingMode.HalfUp);
        for (int i = 0; i < parts.Count; i++)
        {
            Part part = parts[i];
            decimal kwh = i == parts.Count - 1 ? rest : Math.Min(rest, step.Apply((whole.Kwh ?? 0) * ExactFraction.Of(part.Days, period.Days)));
            rest -= kwh;
            BillingDeterminants own = whole with { Period = new BillingPeriod(part.From, part.To), Days = null, Kwh = kwh };
            if (whole.Intervals is { } intervals)
            {
                IntervalEnergy[] inside = [.. intervals.Where(interval => interval.Date >= part.From && interval.Date <= part.To)];
                own = own with { Intervals = inside, Kwh = inside.Sum(interval => interval.Kwh) };
            }
            RatingResult rated = RatingEngine.Rate(part.Tariff, own, detail);
            if (!rated.IsRated) return rated;
            bills.Add(rated.Bill);
        }
        return RatingResult.Of(SplitBill.Join(bills, parts[^1].Tariff.Tariff.Billing.TotalRounding));
    }

    /// <summary>What a part cannot be given its share of; null where all can.</summary>
    private static RatingResult? Indivisible(List<Part> parts, BillingDeterminants whole)
    {
        if (parts.Find(part => part.Tariff.Tariff.Billing.MonthFraction == MonthFraction.None) is { Tariff: { } whose }) return Refuse("month_fraction", $"'{whose.Tariff.Id}' counts a bill as a whole cycle whatever its days, so its months cannot be divided");
        if (parts.Exists(part => part.Tariff.Tariff.Currency != parts[0].Tariff.Tariff.Currency)) return Refuse("currency", "the versions are in different currencies");
        if (whole.BillingMonths is not null) return Refuse("billing_months", "a printed number of months cannot be divided between versions");
        if (whole.KwhByTou is not null) return Refuse("kwh_by_tod", "energy by period of the day cannot be divided between versions; give dated intervals");
        if (whole.Kvah is not null) return Refuse("quantities.kvah", "cannot be divided between versions");
        if (whole.KwhImport is not null || whole.KwhExport is not null) return Refuse("quantities.kwh_import", "net metering cannot be divided between versions");
        if (whole.Intervals is not { } intervals) return whole.Kwh is null ? Refuse("quantities.kwh", "not given") : null;
        BillingPeriod period = whole.Period!.Value;
        if (intervals.Any(interval => interval.Date is null || interval.Date < period.From || interval.Date > period.To)) return Refuse("intervals", "expected the date of each, within the period");
        decimal sum = intervals.Sum(interval => interval.Kwh);
        return whole.Kwh is { } kwh && kwh != sum ? Refuse("intervals", $"their energy is {DecimalText.Trimmed(sum)} kWh, quantities.kwh says {DecimalText.Trimmed(kwh)}") : null;
    }

    private static RatingResult Refuse(string name, string reason) => RatingResult.Of(new RatingRefusal(RefusalCodes.InputInvalid, $"Input '{name}': {reason}.", name));
}

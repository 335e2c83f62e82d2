using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>A period of one whole cycle in which a tariff can be shown: in force, and covered by its dated series.</summary>
public static class SamplePeriod
{
    private const int DaysOfAMonth = 30;

    /// <summary>The first whole cycle that starts with a month, on or after the start of the tariff and of the last point of each of its series; the
    /// last one before the tariff ends, where that is earlier. Thirty days a month where months are counted as days / 30, so that limits stand as
    /// the order has them.</summary>
    public static BillingPeriod Of(CompiledTariff tariff)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        BillingRules rules = tariff.Tariff.Billing;
        LocalDate from = tariff.Tariff.ValidFrom;
        foreach (TariffSeries series in tariff.Series) from = LocalDate.Max(from, series.Points[^1].From);
        if (from.Day > 1) from = from.With(DateAdjusters.EndOfMonth).PlusDays(1);
        LocalDate to = EndOf(from, rules);
        if (tariff.Tariff.ValidTo is { } last && to > last)
        {
            to = last;
            from = rules.MonthFraction == MonthFraction.DaysOver30 ? to.PlusDays(1 - (DaysOfAMonth * rules.CycleMonths)) : to.PlusDays(1).PlusMonths(-rules.CycleMonths);
        }
        return new(from, to);
    }

    private static LocalDate EndOf(LocalDate from, BillingRules rules) => rules.MonthFraction == MonthFraction.DaysOver30
        ? from.PlusDays((DaysOfAMonth * rules.CycleMonths) - 1)
        : from.PlusMonths(rules.CycleMonths).PlusDays(-1);
}

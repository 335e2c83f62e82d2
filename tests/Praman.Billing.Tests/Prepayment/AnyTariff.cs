using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Tests.Rating;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>Inputs that a tariff of the repository asks for, made from a seed.</summary>
internal sealed class AnyTariff(CompiledTariff compiled, ulong seed)
{
    private ulong _state = (seed * 0x9E3779B97F4A7C15) + 0x1234567;

    public Tariff Tariff => compiled.Tariff;
    public CompiledTariff Compiled => compiled;

    public ulong Next()
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return _state;
    }

    public int Next(int below) => (int)(Next() % (ulong)below);

    /// <summary>A whole cycle that starts on a first of a month, so that over the seeds every length of month comes.</summary>
    public BillingPeriod Cycle()
    {
        LocalDate first = Tariff.ValidFrom.With(DateAdjusters.StartOfMonth);
        foreach (TariffSeries series in compiled.Series) first = LocalDate.Max(first, series.Points[0].From);
        if (first.Day > 1) first = first.PlusMonths(1).With(DateAdjusters.StartOfMonth);
        int months = Tariff.ValidTo is { } last ? Math.Max(1, NodaTime.Period.Between(first, last.PlusDays(1), PeriodUnits.Months).Months) : 26;
        LocalDate from = first.PlusMonths(Next(months));
        return new(from, from.PlusMonths(Tariff.Billing.CycleMonths).PlusDays(-1));
    }

    public BillingDeterminants Determinants(BillingPeriod cycle) => new()
    {
        Period = cycle,
        BillDate = cycle.To,
        SanctionedLoadKw = 0.5m + (Next(16) / 2m),
        MaxDemandKw = 0.5m + (Next(40) / 10m),
        Phase = Next(2) == 0 ? SupplyPhase.Single : SupplyPhase.Three,
        Flags = Next(2) == 0 ? ["prepaid"] : [],
        Season = Tariff.Components.Select(c => c.Season).FirstOrDefault(s => s is not null) ?? "summer",
        External = Externals().ToDictionary(n => n, _ => Next(400) / 100m),
    };

    /// <summary>Limits that come from outside are in units, rates in money: both are small positive numbers here, limits ascending by their order.</summary>
    private IEnumerable<string> Externals()
    {
        HashSet<string> names = [];
        foreach (TariffComponent component in Tariff.Components)
        {
            string?[] own = component switch
            {
                UnitCharge unit => [unit.External],
                FixedCharge f => [f.External],
                PercentCharge percent => [percent.External],
                BlockCharge blocks => [.. blocks.Tables.SelectMany(t => t.Bands).SelectMany(b => new[] { b.External, b.UptoExternal })],
                _ => [],
            };
            names.UnionWith(own.OfType<string>());
        }
        names.UnionWith(Tariff.Subsidies.OfType<Entitlement>().Select(e => e.Id));
        return names.Order(StringComparer.Ordinal);
    }

    /// <summary>A day of the use that the tariff prices: units, kVAh, time-of-day energy or intervals.</summary>
    public DayUse Day(LocalDate date, int whMax, bool whole)
    {
        decimal kwh = whole ? Next((whMax / 1000) + 1) : Next(whMax + 1) / 1000m;
        DayUse use = new(kwh);
        if (Tariff.Components.OfType<UnitCharge>().Any(u => u.Quantity == BilledQuantity.KwhExport)) use = use with { KwhExport = whole ? Next(3) : Next(3_000) / 1000m };
        if (Tariff.Components.OfType<IntervalCharge>().Any())
        {
            decimal half = decimal.Round(kwh / 2, 3, MidpointRounding.ToZero);
            return use with { Intervals = [new(date, new(5, 0), half, (Next(6_000) - 1_000) / 100m), new(date, new(18, 0), kwh - half, Next(6_000) / 100m)] };
        }
        if (Tariff.Components.OfType<TimeOfDayCharge>().FirstOrDefault() is { } tod)
        {
            Dictionary<string, decimal> byTou = tod.Periods.ToDictionary(p => p.Name, _ => whole ? Next(4) : Next(4_000) / 1000m);
            return use with { Kwh = byTou.Values.Sum(), KwhByTou = byTou };
        }
        return Tariff.Components.OfType<BlockCharge>().Any(b => b.Quantity == BilledQuantity.Kvah) ? use with { Kvah = whole ? kwh + 1 : kwh * 1.125m } : use;
    }

    public static AnyTariff Of(string id, ulong seed) => new(WorkedBills.Tariff(id), seed);
}

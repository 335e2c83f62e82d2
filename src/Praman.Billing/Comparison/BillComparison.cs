using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Comparison;

/// <summary>
/// Splits the difference of two bills into what it comes from. From the earlier bill to the later one, one thing is changed at a time and rated
/// anew by the earlier tariff: days, measured use, estimated use, hours, connection; what is left to the later bill's charges is the rates'. Each
/// part is the difference of two neighbours, so that the parts always add up. A step that the tariff refuses (a dated rate that is not there) has no
/// part of its own, and the next one takes it.
/// </summary>
public static class BillComparison
{
    /// <summary>Decimals of scaled energy, in kWh: more than any register has, fewer than a division gives.</summary>
    private const int ScaledDecimals = 6;

    public static BillChange Between(ComparedBill before, ComparedBill after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        BillingPeriod first = PeriodOf(before), second = PeriodOf(after);
        decimal kwhBefore = KwhOf(before.Determinants), kwhAfter = KwhOf(after.Determinants);
        var parts = new SortedDictionary<BillChangeKind, long>();
        var chain = new Chain(before.ChargesPaise, parts);
        if (before.Tariff.Tariff.Currency == after.Tariff.Tariff.Currency) Walk(before, after, first, second, chain);
        chain.To(BillChangeKind.Rate, after.ChargesPaise);
        Add(parts, BillChangeKind.Subsidy, after.ReliefPaise - before.ReliefPaise);
        Add(parts, BillChangeKind.Dues, after.DuesPaise - before.DuesPaise);
        Add(parts, BillChangeKind.Rounding, RoundingOf(after) - RoundingOf(before));
        var facts = new BillChangeFacts(
            first.Days, second.Days, kwhBefore, kwhAfter, before.EstimatedKwh, after.EstimatedKwh, before.Tariff.Tariff.Hash != after.Tariff.Tariff.Hash);
        return new(before.TotalPaise + before.DuesPaise, after.TotalPaise + after.DuesPaise, facts,
            [.. parts.Where(part => part.Value != 0).Select(part => new BillChangePart(part.Key, part.Value))]);
    }

    private static void Walk(ComparedBill before, ComparedBill after, BillingPeriod first, BillingPeriod second, Chain chain)
    {
        BillingDeterminants from = before.Determinants, to = after.Determinants;
        CompiledTariff tariff = before.Tariff.WithSeriesOf(from.BillDate ?? first.To, first.To, to.BillDate ?? second.To, Period.DaysBetween(first.From, second.From));
        decimal days = (decimal)second.Days / first.Days, kwh = KwhOf(from);
        decimal ofDays = decimal.Round(kwh * days, ScaledDecimals, MidpointRounding.ToEven);
        decimal estimated = decimal.Round(before.EstimatedKwh * days, ScaledDecimals, MidpointRounding.ToEven);
        decimal target = KwhOf(to), measured = target - (after.EstimatedKwh - estimated);
        // The later bill's dates with the earlier one's everything else; intervals have dates, so that theirs come from the later bill.
        BillingDeterminants Used(decimal energy) => Scaled(from, from.Intervals is null ? from : to, energy) with
        {
            Period = second,
            BillDate = to.BillDate,
            Holidays = to.Holidays,
            Days = from.Days is null ? null : second.Days,
        };
        long? nothingBefore = Charges(before.Tariff, Scaled(from, from, 0)), nothing = Charges(tariff, Used(0));
        long? sameUse = Charges(tariff, Used(ofDays));
        if (from.Intervals is not null && sameUse is not null && nothingBefore is { } a && nothing is { } b)
            chain.To(BillChangeKind.Days, before.ChargesPaise + (b - a) + Rounded((before.ChargesPaise - a) * (days - 1)));
        chain.To(from.Intervals is null ? BillChangeKind.Days : BillChangeKind.Hours, sameUse);
        long? withUse = measured >= 0 ? Charges(tariff, Used(measured)) : null;
        if (withUse is not null && sameUse is { } same && nothing is { } zero && ofDays > 0)
            chain.To(BillChangeKind.Use, same + Rounded((same - zero) * ((measured - ofDays) / ofDays)));
        chain.To(withUse is not null && sameUse is not null && nothing is not null && ofDays > 0 ? BillChangeKind.Slab : BillChangeKind.Use, withUse);
        chain.To(BillChangeKind.Estimates, Charges(tariff, Used(target)));
        BillingDeterminants later = to with { Season = from.Season };
        chain.To(BillChangeKind.Hours, Charges(tariff, later with
        {
            SanctionedLoadKw = from.SanctionedLoadKw,
            Phase = from.Phase,
            Flags = from.Flags,
            External = from.External,
            KwhCarriedIn = from.KwhCarriedIn,
        }));
        chain.To(BillChangeKind.Connection, Charges(tariff, later));
    }

    private static BillingPeriod PeriodOf(ComparedBill bill) =>
        bill.Determinants.Period ?? throw new ArgumentException("a compared bill has the dates of its period", nameof(bill));

    private static decimal KwhOf(BillingDeterminants inputs) =>
        inputs.Kwh ?? inputs.KwhByTou?.Values.Sum() ?? inputs.Intervals?.Sum(one => one.Kwh) ?? inputs.KwhImport ?? inputs.Kvah ?? 0;

    private static long RoundingOf(ComparedBill bill) => bill.TotalPaise - bill.ChargesPaise - bill.ReliefPaise;

    /// <summary>The same use in other quantity: all that is measured in proportion, the load and the demand as they were.</summary>
    /// <param name="shape">Whose intervals are taken.</param>
    private static BillingDeterminants Scaled(BillingDeterminants inputs, BillingDeterminants shape, decimal kwh)
    {
        decimal of = KwhOf(inputs), ofShape = shape.Intervals?.Sum(one => one.Kwh) ?? 0;
        decimal? By(decimal? quantity) => quantity is { } known ? of == 0 ? 0 : decimal.Round(known * kwh / of, ScaledDecimals, MidpointRounding.ToEven) : null;
        return inputs with
        {
            Kwh = inputs.Kwh is null ? null : kwh,
            Kvah = By(inputs.Kvah),
            KwhImport = By(inputs.KwhImport),
            KwhExport = By(inputs.KwhExport),
            UnassignedKwh = By(inputs.UnassignedKwh)!.Value,
            KwhByTou = inputs.KwhByTou?.ToDictionary(pair => pair.Key, pair => By(pair.Value)!.Value, StringComparer.Ordinal),
            Intervals = shape.Intervals is not { } intervals ? null : ofShape == 0 ? intervals
                : [.. intervals.Select(one => one with { Kwh = decimal.Round(one.Kwh * kwh / ofShape, ScaledDecimals, MidpointRounding.ToEven) })],
        };
    }

    /// <summary>Charges in minor units; null where the tariff refuses these inputs.</summary>
    private static long? Charges(CompiledTariff tariff, BillingDeterminants inputs) =>
        RatingEngine.Rate(tariff, inputs).Bill is { Gross: not null } bill ? ComparedBill.ChargesOf(bill) : null;

    private static long Rounded(decimal paise) => decimal.ToInt64(decimal.Round(paise, 0, MidpointRounding.AwayFromZero));

    private static void Add(SortedDictionary<BillChangeKind, long> parts, BillChangeKind kind, long paise) => parts[kind] = parts.GetValueOrDefault(kind) + paise;

    /// <summary>Charges on the way from one bill to the other.</summary>
    private sealed class Chain(long charges, SortedDictionary<BillChangeKind, long> parts)
    {
        private long _charges = charges;

        /// <summary>What came since the last known charges is of this kind; nothing happens where they are not known.</summary>
        public void To(BillChangeKind kind, long? next)
        {
            if (next is not { } known) return;
            Add(parts, kind, known - _charges);
            _charges = known;
        }
    }
}

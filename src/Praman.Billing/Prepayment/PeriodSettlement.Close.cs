using Praman.Billing.Rating;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Prepayment;

/// <summary>Month end.</summary>
public sealed partial class PeriodSettlement
{
    /// <summary>Compares the days with the bill of the period that they make. Changes nothing: the true-up is posted by whoever keeps the wallet.</summary>
    /// <param name="maxDemandKw">Demand recorded over the period; null: the provisional one stands.</param>
    /// <returns>Null, with the reason, where the period cannot be rated or no day was posted.</returns>
    public PeriodClose? Close(decimal? maxDemandKw, out RatingRefusal? refusal)
    {
        refusal = null;
        if (_days.Count == 0)
        {
            refusal = new(RefusalCodes.InputInvalid, "No day of the period was posted.", "days");
            return null;
        }
        List<TrueUpPart> causes = [];
        BillingDeterminants inputs = Period with { Period = new(_dates.From, NextDay.PlusDays(-1)) };
        decimal charged = Deducted + CarriedAmount, last = charged;
        decimal[] byDay = _kwhByDay[.._days.Count];
        if (_days.Count < _dates.Days && !TryStep(TrueUpCause.ShorterPeriod, NetOf(inputs, byDay, ref refusal), ref last, causes)) return null;
        if (maxDemandKw is not null)
        {
            inputs = inputs with { MaxDemandKw = maxDemandKw, KwMax = inputs.KwMax is null ? null : maxDemandKw };
            if (!TryStep(TrueUpCause.MaximumDemand, NetOf(inputs, byDay, ref refusal), ref last, causes)) return null;
        }
        decimal kwh = SumTo(_days.Count), whole = Tariff.Tariff.Billing.UnitStep is var step ? ExactFraction.FromDecimal(kwh).RoundTo(step, RoundingMode.HalfUp) : kwh;
        bool isPlain = _days[0] is { KwhByTou: null, Intervals: null, Kvah: null, KwhExport: null };
        if (isPlain && whole != kwh)
        {
            Adjust(byDay, whole - kwh);
            if (!TryStep(TrueUpCause.UnitRounding, NetOf(inputs, byDay, ref refusal), ref last, causes)) return null;
        }
        RatingResult rated = RatingEngine.Rate(Tariff, WithQuantities(inputs, kwh));
        if (!rated.IsRated || rated.Bill.Net is not { } net)
        {
            refusal = RefusalOf(rated);
            return null;
        }
        // Time-of-day energy cannot be moved between days, so there the rounding of units shows only here.
        bool isSplit = Tariff.Series.Any(s => !s.IsByBillDate);
        TryStep(!isPlain && whole != kwh ? TrueUpCause.UnitRounding : isSplit ? TrueUpCause.RateChangeSplit : TrueUpCause.Unexplained, net, ref last, causes);
        TryStep(TrueUpCause.TotalRounding, rated.Bill.Total, ref last, causes);
        return new()
        {
            Bill = rated.Bill,
            Kwh = kwh,
            Charged = charged,
            SameUnits = _toDate.Total,
            TrueUp = last - charged,
            Causes = causes,
        };
    }

    /// <summary>Line by line, what the bill of the period asks for beyond what its days and the days before them were charged.</summary>
    public IReadOnlyList<PostingLine> Difference(RatedBill bill)
    {
        ArgumentNullException.ThrowIfNull(bill);
        return new LineAmounts(bill).Less(_toDate);
    }

    private static bool TryStep(TrueUpCause cause, decimal? net, ref decimal last, List<TrueUpPart> causes)
    {
        if (net is not { } known) return false;
        if (known != last) causes.Add(new(cause, known - last));
        last = known;
        return true;
    }

    private decimal? NetOf(BillingDeterminants inputs, decimal[] byDay, ref RatingRefusal? refusal)
    {
        RatingResult rated = RatingEngine.RateToDate(Tariff, WithQuantities(inputs, null), byDay, TraceDetail.None, null, _days[0].Intervals is null ? null : IntervalsTo(_days.Count));
        if (rated is { IsRated: true, Bill.Net: { } net }) return net;
        refusal = RefusalOf(rated);
        return null;
    }

    private BillingDeterminants WithQuantities(BillingDeterminants inputs, decimal? kwh) => inputs with
    {
        Kwh = kwh,
        KwhImport = null,
        KwhByTou = _days[0].KwhByTou is null ? null : SumByTou(_days.Count),
        Kvah = _days[0].Kvah is null ? inputs.Kvah : SumOf(_days.Count, d => d.Kvah),
        KwhExport = _days[0].KwhExport is null ? inputs.KwhExport : SumOf(_days.Count, d => d.KwhExport),
        Intervals = _days[0].Intervals is null ? null : IntervalsTo(_days.Count),
    };

    /// <summary>Puts what rounding added on the last day, or takes what it took away from the last days that have it.</summary>
    private static void Adjust(decimal[] byDay, decimal difference)
    {
        for (int day = byDay.Length - 1; difference != 0; day--)
        {
            decimal change = Math.Max(difference, -byDay[day]);
            byDay[day] += change;
            difference -= change;
        }
    }
}

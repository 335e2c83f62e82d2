using NodaTime;
using Praman.Billing.Tariffs;

namespace Praman.Billing.Rating;

/// <summary>Gives every determinant that a tariff asks for the same units, and spreads them evenly over the period where prices go by time.</summary>
public sealed class EvenSpread
{
    private readonly BillingDeterminants _inputs;
    private readonly bool _isKvah;
    private readonly bool _isImport;
    private readonly IntervalEnergy[] _slots;

    private EvenSpread(BillingDeterminants inputs, bool isKvah, bool isImport, IntervalEnergy[] slots) =>
        (_inputs, _isKvah, _isImport, _slots) = (inputs, isKvah, isImport, slots);

    private const int MinutesADay = 1_440, DefaultMinutes = 30;

    /// <summary>Decimals of the energy of one interval; the last takes the rest.</summary>
    private const decimal Step = 0.000001m;

    /// <summary>For one tariff and connection.</summary>
    public static EvenSpread Of(Tariff tariff, BillingDeterminants inputs)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(inputs);
        bool kvah = false, byTime = false;
        int minutes = DefaultMinutes;
        foreach (TariffComponent component in tariff.Components)
        {
            if (component is BlockCharge { Quantity: BilledQuantity.Kvah } or UnitCharge { Quantity: BilledQuantity.Kvah }) kvah = true;
            if (component is TimeOfDayCharge) byTime = true;
            if (component is not IntervalCharge interval) continue;
            byTime = true;
            minutes = interval.IntervalMinutes;
        }
        IntervalEnergy[] slots = byTime && inputs.KwhByTou is null ? SlotsOf(inputs, minutes) : [];
        return new(inputs, kvah, tariff.Export is not null, slots);
    }

    private static IntervalEnergy[] SlotsOf(BillingDeterminants inputs, int minutes)
    {
        decimal? price = inputs.Intervals is { Count: > 0 } given ? given[0].Price : null;
        int perDay = Math.Max(1, MinutesADay / minutes);
        int days = inputs.Period?.Days ?? 1;
        IntervalEnergy[] slots = new IntervalEnergy[days * perDay];
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = new(inputs.Period?.From.PlusDays(i / perDay), LocalTime.Midnight.PlusMinutes(i % perDay * minutes), 0, price);
        }
        return slots;
    }

    /// <summary>The determinants with so many units.</summary>
    public BillingDeterminants At(int units)
    {
        BillingDeterminants at = _inputs with { Kwh = units, Intervals = null };
        if (_isKvah) at = at with { Kvah = units };
        if (_isImport) at = at with { KwhImport = units };
        if (_slots.Length == 0) return at;
        IntervalEnergy[] spread = new IntervalEnergy[_slots.Length];
        decimal each = ExactFraction.Of(units, _slots.Length).RoundTo(Step, RoundingMode.Down), rest = units;
        for (int i = 0; i < spread.Length; i++)
        {
            decimal kwh = i == spread.Length - 1 ? rest : each;
            rest -= kwh;
            spread[i] = _slots[i] with { Kwh = kwh };
        }
        return at with { Intervals = spread };
    }
}

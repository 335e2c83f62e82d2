using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>What a charge is collected by (IEC 62056-6-2, class 113, attribute 3).</summary>
public enum ChargeType : byte
{
    ConsumptionBased = 0,
    TimeBased = 1,
    PaymentEventBased = 2,
}

/// <summary>
/// Charge, class_id 113, version 0 (IEC 62056-6-2): what is taken from an account's credit for consumption, by time, or of each payment. The account
/// asks what is due and tells what it could collect.
/// </summary>
public sealed class Charge
{
    private const int PeriodsMax = 1000;
    private const int ProportionScale = 10_000;
    private const decimal UnitsMax = 1_000_000_000;
    private const string UnitCharge = "{ charge_per_unit_scaling: { commodity_scale: integer[-6..6], price_scale: integer[-6..6] }, commodity_reference: attribute-reference, "
        + "charge_table: array[32] of { index: octet-string[0..32], charge_per_unit: long } }";

    private CosemData _active = EmptyUnitCharge();
    private CosemData _passive = EmptyUnitCharge();
    private CosemData _configuration = CosemData.BitString([0], 2);
    private CosemDateTime _activateAt = CosemDateTime.Wildcard;
    private Instant? _collectedAt;
    private Instant? _countedTo;
    private decimal _part;

    public static CosemClass<Charge> Table { get; } = new(113, 0, "Charge",
        [
            new(2, "total_amount_paid", "double-long", (c, _) => CosemData.DoubleLong(c.TotalPaid)),
            new(3, "charge_type", "enum[0..2]", (c, _) => CosemData.Enumeration((byte)c.Type), (c, _, v) => Changes.Set(() => c.Type = (ChargeType)v.ToNumber()), IsStatic: true),
            new(4, "priority", "unsigned", (c, _) => CosemData.Unsigned(c.Priority), (c, _, v) => Changes.Set(() => c.Priority = (byte)v.ToNumber()), IsStatic: true),
            new(5, "unit_charge_active", UnitCharge, (c, _) => c._active, (c, _, v) => Changes.Set(() => c._active = v), IsStatic: true),
            new(6, "unit_charge_passive", UnitCharge, (c, _) => c._passive, (c, _, v) => Changes.Set(() => c._passive = v), IsStatic: true),
            new(7, "unit_charge_activation_time", "date-time-octets", (c, _) => CosemData.DateTimeOctets(c._activateAt), (c, _, v) => c.SetActivation(v), IsStatic: true),
            new(8, "period", "double-long-unsigned", (c, _) => CosemData.DoubleLongUnsigned(c.PeriodSeconds), (c, _, v) => Changes.Set(() => c.PeriodSeconds = (uint)v.ToNumber()), IsStatic: true),
            new(9, "charge_configuration", "bit-string[2]", (c, _) => c._configuration, (c, _, v) => Changes.Set(() => c._configuration = v), IsStatic: true),
            new(10, "last_collection_time", "date-time-octets", (c, x) => CheckedData.Stamp(x, c._collectedAt)),
            new(11, "last_collection_amount", "double-long", (c, _) => CosemData.DoubleLong(c.LastCollected)),
            new(12, "total_amount_remaining", "double-long", (c, _) => CosemData.DoubleLong(c.TotalRemaining)),
            new(13, "proportion", "long-unsigned[0..10000]", (c, _) => CosemData.LongUnsigned(c.Proportion), (c, _, v) => Changes.Set(() => c.Proportion = (ushort)v.ToNumber()), IsStatic: true),
        ],
        [
            new(1, "update_unit_charge", (Charge c, CosemContext _, CosemData p, out CosemData r) => c.UpdateUnitCharge(p, out r),
                "array[32] of { index: octet-string[0..32], charge_per_unit: long }"),
            new(2, "activate_passive_unit_charge", (Charge c, CosemContext _, CosemData _, out CosemData r) => Changes.Do(c.ActivatePassive, out r), "integer"),
            new(3, "collect", (Charge c, CosemContext _, CosemData _, out CosemData r) => Changes.Do(() => c.IsCollectAsked = true, out r), "integer"),
            new(4, "update_total_amount_remaining", (Charge c, CosemContext _, CosemData p, out CosemData r) => Changes.Do(() => c.AddRemaining((int)p.ToNumber()), out r), "double-long"),
            new(5, "set_total_amount_remaining", (Charge c, CosemContext _, CosemData p, out CosemData r) => Changes.Do(() => c.TotalRemaining = Math.Max(0, (int)p.ToNumber()), out r), "double-long"),
        ]);

    public ChargeType Type { get; set; }

    /// <summary>Order in which charges are collected: 1 first.</summary>
    public byte Priority { get; set; } = 1;

    /// <summary>Seconds between collections of a charge by time.</summary>
    public uint PeriodSeconds { get; set; }

    /// <summary>Part of each payment, in hundredths of a percent, of a charge by payment.</summary>
    public ushort Proportion { get; set; }

    /// <summary>What was collected in all.</summary>
    public int TotalPaid { get; private set; }

    /// <summary>A debt that is paid off by this charge: collecting ends where it reaches zero. Zero where the charge has no end.</summary>
    public int TotalRemaining { get; set; }

    /// <summary>True where <see cref="TotalRemaining"/> bounds what is collected: a debt, not a running charge.</summary>
    public bool IsDebt { get; init; }

    /// <summary>What the last collection came to.</summary>
    public int LastCollected { get; private set; }

    /// <summary>What fell due and no credit could pay.</summary>
    public int Owed { get; private set; }

    /// <summary>Set by the method collect: the account collects one period's charge at its next turn.</summary>
    public bool IsCollectAsked { get; private set; }

    /// <summary>Sets the price of a unit under the empty index; the scaling is of tens: 10^scale.</summary>
    public void SetUnitCharge(short chargePerUnit, sbyte commodityScale = 0, sbyte priceScale = 0) => _active = CosemData.Structure(
        CosemData.Structure(CosemData.Integer(commodityScale), CosemData.Integer(priceScale)), _active[1],
        CosemData.Array(CosemData.Structure(CosemData.OctetString([]), CosemData.Long(chargePerUnit))));

    /// <summary>Notes consumption, in units of the commodity; <paramref name="index"/> chooses the price (a tariff), the first where none has it.</summary>
    public void AddConsumption(decimal units, ReadOnlySpan<byte> index = default)
    {
        if (Type != ChargeType.ConsumptionBased) return;
        decimal amount = (Math.Clamp(units, -UnitsMax, UnitsMax) * Price(index)) + _part;
        decimal whole = Math.Clamp(decimal.Truncate(amount), int.MinValue, int.MaxValue);
        _part = Math.Clamp(amount - whole, -1, 1); // parts of the least coin are kept, so that no rounding adds up
        Owe((int)whole);
    }

    /// <summary>What is due by an instant. A charge by time falls due for each period that has passed since the last, at most a thousand at once.</summary>
    internal int DueAt(Instant now, Offset offset)
    {
        if (_activateAt.TryToInstant(offset, out Instant from) && now >= from) ActivatePassive();
        if (Type == ChargeType.TimeBased) CountPeriods(now);
        return IsDebt ? Math.Min(Owed, TotalRemaining) : Owed;
    }

    /// <summary>The part of a payment that is this charge's.</summary>
    internal int DueOfPayment(int payment)
    {
        if (Type != ChargeType.PaymentEventBased || payment <= 0) return 0;
        long part = (long)payment * Proportion / ProportionScale;
        return (int)(IsDebt ? Math.Min(part, TotalRemaining) : part);
    }

    /// <summary>Notes what was collected.</summary>
    internal void Collected(int amount, Instant at, bool ofPayment = false)
    {
        if (amount <= 0) return;
        if (!ofPayment) Owed -= amount;
        if (IsDebt) TotalRemaining -= amount;
        TotalPaid = (int)Math.Min(int.MaxValue, (long)TotalPaid + amount);
        (LastCollected, _collectedAt) = (amount, at);
    }

    private void CountPeriods(Instant now)
    {
        _countedTo ??= now;
        int price = (int)Math.Clamp(Price(default), int.MinValue, int.MaxValue);
        if (IsCollectAsked) Owe(price);
        IsCollectAsked = false;
        if (PeriodSeconds == 0) return;
        long periods = (long)Math.Min(PeriodsMax, Math.Floor((now - _countedTo.Value).TotalSeconds / PeriodSeconds));
        for (long i = 0; i < periods; i++) Owe(price);
        _countedTo += Duration.FromSeconds(periods * PeriodSeconds);
    }

    private void Owe(int amount) => Owed = (int)Math.Clamp((long)Owed + amount, 0, int.MaxValue);

    private decimal Price(ReadOnlySpan<byte> index)
    {
        CosemData table = _active[2];
        if (table.Count == 0) return 0;
        long price = table[0][1].ToNumber();
        foreach (CosemData entry in table.Items)
        {
            if (!entry[0].OctetSpan.SequenceEqual(index)) continue;
            price = entry[1].ToNumber();
            break;
        }
        long scale = _active[0][1].ToNumber() - _active[0][0].ToNumber();
        decimal scaled = price;
        for (long i = 0; i < Math.Abs(scale); i++) scaled = scale < 0 ? scaled / 10 : scaled * 10;
        return scaled;
    }

    // Prices of indices that the passive charge has; a new index is added.
    private ActionResult UpdateUnitCharge(in CosemData prices, out CosemData returned)
    {
        returned = default;
        List<CosemData> table = [.. _passive[2].Items];
        foreach (CosemData price in prices.Items)
        {
            CosemData index = price[0];
            int at = table.FindIndex(e => e[0] == index);
            if (at >= 0) table[at] = price;
            else table.Add(price);
        }
        if (table.Count > 32) return ActionResult.OtherReason;
        _passive = CosemData.Structure(_passive[0], _passive[1], CosemData.Array([.. table]));
        return ActionResult.Success;
    }

    private void ActivatePassive() => (_active, _activateAt) = (_passive, CosemDateTime.Wildcard);

    private void AddRemaining(int amount) => TotalRemaining = (int)Math.Clamp((long)TotalRemaining + amount, 0, int.MaxValue);

    private static CosemData EmptyUnitCharge() => CosemData.Structure(CosemData.Structure(CosemData.Integer(0), CosemData.Integer(0)),
        new AttributeDescriptor(3, default, 2).ToData(), CosemData.Array());

    private DataAccessResult SetActivation(in CosemData value)
    {
        value.TryGetDateTime(out _activateAt);
        return DataAccessResult.Success;
    }
}

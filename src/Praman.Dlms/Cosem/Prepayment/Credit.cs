using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>What a credit is (IEC 62056-6-2, class 112, attribute 3).</summary>
public enum CreditType : byte
{
    Token = 0,
    Reserved = 1,
    Emergency = 2,
    TimeBased = 3,
    ConsumptionBased = 4,
}

/// <summary>Where a credit stands (IEC 62056-6-2, class 112, attribute 8).</summary>
public enum CreditStatus : byte
{
    Enabled = 0,
    Selectable = 1,
    Invoked = 2,
    InUse = 3,
    Exhausted = 4,
}

/// <summary>Credit, class_id 112, version 0 (IEC 62056-6-2): one source of credit of an account; the account decides which is in use.</summary>
public sealed class Credit
{
    // Bits of the configuration: shown, confirmed before it is used, paid back, resettable, filled by tokens.
    private const int ConfirmedBit = 1, PaidBackBit = 2, BitCount = 5;

    private CosemData _configuration = CosemData.BitString([0], 5);
    private CosemData _period = CosemData.DateTimeOctets(CosemDateTime.Wildcard);

    public static CosemClass<Credit> Table { get; } = new(112, 0, "Credit",
        [
            new(2, "current_credit_amount", "double-long", (c, _) => CosemData.DoubleLong(c.Amount)),
            new(3, "credit_type", "enum[0..4]", (c, _) => CosemData.Enumeration((byte)c.Type), (c, _, v) => Changes.Set(() => c.Type = (CreditType)v.ToNumber()), IsStatic: true),
            new(4, "priority", "unsigned", (c, _) => CosemData.Unsigned(c.Priority), (c, _, v) => Changes.Set(() => c.Priority = (byte)v.ToNumber()), IsStatic: true),
            new(5, "warning_threshold", "double-long", (c, _) => CosemData.DoubleLong(c.WarningThreshold), (c, _, v) => Changes.Set(() => c.WarningThreshold = (int)v.ToNumber()), IsStatic: true),
            new(6, "limit", "double-long", (c, _) => CosemData.DoubleLong(c.Limit), (c, _, v) => Changes.Set(() => c.Limit = (int)v.ToNumber()), IsStatic: true),
            new(7, "credit_configuration", "bit-string[5]", (c, _) => c._configuration, (c, _, v) => Changes.Set(() => c._configuration = v), IsStatic: true),
            new(8, "credit_status", "enum[0..4]", (c, _) => CosemData.Enumeration((byte)c.Status)),
            new(9, "preset_credit_amount", "double-long", (c, _) => CosemData.DoubleLong(c.PresetAmount), (c, _, v) => Changes.Set(() => c.PresetAmount = (int)v.ToNumber()), IsStatic: true),
            new(10, "credit_available_threshold", "double-long", (c, _) => CosemData.DoubleLong(c.AvailableThreshold),
                (c, _, v) => Changes.Set(() => c.AvailableThreshold = (int)v.ToNumber()), IsStatic: true),
            new(11, "period", "date-time-octets", (c, _) => c._period, (c, _, v) => Changes.Set(() => c._period = v), IsStatic: true),
        ],
        [
            new(1, "update_amount", (Credit c, CosemContext _, CosemData p, out CosemData r) => Changes.Do(() => c.Add((int)p.ToNumber()), out r), "double-long"),
            new(2, "set_amount_to_value", (Credit c, CosemContext _, CosemData p, out CosemData r) => Changes.Do(() => c.Amount = (int)p.ToNumber(), out r), "double-long"),
            new(3, "invoke_credit", (Credit c, CosemContext _, CosemData _, out CosemData r) => c.Select(out r), "integer"),
        ]);

    /// <summary>What is left, in the account's currency and scale.</summary>
    public int Amount { get; set; }

    public CreditType Type { get; set; }

    /// <summary>Order in which credits are used: 1 first.</summary>
    public byte Priority { get; set; } = 1;

    public int WarningThreshold { get; set; }

    /// <summary>The credit is exhausted at or below this; negative where it may be overdrawn.</summary>
    public int Limit { get; set; }

    /// <summary>What an emergency credit begins with when it is selected.</summary>
    public int PresetAmount { get; set; }

    public int AvailableThreshold { get; set; }

    /// <summary>Set by the account.</summary>
    public CreditStatus Status { get; internal set; }

    /// <summary>True where a consumer must choose it before it is used.</summary>
    public bool RequiresSelection
    {
        get => _configuration.Bit(ConfirmedBit);
        set => SetBit(ConfirmedBit, value);
    }

    /// <summary>True where what was used of it is paid back out of the next payments, before other credits are filled.</summary>
    public bool IsPaidBack
    {
        get => _configuration.Bit(PaidBackBit);
        set => SetBit(PaidBackBit, value);
    }

    /// <summary>What can still be taken from it.</summary>
    public int Available => (int)Math.Max(0, Math.Min(int.MaxValue, (long)Amount - Limit));

    /// <summary>Adds to the amount, or takes where negative; the amount stops at the ends of its range.</summary>
    public void Add(int amount) => Amount = (int)Math.Clamp((long)Amount + amount, int.MinValue, int.MaxValue);

    // A credit that waits to be chosen becomes invoked; the account takes it in use when its turn comes.
    private ActionResult Select(out CosemData returned)
    {
        returned = default;
        if (Status is not (CreditStatus.Selectable or CreditStatus.Enabled)) return ActionResult.OtherReason;
        if (Type == CreditType.Emergency && Amount <= Limit) Amount = PresetAmount;
        Status = CreditStatus.Invoked;
        return ActionResult.Success;
    }

    private void SetBit(int bit, bool value)
    {
        Span<bool> bits = stackalloc bool[BitCount];
        for (int i = 0; i < BitCount; i++) bits[i] = i == bit ? value : _configuration.Bit(i);
        _configuration = CheckedData.BitString(bits);
    }
}

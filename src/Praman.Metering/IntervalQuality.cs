namespace Praman.Metering;

/// <summary>State of one interval. The codes stand in hashed bytes: they never change.</summary>
public enum IntervalState : byte
{
    /// <summary>As the meter gave it, not yet validated.</summary>
    Raw = 0,

    /// <summary>Measured, and every rule that could run passed.</summary>
    Valid = 1,

    /// <summary>Measured, under question; billed as measured.</summary>
    Warn = 2,

    /// <summary>Measured, refused by a rule; needs estimation.</summary>
    Failed = 3,

    /// <summary>No value; the value read is 0 and means nothing.</summary>
    Missing = 4,

    /// <summary>A person accepted the value.</summary>
    Accepted = 5,

    /// <summary>A person entered the value (E10).</summary>
    Edited = 6,

    /// <summary>E1: the meter's own value, read late.</summary>
    LateActual = 0x11,

    /// <summary>E2: on a straight line between two measured neighbours.</summary>
    LinearInterpolation = 0x12,

    /// <summary>E3: from the check meter.</summary>
    CheckMeterCopy = 0x13,

    /// <summary>E4: mean of like days.</summary>
    LikeDayAverage = 0x14,

    /// <summary>E5: one like day.</summary>
    LikeDayLookup = 0x15,

    /// <summary>E6: class profile.</summary>
    ClassProfile = 0x16,

    /// <summary>E7: what the registers leave, spread evenly.</summary>
    Flat = 0x17,

    /// <summary>E8: zero, because an outage or an open relay covers the interval.</summary>
    ZeroOutage = 0x18,
}

/// <summary>What is also known of an interval. The bits stand in hashed bytes: they never change.</summary>
[Flags]
public enum IntervalFlags : byte
{
    None = 0,

    /// <summary>Supply was off during the interval, by the meter's status or event.</summary>
    Outage = 1,

    /// <summary>The meter's clock was off, or was set, in this interval.</summary>
    Clock = 2,
    TestMode = 4,

    /// <summary>The meter's configuration changed.</summary>
    ProgrammingChange = 8,
    Reset = 16,

    /// <summary>An estimate scaled so that the day adds up to the registers.</summary>
    Scaled = 32,

    /// <summary>Billed: a later value makes a new version, never a silent change.</summary>
    Locked = 64,
}

/// <summary>State and flags of one interval.</summary>
public readonly record struct IntervalQuality(IntervalState State, IntervalFlags Flags = IntervalFlags.None)
{
    public static IntervalQuality Raw => new(IntervalState.Raw);

    public static IntervalQuality Valid => new(IntervalState.Valid);

    public static IntervalQuality Missing => new(IntervalState.Missing);

    /// <summary>True for a value that was made, not measured: E2 to E8. A late actual (E1) is measured.</summary>
    public bool IsEstimated => (byte)State is > 0x11 and <= 0x18;

    /// <summary>True for a value that a person entered or accepted: measured by nobody, or against a rule that refused it.</summary>
    public bool IsByPerson => State is IntervalState.Accepted or IntervalState.Edited;

    /// <summary>True where the interval holds a value of any kind.</summary>
    public bool HasValue => State != IntervalState.Missing;
}

namespace Praman.Meter.Registers;

/// <summary>
/// Status of an interval, object 0.0.96.10.1.255, one octet a row of the block load profile: the AMR profile status that
/// European companion specifications use, which IS 15959 leaves to the maker.
/// </summary>
[Flags]
public enum BlockLoadStatus : byte
{
    None = 0,

    /// <summary>The meter found a fault in itself.</summary>
    CriticalError = 0x01,

    /// <summary>The clock had lost its time.</summary>
    ClockInvalid = 0x02,

    /// <summary>The value is not to be used for billing.</summary>
    DataNotValid = 0x04,

    /// <summary>Summer time was in force.</summary>
    DaylightSaving = 0x08,

    /// <summary>The clock was set within the interval.</summary>
    ClockAdjusted = 0x20,

    /// <summary>Power was away for some or all of the interval.</summary>
    PowerDown = 0x80,
}

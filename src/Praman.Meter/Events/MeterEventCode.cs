namespace Praman.Meter.Events;

/// <summary>Events that this meter records, with the numbers of IS 15959.</summary>
public enum MeterEventCode : ushort
{
    OverVoltage = 7,
    OverVoltageRestored = 8,
    LowVoltage = 9,
    LowVoltageRestored = 10,
    OverCurrent = 67,
    OverCurrentRestored = 68,
    PowerFailure = 101,
    PowerRestored = 102,
    ClockSet = 151,
    DemandPeriodSet = 152,
    CapturePeriodSet = 153,
    BillingScheduleSet = 154,
    ActivityCalendarSet = 155,
    FirmwareActivated = 157,
    LoadLimitSet = 158,
    LoadLimitEnabled = 159,
    LoadLimitDisabled = 160,
    LlsSecretChanged = 161,
    HlsSecretChanged = 162,
    GlobalKeysChanged = 164,
    MaximumDemandReset = 166,
    MagnetInfluence = 201,
    MagnetInfluenceEnded = 202,
    Overload = 215,
    OverloadEnded = 216,
    CoverOpened = 251,
    Disconnected = 301,
    Connected = 302,
}

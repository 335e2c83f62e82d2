using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>
/// The status octet of a block load row, 0-0:96.10.1, as the AMR profile status of European companion specifications has it; IS 15959 leaves
/// it to the maker. And the clock status octet of the row's time (IEC 62056-6-2).
/// A meter that says its clock is invalid, or its value, refuses the interval (V09); a clock that was set, or a time in doubt, is a flag.
/// </summary>
internal static class IntervalStatus
{
    private const byte CriticalError = 0x01, ClockInvalid = 0x02, DataNotValid = 0x04, ClockAdjusted = 0x20, PowerDown = 0x80;
    private const byte TimeInvalid = 0x01, TimeDoubtful = 0x02, NotSpecified = 0xFF;

    public static IntervalQuality ToQuality(byte status, byte clockStatus)
    {
        var flags = IntervalFlags.None;
        if ((status & PowerDown) != 0) flags |= IntervalFlags.Outage;
        if ((status & (ClockAdjusted | ClockInvalid)) != 0 || (clockStatus != NotSpecified && (clockStatus & (TimeInvalid | TimeDoubtful)) != 0)) flags |= IntervalFlags.Clock;
        return new IntervalQuality((status & (CriticalError | DataNotValid | ClockInvalid)) != 0 ? IntervalState.Failed : IntervalState.Raw, flags);
    }
}

using NodaTime;

namespace Praman.Metering;

/// <summary>What one session with a meter gave (IEC 61968-9 MeterReadings): HeadEnd hands it to MeterData.</summary>
/// <param name="EndDevice">The meter that was read, as it named itself.</param>
/// <param name="UsagePoint">Where the inventory says that it stands.</param>
/// <param name="ReadAt">Trusted time at which the session ended.</param>
/// <param name="ClockDrift">Meter clock less trusted clock, measured in the session; null where it was not.</param>
/// <param name="Blocks">
/// Whole local days, version 0, state RAW (or FAILED where the meter's own status says so, MISSING where a row is not there), flags from
/// the status octet. A day that was handed over before may come again with more intervals: the receiver merges. Where a meter has two rows of
/// one interval (its clock was set back over a boundary), the second comes in a block of its own: the receiver keeps both (V04).
/// </param>
/// <param name="Registers">Registers at instants: midnights of the daily profile, removal, installation.</param>
/// <param name="Events">Entries of the event profiles that are new.</param>
public sealed record MeterReading(
    EndDeviceId EndDevice,
    UsagePointId UsagePoint,
    Instant ReadAt,
    Duration? ClockDrift,
    IReadOnlyList<IntervalBlock> Blocks,
    IReadOnlyList<RegisterReading> Registers,
    IReadOnlyList<EndDeviceEvent> Events);

/// <summary>A cumulative register at an instant.</summary>
/// <param name="Value">Whole Wh, VAh or varh after the scaler, before any transformer ratio.</param>
/// <param name="Resolution">Smallest step of the register in the same unit: 10^scaler, at least 1.</param>
public readonly record struct RegisterReading(UsagePointId UsagePoint, EndDeviceId EndDevice, ReadingType Type, Instant At, long Value, int Resolution = 1);

/// <summary>An event of a meter (IEC 61968-9 EndDeviceEvent) with its code in IS 15959 numbers: 101 power failure, 102 restoration, 151 clock set.</summary>
public readonly record struct EndDeviceEvent(EndDeviceId EndDevice, UsagePointId UsagePoint, Instant At, int Code, long Sequence);

/// <summary>Who takes readings from the head-end. The call returns when what it was given is durable.</summary>
public interface IMeterReadingSink
{
    /// <summary>Stores and validates one or more readings; the same reading twice is counted, not an error.</summary>
    ValueTask AcceptAsync(IReadOnlyList<MeterReading> readings, CancellationToken cancellationToken);
}

using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.Metering;

namespace Praman.HeadEnd.Stores;

/// <summary>How far each meter has been read. It moves only after the readings are durable with their receiver.</summary>
public interface ICollectionState
{
    /// <summary>Null for a meter that was never read.</summary>
    ValueTask<CollectionProgress?> FindAsync(EndDeviceId endDevice, CancellationToken cancellationToken);

    /// <summary>Replaces, all or none; durable on return.</summary>
    ValueTask SaveAsync(IReadOnlyList<CollectionProgress> progress, CancellationToken cancellationToken);

    IAsyncEnumerable<CollectionProgress> ReadAllAsync(CancellationToken cancellationToken);
}

/// <summary>How far one meter has been read.</summary>
/// <param name="BlockLoadUntil">End of the last interval that was handed on.</param>
/// <param name="DailyUntil">The last midnight whose registers were handed on.</param>
/// <param name="EventSequences">Last sequence number by event profile, 0.0.99.98.0 to 6.</param>
/// <param name="ReadAt">When a session last succeeded.</param>
/// <param name="ClockDrift">Meter clock less ours then; null where it was not measured.</param>
public sealed record CollectionProgress(
    EndDeviceId EndDevice, Instant BlockLoadUntil, Instant DailyUntil, IReadOnlyList<long> EventSequences, Instant? ReadAt, Duration? ClockDrift)
{
    /// <summary>Event profiles of IS 15959: voltage, current, power, transaction, other, non-rollover, control.</summary>
    public const int EventProfileCount = 7;

    /// <summary>Days over which the meter has been read and of which something was missing, by day: their ranges are asked for again.</summary>
    public IReadOnlyList<PartialDay> PartialDays { get; init; } = [];

    /// <summary>True where all of a day has been handed on: its intervals, and the register at its end unless it was cut short.</summary>
    /// <param name="count">What was read of its intervals.</param>
    /// <param name="end">Where the day ends.</param>
    public bool IsWhole(in DayCount count, Instant end) => count.Intervals >= count.IntervalsExpected && (DailyUntil >= end || end > BlockLoadUntil);
}

/// <summary>A day that was read in part.</summary>
/// <param name="Tries">Sessions that have asked for it again since.</param>
public readonly record struct PartialDay(LocalDate Day, int Tries);

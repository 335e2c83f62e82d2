using Praman.HeadEnd.Stores;
using Praman.Metering;

namespace Praman.HeadEnd.Collection;

/// <summary>What one session brought, with what becomes true once it is durable.</summary>
/// <param name="Readings">One a usage point that the meter stood at in the time read; as a rule one.</param>
/// <param name="Progress">How far the meter has then been read.</param>
/// <param name="Days">How much of each day was there.</param>
/// <param name="ClockWasSet">True where the meter's clock was set in the session.</param>
public sealed record CollectedReading(
    IReadOnlyList<MeterReading> Readings, CollectionProgress Progress, IReadOnlyList<(UsagePointId UsagePoint, DayCount Count)> Days, bool ClockWasSet);

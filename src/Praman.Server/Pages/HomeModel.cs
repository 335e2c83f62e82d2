using NodaTime;
using Praman.Metering;
using Praman.Server.Queries;
using Praman.Server.Usage;

namespace Praman.Server.Pages;

/// <summary>What the home page shows.</summary>
/// <param name="Points">Every usage point of the person, to choose from.</param>
/// <param name="LastDay">The newest day that is held; null before the first.</param>
/// <param name="UsualWh">Mean of the whole days in the four weeks before; null with fewer than seven of them.</param>
/// <param name="Month">The days of the month of <paramref name="LastDay"/>, up to it.</param>
/// <param name="MonthCost">What they would cost.</param>
/// <param name="LookCount">Looks at these readings by others.</param>
public sealed record HomeModel(
    IReadOnlyList<UsagePointFacts> Points, UsagePointFacts Facts, LocalDate Today, DayUse? LastDay, long? UsualWh, LocalDate MonthStart,
    IReadOnlyList<DayUse> Month, Money? MonthCost, BillSummary? LastBill, int LookCount)
{
    public long MonthWh => Month.Sum(d => d.TotalWh);

    public int MonthEstimated => Month.Sum(d => d.EstimatedCount);

    public long MonthEstimatedWh => Month.Sum(d => d.EstimatedWh);

    /// <summary>Intervals not known; a day without a block counts its half-hours.</summary>
    public int MonthMissing => Month.Sum(d => d.Slots.Count == 0 ? LocalDays.IntervalCount(d.Day, d.Zone, 30) : d.MissingCount);
}

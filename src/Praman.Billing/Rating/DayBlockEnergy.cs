using NodaTime;
using Praman.Billing.Tariffs;
using Praman.Metering;

namespace Praman.Billing.Rating;

/// <summary>Day blocks as the intervals that prices by the time of day are made of.</summary>
public static class DayBlockEnergy
{
    private const decimal WhPerKwh = 1000m;

    /// <summary>Whether a tariff has a price that goes by the time of use.</summary>
    public static bool IsAskedForBy(Tariff tariff)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        foreach (TariffComponent component in tariff.Components)
        {
            if (component is TimeOfDayCharge or IntervalCharge) return true;
        }
        return false;
    }

    /// <summary>Each interval with the local date and time at which it starts. On the day on which clocks are set back an hour's times come twice, on
    /// the day on which they are set forward an hour's times are not there.</summary>
    /// <param name="blocks">Blocks of energy, in Wh.</param>
    /// <param name="prices">The price of each interval, in the order of the blocks. Of another number than the intervals they belong to others: none has one.</param>
    public static IReadOnlyList<IntervalEnergy> Of(IReadOnlyList<IntervalBlock> blocks, DateTimeZone zone, IReadOnlyList<decimal>? prices = null)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(zone);
        List<IntervalEnergy> intervals = [];
        if (prices?.Count != blocks.Sum(block => block.Header.Count)) prices = null;
        foreach (IntervalBlock block in blocks)
        {
            (long[] values, _) = block.Decode();
            Instant start = block.Start;
            for (int i = 0; i < values.Length; i++)
            {
                LocalDateTime local = start.InZone(zone).LocalDateTime;
                intervals.Add(new(local.Date, local.TimeOfDay, values[i] / WhPerKwh, prices?[intervals.Count]));
                start += Duration.FromMinutes(block.Header.IntervalMinutes);
            }
        }
        return intervals;
    }
}

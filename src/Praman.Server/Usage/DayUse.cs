using NodaTime;
using Praman.Metering;

namespace Praman.Server.Usage;

/// <summary>How sure one interval or day is.</summary>
public enum Sureness
{
    Measured,

    /// <summary>Made by a rule from other readings.</summary>
    Estimated,

    /// <summary>Not known.</summary>
    Missing,
}

/// <summary>One interval of a day, in local time.</summary>
/// <param name="Wh">Energy; 0 and meaningless where missing.</param>
public readonly record struct UseSlot(ZonedDateTime Start, ZonedDateTime End, long Wh, IntervalQuality Quality)
{
    public Sureness Sureness => !Quality.HasValue || Quality.State == IntervalState.Failed ? Sureness.Missing
        : Quality.IsEstimated ? Sureness.Estimated : Sureness.Measured;
}

/// <summary>A local day of one channel, unpacked to be shown.</summary>
public sealed record DayUse(LocalDate Day, DateTimeZone Zone, IReadOnlyList<UseSlot> Slots)
{
    public long TotalWh { get; } = Slots.Where(s => s.Sureness != Sureness.Missing).Sum(s => s.Wh);

    public int EstimatedCount { get; } = Slots.Count(s => s.Sureness == Sureness.Estimated);

    /// <summary>Intervals that a person entered or accepted.</summary>
    public int EditedCount { get; } = Slots.Count(s => s.Quality.IsByPerson);

    public int MissingCount { get; } = Slots.Count(s => s.Sureness == Sureness.Missing);

    public long EstimatedWh { get; } = Slots.Where(s => s.Sureness == Sureness.Estimated).Sum(s => s.Wh);

    /// <summary>The day as one: missing where nothing is known, estimated where anything is.</summary>
    public Sureness Sureness => Slots.Count == 0 || MissingCount == Slots.Count ? Sureness.Missing
        : EstimatedCount + MissingCount > 0 ? Sureness.Estimated : Sureness.Measured;

    /// <summary>Hours of this local day: 23, 24 or 25.</summary>
    public int Hours => (int)LocalDays.Bounds(Day, Zone).Duration.TotalHours;

    public int IntervalMinutes => Slots.Count == 0 ? 30 : (int)(Slots[0].End.ToInstant() - Slots[0].Start.ToInstant()).TotalMinutes;

    /// <summary>The interval with the most energy; null on a day without any.</summary>
    public UseSlot? Highest => Slots.Where(s => s.Sureness != Sureness.Missing).Cast<UseSlot?>().MaxBy(s => s!.Value.Wh);

    /// <summary>A day that no block is held of.</summary>
    public static DayUse Unknown(LocalDate day, DateTimeZone zone) => new(day, zone, []);

    public static DayUse From(IntervalBlock block, DateTimeZone zone)
    {
        (long[] values, IntervalQuality[] qualities) = block.Decode();
        var slots = new UseSlot[block.Count];
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = new UseSlot(block.Header.StartOf(i).InZone(zone), block.Header.StartOf(i + 1).InZone(zone), values[i], qualities[i]);
        }
        return new DayUse(LocalDays.DayOf(block.Start, zone), zone, slots);
    }

    /// <summary>Every local day from first to last, those not held as unknown.</summary>
    public static IReadOnlyList<DayUse> Days(IReadOnlyList<IntervalBlock> blocks, LocalDate from, LocalDate to, DateTimeZone zone)
    {
        var held = new Dictionary<LocalDate, DayUse>();
        foreach (IntervalBlock block in blocks)
        {
            DayUse day = From(block, zone);
            held[day.Day] = day;
        }
        var days = new List<DayUse>();
        for (LocalDate day = from; day <= to; day = day.PlusDays(1)) days.Add(held.GetValueOrDefault(day) ?? Unknown(day, zone));
        return days;
    }
}

using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>What one pass over a day finds out; with it each rule decides a clean day without looking at the intervals again.</summary>
public readonly record struct DaySummary
{
    /// <summary>Intervals without a value.</summary>
    public int MissingCount { get; init; }

    /// <summary>Intervals with a value that is refused.</summary>
    public int FailedCount { get; init; }

    /// <summary>Sum of the values that are there and not refused, Wh.</summary>
    public long SumWh { get; init; }

    public long Lowest { get; init; }

    /// <summary>P1 and its place; of equals the earlier.</summary>
    public long Highest { get; init; }

    /// <summary>Place of P1; −1 in a day without values.</summary>
    public int HighestAt { get; init; }

    /// <summary>P3; 0 in a day with fewer than three values.</summary>
    public long ThirdHighest { get; init; }

    /// <summary>All flags of all intervals.</summary>
    public IntervalFlags Flags { get; init; }

    /// <summary>Values that are there and not refused.</summary>
    public int ValueCount { get; init; }

    /// <summary>True where every interval has a value that is not refused.</summary>
    public bool IsComplete => MissingCount == 0 && FailedCount == 0;

    /// <summary>One pass.</summary>
    public static DaySummary Of(ReadOnlySpan<long> values, ReadOnlySpan<IntervalQuality> qualities)
    {
        int missing = 0, failed = 0, highestAt = -1;
        long sum = 0, lowest = long.MaxValue, first = long.MinValue, second = long.MinValue, third = long.MinValue;
        IntervalFlags flags = IntervalFlags.None;
        for (int i = 0; i < values.Length; i++)
        {
            IntervalQuality quality = qualities[i];
            flags |= quality.Flags;
            if (quality.State == IntervalState.Missing) { missing++; continue; }
            if (quality.State == IntervalState.Failed) { failed++; continue; }
            long value = values[i];
            sum += value;
            if (value < lowest) lowest = value;
            if (value <= third) continue;
            if (value > first) { third = second; second = first; first = value; highestAt = i; }
            else if (value > second) { third = second; second = value; }
            else third = value;
        }
        int count = values.Length - missing - failed;
        return new DaySummary
        {
            MissingCount = missing, FailedCount = failed, SumWh = sum, Flags = flags, HighestAt = highestAt, ValueCount = count,
            Lowest = count > 0 ? lowest : 0, Highest = count > 0 ? first : 0, ThirdHighest = count > 2 ? third : 0,
        };
    }
}

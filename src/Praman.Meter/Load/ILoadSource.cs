using NodaTime;

namespace Praman.Meter.Load;

/// <summary>
/// What flows at a usage point, as totals that only grow, so that every interval between two instants, of any length, is a
/// difference and the intervals of a period always sum to the difference of its registers. The same arguments always give
/// the same answer.
/// </summary>
public interface ILoadSource
{
    /// <summary>Energy from the source's beginning until <paramref name="at"/>; zero before it.</summary>
    /// <param name="at">The end, exclusive.</param>
    /// <param name="cursor">Scratch that the caller keeps between calls near one another in time; never shared by two threads.</param>
    LoadTotals TotalsAt(Instant at, LoadCursor cursor);

    /// <summary>False where the source knows nothing for part of [<paramref name="start"/>, <paramref name="end"/>): the meter then has no row there.</summary>
    bool IsKnown(Instant start, Instant end);

    /// <summary>Voltage averaged over an interval that starts at <paramref name="start"/>, in hundredths of a volt.</summary>
    int VoltageCentivolts(Instant start);

    /// <summary>Active over apparent power, in thousandths, 1 to 1000; constant for a usage point.</summary>
    int PowerFactorPermille { get; }

    /// <summary>What it was drawn from, for what else is at that usage point; 0 where it was not drawn.</summary>
    ulong Seed => 0;
}

/// <summary>Energy since the beginning of a source, in whole Wh: import (grid to consumer) and export.</summary>
public readonly record struct LoadTotals(long ImportWh, long ExportWh)
{
    public static LoadTotals operator +(LoadTotals left, LoadTotals right) => new(left.ImportWh + right.ImportWh, left.ExportWh + right.ExportWh);

    public static LoadTotals operator -(LoadTotals left, LoadTotals right) => new(left.ImportWh - right.ImportWh, left.ExportWh - right.ExportWh);

    public static LoadTotals Add(LoadTotals left, LoadTotals right) => left + right;

    public static LoadTotals Subtract(LoadTotals left, LoadTotals right) => left - right;
}

/// <summary>One day of a source, worked out once and kept while a caller asks about it: reading a day of rows costs one day, not one a row.</summary>
public sealed class LoadCursor
{
    internal object? Source { get; set; }

    internal int Day { get; set; }

    /// <summary>Totals within the day before each slot.</summary>
    internal LoadTotals[] Before { get; } = new LoadTotals[HouseholdLoad.SlotsPerDay + 1];
}

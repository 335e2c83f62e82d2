using NodaTime;

namespace Praman.MeterData.Imports;

/// <summary>One meter of an interval file: energy from whole local days, and what was found wrong with it.</summary>
/// <param name="Meter">As the file names it.</param>
/// <param name="FirstDay">Local day of the first element.</param>
/// <param name="IntervalMinutes">Length of an interval.</param>
/// <param name="Wh">Energy by interval from midnight of <paramref name="FirstDay"/>, Wh; <see cref="Gap"/> where the file has none.</param>
/// <param name="Intervals">How many intervals the file has for it.</param>
/// <param name="Gaps">Intervals without a value between its first and its last.</param>
/// <param name="Duplicates">Rows whose interval had a value already; the first stays.</param>
/// <param name="Negative">Rows below zero, read as gaps.</param>
/// <param name="Unaligned">Rows whose stamp is no multiple of the interval, not read.</param>
public sealed record IntervalSeries(
    string Meter, LocalDate FirstDay, int IntervalMinutes, ReadOnlyMemory<int> Wh, int Intervals, int Gaps, int Duplicates, int Negative, int Unaligned)
{
    /// <summary>Marks an interval without a value.</summary>
    public const int Gap = -1;

    public int IntervalsPerDay => 24 * 60 / IntervalMinutes;

    /// <summary>Local days, whole or begun.</summary>
    public int DayCount => Wh.Length / IntervalsPerDay;

    public long TotalWh
    {
        get
        {
            long total = 0;
            foreach (int wh in Wh.Span) if (wh != Gap) total += wh;
            return total;
        }
    }
}

/// <summary>A place of a file that could not be read as it should be.</summary>
/// <param name="Line">From 1; 0 for the whole file.</param>
/// <param name="Column">Field from 1; 0 for the whole line.</param>
public readonly record struct ImportFault(int Line, int Column, string Reason)
{
    public override string ToString() => Line == 0 ? Reason : Column == 0 ? $"line {Line}: {Reason}" : $"line {Line}, column {Column}: {Reason}";
}

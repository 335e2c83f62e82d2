using System.Text;
using NodaTime;
using Praman.MeterData.Imports;

namespace Praman.Cli.Demo;

/// <summary>Real interval data for the street: read, looked over, and moved to the demonstration's dates.</summary>
/// <param name="File">What the file gave.</param>
/// <param name="Homes">The homes that are replayed, by name.</param>
/// <param name="ShiftDays">Whole weeks between the file's dates and the demonstration's.</param>
/// <param name="From">First day of the file that is replayed.</param>
internal sealed record DemoReadings(IntervalFile File, IReadOnlyList<IntervalSeries> Homes, int ShiftDays, LocalDate From)
{
    /// <summary>Reads a file (gzip by its ending) and chooses the weeks in which the most homes have the most intervals.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read, or its intervals are not what meters keep; says where and what was expected.</exception>
    public static DemoReadings Load(DemoOptions options, bool metersGiven)
    {
        string path = options.Readings!;
        var map = new ColumnMap();
        if (options.Map is not null && !ColumnMap.TryParse(options.Map, out map, out string? fault)) throw new InvalidDataException($"--map: {fault}");
        using Stream file = System.IO.File.OpenRead(path);
        using Stream octets = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new WholeGzipStream(file) : file;
        using var text = new StreamReader(octets, Encoding.UTF8);
        IntervalFile read = Read(text, map!, path);
        int minutes = read.Series[0].IntervalMinutes;
        if (minutes is not (15 or 30 or 60)) throw new InvalidDataException($"{path}: its intervals are {minutes} minutes: meters keep 15, 30 or 60");

        LocalDate from = BestStart(read.Series, options.Days);
        IsoDayOfWeek weekday = DemoOptions.FirstDay.DayOfWeek;
        while (from.DayOfWeek != weekday) from = from.PlusDays(-1);
        int shift = Period.DaysBetween(from, DemoOptions.FirstDay);
        IntervalSeries[] homes = [.. read.Series
            .Where(series => series.FirstDay <= from.PlusDays(options.Days) && series.FirstDay.PlusDays(series.DayCount) > from.PlusDays(7))
            .Take(metersGiven ? options.Meters : DemoOptions.MetersMax)];
        if (homes.Length == 0) throw new InvalidDataException($"{path}: no home has readings in the {options.Days} days from {from:uuuu-MM-dd}");
        return new DemoReadings(read, homes, shift, from);
    }

    private static IntervalFile Read(TextReader text, ColumnMap map, string path)
    {
        try
        {
            return IntervalFileReader.TryRead(text, map, out IntervalFile? read, out ImportFault error) ? read : throw new InvalidDataException($"{error}");
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>The day from which the homes together have the most intervals; the earliest of equals.</summary>
    private static LocalDate BestStart(IReadOnlyList<IntervalSeries> series, int days)
    {
        LocalDate first = series.Min(one => one.FirstDay), last = series.Max(one => one.FirstDay.PlusDays(one.DayCount));
        int span = Period.DaysBetween(first, last);
        var perDay = new int[span];
        foreach (IntervalSeries one in series)
        {
            int offset = Period.DaysBetween(first, one.FirstDay);
            ReadOnlySpan<int> wh = one.Wh.Span;
            for (int i = 0; i < wh.Length; i++) if (wh[i] != IntervalSeries.Gap) perDay[offset + (i / one.IntervalsPerDay)]++;
        }
        long window = 0, best = -1;
        int bestStart = 0;
        for (int day = 0; day < span; day++)
        {
            window += perDay[day];
            if (day >= days) window -= perDay[day - days];
            int start = Math.Max(0, day - days + 1);
            if (window > best) (best, bestStart) = (window, start);
        }
        return first.PlusDays(bestStart);
    }
}

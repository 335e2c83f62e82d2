using System.Globalization;
using System.Text;
using NodaTime;
using Praman.MeterData.Imports;
using Praman.Metering;

namespace Praman.Cli.Demo;

/// <summary>Real interval data for the street: read, looked over, and moved to the demonstration's dates.</summary>
/// <param name="File">What the file gave.</param>
/// <param name="Homes">The homes that are replayed, by name.</param>
/// <param name="ShiftDays">Whole weeks between the file's dates and the demonstration's.</param>
/// <param name="From">First day of the file that is replayed.</param>
/// <param name="Asked">How many homes were asked for; null where all were.</param>
internal sealed record DemoReadings(IntervalFile File, IReadOnlyList<IntervalSeries> Homes, int ShiftDays, LocalDate From, int? Asked)
{
    /// <summary>A home whose readings end within the first week tells nothing of a month.</summary>
    private const int DaysLeast = 7;

    /// <summary>What a home uses in a day, Wh: less than this over all homes and their days is no street's, whatever is in the homes.</summary>
    private const decimal DayLeastWh = 100;

    /// <summary>True where the file has fewer homes for these days than were asked for: all of them are replayed.</summary>
    public bool IsShort => Homes.Count < Asked;

    /// <summary>What a person who asked for more homes than there are is told.</summary>
    public string ShortWords(string path) =>
        $"--meters {Asked}: {Path.GetFileName(path)} has {Counted.Of(Homes.Count, "home")} with readings in these days, of {Counted.Of(File.Series.Count, "meter")} in it; all of them are replayed, none is made up";

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
        IntervalSeries[] homes = [.. read.Series.Where(series => series.FirstDay <= from.PlusDays(options.Days) && series.FirstDay.PlusDays(series.DayCount) > from.PlusDays(DaysLeast))];
        if (homes.Length == 0) throw new InvalidDataException($"{path}: {TooFew(read, options.Days)}");
        if (UnitFault(read, map!) is { } unit) throw new InvalidDataException($"{path}: {unit}");
        return new DemoReadings(read, [.. homes.Take(metersGiven ? options.Meters : DemoOptions.MetersMax)], shift, from, metersGiven ? options.Meters : null);
    }

    /// <summary>What was found in a file that is too short, and how much is needed.</summary>
    private static string TooFew(IntervalFile file, int days)
    {
        IntervalSeries longest = file.Series.MaxBy(series => series.DayCount)!;
        return string.Create(CultureInfo.InvariantCulture,
            $"{Counted.Of(file.RowCount, "row")} of {Counted.Of(file.Series.Count, "home")} were found, over {Counted.Of(longest.DayCount, "day")} at most from {longest.FirstDay:uuuu-MM-dd} on; needed is one home at least with more than {DaysLeast} days, and with {days}, which are lived through, for whole bills");
    }

    /// <summary>
    /// Values in another unit than the map says would live a month and end in bills of nothing, or in refusals by code. Nobody is refused who names
    /// the unit of small values, nor whose values a meter could carry.
    /// </summary>
    private static string? UnitFault(IntervalFile file, ColumnMap map)
    {
        decimal perDay = 24m * 60 / file.Series[0].IntervalMinutes, day = file.ValueMean * perDay;
        bool isKilo = map.Unit == IntervalFileUnit.KilowattHour;
        decimal dayWh = isKilo ? day * 1_000 : day;
        bool isSmall = !isKilo && !map.IsUnitNamed && dayWh is > 0 and < DayLeastWh && dayWh * 1_000 >= DayLeastWh;
        bool isLarge = dayWh > DemoStreet.LargestConnectionW * 24m;
        if (!isSmall && !isLarge) return null;
        string found = string.Create(CultureInfo.InvariantCulture,
            $"column '{map.Value}' has values such as {string.Join(", ", file.ValueExamples)}; read as {(isKilo ? "kWh" : "Wh")} a home uses {dayWh / 1_000:#,0.###} kWh a day on average");
        if (isSmall) return $"{found}, which no street does. If they are kilowatt-hours, say unit=kWh in --map; if they are watt-hours all the same, unit=Wh";
        string most = string.Create(CultureInfo.InvariantCulture, $"{found}, more than the {DemoStreet.LargestConnectionW * 24 / 1_000m:#,0.###} kWh that the largest meter here carries");
        return isKilo && day >= DayLeastWh && day <= DemoStreet.LargestConnectionW * 24m
            ? $"{most}. If they are watt-hours, say unit=Wh in --map"
            : $"{most}. No unit of --map fits: does value= name the column of energy in the interval?";
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

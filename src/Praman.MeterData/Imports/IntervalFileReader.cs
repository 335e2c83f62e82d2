using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;
using Praman.Metering;

namespace Praman.MeterData.Imports;

/// <summary>What an interval file gave.</summary>
/// <param name="Series">By name of the meter.</param>
/// <param name="Faults">Rows that were not read, the first <see cref="IntervalFileReader.FaultCountMax"/>; the rest is only counted.</param>
public sealed record IntervalFile(IReadOnlyList<IntervalSeries> Series, IReadOnlyList<ImportFault> Faults, int FaultCount, int RowCount)
{
    /// <summary>The first few different values above zero, as they are written: what their unit is, is seen best from them.</summary>
    public IReadOnlyList<string> ValueExamples { get; init; } = [];

    /// <summary>Mean of the values that are not negative, in the file's own unit.</summary>
    public decimal ValueMean { get; init; }
}

/// <summary>
/// Reads interval data as separated columns, a row an interval and meter, found by a <see cref="ColumnMap"/>. The interval's length is the
/// commonest distance of two stamps of a meter. Nothing is dropped in silence: a row that is not read is a fault, a second value for an
/// interval is counted, a hole stays a hole.
/// </summary>
public static class IntervalFileReader
{
    public const int FaultCountMax = 100;
    private const int ExampleCountMax = 3, ExampleRowsMax = 10_000;
    private const int RowCountMax = 100_000_000;
    private const int DayCountMax = 40 * 366;

    // A day holds a cell an interval, whether it has a row or not: a few rows that lie decades apart must not take the memory of decades.
    private const int CellCountFree = 1_000_000;
    private const int CellsPerRowMax = 64;

    private static readonly LocalDate Epoch = new(1970, 1, 1);

    /// <summary>Reads a whole file.</summary>
    /// <returns>False where it has no header with the map's columns, or no row that can be read.</returns>
    public static bool TryRead(TextReader text, ColumnMap map, [NotNullWhen(true)] out IntervalFile? file, out ImportFault error)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(map);
        file = null;
        if (!TryHeader(text, map, out Columns columns, out error)) return false;

        var meters = new Dictionary<string, List<Row>>(StringComparer.Ordinal);
        Dictionary<string, List<Row>>.AlternateLookup<ReadOnlySpan<char>> byName = meters.GetAlternateLookup<ReadOnlySpan<char>>();
        var faults = new List<ImportFault>();
        var examples = new List<string>();
        decimal sum = 0;
        int faultCount = 0, line = 1, rows = 0, summed = 0;
        while (text.ReadLine() is { } row)
        {
            line++;
            if (row.Length == 0) continue;
            if (rows == RowCountMax)
            {
                error = new(line, 0, $"more than {RowCountMax} rows");
                return false;
            }
            if (!TryRow(row, map, columns, out ReadOnlySpan<char> meter, out Row read, out ReadOnlySpan<char> value, out decimal energy, out int column, out string? reason))
            {
                faultCount++;
                if (faults.Count < FaultCountMax) faults.Add(new(line, column, reason));
                continue;
            }
            rows++;
            if (energy >= 0) (sum, summed) = (sum + energy, summed + 1);
            if (energy > 0 && examples.Count < ExampleCountMax && rows <= ExampleRowsMax && value.ToString() is var written && !examples.Contains(written)) examples.Add(written);
            if (!byName.TryGetValue(meter, out List<Row>? of)) meters.Add(meter.ToString(), of = []);
            of.Add(read);
        }
        if (rows == 0)
        {
            error = faults.Count > 0 ? faults[0] : new(line, 0, "no row of intervals follows the header");
            return false;
        }
        int minutes = IntervalOf(meters.Values);
        if (minutes == 0)
        {
            error = new(0, 0, $"{Counted.Of(rows, "row")} of {Counted.Of(meters.Count, "meter")}, and none has two within a day: so many at least are needed to tell how long an interval is");
            return false;
        }
        if (24 * 60 % minutes != 0)
        {
            error = new(2, 0, $"stamps are {minutes} minutes apart: expected intervals that divide a day");
            return false;
        }
        if (!TryBound(meters, minutes, map.StampIsEnd, rows, out error)) return false;
        var series = new List<IntervalSeries>(meters.Count);
        foreach ((string name, List<Row> of) in meters.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!TryBuild(name, of, minutes, map.StampIsEnd, out IntervalSeries? one, out string? reason))
            {
                faultCount++;
                if (faults.Count < FaultCountMax) faults.Add(new(0, 0, $"meter {name}: {reason}"));
                continue;
            }
            series.Add(one);
        }
        if (series.Count == 0)
        {
            error = faults[0];
            return false;
        }
        file = new IntervalFile(series, faults, faultCount, rows) { ValueExamples = examples, ValueMean = summed == 0 ? 0 : sum / summed };
        return true;
    }

    /// <summary>Bounds the intervals between the first row and the last of each meter by the rows that there are.</summary>
    private static bool TryBound(Dictionary<string, List<Row>> meters, int minutes, bool stampIsEnd, int rowCount, out ImportFault error)
    {
        error = default;
        long cells = 0, widest = 0;
        string meter = "";
        foreach ((string name, List<Row> rows) in meters)
        {
            (int first, int last) = Days(rows, stampIsEnd ? minutes : 0);
            long own = last - first >= DayCountMax ? 0 : (last - first + 1) * (1440L / minutes); // a meter beyond that is refused by itself
            cells += own;
            if (own > widest) (widest, meter) = (own, name);
        }
        long limit = CellCountFree + ((long)CellsPerRowMax * rowCount);
        if (cells <= limit) return true;
        error = new(0, 0, $"its {rowCount} rows lie over {cells} intervals of {minutes} min, {widest} of them meter {meter}'s: at most {limit} were expected for so few rows");
        return false;
    }

    private readonly record struct Columns(int Meter, int Timestamp, int Value);

    private readonly record struct Row(int Minute, int Wh);

    private static bool TryHeader(TextReader text, ColumnMap map, out Columns columns, out ImportFault error)
    {
        columns = default;
        error = default;
        string? header = text.ReadLine()?.TrimStart('\uFEFF');
        if (header is null)
        {
            error = new(1, 0, "the file is empty: a header with the names of its columns was expected");
            return false;
        }
        string[] names = [.. header.Split(map.Separator).Select(name => name.Trim().Trim('"'))];
        int meter = map.Meter.Length == 0 ? -1 : Array.IndexOf(names, map.Meter), stamp = Array.IndexOf(names, map.Timestamp), value = Array.IndexOf(names, map.Value);
        string? absent = map.Meter.Length > 0 && meter < 0 ? map.Meter : stamp < 0 ? map.Timestamp : value < 0 ? map.Value : null;
        if (absent is not null)
        {
            string hint = OtherSeparator(header, map.Separator) is { } other
                ? $"its columns seem to be separated by {other.Words}: a column map says so with separator={other.Name}"
                : "a column map names others: meter=…,ts=…,value=…";
            error = new(1, 0, $"no column '{absent}' among {string.Join(", ", names.Take(20))}; {hint}");
            return false;
        }
        columns = new(meter, stamp, value);
        return true;
    }

    /// <summary>The separator that splits a header into the most columns, where that is not the one of the map.</summary>
    private static (string Name, string Words)? OtherSeparator(string header, char given)
    {
        (char Character, string Name, string Words)[] known = [(',', "comma", "','"), (';', ";", "';'"), ('\t', "tab", "tabs")];
        (char character, string name, string words) = known.MaxBy(one => (header.AsSpan().Count(one.Character), one.Character == given));
        return character == given || !header.Contains(character, StringComparison.Ordinal) ? null : (name, words);
    }

    private static bool TryRow(
        string line, ColumnMap map, Columns columns, out ReadOnlySpan<char> meter, out Row row, out ReadOnlySpan<char> value, out decimal energy, out int column, [NotNullWhen(false)] out string? reason)
    {
        meter = "";
        row = default;
        value = default;
        energy = 0;
        ReadOnlySpan<char> stamp = default;
        int index = 0;
        foreach (Range range in line.AsSpan().Split(map.Separator))
        {
            ReadOnlySpan<char> field = line.AsSpan()[range].Trim().Trim('"');
            if (index == columns.Meter) meter = field;
            if (index == columns.Timestamp) stamp = field;
            if (index == columns.Value) value = field;
            index++;
        }
        column = columns.Timestamp + 1;
        if (!TryMinute(stamp, out int minute))
        {
            reason = $"'{stamp}' is not a time: expected YYYY-MM-DDTHH:MM";
            return false;
        }
        column = columns.Value + 1;
        if (!decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out energy))
        {
            reason = $"'{value}' is not a number: energy of the interval was expected";
            return false;
        }
        decimal wh = map.Unit == IntervalFileUnit.KilowattHour ? energy * 1000m : energy;
        if (wh is < -1_000_000_000m or > 1_000_000_000m)
        {
            reason = $"{value} is out of range: at most 1 GWh an interval was expected";
            return false;
        }
        // Some files say −0.0001 for nothing; what is below half a watt-hour is zero.
        row = new(minute, (int)decimal.Round(wh, MidpointRounding.AwayFromZero));
        reason = null;
        return true;
    }

    /// <summary>Minutes since 1970 of a local time.</summary>
    private static bool TryMinute(ReadOnlySpan<char> text, out int minute)
    {
        minute = 0;
        if (text.Length is < 16 or > 32 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or ' ') || text[13] != ':') return false;
        if (!TryNumber(text[..4], out int year) || !TryNumber(text[5..7], out int month) || !TryNumber(text[8..10], out int day)) return false;
        if (!TryNumber(text[11..13], out int hour) || !TryNumber(text[14..16], out int minutes)) return false;
        if (year is < 1970 or > 2200 || month is < 1 or > 12 || day < 1 || day > CalendarSystem.Iso.GetDaysInMonth(year, month) || hour > 24 || minutes > 59) return false;
        if (hour == 24 && minutes != 0) return false;
        minute = (Period.DaysBetween(Epoch, new LocalDate(year, month, day)) * 1440) + (hour * 60) + minutes;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static int IntervalOf(IEnumerable<List<Row>> meters)
    {
        var distances = new Dictionary<int, int>();
        foreach (List<Row> rows in meters)
        {
            rows.Sort(static (a, b) => a.Minute.CompareTo(b.Minute));
            for (int i = 1; i < rows.Count; i++)
            {
                int distance = rows[i].Minute - rows[i - 1].Minute;
                if (distance is > 0 and <= 1440) distances[distance] = distances.GetValueOrDefault(distance) + 1;
            }
        }
        return distances.Count == 0 ? 0 : distances.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
    }

    private static bool TryBuild(
        string name, List<Row> rows, int minutes, bool stampIsEnd, [NotNullWhen(true)] out IntervalSeries? series, [NotNullWhen(false)] out string? reason)
    {
        series = null;
        int shift = stampIsEnd ? minutes : 0;
        (int firstDay, int lastDay) = Days(rows, shift);
        if (lastDay - firstDay >= DayCountMax)
        {
            reason = $"its rows span {lastDay - firstDay} days: at most {DayCountMax} were expected";
            return false;
        }
        var wh = new int[(lastDay - firstDay + 1) * (1440 / minutes)];
        Array.Fill(wh, IntervalSeries.Gap);
        int duplicates = 0, negative = 0, intervals = 0, unaligned = 0, first = int.MaxValue, last = -1;
        foreach (Row row in rows)
        {
            int offset = row.Minute - shift - (firstDay * 1440);
            if (offset % minutes != 0) { unaligned++; continue; }
            int index = offset / minutes;
            if (row.Wh < 0) { negative++; continue; }
            if (wh[index] != IntervalSeries.Gap) { duplicates++; continue; }
            wh[index] = row.Wh;
            intervals++;
            first = Math.Min(first, index);
            last = Math.Max(last, index);
        }
        if (intervals == 0)
        {
            reason = "it has no interval with a value";
            return false;
        }
        series = new IntervalSeries(name, Epoch.PlusDays(firstDay), minutes, wh, intervals, last - first + 1 - intervals, duplicates, negative, unaligned);
        reason = null;
        return true;
    }

    /// <summary>Days, from 1970, of the first and the last of sorted rows.</summary>
    private static (int First, int Last) Days(List<Row> rows, int shift) => (Floor(rows[0].Minute - shift, 1440), Floor(rows[^1].Minute - shift, 1440));

    private static int Floor(int value, int by) => value >= 0 ? value / by : ((value + 1) / by) - 1;
}

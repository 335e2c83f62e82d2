using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;

namespace Praman.MeterData.Imports;

/// <summary>What an interval file gave.</summary>
/// <param name="Series">By name of the meter.</param>
/// <param name="Faults">Rows that were not read, the first <see cref="IntervalFileReader.FaultCountMax"/>; the rest is only counted.</param>
public sealed record IntervalFile(IReadOnlyList<IntervalSeries> Series, IReadOnlyList<ImportFault> Faults, int FaultCount, int RowCount);

/// <summary>
/// Reads interval data as separated columns, a row an interval and meter, found by a <see cref="ColumnMap"/>. The interval's length is the
/// commonest distance of two stamps of a meter. Nothing is dropped in silence: a row that is not read is a fault, a second value for an
/// interval is counted, a hole stays a hole.
/// </summary>
public static class IntervalFileReader
{
    public const int FaultCountMax = 100;
    private const int RowCountMax = 100_000_000;
    private const int DayCountMax = 40 * 366;
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
        int faultCount = 0, line = 1, rows = 0;
        while (text.ReadLine() is { } row)
        {
            line++;
            if (row.Length == 0) continue;
            if (rows == RowCountMax)
            {
                error = new(line, 0, $"more than {RowCountMax} rows");
                return false;
            }
            if (!TryRow(row, map, columns, out ReadOnlySpan<char> meter, out Row read, out int column, out string? reason))
            {
                faultCount++;
                if (faults.Count < FaultCountMax) faults.Add(new(line, column, reason));
                continue;
            }
            rows++;
            if (!byName.TryGetValue(meter, out List<Row>? of)) meters.Add(meter.ToString(), of = []);
            of.Add(read);
        }
        if (rows == 0)
        {
            error = faults.Count > 0 ? faults[0] : new(line, 0, "no row of intervals follows the header");
            return false;
        }
        int minutes = IntervalOf(meters.Values);
        if (minutes <= 0 || 24 * 60 % minutes != 0)
        {
            error = new(2, 0, $"stamps are {minutes} minutes apart: expected intervals that divide a day");
            return false;
        }
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
        file = new IntervalFile(series, faults, faultCount, rows);
        return true;
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
            error = new(1, 0, $"no column '{absent}' among {string.Join(", ", names.Take(20))}; a column map names others: meter=…,ts=…,value=…");
            return false;
        }
        columns = new(meter, stamp, value);
        return true;
    }

    private static bool TryRow(
        string line, ColumnMap map, Columns columns, out ReadOnlySpan<char> meter, out Row row, out int column, [NotNullWhen(false)] out string? reason)
    {
        meter = "";
        row = default;
        ReadOnlySpan<char> stamp = default, value = default;
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
        if (!decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal energy))
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
        int firstDay = Floor(rows[0].Minute - shift, 1440), lastDay = Floor(rows[^1].Minute - shift, 1440);
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

    private static int Floor(int value, int by) => value >= 0 ? value / by : ((value + 1) / by) - 1;
}

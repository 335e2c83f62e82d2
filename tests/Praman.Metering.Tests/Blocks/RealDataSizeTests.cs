using System.Globalization;
using System.IO.Compression;
using NodaTime;
using Praman.Testing;

namespace Praman.Metering.Tests.Blocks;

/// <summary>Size of a block on real homes' days: at most 1.6 octets an interval of 15 or 30 minutes, header and quality included.</summary>
public sealed class RealDataSizeTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("lcl_30m", 30)]
    [InlineData("swiss_15m", 15)]
    [InlineData("sgsc_30m", 30)]
    [InlineData("ideal_elec_1h", 60)]
    public void A_real_day_takes_few_octets_an_interval(string file, int minutes)
    {
        string path = TestFiles.SharedOrSkip($"data/intervals/{file}.csv.gz");
        (long octets, long intervals, int blocks) = (0, 0, 0);
        foreach ((Instant start, long?[] day) in Days(path, minutes))
        {
            var header = new IntervalBlockHeader(new UsagePointId(1_000_000), ReadingType.ImportEnergy, start, minutes, day.Length, 0, BlockCause.Received);
            IntervalBlock block = IntervalBlock.Create(
                header, [.. day.Select(v => v ?? 0)], [.. day.Select(v => v is null ? IntervalQuality.Missing : IntervalQuality.Valid)]);
            octets += block.Bytes.Length;
            intervals += day.Length;
            blocks++;
        }
        decimal each = decimal.Divide(octets, intervals);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {blocks} days, {intervals} intervals, {each:0.000} octets an interval"));
        Assert.True(blocks > 1_000);
        Assert.True(each <= LimitOf(minutes), string.Create(CultureInfo.InvariantCulture, $"{file}: {each:0.000} octets an interval"));
    }

    /// <summary>The header, some 15 octets, is shared by 24 hourly values or by 96 of a quarter hour: it alone is 0.6 of an hourly one.</summary>
    private static decimal LimitOf(int minutes) => minutes == 60 ? 2.0m : 1.6m;

    /// <summary>Days of 24 hours by the file's own clock; absent rows are missing.</summary>
    private static IEnumerable<(Instant Start, long?[] Values)> Days(string path, int minutes)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        reader.ReadLine();
        string current = "";
        long?[] day = [];
        while (reader.ReadLine() is { } line)
        {
            int comma = line.IndexOf(',', StringComparison.Ordinal);
            string key = line[..(comma + 11)];
            if (key != current)
            {
                if (day.Length > 0) yield return (StartOf(current), day);
                current = key;
                day = new long?[1_440 / minutes];
            }
            string[] fields = line.Split(',');
            int minute = (int.Parse(fields[1].AsSpan(11, 2), CultureInfo.InvariantCulture) * 60) + int.Parse(fields[1].AsSpan(14, 2), CultureInfo.InvariantCulture);
            if (fields[2].Length > 0) day[minute / minutes] = (long)decimal.Parse(fields[2], CultureInfo.InvariantCulture);
        }
        if (day.Length > 0) yield return (StartOf(current), day);
    }

    private static Instant StartOf(string key)
    {
        string date = key[^10..];
        return Instant.FromUtc(
            int.Parse(date.AsSpan(0, 4), CultureInfo.InvariantCulture), int.Parse(date.AsSpan(5, 2), CultureInfo.InvariantCulture),
            int.Parse(date.AsSpan(8, 2), CultureInfo.InvariantCulture), 0, 0);
    }
}

using System.Globalization;
using System.IO.Compression;
using System.Text;
using NodaTime;
using Praman.MeterData.Imports;
using Praman.Testing;

namespace Praman.MeterData.Tests.Imports;

public sealed class IntervalFileReaderTests
{
    [Fact]
    public void ReadsMetersDaysGapsDuplicatesAndNegatives()
    {
        const string Text = "meter,ts,wh\nB,2026-04-01T00:00,5\nA,2026-04-01T00:30,100\nA,2026-04-01T01:00,200\nA,2026-04-01T02:00,300\nA,2026-04-01T01:00,999\nA,2026-04-01T02:30,-4\nA,2026-04-02T00:00,7\n";
        Assert.True(IntervalFileReader.TryRead(new StringReader(Text), new ColumnMap(), out IntervalFile? file, out ImportFault error), error.ToString());
        Assert.Equal(7, file.RowCount);
        Assert.Equal(["A", "B"], file.Series.Select(series => series.Meter));
        IntervalSeries a = file.Series[0];
        Assert.Equal(30, a.IntervalMinutes);
        Assert.Equal(new LocalDate(2026, 4, 1), a.FirstDay);
        Assert.Equal(2, a.DayCount);
        Assert.Equal([IntervalSeries.Gap, 100, 200, IntervalSeries.Gap, 300, IntervalSeries.Gap], a.Wh[..6].ToArray());
        Assert.Equal(7, a.Wh.Span[48]);
        Assert.Equal((4, 44, 1, 1, 0), (a.Intervals, a.Gaps, a.Duplicates, a.Negative, a.Unaligned));
        Assert.Equal(607, a.TotalWh);
    }

    [Fact]
    public void AColumnMapNamesColumnsUnitStampAndSeparator()
    {
        Assert.True(ColumnMap.TryParse("meter=Nr,ts=Zeit,value=Verbrauch,unit=kWh,stamp=end,separator=;", out ColumnMap? map, out string? mapError), mapError);
        const string Text = "Zeit;Nr;x;Verbrauch\n2026-04-01 00:30:00;7;;0.1234\n2026-04-01 01:00:00;7;;1e-1\n2026-04-02 00:00:00;7;;0.5\n";
        Assert.True(IntervalFileReader.TryRead(new StringReader(Text), map, out IntervalFile? file, out ImportFault error), error.ToString());
        IntervalSeries only = Assert.Single(file.Series);
        Assert.Equal(1, only.DayCount); // the row stamped midnight ends the day before
        Assert.Equal([123, 100], only.Wh[..2].ToArray());
        Assert.Equal(500, only.Wh.Span[47]);
    }

    [Theory]
    [InlineData("column=x", "'column=x'")]
    [InlineData("unit=MWh", "'unit=MWh'")]
    [InlineData("ts=", "'ts='")]
    public void AMapThatIsNotUnderstoodNamesItsPart(string text, string named)
    {
        Assert.False(ColumnMap.TryParse(text, out _, out string? error));
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1, "empty")]
    [InlineData("a,b,c\n1,2,3\n", 1, "no column 'meter' among a, b, c")]
    [InlineData("meter,ts,wh\n", 1, "no row of intervals")]
    [InlineData("meter,ts,wh\nA,2026-13-01T00:00,1\n", 2, "'2026-13-01T00:00' is not a time")]
    [InlineData("meter,ts,wh\nA,2026-01-01T00:00,x\n", 2, "'x' is not a number")]
    public void WhatCannotBeReadSaysWhereAndWhatWasExpected(string text, int line, string reason)
    {
        Assert.False(IntervalFileReader.TryRead(new StringReader(text), new ColumnMap(), out _, out ImportFault error));
        Assert.Equal(line, error.Line);
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ABadRowIsAFaultWithLineAndColumnAndTheRestIsRead()
    {
        const string Text = "meter,ts,wh\nA,2026-04-01T00:00,1\nA,2026-04-01T00:30,one\nA,2026-04-01T01:00,3\nA,2026-04-01T01:30,4\n";
        Assert.True(IntervalFileReader.TryRead(new StringReader(Text), new ColumnMap(), out IntervalFile? file, out _));
        Assert.Equal(1, file.FaultCount);
        Assert.Equal((3, 3), (file.Faults[0].Line, file.Faults[0].Column));
        Assert.Equal(1, file.Series[0].Gaps);
    }

    [Theory]
    [InlineData("Id;Time;kWh", "meter=Id,ts=Time,value=kWh", "separated by ';': a column map says so with separator=;")]
    [InlineData("meter\tts\twh", "", "separated by tabs: a column map says so with separator=tab")]
    [InlineData("meter,ts,wh", "separator=;", "separated by ',': a column map says so with separator=comma")]
    public void AnotherSeparatorIsHintedAt(string header, string map, string hint)
    {
        Assert.True(ColumnMap.TryParse(map, out ColumnMap? columns, out string? mapError), mapError);
        Assert.False(IntervalFileReader.TryRead(new StringReader(header + "\n"), columns, out _, out ImportFault error));
        Assert.Contains(hint, error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AFewRowsThatLieDecadesApartAreRefusedBeforeTheyTakeTheMemoryOfDecades()
    {
        var text = new StringBuilder("meter,ts,wh\n");
        for (int meter = 0; meter < 40; meter++) text.Append(CultureInfo.InvariantCulture, $"M{meter},1981-01-01T00:00,1\nM{meter},1981-01-01T00:01,1\nM{meter},2020-12-31T00:00,1\n");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(IntervalFileReader.TryRead(new StringReader(text.ToString()), new ColumnMap(), out _, out ImportFault error));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000); // decades of minutes of one meter are 84 MB
        Assert.Contains("its 120 rows lie over 841536000 intervals of 1 min, 21038400 of them meter M0's", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void HolesOfYearsAreReadWhereTheRowsAreThereForThem()
    {
        var text = new StringBuilder("meter,ts,wh\n");
        for (int i = 0; i < 1440; i++) text.Append(CultureInfo.InvariantCulture, $"A,2020-01-01T{i / 60:00}:{i % 60:00},1\n");
        text.Append("A,2022-01-01T00:00,1\n");
        Assert.True(IntervalFileReader.TryRead(new StringReader(text.ToString()), new ColumnMap(), out IntervalFile? file, out ImportFault error), error.ToString());
        Assert.Equal((1, 1441, 732), (file.Series[0].IntervalMinutes, file.Series[0].Intervals, file.Series[0].DayCount));
    }

    [Fact]
    public void AFileInWhichNoMeterCanBeReadSaysWhy()
    {
        Assert.False(IntervalFileReader.TryRead(
            new StringReader("meter,ts,wh\nA,1970-01-01T00:00,1\nA,1970-01-01T00:30,1\nA,2199-01-01T00:00,1\n"), new ColumnMap(), out _, out ImportFault error));
        Assert.StartsWith("meter A: its rows span", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void RandomTextNeverThrows()
    {
        var random = new Random(7);
        const string Letters = "meter,ts,wh\n0123456789-T:. \"\r\t;é−";
        for (int i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder(i % 3 == 0 ? "" : "meter,ts,wh\n");
            for (int n = random.Next(80); n > 0; n--) text.Append(Letters[random.Next(Letters.Length)]);
            _ = IntervalFileReader.TryRead(new StringReader(text.ToString()), new ColumnMap(), out _, out _);
        }
    }

    [Theory]
    [InlineData("swiss_15m", 358, 15)]
    [InlineData("ideal_elec_1h", 172, 60)]
    [InlineData("lcl_30m", 5, 30)]
    [InlineData("sgsc_30m", 7, 30)]
    public void TheRealFilesGiveTheirHomesAndTheirEnergy(string name, int homes, int minutes)
    {
        string path = TestFiles.SharedOrSkip($"data/intervals/{name}.csv.gz");
        using var text = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        Assert.True(IntervalFileReader.TryRead(text, new ColumnMap(), out IntervalFile? file, out ImportFault error), error.ToString());
        Assert.Equal(homes, file.Series.Count);
        Assert.All(file.Series, series => Assert.Equal(minutes, series.IntervalMinutes));

        using var again = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        long sum = 0, rows = 0;
        again.ReadLine();
        while (again.ReadLine() is { } line)
        {
            rows++;
            long wh = (long)decimal.Round(decimal.Parse(line[(line.LastIndexOf(',') + 1)..], CultureInfo.InvariantCulture), MidpointRounding.AwayFromZero);
            if (wh > 0) sum += wh;
        }
        Assert.Equal(rows, file.RowCount + file.FaultCount);
        Assert.Equal(rows, file.FaultCount + file.Series.Sum(series => (long)series.Intervals + series.Duplicates + series.Negative + series.Unaligned));
        // Every watt-hour of the file is in a series, but for those of rows that stand twice.
        if (file.Series.All(series => series.Duplicates + series.Unaligned == 0)) Assert.Equal(sum, file.Series.Sum(series => series.TotalWh));
    }
}

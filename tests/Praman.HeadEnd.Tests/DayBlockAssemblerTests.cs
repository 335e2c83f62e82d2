using System.Buffers;
using CsCheck;
using NodaTime;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.HeadEnd.Collection;
using Praman.Metering;

namespace Praman.HeadEnd.Tests;

public class DayBlockAssemblerTests
{
    private static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly DateTimeZone London = DateTimeZoneProviders.Tzdb["Europe/London"];
    private static readonly LocalDate Day = new(2026, 6, 10);
    private static readonly UsagePointId Here = new(5);

    private static readonly CaptureObject[] Columns =
    [
        new(8, new(0, 0, 1, 0, 0), 2), new(3, new(1, 0, 12, 27, 0), 2), new(3, new(1, 0, 1, 29, 0), 2), new(1, new(0, 0, 96, 10, 1), 2),
    ];

    [Theory]
    [InlineData("2026-03-29", 46)]
    [InlineData("2026-03-30", 48)]
    [InlineData("2026-10-25", 50)]
    public void AShortAndALongDayAreOneBlockEach(string text, int count)
    {
        LocalDate day = NodaTime.Text.LocalDatePattern.Iso.Parse(text).Value;
        Instant start = LocalDays.Bounds(day, London).Start;
        byte[] rows = Rows([.. Enumerable.Range(1, count).Select(i => new Row(start + Duration.FromMinutes(30 * i), 23_000, 100 + i, 0))]);
        (List<IntervalBlock> blocks, DayCount read) = Assemble(rows, day, London);
        (long[] values, IntervalQuality[] qualities) = blocks.Single(b => b.Type == ReadingType.ImportEnergy).Decode();
        Assert.Equal(Enumerable.Range(1, count).Select(i => 100L + i), values);
        Assert.All(qualities, q => Assert.Equal(IntervalQuality.Raw, q));
        Assert.Equal(new DayCount(day, count, count), read);
        Assert.Equal(start, blocks[0].Start);
    }

    [Fact]
    public void ARowIsOfTheIntervalThatItsTimeEnds()
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        byte[] rows = Rows(new Row(start, 1, 7, 0), new Row(start + Duration.FromMinutes(30), 2, 8, 0), new Row(start + Duration.FromHours(24), 3, 9, 0));
        (List<IntervalBlock> blocks, DayCount read) = Assemble(rows, Day, India);
        (long[] values, IntervalQuality[] qualities) = blocks.Single(b => b.Type == ReadingType.ImportEnergy).Decode();
        Assert.Equal((8L, 9L), (values[0], values[47])); // the first row is the day before's
        Assert.Equal(46, qualities.Count(q => q == IntervalQuality.Missing));
        Assert.Equal(2, read.Intervals);
    }

    [Theory]
    [InlineData(0x80, IntervalState.Raw, IntervalFlags.Outage)]
    [InlineData(0x20, IntervalState.Raw, IntervalFlags.Clock)]
    [InlineData(0x02, IntervalState.Failed, IntervalFlags.Clock)]
    [InlineData(0x04, IntervalState.Failed, IntervalFlags.None)]
    [InlineData(0x01, IntervalState.Failed, IntervalFlags.None)]
    [InlineData(0x84, IntervalState.Failed, IntervalFlags.Outage)]
    [InlineData(0x08, IntervalState.Raw, IntervalFlags.None)]
    public void TheStatusOctetBecomesStateAndFlags(int status, IntervalState state, IntervalFlags flags)
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        (List<IntervalBlock> blocks, _) = Assemble(Rows(new Row(start + Duration.FromHours(1), 1, 2, status)), Day, India);
        Assert.Equal(new IntervalQuality(state, flags), blocks.Single(b => b.Type == ReadingType.ImportEnergy).Decode().Qualities[1]);
    }

    [Fact]
    public void ARowOutOfStepOrRepeatedSaysThatTheClockWasMoved()
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        byte[] rows = Rows(
            new Row(start + Duration.FromMinutes(25), 1, 10, 0), new Row(start + Duration.FromMinutes(60), 1, 20, 0), new Row(start + Duration.FromMinutes(60), 1, 30, 0));
        (List<IntervalBlock> blocks, _) = Assemble(rows, Day, India);
        (long[] values, IntervalQuality[] qualities) = blocks.First(b => b.Type == ReadingType.ImportEnergy).Decode();
        Assert.Equal([10L, 20L], values[..2]);
        Assert.Equal([IntervalFlags.Clock, IntervalFlags.Clock], qualities[..2].Select(q => q.Flags));
    }

    [Fact]
    public void ASecondRowOfAnIntervalIsHandedOnAsWellAndNoneIsChosen()
    {
        Instant start = LocalDays.Bounds(Day, India).Start, again = start + Duration.FromMinutes(600);
        byte[] rows = Rows(
            [.. Enumerable.Range(1, 48).Select(i => new Row(start + Duration.FromMinutes(30 * i), 1, 100, 0)), new Row(again, 1, 250, 0), new Row(again, 1, 40, 0x04), new Row(again, 2, 100, 0)]);
        (List<IntervalBlock> blocks, DayCount read) = Assemble(rows, Day, India, scaler: 1);
        Assert.Equal(new DayCount(Day, 48, 48), read);
        List<IntervalBlock> import = [.. blocks.Where(b => b.Type == ReadingType.ImportEnergy)];
        Assert.Equal(3, import.Count);
        Assert.Equal(48_000, import[0].Sum());
        Assert.Equal(IntervalFlags.Clock, import[0].Decode().Qualities[19].Flags);
        foreach ((IntervalBlock second, long value, IntervalState state) in ((IntervalBlock, long, IntervalState)[])[(import[1], 2_500, IntervalState.Raw), (import[2], 400, IntervalState.Failed)])
        {
            Assert.Equal((again - Duration.FromMinutes(30), 30, 1), (second.Start, second.Header.IntervalMinutes, second.Count));
            Assert.Equal((value, new IntervalQuality(state, IntervalFlags.Clock)), (second.Decode().Values[0], second.Decode().Qualities[0]));
        }
        // The row that has the same energy again differs in its voltage alone.
        Assert.Equal([48, 1], blocks.Where(b => b.Type == ReadingType.AverageVoltage).Select(b => b.Count));
    }

    [Fact]
    public void ARowWhoseFirstChannelIsNoValueIsFilledByTheSecondAndLosesNothing()
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        byte[] rows = Rows(new Row(start + Duration.FromMinutes(30), 5, 140_737_488, 0), new Row(start + Duration.FromMinutes(30), 7, 9, 0));
        (List<IntervalBlock> blocks, _) = Assemble(rows, Day, India, scaler: 6);
        Assert.Equal(9_000_000, Assert.Single(blocks, b => b.Type == ReadingType.ImportEnergy).Sum());
        Assert.Equal([5L, 7L], blocks.Where(b => b.Type == ReadingType.AverageVoltage).Select(b => b.Decode().Values[0]));
    }

    [Fact]
    public void RowsWithoutEndThatRepeatAnIntervalAreNoProfile()
    {
        Instant at = LocalDays.Bounds(Day, India).Start + Duration.FromMinutes(30);
        Assert.False(Try(Rows([.. Enumerable.Range(1, 200).Select(i => new Row(at, 1, i, 0))]), out DecodeError error));
        Assert.Contains("repeat an interval", error.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 50L)]
    [InlineData(3, 5_000L)]
    public void APositiveScalerMultiplies(sbyte scaler, long expected)
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        (List<IntervalBlock> blocks, _) = Assemble(Rows(new Row(start + Duration.FromMinutes(30), 1, 5, 0)), Day, India, scaler);
        Assert.Equal(expected, blocks.Single(b => b.Type == ReadingType.ImportEnergy).Decode().Values[0]);
    }

    [Fact]
    public void AValueThatReaches48BitsWhenScaledIsMissing()
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        byte[] rows = Rows(new Row(start + Duration.FromMinutes(30), 1, 140_737_487, 0), new Row(start + Duration.FromMinutes(60), 1, 140_737_488, 0));
        (List<IntervalBlock> blocks, _) = Assemble(rows, Day, India, scaler: 6);
        (long[] values, IntervalQuality[] qualities) = blocks.Single(b => b.Type == ReadingType.ImportEnergy).Decode();
        Assert.Equal((140_737_487_000_000L, true, false), (values[0], qualities[0].HasValue, qualities[1].HasValue));
        Assert.True(blocks.Single(b => b.Type == ReadingType.AverageVoltage).Decode().Qualities[1].HasValue); // the row's other values stand
    }

    [Fact]
    public void TenthsOfAWattHourAreCarriedOnAndADayLosesLessThanOne()
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        byte[] rows = Rows([.. Enumerable.Range(1, 48).Select(i => new Row(start + Duration.FromMinutes(30 * i), 1, 17, 0))]);
        (List<IntervalBlock> blocks, _) = Assemble(rows, Day, India, scaler: -1);
        Assert.Equal(48 * 17 / 10, blocks.Single(b => b.Type == ReadingType.ImportEnergy).Sum());
    }

    [Fact]
    public void VoltageKeepsItsScalerAndItsRawNumbers()
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        (List<IntervalBlock> blocks, _) = Assemble(Rows(new Row(start + Duration.FromMinutes(30), 23_456, 5, 0)), Day, India);
        IntervalBlock voltage = blocks.Single(b => b.Type == ReadingType.AverageVoltage);
        Assert.Equal((23_456L, (sbyte)-2), (voltage.Decode().Values[0], voltage.Scaler));
    }

    [Fact]
    public void IntervalsBeforeInstallationAndAfterRemovalAreNotTheMeters()
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        byte[] rows = Rows([.. Enumerable.Range(1, 48).Select(i => new Row(start + Duration.FromMinutes(30 * i), 1, i, 0))]);
        var installation = new Installation(Here, new EndDeviceId("M"), start + Duration.FromMinutes(70), start + Duration.FromMinutes(200));
        (List<IntervalBlock> blocks, DayCount read) = Assemble(rows, Day, India, installation: installation);
        IntervalQuality[] qualities = blocks.Single(b => b.Type == ReadingType.ImportEnergy).Decode().Qualities;
        Assert.Equal([2, 3, 4, 5], Enumerable.Range(0, 48).Where(i => qualities[i].HasValue)); // 01:00 to 03:00; 03:00 to 03:20 is the next meter's
        Assert.Equal((4, 4), (read.Intervals, read.IntervalsExpected));
    }

    [Fact]
    public void NothingIsAllocatedARow()
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        byte[] few = Rows([.. Enumerable.Range(1, 48).Select(i => new Row(start + Duration.FromMinutes(30 * i), 1, i, 0))]);
        byte[] many = Rows([.. Enumerable.Range(-900, 949).Select(i => new Row(start + Duration.FromMinutes(30 * i), 1, Math.Max(i, 0), 0))]);
        var assembler = new DayBlockAssembler();
        Measure(few);
        Assert.Equal(Measure(few), Measure(many));

        long Measure(byte[] rows)
        {
            var blocks = new List<IntervalBlock>(8);
            var days = new List<DayCount>(8);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(assembler.TryAssemble(rows, Layout(0), TimestampRule.India, Installed, India, Day, Day, blocks, days, out _));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void EveryTruncationAndAnyOctetsAreRefusedOrReadAndNeverThrow()
    {
        Instant start = LocalDays.Bounds(Day, India).Start;
        byte[] rows = Rows([.. Enumerable.Range(1, 48).Select(i => new Row(start + Duration.FromMinutes(30 * i), 1, i, 0))]);
        for (int length = 0; length < rows.Length; length++) Assert.False(Try(rows.AsSpan(0, length), out DecodeError error), error.ToString());
        Gen.Byte.Array[0, 300].Sample(octets => Try(octets, out DecodeError error) == (error.Reason is null), threads: 1);
        Gen.Select(Gen.Int[0, rows.Length - 1], Gen.Byte).Sample((at, octet) =>
        {
            byte[] changed = [.. rows];
            changed[at] = octet;
            return Try(changed, out DecodeError error) == (error.Reason is null);
        }, threads: 1);
    }

    [Fact]
    public void AProfileWithoutScalerClockOrChannelIsRefusedByName()
    {
        Assert.False(BlockLoadLayout.TryCreate(Columns, new Dictionary<ObisCode, ScalerUnit>(), 1800, out _, out string? error));
        Assert.Contains("no scaler", error, StringComparison.Ordinal);
        Assert.False(BlockLoadLayout.TryCreate(Columns[1..], Scalers(0), 1800, out _, out error));
        Assert.Contains("not the clock", error, StringComparison.Ordinal);
        Assert.False(BlockLoadLayout.TryCreate(Columns[..1], Scalers(0), 1800, out _, out error));
        Assert.Contains("no channel", error, StringComparison.Ordinal);
        Assert.False(BlockLoadLayout.TryCreate(Columns, Scalers(0), 1700, out _, out error));
        Assert.Contains("1700", error, StringComparison.Ordinal);
        Assert.False(BlockLoadLayout.TryCreate(Columns, Scalers(9), 1800, out _, out error));
        Assert.Contains("scaler 9", error, StringComparison.Ordinal);
    }

    private readonly record struct Row(Instant End, int Voltage, int Import, int Status);

    private static Installation Installed => new(Here, new EndDeviceId("M"), Instant.FromUtc(2026, 1, 1, 0, 0), null);

    private static Dictionary<ObisCode, ScalerUnit> Scalers(sbyte energy) => new()
    {
        [new(1, 0, 12, 27, 0)] = new ScalerUnit(-2, Unit.Volt), [new(1, 0, 1, 29, 0)] = new ScalerUnit(energy, Unit.WattHour),
    };

    private static BlockLoadLayout Layout(sbyte scaler)
    {
        Assert.True(BlockLoadLayout.TryCreate(Columns, Scalers(scaler), 1800, out BlockLoadLayout? layout, out string? error), error);
        return layout;
    }

    private static byte[] Rows(params Row[] rows)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        writer.WriteArrayHeader(rows.Length);
        foreach (Row row in rows)
        {
            writer.WriteStructureHeader(4);
            writer.WriteDateTimeOctets(CosemDateTime.From(row.End, Offset.Zero));
            writer.WriteLongUnsigned((ushort)row.Voltage);
            writer.WriteDoubleLongUnsigned((uint)row.Import);
            writer.WriteUnsigned((byte)row.Status);
        }
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static (List<IntervalBlock> Blocks, DayCount Day) Assemble(byte[] rows, LocalDate day, DateTimeZone zone, sbyte scaler = 0, Installation? installation = null)
    {
        var blocks = new List<IntervalBlock>();
        var days = new List<DayCount>();
        Assert.True(new DayBlockAssembler().TryAssemble(rows, Layout(scaler), new TimestampRule(0), installation ?? Installed, zone, day, day, blocks, days, out DecodeError error), error.ToString());
        Assert.All(blocks, b => Assert.Equal((Here, 0, BlockCause.Received), (b.UsagePoint, b.Version, b.Header.Cause)));
        return (blocks, Assert.Single(days));
    }

    private static bool Try(ReadOnlySpan<byte> rows, out DecodeError error) =>
        new DayBlockAssembler().TryAssemble(rows, Layout(0), TimestampRule.India, Installed, India, Day, Day, [], [], out error);
}

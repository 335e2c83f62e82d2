using System.Buffers;
using NodaTime;
using NodaTime.Text;
using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;
using Praman.Meter.Load;
using Praman.Metering;

namespace Praman.HeadEnd.Tests;

/// <summary>Meters that do not write their deviation, or write it with the other sign, in a zone whose clocks change: each row is put by the zone's rules as of that row.</summary>
public sealed class DaylightSavingTests
{
    private static readonly DateTimeZone London = DateTimeZoneProviders.Tzdb["Europe/London"];
    private static readonly ObisCode Energy = new(1, 0, 1, 29, 0), Register = new(1, 0, 1, 8, 0);
    private static readonly Installation Installed = new(new UsagePointId(5), new EndDeviceId("M"), Instant.FromUtc(2025, 1, 1, 0, 0), null);

    /// <summary>What a meter says of the hour that comes twice.</summary>
    public enum Says
    {
        /// <summary>Nothing: no deviation, and the bit for daylight saving always clear.</summary>
        Nothing,

        /// <summary>No status at all.</summary>
        NoStatus,

        /// <summary>The bit for daylight saving.</summary>
        Bit,

        /// <summary>A deviation of the sign that the Blue Book does not have.</summary>
        OtherSign,
    }

    public static TheoryData<string, string, int, Says> Days
    {
        get
        {
            var data = new TheoryData<string, string, int, Says>();
            foreach (Says says in Enum.GetValues<Says>())
            {
                data.Add("2026-03-28", "2026-03-30", 48, says);
                data.Add("2026-03-29", "2026-03-30", 46, says);
                data.Add("2026-10-24", "2026-10-26", 48, says);
                data.Add("2026-10-25", "2026-10-26", 50, says);
                data.Add("2026-10-26", "2026-10-27", 48, says);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Days))]
    public void EveryIntervalOfADayIsReadWhereItBelongs(string text, string readOn, int count, Says says)
    {
        LocalDate day = Day(text);
        (List<IntervalBlock> blocks, List<DayCount> days) = Assemble(London, day, day, Day(readOn), says);
        Assert.Equal(new DayCount(day, count, count), Assert.Single(days));
        (long[] values, IntervalQuality[] qualities) = Assert.Single(blocks).Decode();
        Assert.Equal(Values(London, day), values);
        Assert.All(qualities, quality => Assert.Equal(IntervalQuality.Raw, quality));
    }

    [Theory]
    [InlineData("Europe/London", "2026-10-20", "2026-10-29")]
    [InlineData("Europe/London", "2026-03-25", "2026-04-02")]
    [InlineData("America/New_York", "2026-10-30", "2026-11-04")]
    [InlineData("Australia/Lord_Howe", "2026-04-03", "2026-04-07")] // half an hour
    public void ARangeOverTheChangeHasEveryDayWhole(string zoneId, string first, string last)
    {
        DateTimeZone zone = DateTimeZoneProviders.Tzdb[zoneId];
        foreach (Says says in (Says[])[Says.Nothing, Says.Bit])
        {
            (List<IntervalBlock> blocks, List<DayCount> days) = Assemble(zone, Day(first), Day(last), Day(last).PlusDays(1), says);
            Assert.All(days, day => Assert.Equal(day.IntervalsExpected, day.Intervals));
            Assert.Equal(days.Count, blocks.Count);
            for (int i = 0; i < blocks.Count; i++) Assert.Equal(Values(zone, days[i].Day), blocks[i].Decode().Values);
        }
    }

    [Fact]
    public void WhatNothingDecidesIsInDoubt()
    {
        LocalDate day = new(2026, 10, 25);
        Instant start = LocalDays.Bounds(day, London).Start;
        // The rows of 00:30 to 02:00 summer time are lost: which half past one it is nobody can say.
        byte[] rows = Rows(London, [start + Duration.FromMinutes(150)], Says.Nothing, 7);
        (long[] values, IntervalQuality[] qualities) = Assert.Single(Assemble(London, rows, day, day, day.PlusDays(1)).Blocks).Decode();
        Assert.Equal((7L, IntervalFlags.Clock), (values[2], qualities[2].Flags)); // the first, and flagged
        // The same row with the bit known from the row before is certain.
        rows = Rows(London, [start + Duration.FromMinutes(30), start + Duration.FromMinutes(150)], Says.Bit, 7);
        (values, qualities) = Assert.Single(Assemble(London, rows, day, day, day.PlusDays(1)).Blocks).Decode();
        Assert.Equal((7L, IntervalQuality.Raw, IntervalQuality.Missing), (values[4], qualities[4], qualities[2]));
    }

    [Fact]
    public void TheIntervalThatEndsWithTheChangeMayBeStampedAsTheClockStood()
    {
        LocalDate day = new(2026, 10, 25);
        Instant start = LocalDays.Bounds(day, London).Start, change = start + Duration.FromHours(2);
        byte[] rows = Write(
            [.. Enumerable.Range(1, 50).Select(i => start + Duration.FromMinutes(30 * i)).Select(end => (
                CosemDateTime.From(end, end == change ? Offset.FromHours(1) : London.GetUtcOffset(end)) with { Deviation = CosemDateTime.DeviationNotSpecified },
                ValueOf(end)))]);
        (List<IntervalBlock> blocks, _) = Assemble(London, rows, day, day, day.PlusDays(1));
        Assert.Equal(Values(London, day), Assert.Single(blocks).Decode().Values);
    }

    [Theory]
    [InlineData("Europe/London", "2026-03-27", "2026-03-31")]
    [InlineData("Europe/London", "2026-10-23", "2026-10-27")]
    [InlineData("America/Havana", "2026-10-30", "2026-11-03")] // clocks go back to midnight itself
    public void RegistersStandAtTheMidnightsOfBothOffsets(string zoneId, string first, string last)
    {
        DateTimeZone zone = DateTimeZoneProviders.Tzdb[zoneId];
        CaptureObject[] columns = [new(8, IndianObjects.Clock, 2), new(3, Register, 2)];
        var scalers = new Dictionary<ObisCode, ScalerUnit> { [Register] = new ScalerUnit(0, Unit.WattHour) };
        Assert.True(DailyLoadLayout.TryCreate(columns, scalers, out DailyLoadLayout? layout, out string? reason), reason);
        Instant[] midnights = [.. Enumerable.Range(0, (int)(Day(last) - Day(first)).Days + 1).Select(i => zone.AtStartOfDay(Day(first).PlusDays(i)).ToInstant())];
        foreach (LocalDate readOn in (LocalDate[])[Day(first), Day(last)])
        {
            var registers = new List<RegisterReading>();
            Instant latest = Instant.FromUnixTimeSeconds(0);
            Assert.True(layout.TryRead(Rows(zone, midnights, Says.Nothing, null), RuleOf(zone, readOn), Installed, zone, registers, ref latest, out DecodeError error), error.ToString());
            Assert.Equal(midnights, registers.Select(r => r.At));
            Assert.Equal(midnights[^1], latest);
        }
    }

    [Fact]
    public void EventsHappenedWhenTheyHappened()
    {
        var layout = EventLayout.Find([new(8, IndianObjects.Clock, 2), new(1, IndianObjects.EventCode(0), 2)], 0);
        // Summer; twice in the hour that comes twice, two of them at once; winter.
        Instant[] at =
        [
            Instant.FromUtc(2026, 7, 1, 12, 0), Instant.FromUtc(2026, 10, 25, 0, 20), Instant.FromUtc(2026, 10, 25, 0, 20), Instant.FromUtc(2026, 10, 25, 1, 10),
            Instant.FromUtc(2026, 12, 1, 12, 0),
        ];
        foreach (LocalDate readOn in (LocalDate[])[new(2026, 7, 2), new(2026, 12, 2)])
        {
            var events = new List<EndDeviceEvent>();
            Assert.True(layout!.TryRead(Rows(London, at, Says.Nothing, 101), RuleOf(London, readOn), Installed.EndDevice, Installed.UsagePoint, 0, 1, events, out _, out DecodeError error), error.ToString());
            Assert.Equal(at, events.Select(e => e.At));
        }
    }

    [Theory]
    [InlineData("2026-10-23", "2026-10-26")]
    [InlineData("2027-03-26", "2027-03-29")]
    public void AMeterThatDoesNotWriteItsDeviationIsCollectedWholeOverTheChange(string first, string readOn)
    {
        using var street = new Street(
            1, options: new CollectionOptions { Seed = 1, TimeZone = London.Id }, model: new Praman.Meter.MeterModel { Zone = London, WritesDeviation = false });
        VirtualMeter meter = street.Meters[0];
        street.MoveTo(London.AtStartOfDay(Day(first)).ToInstant() + Duration.FromMinutes(6));
        street.CollectDay();
        street.MoveTo(London.AtStartOfDay(Day(readOn)).ToInstant() + Duration.FromMinutes(6));
        Assert.Equal(1, street.CollectDay().Read);
        var cursor = new LoadCursor();
        for (LocalDate day = Day(first); day < Day(readOn); day = day.PlusDays(1))
        {
            Interval bounds = LocalDays.Bounds(day, London);
            (long[] values, IntervalQuality[] qualities) = street.Sink.Blocks[(new UsagePointId(1), ReadingType.ImportEnergy, bounds.Start)][^1].Decode();
            Assert.Equal((int)bounds.Duration.TotalMinutes / 30, values.Length);
            Assert.All(qualities, quality => Assert.Equal(IntervalQuality.Raw, quality));
            for (int i = 0; i < values.Length; i++) Assert.Equal(meter.Block(meter.BlockNumberAt(bounds.Start + Duration.FromMinutes(30 * (i + 1))), cursor).Import, values[i]);
            Assert.Contains((Street.IdOf(meter), ReadingType.ImportRegister, bounds.End), street.Sink.Registers.Keys);
            Assert.Equal(1, street.Coverage(day).Complete);
        }
    }

    private static LocalDate Day(string text) => LocalDatePattern.Iso.Parse(text).Value;

    /// <summary>The rule of a session at 00:10 of a day.</summary>
    private static TimestampRule RuleOf(DateTimeZone zone, LocalDate readOn) =>
        new((short)(zone.GetUtcOffset(LocalDays.Bounds(readOn, zone).Start + Duration.FromMinutes(10)).Seconds / 60)) { Zone = zone };

    private static int ValueOf(Instant end) => (int)(end.ToUnixTimeSeconds() / 1_800 % 100_000);

    private static IEnumerable<long> Values(DateTimeZone zone, LocalDate day)
    {
        Interval bounds = LocalDays.Bounds(day, zone);
        for (Instant end = bounds.Start + Duration.FromMinutes(30); end <= bounds.End; end += Duration.FromMinutes(30)) yield return ValueOf(end);
    }

    private static (List<IntervalBlock> Blocks, List<DayCount> Days) Assemble(DateTimeZone zone, LocalDate first, LocalDate last, LocalDate readOn, Says says)
    {
        var ends = new List<Instant>();
        for (Instant end = LocalDays.Bounds(first, zone).Start + Duration.FromMinutes(30); end <= LocalDays.Bounds(last, zone).End; end += Duration.FromMinutes(30)) ends.Add(end);
        return Assemble(zone, Rows(zone, ends, says, null), first, last, readOn);
    }

    private static (List<IntervalBlock> Blocks, List<DayCount> Days) Assemble(DateTimeZone zone, byte[] rows, LocalDate first, LocalDate last, LocalDate readOn)
    {
        CaptureObject[] columns = [new(8, IndianObjects.Clock, 2), new(3, Energy, 2)];
        var scalers = new Dictionary<ObisCode, ScalerUnit> { [Energy] = new ScalerUnit(0, Unit.WattHour) };
        Assert.True(BlockLoadLayout.TryCreate(columns, scalers, 1_800, out BlockLoadLayout? layout, out string? reason), reason);
        var blocks = new List<IntervalBlock>();
        var days = new List<DayCount>();
        Assert.True(new DayBlockAssembler().TryAssemble(rows, layout, RuleOf(zone, readOn), Installed, zone, first, last, blocks, days, out DecodeError error), error.ToString());
        return (blocks, days);
    }

    private static byte[] Rows(DateTimeZone zone, IReadOnlyList<Instant> times, Says says, int? value) => Write([.. times.Select(at => (Stamp(zone, at, says), value ?? ValueOf(at)))]);

    private static CosemDateTime Stamp(DateTimeZone zone, Instant at, Says says)
    {
        Offset offset = zone.GetUtcOffset(at);
        CosemDateTime time = CosemDateTime.From(at, offset, indianSign: says == Says.OtherSign);
        bool isSummer = zone.GetZoneInterval(at).Savings != Offset.Zero;
        return says switch
        {
            Says.OtherSign => time,
            Says.Bit => time with { Deviation = CosemDateTime.DeviationNotSpecified, ClockStatus = isSummer ? (byte)0x80 : (byte)0 },
            Says.NoStatus => time with { Deviation = CosemDateTime.DeviationNotSpecified, ClockStatus = 0xFF },
            _ => time with { Deviation = CosemDateTime.DeviationNotSpecified },
        };
    }

    private static byte[] Write((CosemDateTime At, int Value)[] rows)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        writer.WriteArrayHeader(rows.Length);
        foreach ((CosemDateTime at, int value) in rows)
        {
            writer.WriteStructureHeader(2);
            writer.WriteDateTimeOctets(at);
            writer.WriteDoubleLongUnsigned((uint)value);
        }
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}

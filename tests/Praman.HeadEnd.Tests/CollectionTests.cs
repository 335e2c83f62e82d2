using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;
using Praman.Meter.Load;
using Praman.Metering;
using Praman.Transports;
using Praman.Transports.Memory;
using MeterModel = Praman.Meter.MeterModel;

namespace Praman.HeadEnd.Tests;

public class CollectionTests(ITestOutputHelper output)
{
    private static readonly LocalDate FirstDay = new(2026, 4, 1);

    [Fact]
    public void AMeterIsReadAfterMidnightAndTheDayEqualsItsProfile()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        RoundSummary summary = street.CollectDay();
        Assert.Equal((1, 1, 0), (summary.Due, summary.Read, summary.Failed));
        AssertDay(street, street.Meters[0], new UsagePointId(1), FirstDay);
        Assert.Equal(0, street.Run(() => street.Collector.RunRoundAsync(CancellationToken.None)).Due);
        DayCoverage coverage = street.Coverage(FirstDay);
        Assert.Equal((1, 1, 1000), (coverage.Due, coverage.Complete, coverage.CompletePermille));
    }

    [Fact]
    public void ADayIsNotDueBeforeItIsOver()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 4);
        Assert.Equal(0, street.Run(() => street.Collector.RunRoundAsync(CancellationToken.None)).Due);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void OverAFaultyNetworkEveryRowOfEveryMeterArrivesExactlyOnce(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        var faults = new LinkFaults
        {
            Loss = 0.02, Duplication = 0.02, Fragmentation = 0.2, Cut = 0.01,
            DelayMin = TimeSpan.FromMilliseconds(20), DelayMax = TimeSpan.FromMilliseconds(800),
        };
        using var street = new Street(20, faults, seed);
        const int days = 6;
        int failed = 0;
        for (int day = 1; day <= days; day++)
        {
            street.MoveTo(FirstDay.PlusDays(day), 0, 6);
            failed += street.CollectDay().Failed;
        }
        // Those that were given up come with the next day's round.
        for (int day = days + 1; day < 40 && Enumerable.Range(1, 20).Any(i => !HasDay(street, (ulong)i, FirstDay.PlusDays(days - 1))); day++)
        {
            street.MoveTo(FirstDay.PlusDays(day), 0, 6);
            street.CollectDay();
        }
        for (int i = 0; i < street.Meters.Count; i++)
        {
            for (int day = 0; day < days; day++) AssertDay(street, street.Meters[i], new UsagePointId((ulong)i + 1), FirstDay.PlusDays(day));
        }
        output.WriteLine($"{street.Links.LinkCount} links for {20 * days} days");
        Assert.True(street.Links.LinkCount > 20 * days, "the faults failed no session: the test tests nothing");
        Assert.All(street.Sink.Blocks.Values, blocks => Assert.Single(blocks));
        Assert.Equal(1, street.Layouts.Count);
    }

    [Fact]
    public void AFailedDayIsReadWithTheNext()
    {
        using var street = new Street(3);
        VirtualMeter silent = street.Meters[1];
        street.Links.Refuse = link => link == Street.LinkOf(silent) ? new LinkException(LinkFault.Unreachable, "no route") : null;
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        RoundSummary first = street.CollectDay();
        Assert.Equal((1, 0), (first.GivenUp, first.Waiting));
        DayCoverage before = street.Coverage(FirstDay);
        Assert.Equal((3, 2, 1), (before.Due, before.Complete, before.Failed));
        Assert.Equal(1, before.Reasons[SessionFault.Unreachable]);
        Assert.Equal(new EndDeviceId(silent.Serial), Assert.Single(before.Failing).EndDevice);
        Assert.Equal(street.Options.AttemptCountMax, before.Failing[0].Attempts);
        street.Links.Refuse = null;
        street.MoveTo(FirstDay.PlusDays(2), 0, 6);
        Assert.Equal(3, street.CollectDay().Read);
        AssertDay(street, silent, new UsagePointId(2), FirstDay);
        AssertDay(street, silent, new UsagePointId(2), FirstDay.PlusDays(1));
        Assert.Equal(3, street.Coverage(FirstDay).Complete);
    }

    [Fact]
    public void RetriesWaitLongerEachTimeAndNotAllTogether()
    {
        var schedule = new RetrySchedule(new CollectionOptions { Seed = 5 });
        Duration before = Duration.Zero;
        for (int attempt = 1; attempt <= 6; attempt++)
        {
            Duration delay = schedule.Delay(new EndDeviceId("A"), FirstDay, attempt);
            Duration full = Duration.FromSeconds(30 << (attempt - 1));
            Assert.InRange(delay, full / 2, full);
            Assert.True(delay > before);
            before = delay;
        }
        Assert.Equal(20, Enumerable.Range(0, 20).Select(i => schedule.Delay(new EndDeviceId($"M{i}"), FirstDay, 3)).Distinct().Count());
        Assert.InRange(schedule.Delay(new EndDeviceId("A"), FirstDay, 40), Duration.FromMinutes(30), Duration.FromHours(1));
        Assert.Equal(schedule.Delay(new EndDeviceId("A"), FirstDay, 2), new RetrySchedule(new CollectionOptions { Seed = 5 }).Delay(new EndDeviceId("A"), FirstDay, 2));
    }

    [Fact]
    public void AClockThatIsOffIsMeasuredSetAndItsIntervalMarked()
    {
        using var street = new Street(0);
        VirtualMeter meter = street.AddMeter(7, 1, new MeterModel(), new UsagePointId(7), Street.Start, driftPpm: 3000); // four minutes a day
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        MeterReading reading = Assert.Single(street.Sink.All);
        Assert.InRange(reading.ClockDrift!.Value.TotalSeconds, 140, 160); // 14 h × 3000 ppm
        Assert.InRange((meter.Clock.Read(street.Now) - street.Now).TotalSeconds, -1.1, 1.1);
        street.MoveTo(FirstDay.PlusDays(2), 0, 6);
        street.CollectDay();
        (_, IntervalQuality[] qualities) = Assert.Single(street.Sink.Blocks[(new UsagePointId(7), ReadingType.ImportEnergy, StartOf(FirstDay.PlusDays(1)))]).Decode();
        Assert.True(qualities[0].Flags.HasFlag(IntervalFlags.Clock)); // set at 00:06
        Assert.Contains(street.Sink.Events, e => e.Code == 151);
    }

    [Fact]
    public void ADayThatTheMetersSlowClockHasNotClosedIsReadLater()
    {
        using var street = new Street(0, options: new CollectionOptions { SetClocks = false });
        street.AddMeter(8, 1, new MeterModel(), new UsagePointId(8), Street.Start, driftPpm: -10_000); // eight minutes behind at midnight
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        RoundSummary early = street.Run(() => street.Collector.RunRoundAsync(CancellationToken.None));
        Assert.Equal((1, 0, 1), (early.Due, early.Read, early.Waiting));
        Assert.Empty(street.Sink.Blocks);
        street.CollectDay();
        Assert.Equal(48, Assert.Single(street.Sink.Blocks[(new UsagePointId(8), ReadingType.ImportEnergy, StartOf(FirstDay))]).Count);
    }

    [Fact]
    public void APowerFailureMarksItsIntervalsAndComesAsEvents()
    {
        using var street = new Street(1);
        VirtualMeter meter = street.Meters[0];
        Instant failed = FirstDay.At(new LocalTime(15, 10)).InZoneLeniently(Street.Zone).ToInstant();
        street.MoveTo(failed);
        meter.FailPower(failed);
        street.MoveTo(failed + Duration.FromMinutes(90));
        meter.RestorePower(street.Now);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        (long[] values, IntervalQuality[] qualities) = Assert.Single(street.Sink.Blocks[(new UsagePointId(1), ReadingType.ImportEnergy, StartOf(FirstDay))]).Decode();
        int[] outage = [.. Enumerable.Range(0, 48).Where(i => qualities[i].Flags.HasFlag(IntervalFlags.Outage))];
        Assert.Equal([30, 31, 32, 33], outage); // 15:00 to 17:00
        Assert.Equal((0L, 0L), (values[31], values[32]));
        Assert.Equal([(101, 1L), (102, 2L)], street.Sink.Events.Select(e => (e.Code, e.Sequence)));
        Assert.Equal(failed, street.Sink.Events[0].At);
        street.MoveTo(FirstDay.PlusDays(2), 0, 6);
        street.CollectDay();
        Assert.Equal(2, street.Sink.Events.Count); // told once
    }

    [Fact]
    public void MoreEventsThanAreReadAtOnceComeOldestFirstAndNoneIsLost()
    {
        using var street = new Street(1, options: new CollectionOptions { EventCountMax = 3 });
        for (int i = 0; i < 10; i++)
        {
            street.MoveTo(street.Now + Duration.FromMinutes(1));
            street.Meters[0].SetMagnet(street.Now, i % 2 == 0);
        }
        foreach ((int day, int told) in ((int, int)[])[(1, 3), (2, 6), (3, 9), (4, 10), (5, 10)])
        {
            street.MoveTo(FirstDay.PlusDays(day), 0, 6);
            street.CollectDay();
            Assert.Equal(Enumerable.Range(1, told).Select(s => (long)s), street.Sink.Events.Where(e => e.Code is 201 or 202).Select(e => e.Sequence));
        }
    }

    [Fact]
    public void AnExchangedMetersDaysBelongToOneUsagePointAndAddUp()
    {
        using var street = new Street(1);
        VirtualMeter old = street.Meters[0];
        var usagePoint = new UsagePointId(1);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        LocalDate day = FirstDay.PlusDays(1);
        Instant exchanged = day.At(new LocalTime(11, 10)).InZoneLeniently(Street.Zone).ToInstant();
        street.MoveTo(exchanged);
        street.Change(old, m => m with { Installations = [m.Installations[0] with { Until = exchanged }] });
        (CollectedReading? removal, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(old), ExchangeMoment.Removal, CancellationToken.None));
        Assert.Null(error);
        long closing = Assert.Single(removal!.Readings).Registers.Single(r => r.Type == ReadingType.ImportRegisterAtRemoval).Value;
        Assert.Equal(old.RegistersAt(exchanged, new LoadCursor()).Import, closing);
        old.Remove(street.Now);
        VirtualMeter next = street.AddMeter(99, 1, new MeterModel(), usagePoint, exchanged);
        (CollectedReading? installation, error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(next), ExchangeMoment.Installation, CancellationToken.None));
        Assert.Null(error);
        Assert.Equal(0, installation!.Readings.SelectMany(r => r.Registers).Single(r => r.Type == ReadingType.ImportRegisterAtInstallation).Value);
        street.MoveTo(day.PlusDays(1), 0, 6);
        RoundSummary summary = street.CollectDay();
        Assert.Equal((1, 1), (summary.Due, summary.Read)); // the removed meter is asked no more
        List<IntervalBlock> parts = street.Sink.Blocks[(usagePoint, ReadingType.ImportEnergy, StartOf(day))];
        (long[] oldValues, IntervalQuality[] oldQualities) = parts[0].Decode();
        (long[] newValues, IntervalQuality[] newQualities) = parts[^1].Decode();
        Assert.Equal(22, oldQualities.Count(q => q.HasValue)); // to 11:00
        Assert.Equal(26, newQualities.Count(q => q.HasValue)); // from 11:00, its first row shorter
        Assert.All(Enumerable.Range(0, 48), i => Assert.True(oldQualities[i].HasValue != newQualities[i].HasValue));
        Assert.True(oldValues.Sum() > 0 && newValues.Sum() > 0);
    }

    [Fact]
    public void WhatTheReceiverRefusesIsReadAgain()
    {
        using var street = new Street(2);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.Sink.Fault = new IOException("disk full");
        Assert.Throws<IOException>(() => street.Run(() => street.Collector.RunRoundAsync(CancellationToken.None)));
        street.Sink.Fault = null;
        street.StartHeadEnd();
        Assert.Equal(2, street.CollectDay().Read);
        AssertDay(street, street.Meters[0], new UsagePointId(1), FirstDay);
        AssertDay(street, street.Meters[1], new UsagePointId(2), FirstDay);
    }

    [Fact]
    public void ALongGapIsCaughtUpInPartsAndAsFarBackAsTheMeterKeeps()
    {
        using var street = new Street(1);
        street.MoveTo(FirstDay.PlusDays(33), 0, 6);
        street.CollectDay();
        for (int day = 0; day < 33; day++) AssertDay(street, street.Meters[0], new UsagePointId(1), FirstDay.PlusDays(day));
        Assert.Equal(33, street.Sink.Registers.Keys.Count(k => k.Item2 == ReadingType.ImportRegister));
    }

    [Theory]
    [InlineData(2, 0, 900)]
    [InlineData(3, 0, 1800)]
    [InlineData(4, 0, 1800)]
    [InlineData(6, 0, 1800)]
    [InlineData(5, 1, 1800)]
    [InlineData(5, 1, 3600)]
    public void MetersOfOtherModelsAreReadWithoutAChange(byte mechanism, sbyte scaler, int period)
    {
        using var street = new Street(1, model: new MeterModel { UtilityMechanism = mechanism, EnergyScaler = scaler, CapturePeriodSeconds = period });
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        Assert.Equal(1, street.CollectDay().Read);
        AssertDay(street, street.Meters[0], new UsagePointId(1), FirstDay, scaler == 1 ? 10 : 1);
    }

    private static bool HasDay(Street street, ulong usagePoint, LocalDate day) =>
        street.Sink.Blocks.ContainsKey((new UsagePointId(usagePoint), ReadingType.ImportEnergy, StartOf(day)));

    private static Instant StartOf(LocalDate day) => LocalDays.Bounds(day, Street.Zone).Start;

    private static void AssertDay(Street street, VirtualMeter meter, UsagePointId usagePoint, LocalDate day, int factor = 1)
    {
        Interval bounds = LocalDays.Bounds(day, Street.Zone);
        (long[] import, IntervalQuality[] qualities) = Assert.Single(street.Sink.Blocks[(usagePoint, ReadingType.ImportEnergy, bounds.Start)]).Decode();
        (long[] voltage, _) = Assert.Single(street.Sink.Blocks[(usagePoint, ReadingType.AverageVoltage, bounds.Start)]).Decode();
        Duration period = Duration.FromSeconds(meter.CapturePeriodSeconds);
        Assert.Equal((int)(bounds.Duration / period), import.Length);
        var cursor = new LoadCursor();
        for (int i = 0; i < import.Length; i++)
        {
            Instant end = bounds.Start + (period * (i + 1));
            bool isOwn = end > meter.InstalledAt;
            Assert.Equal(isOwn ? IntervalQuality.Raw : IntervalQuality.Missing, qualities[i]);
            if (!isOwn) continue;
            Meter.Profiles.BlockLoadRow row = meter.Block(meter.BlockNumberAt(end), cursor);
            Assert.Equal(row.Import * factor, import[i]);
            Assert.Equal(row.VoltageCentivolts, voltage[i]);
        }
        Assert.Equal(
            meter.RegistersAt(meter.Clock.TrueTimeOf(bounds.End), cursor).Import * factor, street.Sink.Registers[(Street.IdOf(meter), ReadingType.ImportRegister, bounds.End)]);
    }
}

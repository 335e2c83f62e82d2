using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;
using Praman.Metering;

namespace Praman.HeadEnd.Tests;

/// <summary>A day of which rows were missing is asked for again, so many times, while the meter may hold it (E1).</summary>
public sealed class RereadTests
{
    private static readonly LocalDate FirstDay = new(2026, 4, 1);
    private static readonly UsagePointId Here = new(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ADayReadInPartIsWholeOnceTheMeterGivesTheRest(bool withCrash)
    {
        using var street = new Street(1);
        VirtualMeter whole = street.Meters[0];
        VirtualMeter forgetful = StandIn(street);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        Assert.Equal((0, 1), (street.Coverage(FirstDay).Complete, street.Coverage(FirstDay).Partial));
        Assert.Equal([new PartialDay(FirstDay, 0)], Progress(street, whole).PartialDays);
        Answers(street, whole, forgetful);
        if (withCrash) street.StartHeadEnd();
        street.MoveTo(FirstDay.PlusDays(2), 0, 6);
        Assert.Equal(1, street.CollectDay().Read);
        List<IntervalBlock> blocks = street.Sink.Blocks[(Here, ReadingType.ImportEnergy, StartOf(FirstDay))];
        Assert.Equal([18, 28], blocks.Select(block => block.Decode().Qualities.Count(quality => quality.HasValue))); // from 15:00 on, then from 10:00 on
        Assert.Equal(1, street.Coverage(FirstDay).Complete);
        Assert.Equal(1, street.Coverage(FirstDay.PlusDays(1)).Complete);
        Assert.Empty(Progress(street, whole).PartialDays);
        street.MoveTo(FirstDay.PlusDays(3), 0, 6);
        street.CollectDay();
        Assert.Equal(2, blocks.Count); // what is whole is not asked for again
    }

    [Fact]
    public void ADayThatStaysInPartIsAskedForSoManyTimesAndNoMore()
    {
        using var street = new Street(1);
        VirtualMeter meter = StandIn(street);
        for (int night = 1; night <= street.Options.RereadCountMax + 3; night++)
        {
            street.MoveTo(FirstDay.PlusDays(night), 0, 6);
            street.CollectDay();
            PartialDay[] left = night <= street.Options.RereadCountMax ? [new PartialDay(FirstDay, night - 1)] : [];
            Assert.Equal(left, Progress(street, meter).PartialDays);
            Assert.Equal(1, street.Coverage(FirstDay.PlusDays(night - 1)).Due);
        }
        Assert.Equal(1 + street.Options.RereadCountMax, street.Sink.Blocks[(Here, ReadingType.ImportEnergy, StartOf(FirstDay))].Count);
        Assert.Equal(1, street.Coverage(FirstDay).Partial);
        Assert.Single(street.Sink.Blocks[(Here, ReadingType.ImportEnergy, StartOf(FirstDay.PlusDays(1)))]);
    }

    [Fact]
    public void AReadingOnDemandAsksAgainAsWell()
    {
        using var street = new Street(1);
        VirtualMeter whole = street.Meters[0];
        VirtualMeter forgetful = StandIn(street);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        Answers(street, whole, forgetful);
        (CollectedReading? reading, SessionError? error) = street.Run(() => street.Collector.ReadNowAsync(Street.IdOf(whole), null, CancellationToken.None));
        Assert.Null(error);
        Assert.Equal(FirstDay, Assert.Single(reading!.Days).Count.Day);
        Assert.Equal(1, street.Coverage(FirstDay).Complete);
    }

    [Fact]
    public void ADayThatNoMeterHoldsAnyLongerIsNotAskedFor()
    {
        using var street = new Street(1, options: new CollectionOptions { Seed = 1, CatchUpDaysMax = 2 });
        VirtualMeter meter = StandIn(street);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        street.MoveTo(FirstDay.PlusDays(9), 0, 6);
        street.CollectDay();
        Assert.Single(street.Sink.Blocks[(Here, ReadingType.ImportEnergy, StartOf(FirstDay))]);
        Assert.Empty(Progress(street, meter).PartialDays);
    }

    [Fact]
    public void ALinkThatBreaksWhileADayIsAskedForAgainCountsNoTryAndLosesNothing()
    {
        using var street = new Street(1);
        VirtualMeter meter = StandIn(street);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        street.CollectDay();
        int requests = 0;
        street.Links.Tap = (_, _) => requests++;
        street.MoveTo(FirstDay.PlusDays(2), 0, 6);
        street.CollectDay();
        int last = requests; // release is the last, what is asked for again comes before it
        requests = 0;
        street.Links.Tap = (_, _) => { if (++requests == last - 1) throw new Praman.Transports.LinkException(Praman.Transports.LinkFault.Lost, "cut"); };
        street.MoveTo(FirstDay.PlusDays(3), 0, 6);
        Assert.Equal((0, 1), Round(street));
        Assert.Equal([new PartialDay(FirstDay, 1)], Progress(street, meter).PartialDays);
        street.Links.Tap = null;
        street.CollectDay();
        street.MoveTo(street.Now + Duration.FromMinutes(2));
        street.CollectDay();
        Assert.Equal([new PartialDay(FirstDay, 2)], Progress(street, meter).PartialDays);
        Assert.Equal(1, street.Coverage(FirstDay.PlusDays(2)).Complete);

        static (int, int) Round(Street street)
        {
            RoundSummary summary = street.Run(() => street.Collector.RunRoundAsync(CancellationToken.None));
            return (summary.Read, summary.Failed);
        }
    }

    /// <summary>In place of the meter the same one, that holds nothing of before 15:00 of the first day.</summary>
    private static VirtualMeter StandIn(Street street)
    {
        Instant from = FirstDay.At(new LocalTime(15, 0)).InZoneLeniently(Street.Zone).ToInstant();
        VirtualMeter forgetful = street.AddMeter(0, 1, new Praman.Meter.MeterModel(), Here, from);
        street.Change(forgetful, meter => meter with { Installations = [meter.Installations[0] with { From = Street.Start }] });
        return forgetful;
    }

    /// <summary>The meter itself again, whose counters have gone on.</summary>
    private static void Answers(Street street, VirtualMeter meter, VirtualMeter instead)
    {
        for (int i = 0; i < 1_000; i++) Assert.True(meter.Security.Keys.TryTakeNext(out _));
        Assert.True(instead.Security.Keys.TryTakeNext(out uint reached) && reached < 1_000);
        street.Links.Add(Street.LinkOf(meter), meter);
    }

    private static CollectionProgress Progress(Street street, VirtualMeter meter) =>
        street.Run(async () => await ((ICollectionState)street.Stores).FindAsync(Street.IdOf(meter), CancellationToken.None))!;

    private static Instant StartOf(LocalDate day) => LocalDays.Bounds(day, Street.Zone).Start;
}

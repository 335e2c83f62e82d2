using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Sessions;
using Praman.HeadEnd.Stores;
using Praman.HeadEnd.Tests.Simulation;
using Praman.Meter;
using Praman.Metering;

namespace Praman.HeadEnd.Tests;

/// <summary>Nothing is called read before it is durable, whoever else reads at the time, and a day that was read in part is read whole later.</summary>
public sealed class DurabilityTests
{
    private static readonly LocalDate FirstDay = new(2026, 4, 1);

    [Fact]
    public void AReadingIsAcknowledgedOnlyWhenItIsDurableAlsoWhileAnotherIsHandedOn()
    {
        using var street = new Street(3);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        var disk = new TaskCompletionSource();
        street.Sink.Gate = disk.Task;
        Task<(CollectedReading?, SessionError?)>[] readings = [.. street.Meters.Select(meter => Read(street, meter))];
        Pass(street);
        Assert.All(readings, reading => Assert.False(reading.IsCompleted));
        Assert.Empty(street.Sink.All);
        disk.SetResult();
        foreach ((CollectedReading? reading, SessionError? error) in street.Run(() => Task.WhenAll(readings)))
        {
            Assert.Null(error);
            Assert.Contains(reading!.Readings[0], street.Sink.All);
        }
        Assert.Equal(3, street.Sink.All.Count);
    }

    [Fact]
    public void WhereTheStoreFailsNobodyIsToldThatAReadingIsThereAndAllAreReadAgain()
    {
        using var street = new Street(3);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        var disk = new TaskCompletionSource();
        street.Sink.Gate = disk.Task;
        street.Sink.Fault = new IOException("disk full");
        Task<(CollectedReading?, SessionError?)>[] readings = [.. street.Meters.Select(meter => Read(street, meter))];
        Pass(street);
        disk.SetResult();
        foreach (Task<(CollectedReading?, SessionError?)> reading in readings) Assert.Equal("disk full", Assert.Throws<IOException>(() => street.Run(() => reading)).Message);
        (street.Sink.Fault, street.Sink.Gate) = (null, null);
        Assert.Equal(3, street.CollectDay().Read);
        Assert.Equal(3, street.Sink.All.Select(reading => reading.UsagePoint).Distinct().Count());
    }

    [Fact]
    public void OneWhoIsCancelledTakesNobodyElsesReadingWithIt()
    {
        using var street = new Street(2);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        var disk = new TaskCompletionSource();
        street.Sink.Gate = disk.Task;
        using var cancellation = new CancellationTokenSource();
        Task<(CollectedReading?, SessionError?)> first = Read(street, street.Meters[0], cancellationToken: cancellation.Token);
        Pass(street);
        Task<(CollectedReading?, SessionError?)> second = Read(street, street.Meters[1]);
        Pass(street);
        cancellation.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => street.Run(() => first));
        Assert.False(second.IsCompleted);
        disk.SetResult();
        Assert.NotNull(street.Run(() => second).Item1);
        Assert.Equal([1UL, 2UL], street.Sink.All.Select(reading => reading.UsagePoint.Number).Order());
    }

    [Fact]
    public void ARoundEndsOnlyWhenWhatItReadIsDurableAlsoWhileSomebodyElsesReadingIsHandedOn()
    {
        using var street = new Street(2);
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        var disk = new TaskCompletionSource();
        street.Sink.Gate = disk.Task;
        Task<(CollectedReading?, SessionError?)> first = Read(street, street.Meters[0]);
        Pass(street);
        Task<RoundSummary> round = street.Collector.RunRoundAsync(CancellationToken.None);
        Pass(street);
        Assert.False(round.IsCompleted);
        disk.SetResult();
        Assert.Null(street.Run(() => first).Item2);
        Assert.Equal(2, street.Run(() => round).Read);
        Assert.Contains(street.Sink.All, reading => reading.UsagePoint == new UsagePointId(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ADayThatWasReadInPartIsReadWholeByTheNextCollection(bool withCrash)
    {
        using var street = new Street(1);
        VirtualMeter meter = street.Meters[0];
        LocalDate day = FirstDay.PlusDays(1);
        street.MoveTo(day, 0, 6);
        street.CollectDay();
        street.MoveTo(day, 12, 10);
        Assert.NotNull(street.Run(() => Read(street, meter, ExchangeMoment.Removal)).Item1);
        (long[] noon, IntervalQuality[] noonQualities) = Import(street, day)[^1].Decode();
        Assert.Equal(24, noonQualities.Count(quality => quality.HasValue));
        Assert.Equal((0, 1), (street.Coverage(day).Complete, street.Coverage(day).Partial));
        if (withCrash) street.StartHeadEnd();
        street.MoveTo(day.PlusDays(1), 0, 6);
        Assert.Equal(1, street.CollectDay().Read);
        (long[] whole, IntervalQuality[] qualities) = Import(street, day)[^1].Decode();
        Assert.All(qualities, quality => Assert.True(quality.HasValue));
        Assert.Equal(noon[..24], whole[..24]); // the same again, which is dropped; what was missing is late data
        Assert.Equal(1, street.Coverage(day).Complete);
        Assert.Contains((Street.IdOf(meter), ReadingType.ImportRegister, LocalDays.Bounds(day, Street.Zone).End), street.Sink.Registers.Keys);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(10)]
    public void ASessionThatIsCutLeavesNothingAndTheNextReadsTheWholeDay(int requests)
    {
        using var street = new Street(1);
        VirtualMeter meter = street.Meters[0];
        street.MoveTo(FirstDay.PlusDays(1), 0, 6);
        using var cut = new CancellationTokenSource();
        street.Links.Tap = (_, _) =>
        {
            if (--requests == 0) cut.Cancel();
        };
        Task<(CollectedReading?, SessionError?)> reading = Read(street, meter, cancellationToken: cut.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => street.Run(() => reading));
        Assert.Empty(street.Sink.All);
        Assert.Null(street.Run(async () => await ((ICollectionState)street.Stores).FindAsync(Street.IdOf(meter), CancellationToken.None)));
        Assert.Equal(1, street.CollectDay().Read);
        Assert.Equal(48, Assert.Single(Import(street, FirstDay)).Count);
    }

    private static Task<(CollectedReading?, SessionError?)> Read(
        Street street, VirtualMeter meter, ExchangeMoment? moment = null, CancellationToken cancellationToken = default) =>
        street.Collector.ReadNowAsync(Street.IdOf(meter), moment, cancellationToken);

    /// <summary>Lets sessions come to their end while what they read is not taken.</summary>
    private static void Pass(Street street)
    {
        for (int step = 0; step < 3_000; step++) street.Time.Advance(TimeSpan.FromMilliseconds(100));
    }

    private static List<IntervalBlock> Import(Street street, LocalDate day) =>
        street.Sink.Blocks[(new UsagePointId(1), ReadingType.ImportEnergy, LocalDays.Bounds(day, Street.Zone).Start)];
}

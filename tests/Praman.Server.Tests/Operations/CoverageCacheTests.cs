using NodaTime;
using Praman.HeadEnd.Collection;
using Praman.HeadEnd.Stores;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Server.People;
using Praman.Server.Queries;
using Praman.Server.Stores;

namespace Praman.Server.Tests.Operations;

/// <summary>A finished day is counted once, and again when one of its meters is read late; the newest days are counted each time.</summary>
public sealed class CoverageCacheTests
{
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly LocalDate Old = BillingWorld.Month.Start, New = BillingWorld.Month.End;

    [Fact]
    public async Task AFinishedDayIsCountedAgainOnlyWhenItsMetersWereReadAgain()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        Instant read = LocalDays.Bounds(New, Zone).End;
        await world.Store.Progress.SaveAsync([new CollectionProgress(new EndDeviceId("GX0000042"), read, read, new long[CollectionProgress.EventProfileCount], read, null)], CancellationToken.None);
        await SaveOutcomesAsync(world, Old, 1);
        await SaveOutcomesAsync(world, New, 1);
        IOperatorQueries queries = StoreServer.Options(world.Store, world.Tariffs, world.Log.Keys, new PeopleList([]), 0, Zone).Operators;
        Assert.Equal([(Old, 3, 0), (New, 3, 0)], await CountsAsync(queries));

        foreach (LocalDate day in (LocalDate[])[Old, New]) await EstimateAsync(world, day);
        Assert.Equal([(Old, 3, 0), (New, 2, 1)], await CountsAsync(queries));
        await SaveOutcomesAsync(world, Old, 2);
        Assert.Equal([(Old, 2, 1), (New, 2, 1)], await CountsAsync(queries));
    }

    private static async Task<(LocalDate Day, int Measured, int Estimated)[]> CountsAsync(IOperatorQueries queries) =>
        [.. (await queries.CoverageAsync(Old, New, CancellationToken.None)).Select(day => (day.Day, day.Measured, day.Estimated))];

    private static async Task SaveOutcomesAsync(BillingWorld world, LocalDate day, int attempts) =>
        await world.Store.Coverage.SaveAsync(
            [.. BillingWorld.Homes.Select(home => new MeterDayOutcome(
                day, new EndDeviceId($"GX{home.Number:D7}"), home, DayState.Complete, 48, 48, null, null, attempts, LocalDays.Bounds(day, Zone).End))],
            CancellationToken.None);

    /// <summary>A new version of the first home's day, with one estimate in it.</summary>
    private static async Task EstimateAsync(BillingWorld world, LocalDate day)
    {
        var channel = new ChannelId(BillingWorld.Homes[0], ReadingType.ImportEnergy);
        Instant start = LocalDays.Bounds(day, Zone).Start;
        IntervalBlock block = (await world.Store.Readings.ReadVersionsAsync(channel, start, CancellationToken.None))[^1].Block;
        (long[] values, IntervalQuality[] qualities) = block.Decode();
        qualities[3] = new IntervalQuality(IntervalState.LinearInterpolation);
        IntervalBlock next = IntervalBlock.Create(block.Header with { Version = block.Version + 1, Cause = BlockCause.Estimation }, values, qualities);
        await world.Store.Readings.AppendAsync(new ReadingBatch(start + Duration.FromDays(60)) { Blocks = [next] }, CancellationToken.None);
    }
}

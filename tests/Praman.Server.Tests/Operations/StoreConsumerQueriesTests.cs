using NodaTime;
using Praman.MeterData.Ingest;
using Praman.Metering;
using Praman.Server.Stores;
using Praman.Server.Usage;

namespace Praman.Server.Tests.Operations;

public sealed class StoreConsumerQueriesTests
{
    /// <summary>The home page shows energy and money side by side: what failed validation is in neither.</summary>
    [Fact]
    public async Task TheCostIsOfTheEnergyThatIsShown()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        UsagePointId home = BillingWorld.Homes[0];
        var channel = new ChannelId(home, ReadingType.ImportEnergy);
        var queries = new StoreConsumerQueries(world.Store, world.Tariffs);
        LocalDate from = BillingWorld.Month.Start, to = BillingWorld.Month.End;
        Money before = (await queries.CostAsync(home, from, to, CancellationToken.None))!.Value;

        // The day's second interval turns out to be 900 kWh, and fails.
        IntervalBlock last = (await world.Store.Readings.ReadVersionsAsync(channel, BillingWorld.EstimatedDay, CancellationToken.None))[^1].Block;
        (long[] values, IntervalQuality[] qualities) = last.Decode();
        long without = values[1];
        (values[1], qualities[1]) = (900_000, new IntervalQuality(IntervalState.Failed));
        IntervalBlock failed = IntervalBlock.Create(last.Header with { Version = last.Version + 1, Cause = BlockCause.LateData }, values, qualities);
        await world.Store.Readings.AppendAsync(new ReadingBatch(Instant.FromUtc(2026, 5, 2, 2, 0)) { Blocks = [failed] }, CancellationToken.None);

        Money after = (await queries.CostAsync(home, from, to, CancellationToken.None))!.Value;
        DateTimeZone zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
        long shown = DayUse.Days(await queries.BlocksAsync(channel, from, to, CancellationToken.None), from, to, zone).Sum(day => day.TotalWh);
        Assert.Equal(last.Decode().Values.Sum() - without, DayUse.From(failed, zone).TotalWh);
        Assert.True(after.Amount <= before.Amount, $"{after} is not below {before}, for {shown} Wh");
        Assert.True(before.Amount - after.Amount < 10, $"{before} less {after}: {without} Wh cost no ten rupees");
    }
}

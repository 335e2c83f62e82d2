using System.Collections.Concurrent;
using Praman.Metering;

namespace Praman.Stores.Tests.Contract;

/// <summary>Invocation counters: a value is given out once, ever.</summary>
public abstract class InvocationCounterContract(Func<Task<IStores>> open) : StoreContract(open)
{
    private static readonly EndDeviceId Meter = new("A1");

    [Fact]
    public async Task RangesFollowOneAnotherAndSurviveReopening()
    {
        Assert.Null(await Stores.Counters.FindNextAsync(Meter, Stop));
        Assert.Equal(0u, await Stores.Counters.ReserveAsync(Meter, 0, 10, Stop));
        Assert.Equal(10u, await Stores.Counters.ReserveAsync(Meter, 5, 1, Stop));
        await Stores.ReopenAsync();
        Assert.Equal(11u, await Stores.Counters.FindNextAsync(Meter, Stop));
        Assert.Equal(500u, await Stores.Counters.ReserveAsync(Meter, 500, 100, Stop));
        Assert.Equal(600u, await Stores.Counters.ReserveAsync(Meter, 0, 1, Stop));
        Assert.Equal(0u, await Stores.Counters.ReserveAsync(new EndDeviceId("B2"), 0, 1, Stop));
    }

    [Fact]
    public async Task TheEndOfTheCounterIsAnAnswerAndNothingIsReused()
    {
        Assert.Equal(uint.MaxValue - 1, await Stores.Counters.ReserveAsync(Meter, uint.MaxValue - 1, 1, Stop));
        Assert.Null(await Stores.Counters.ReserveAsync(Meter, 0, 2, Stop));
        Assert.Equal(uint.MaxValue, await Stores.Counters.ReserveAsync(Meter, 0, 1, Stop));
        Assert.Null(await Stores.Counters.ReserveAsync(Meter, 0, 1, Stop));
    }

    [Fact]
    public async Task NewKeysBeginAgainForThatMeterOnly()
    {
        await Stores.Counters.ReserveAsync(Meter, 100, 1, Stop);
        await Stores.Counters.ReserveAsync(new EndDeviceId("B2"), 100, 1, Stop);

        await Stores.Counters.RestartAsync(Meter, Stop);
        await Stores.ReopenAsync();

        Assert.Null(await Stores.Counters.FindNextAsync(Meter, Stop));
        Assert.Equal(0u, await Stores.Counters.ReserveAsync(Meter, 0, 5, Stop));
        Assert.Equal(5u, await Stores.Counters.ReserveAsync(Meter, 0, 1, Stop));
        Assert.Equal(101u, await Stores.Counters.ReserveAsync(new EndDeviceId("B2"), 0, 1, Stop));
    }

    [Fact]
    public async Task ReservationsAtOnceNeverOverlap()
    {
        var taken = new ConcurrentBag<uint>();
        await Parallel.ForEachAsync(Enumerable.Range(1, 200), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Stop }, async (i, stop) =>
        {
            int count = 1 + i % 5;
            uint first = (await Stores.Counters.ReserveAsync(Meter, 0, count, stop))!.Value;
            for (int n = 0; n < count; n++) taken.Add(first + (uint)n);
        });
        Assert.Equal(Enumerable.Range(0, taken.Count).Select(i => (uint)i), taken.Order());
    }

    [Fact]
    public async Task WhatWasHeardOnlyRisesByMeterAndKeyAndSurvivesReopening()
    {
        Assert.Equal(0UL, await Stores.Counters.FindHeardAsync(Meter, 7, Stop));
        await Stores.Counters.HearAsync(Meter, 7, 100, Stop);
        await Stores.Counters.HearAsync(Meter, 7, 40, Stop);
        await Stores.Counters.HearAsync(Meter, long.MinValue, 1UL << 32, Stop);
        await Stores.ReopenAsync();
        Assert.Equal(100UL, await Stores.Counters.FindHeardAsync(Meter, 7, Stop));
        Assert.Equal(1UL << 32, await Stores.Counters.FindHeardAsync(Meter, long.MinValue, Stop));
        Assert.Equal(0UL, await Stores.Counters.FindHeardAsync(new EndDeviceId("B2"), 7, Stop));
        await Stores.Counters.RestartAsync(Meter, Stop);
        Assert.Equal(100UL, await Stores.Counters.FindHeardAsync(Meter, 7, Stop)); // the key itself says which counter is meant
    }

    [Fact]
    public async Task TheFirstBoundIsKeptOverReopeningUntilItIsForgottenOrTheKeysChange()
    {
        Assert.Equal(1UL << 40, await Stores.Counters.BoundUnprovedAsync(Meter, 48, 1UL << 40, Stop));
        await Stores.ReopenAsync();
        Assert.Equal(1UL << 40, await Stores.Counters.BoundUnprovedAsync(Meter, 48, 1UL << 41, Stop));
        Assert.Equal(5UL, await Stores.Counters.BoundUnprovedAsync(Meter, 32, 5, Stop));
        await Stores.Counters.ForgetBoundAsync(Meter, 48, Stop);
        await Stores.Counters.ForgetBoundAsync(new EndDeviceId("B2"), 48, Stop); // none was kept
        await Stores.ReopenAsync();
        Assert.Equal(7UL, await Stores.Counters.BoundUnprovedAsync(Meter, 48, 7, Stop));
        Assert.Equal(5UL, await Stores.Counters.BoundUnprovedAsync(Meter, 32, 6, Stop));
        await Stores.Counters.RestartAsync(Meter, Stop);
        Assert.Equal(8UL, await Stores.Counters.BoundUnprovedAsync(Meter, 48, 8, Stop));
        Assert.Equal(9UL, await Stores.Counters.BoundUnprovedAsync(Meter, 32, 9, Stop));
    }

    [Fact]
    public async Task ACountBelowOneIsACallersBug() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Stores.Counters.ReserveAsync(Meter, 0, 0, Stop));
}

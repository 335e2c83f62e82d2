using Praman.Billing.Stores;
using Praman.MeterData.Gate;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Server.Operations;

namespace Praman.Server.Tests.Operations;

/// <summary>A run bills what needs no release and what was released, says what waits, and goes on.</summary>
public sealed class ReleaseRunTests
{
    private static readonly UsagePointId Home = BillingWorld.Homes[1];

    [Fact]
    public async Task WhatWaitsIsSaidAndTheOthersAreBilled()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        await world.EditAsync(Home, 15, "anil"); // 15 of 1,440 half-hours
        await world.CloseNightAsync();
        BillingRunResult run = await world.BillAsync();
        Assert.Equal([BillingWorld.Homes[0], BillingWorld.Homes[2]], run.Bills.Select(bill => bill.UsagePoint));
        BillRefused waits = Assert.Single(run.Refused);
        Assert.Equal((Home, BillRefused.WaitsForRelease), (waits.UsagePoint, waits.Code));
        Assert.Equal([waits], run.Waiting);
        Assert.Contains("1.042% of the intervals", waits.Reason, StringComparison.Ordinal);
        Assert.Contains("(anil)", waits.Reason, StringComparison.Ordinal);
        Assert.Equal(2, (await world.EntriesAsync()).Count(entry => entry.Entry.Kind == LogEntryKind.Bill));
        Assert.Equal([(Home, BillingWorld.Month)], (await world.OpenReleasesAsync()).Select(open => (open.UsagePoint, open.Period)));
        Assert.Equal(BillRefused.WaitsForRelease, Assert.Single((await world.BillAsync(homes: [Home])).Refused).Code); // a second time it waits still
    }

    [Theory]
    [InlineData(14, "anil")] // 0.97 %
    [InlineData(0, null)]
    public async Task WhatIsWithinTheLimitWaitsForNobody(int count, string? by)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        await world.EditAsync(Home, count, by);
        await world.CloseNightAsync();
        BillingRunResult run = await world.BillAsync();
        Assert.Empty(run.Refused);
        Assert.All(run.Bills, bill => Assert.Null(bill.ReleasedBlocks));
        Assert.Empty(await world.OpenReleasesAsync());
        await world.AssertBilledOnceAsync();
    }

    /// <summary>The release is on the disk: a run of another process takes it. Both verifiers read a bill whose form has not changed.</summary>
    [Fact]
    public async Task WhatWasReleasedIsBilledByTheNextRun()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        await world.EditAsync(Home, 15, "anil");
        await world.CloseNightAsync();
        await world.BillAsync();
        Assert.Equal(ReleaseState.OwnEdit, await world.ReleaseAsync(Home, "Anil"));
        Assert.Equal(ReleaseState.Released, await world.ReleaseAsync(Home, "sunita"));
        world.Reopen();
        BillingRunResult run = await world.BillAsync();
        BillFacts bill = Assert.Single(run.Bills);
        Assert.Equal(Home, bill.UsagePoint);
        Assert.Empty(run.Waiting);
        Assert.Equal("sunita", (await world.Store.Releases.FindAsync(Home, bill.Period, bill.ReleasedBlocks!, CancellationToken.None))!.By);
        Assert.Empty(await world.OpenReleasesAsync());
        await world.AssertBilledOnceAsync();
    }

    [Fact]
    public async Task AnEditAfterTheReleaseWaitsAgain()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        await world.EditAsync(Home, 15, "anil");
        await world.CloseNightAsync();
        await world.BillAsync();
        Assert.Equal(ReleaseState.Released, await world.ReleaseAsync(Home, "sunita"));
        await world.EditAsync(Home, 16, "bela");
        await world.CloseNightAsync();
        BillRefused waits = Assert.Single((await world.BillAsync(homes: [Home])).Waiting);
        Assert.Contains("(anil, bela)", waits.Reason, StringComparison.Ordinal);
        Assert.Equal(ReleaseState.Released, await world.ReleaseAsync(Home, "sunita"));
        Assert.Empty((await world.BillAsync(homes: [Home])).Refused);
    }

    [Fact]
    public async Task WhereNobodysNameIsKnownTheSummarySaysSo()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        await world.EditAsync(Home, 15, null);
        await world.CloseNightAsync();
        BillRefused waits = Assert.Single((await world.BillAsync()).Waiting);
        Assert.Contains("any supervisor may release it", waits.Reason, StringComparison.Ordinal);
        Assert.Equal(ReleaseState.Released, await world.ReleaseAsync(Home, "anil"));
    }
}

using NodaTime;
using Praman.Billing.Tariffs;
using Praman.Proof;
using Praman.Proof.Logs;
using Praman.Proof.Stores;
using Praman.Server.Operations;

namespace Praman.Server.Tests.Operations;

/// <summary>What stands in the log before what, and what an erased salt leaves of it.</summary>
public sealed class LogOrderTests
{
    private static readonly Instant March = Instant.FromUtc(2026, 3, 31, 6, 0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task APublishedTariffStandsBeforeTheReadingsAndTheBillsAndIsLoggedOnce()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        Tariff tariff = world.Tariffs.Tariffs.Values.Single();
        IReadOnlyDictionary<string, long> published = await TariffPublication.RunAsync(world.Tariffs, [tariff.Id], world.Log, March, Stop);
        long size = world.Log.Head!.Size;
        Assert.Equal(published.Count, size);
        world.Reopen();
        Assert.Equal(published, await TariffPublication.RunAsync(world.Tariffs, [tariff.Id], world.Log, March, Stop));
        Assert.Equal(size, world.Log.Head!.Size);

        Assert.NotNull(await world.CloseNightAsync());
        Assert.Equal(BillingWorld.Homes.Length, (await world.BillAsync()).Bills.Count);
        await world.AssertBilledOnceAsync();
        IReadOnlyList<LogIndexEntry> entries = await world.EntriesAsync();
        LogIndexEntry logged = entries.Single(entry => entry.Entry.Kind == LogEntryKind.Tariff);
        Assert.Equal((published[tariff.Id], tariff.Hash), (logged.Index, logged.Entry.Commitment));
        Assert.All(entries.Where(entry => entry.Entry.Kind is LogEntryKind.MeterDayRoot or LogEntryKind.Bill), entry => Assert.True(entry.Index >= size));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => TariffPublication.RunAsync(world.Tariffs, ["no-such"], world.Log, March, Stop).AsTask());
    }

    [Fact]
    public async Task ATariffThatNobodyPublishedIsLoggedBeforeTheFirstBillThatUsesIt()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await world.BillAsync();
        IReadOnlyList<LogIndexEntry> entries = await world.EntriesAsync();
        long tariff = entries.Single(entry => entry.Entry.Kind == LogEntryKind.Tariff).Index;
        Assert.All(entries.Where(entry => entry.Entry.Kind == LogEntryKind.Bill), entry => Assert.True(entry.Index > tariff));
    }

    [Fact]
    public async Task AnErasedSaltUnlinksAHomeAndLeavesTheLogWhole()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        Assert.True(await world.Store.Salts.EraseAsync(BillingWorld.Homes[0], Stop));

        // Nothing can be proved of the home's days any more, so no bill is made of them; the others are as they were.
        BillingRunResult result = await world.BillAsync();
        Assert.Equal((BillingWorld.Homes[0], "READINGS-NOT-LOGGED"), (Assert.Single(result.Refused).UsagePoint, result.Refused[0].Code));
        Assert.Equal(BillingWorld.Homes.Length - 1, result.Bills.Count);

        // The log holds what it held: its tree does not know what a leaf was about.
        var audit = LogAudit.Whole(world.Store.Log, world.Log.Head!.Checkpoint, [], null, Stop);
        Assert.Empty(audit.Faults);
        Assert.Equal(1, audit.Entries[LogEntryKind.MeterDayRoot]);

        // The salt that is made for blocks to come is another: it opens nothing that came before.
        MasterSalt next = (await world.Store.Salts.GetAsync([BillingWorld.Homes[0]], Stop))[0];
        Assert.False(next.IsErased);
        Assert.Equal("READINGS-NOT-LOGGED", Assert.Single((await world.BillAsync()).Refused, refused => refused.UsagePoint == BillingWorld.Homes[0]).Code);
    }
}

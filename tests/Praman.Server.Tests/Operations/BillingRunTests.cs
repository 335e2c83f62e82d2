using NodaTime;
using Praman.Billing.Stores;
using Praman.MeterData.Ingest;
using Praman.Proof.Logs;
using Praman.Proof.Stores;
using Praman.Server.Operations;

namespace Praman.Server.Tests.Operations;

/// <summary>A run that is repeated, or fails, or is cut off: each bill is made, logged and marked once.</summary>
public sealed class BillingRunTests
{
    [Fact]
    public async Task TheSameRunTwiceMakesTheBillsOnce()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        BillingRunResult first = await world.BillAsync();
        Assert.Empty(first.Refused);
        long size = world.Log.Head!.Size;
        BillingRunResult second = await world.BillAsync();
        Assert.Empty(second.Bills);
        Assert.Equal(BillingWorld.Homes, second.Refused.Select(one => one.UsagePoint));
        Assert.All(second.Refused, one => Assert.Equal(BillRefused.Exists, one.Code));
        Assert.Equal(size, world.Log.Head!.Size);
        await world.AssertBilledOnceAsync();
        foreach (IssuedBill bill in first.Bills)
        {
            Assert.True((await world.Store.Bills.FindAsync(bill.Facts.BillNo, CancellationToken.None))!.Bill.Span.SequenceEqual(bill.Bill.Span));
        }
    }

    [Fact]
    public async Task APeriodThatIsNotAMonthHasBothDatesInItsNumber()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        BillingRunResult first = await world.BillAsync(period: new DateInterval(BillingWorld.Month.Start, BillingWorld.Middle));
        BillingRunResult second = await world.BillAsync(period: new DateInterval(BillingWorld.Middle.PlusDays(1), BillingWorld.Month.End));
        Assert.Equal("2026-04-01-2026-04-15-000000042", first.Bills[0].Facts.BillNo);
        Assert.Equal("2026-04-16-2026-04-30-000000042", second.Bills[0].Facts.BillNo);
        Assert.Empty(first.Refused.Concat(second.Refused));
        Assert.Equal(2 * BillingWorld.Homes.Length, await world.Store.Bills.CountAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(15, 30)]
    [InlineData(1, 1)]
    [InlineData(10, 12)]
    public async Task ADayIsBilledOnce(int from, int to)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        LocalDate start = BillingWorld.Month.Start;
        BillingRunResult kept = await world.BillAsync(period: new DateInterval(start, BillingWorld.Middle));
        long size = world.Log.Head!.Size;
        BillingRunResult refused = await world.BillAsync(period: new DateInterval(start.PlusDays(from - 1), start.PlusDays(to - 1)));
        Assert.Empty(refused.Bills);
        Assert.Equal(BillingWorld.Homes, refused.Refused.Select(one => one.UsagePoint));
        Assert.All(refused.Refused, one => Assert.Equal(BillRefused.Overlaps, one.Code));
        Assert.Contains(kept.Bills[0].Facts.BillNo, refused.Refused[0].Reason, StringComparison.Ordinal);
        Assert.Equal(size, world.Log.Head!.Size);
    }

    /// <summary>Periods that start in different months are other numbers, and still share days.</summary>
    [Fact]
    public async Task AnOverlapIsFoundOverTheEndOfAMonth()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await world.BillAsync();
        BillingRunResult refused = await world.BillAsync(period: new DateInterval(new LocalDate(2026, 3, 20), new LocalDate(2026, 4, 1)));
        Assert.All(refused.Refused, one => Assert.Equal(BillRefused.Overlaps, one.Code));
        Assert.Equal(BillingWorld.Homes.Length, refused.Refused.Count);
        Assert.Empty(refused.Bills);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task AnIndexThatFailsAfterTheCheckpointLosesNothing(bool restarts)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        int before = (await world.EntriesAsync()).Count;
        world.Reopen(new FaultyIndex(world.Store.LogIndex, 1));
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync());
        Assert.Equal(before, (await world.EntriesAsync()).Count);
        if (restarts) world.Reopen();
        BillingRunResult result = await world.BillAsync();
        Assert.Equal(world.BillNos, result.Bills.Select(bill => bill.Facts.BillNo));
        await world.AssertBilledOnceAsync();
        LogIndexEntry[] bills = [.. (await world.EntriesAsync()).Where(entry => entry.Entry.Kind == LogEntryKind.Bill)];
        Assert.Equal(restarts ? ["", "", ""] : world.BillNos, bills.Select(entry => entry.Subject));
    }

    [Fact]
    public async Task ACheckpointThatCannotBeWrittenKeepsTheEntriesWaiting()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        string path = Path.Combine(world.Store.Log.Folder, "checkpoint");
        byte[] head = await File.ReadAllBytesAsync(path);
        File.Delete(path);
        Directory.CreateDirectory(path);
        await Assert.ThrowsAnyAsync<Exception>(() => world.BillAsync());
        Directory.Delete(path);
        await File.WriteAllBytesAsync(path, head);
        Assert.Equal(3, (await world.BillAsync()).Bills.Count);
        await world.AssertBilledOnceAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ABillStoreThatFailsLeavesEntriesThatTheRetryTakes(bool restarts)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync(new FaultyBills(world.Store.Bills)));
        Assert.Equal(0, await world.Store.Bills.CountAsync(CancellationToken.None));
        long size = world.Log.Head!.Size;
        if (restarts) world.Reopen();
        Assert.Equal(3, (await world.BillAsync()).Bills.Count);
        Assert.Equal(size, world.Log.Head!.Size);
        await world.AssertBilledOnceAsync();
    }

    [Fact]
    public async Task BillsThatWereNotMarkedAreMarkedByTheNextRun()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync(readings: new FaultyReadings(world.Store.Readings, 1)));
        Assert.Single(await world.BilledAsync(BillingWorld.Homes[0]));
        Assert.Empty(await world.BilledAsync(BillingWorld.Homes[1]));
        BillingRunResult next = await world.BillAsync();
        Assert.Equal(3, next.Refused.Count(one => one.Code == BillRefused.Exists));
        await world.AssertBilledOnceAsync();
    }

    /// <summary>Late data after a bill: the next run leaves the mark as it was, also where the first run was cut off before it marked.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task TheNextRunMarksWhatWasBilledNotWhatIsInForce(bool isCutOff)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        if (isCutOff) await Assert.ThrowsAsync<IOException>(() => world.BillAsync(readings: new FaultyReadings(world.Store.Readings, 0)));
        else await world.BillAsync();
        int versions = await world.CorrectEstimateAsync(BillingWorld.Homes[0]);
        await world.BillAsync();
        BilledPeriod billed = Assert.Single(await world.BilledAsync(BillingWorld.Homes[0]));
        Assert.Equal(30, billed.Versions.Count);
        Assert.Equal(isCutOff ? 0 : 1, billed.VersionOf(BillingWorld.EstimatedDay)); // where the mark came in time, it locked version 0 as 1
        Assert.Equal(versions, await world.CountVersionsAsync(BillingWorld.Homes[0]));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ANightWhosePublicationFailsIsLoggedOnce(bool restarts)
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        world.Reopen(new FaultyIndex(world.Store.LogIndex, 1));
        await Assert.ThrowsAsync<IOException>(async () => await world.CloseNightAsync());
        if (restarts) world.Reopen();
        await world.CloseNightAsync();
        LogIndexEntry entry = Assert.Single(await world.EntriesAsync());
        Assert.Equal(LogEntryKind.MeterDayRoot, entry.Entry.Kind);
        Assert.Equal(0, (await world.Store.Batches.FindAsync(1, CancellationToken.None))!.Entry);
        Assert.Equal(3, (await world.BillAsync()).Bills.Count);
        await world.AssertBilledOnceAsync();
    }

    [Fact]
    public async Task AnIndexIsNotCompletedFromABundleThatTheTreeDoesNotHold()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        world.Reopen(new FaultyIndex(world.Store.LogIndex, 1));
        await Assert.ThrowsAsync<IOException>(() => world.BillAsync());
        string bundle = Path.Combine(world.Store.Log.Folder, "tile", "entries", $"000.p", $"{world.Log.Head!.Size}");
        byte[] octets = await File.ReadAllBytesAsync(bundle);
        octets[^5] = octets[^5] == 'A' ? (byte)'B' : (byte)'A';
        await File.WriteAllBytesAsync(bundle, octets);
        int before = (await world.EntriesAsync()).Count;
        world.Reopen();
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => world.BillAsync());
        Assert.Contains("not the one that the tree holds", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, (await world.EntriesAsync()).Count);
    }
}

using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Proof.Stores;
using Praman.Server.Operations;

namespace Praman.Server.Tests.Operations;

/// <summary>The day's trial balance goes into the public log, once, and only when the day is over.</summary>
public sealed class LedgerCloseTests
{
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly LocalDate Day = new(2026, 4, 1);
    private static readonly Postings Rupees = new("INR");

    [Fact]
    public async Task TheHashStandsInTheLogOnceHoweverOftenTheDayIsClosed()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        Instant end = TrialBalance.EndOf(Day, Zone);
        await PayAsync(world, "a", end - Duration.FromHours(1));
        var close = new LedgerClose(world.Store.Ledger, world.Log, Zone);
        (TrialBalance trial, long entry) = await close.RunAsync(Day, end, default);
        long size = world.Log.Head!.Size;
        Assert.True(entry < size);
        await PayAsync(world, "b", end + Duration.FromHours(1)); // of another day

        (TrialBalance again, long same) = await close.RunAsync(Day, end + Duration.FromHours(2), default);
        (_, long afterRestart) = await new LedgerClose(world.Store.Ledger, world.Reopen(), Zone).RunAsync(Day, end + Duration.FromHours(3), default);
        Assert.Equal((trial.Hash, entry, entry, size), (again.Hash, same, afterRestart, world.Log.Head!.Size));
        LogIndexEntry found = Assert.Single(await world.Store.LogIndex.FindAsync(LogEntryKind.TrialBalance, "trial balance 2026-04-01", default));
        Assert.Equal((entry, trial.ToLogEntry()), (found.Index, found.Entry));

        (TrialBalance next, long nextEntry) = await close.RunAsync(Day.PlusDays(1), end + Duration.FromDays(1), default);
        Assert.Equal(2, next.Head.Sequence);
        Assert.Equal(entry + 1, nextEntry);
    }

    [Fact]
    public async Task ADayThatIsNotOverHasNoTrialBalance()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        long size = world.Log.Head!.Size;
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await new LedgerClose(world.Store.Ledger, world.Log, Zone).RunAsync(Day, TrialBalance.EndOf(Day, Zone) - Duration.FromTicks(1), default));
        Assert.Equal(size, world.Log.Head!.Size);
    }

    private static async Task PayAsync(BillingWorld world, string key, Instant now)
    {
        PostingRequest pay = PostingRequest.Post(
            key, Day, "recharge", [PostingLine.Debit(500, Rupees.Of(AccountKind.Bank)), PostingLine.Credit(500, Rupees.TopUpPlaces(new UsagePointId(42)))]);
        Assert.True((await world.Store.Ledger.AppendAsync([pay], now, default))[0].IsNew);
    }
}

using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;
using Praman.Proof.Logs;
using Praman.Server.Operations;

namespace Praman.Server.Tests.Operations;

/// <summary>Days that were missed are published oldest first, and none twice.</summary>
public sealed class LedgerNightsTests
{
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly LocalDate First = new(2026, 4, 1);
    private static readonly Postings Rupees = new("INR");

    [Fact]
    public async Task MissedDaysArePublishedFromTheFirstRecordOnAndNoneTwice()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        await PayAsync(world, "a", First);
        await PayAsync(world, "b", First.PlusDays(2));
        Assert.Equal([First, First.PlusDays(1), First.PlusDays(2)], await Nights(world, First.PlusDays(3)).CatchUpAsync(default));
        long size = world.Log.Head!.Size;
        Assert.Empty(await Nights(world, First.PlusDays(3)).CatchUpAsync(default));
        Assert.Equal(size, world.Log.Head!.Size);
        // Today's records wait until the day is over.
        await PayAsync(world, "c", First.PlusDays(3));
        Assert.Empty(await Nights(world, First.PlusDays(3)).CatchUpAsync(default));
        Assert.Equal([First.PlusDays(3)], await Nights(world, First.PlusDays(4)).CatchUpAsync(default));
        foreach (LocalDate day in (LocalDate[])[First, First.PlusDays(1), First.PlusDays(2), First.PlusDays(3)])
            Assert.Single(await world.Store.LogIndex.FindAsync(LogEntryKind.TrialBalance, LedgerClose.Subject(day), default));
    }

    private static LedgerNights Nights(BillingWorld world, LocalDate today) =>
        new(new LedgerClose(world.Store.Ledger, world.Log, Zone), world.Store.Ledger, world.Store.LogIndex, Zone, new Noon(today));

    private static async Task PayAsync(BillingWorld world, string key, LocalDate day)
    {
        PostingRequest pay = PostingRequest.Post(
            key, day, "recharge", [PostingLine.Debit(500, Rupees.Of(AccountKind.Bank)), PostingLine.Credit(500, Rupees.TopUpPlaces(new UsagePointId(42)))]);
        Assert.True((await world.Store.Ledger.AppendAsync([pay], TrialBalance.EndOf(day, Zone) - Duration.FromHours(9), default))[0].IsNew);
    }

    private sealed class Noon(LocalDate day) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => (TrialBalance.EndOf(day, Zone) - Duration.FromHours(12)).ToDateTimeOffset();
    }
}

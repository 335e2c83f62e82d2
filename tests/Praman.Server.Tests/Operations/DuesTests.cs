using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;
using Praman.Server.People;
using Praman.Server.Queries;
using Praman.Server.Stores;

namespace Praman.Server.Tests.Operations;

/// <summary>What a bill calls open from before: arrears by month, less what was paid in advance, as it stood at the end of a day.</summary>
public sealed class DuesTests
{
    private static readonly LocalDate Day = new(2026, 4, 1);

    [Fact]
    public async Task DuesAreTheAccountsOfTheHomeAsOfTheDay()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync(closesNight: false);
        (UsagePointId home, UsagePointId other) = (BillingWorld.Homes[0], BillingWorld.Homes[1]);
        var rupees = new Postings("INR");
        PostingPart[] Energy(long paise) => [new(rupees.Of(AccountKind.Revenue, "energy"), paise)];
        PostingRequest[] requests =
        [
            rupees.Bill("bill/1", home, Day, "2026-02", Energy(5_000)), rupees.Bill("bill/2", home, Day.PlusDays(2), "2026-03", Energy(700)),
            PostingRequest.Post("deposit/1", Day, "deposit", [PostingLine.Debit(90_000, rupees.Of(AccountKind.Bank)), PostingLine.Credit(90_000, rupees.Of(AccountKind.Deposit, home))]),
            PostingRequest.Post("pay/1", Day.PlusDays(3), "payment", [PostingLine.Debit(9_000, rupees.Of(AccountKind.Bank)), PostingLine.Credit(9_000, [.. rupees.Dues(home, ["2026-02", "2026-03"]), new Place(rupees.Of(AccountKind.Wallet, home))])]),
        ];
        Assert.All(await world.Store.Ledger.AppendAsync(requests, Instant.FromUtc(2026, 5, 1, 2, 0), CancellationToken.None), outcome => Assert.NotNull(outcome.Record));
        IConsumerQueries queries = StoreServer.Options(world.Store, world.Tariffs, world.Log.Keys, new PeopleList([]), 0, DateTimeZone.Utc).Consumers;
        var dues = new List<long?>();
        for (int day = -1; day < 4; day++) dues.Add(await queries.DuesAsync(home, "INR", Day.PlusDays(day), CancellationToken.None));
        Assert.Equal([null, 5_000, 5_000, 5_700, -3_300], dues);
        Assert.Null(await queries.DuesAsync(other, "INR", Day.PlusDays(9), CancellationToken.None));
        Assert.Null(await queries.DuesAsync(home, "EUR", Day.PlusDays(9), CancellationToken.None));
    }
}

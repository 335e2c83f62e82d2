using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;

namespace Praman.Stores.Tests.Contract;

/// <summary>The journal: every store gives the octets that the rules give in memory, and nothing in it changes.</summary>
public abstract class LedgerContract(Func<Task<IStores>> open) : StoreContract(open)
{
    private static readonly LocalDate Day = new(2026, 4, 1);
    private static readonly Instant Now = Instant.FromUtc(2026, 4, 1, 6, 0);
    private static readonly Postings Rupees = new("INR");

    [Fact]
    public async Task RandomRequestsGiveTheSameRecordsAndBalancesAsTheRulesInMemory()
    {
        var memory = new MemoryLedger();
        var random = new Random(20_260_404);
        for (int call = 0; call < 60; call++)
        {
            PostingRequest[] requests = [.. Enumerable.Range(0, random.Next(1, 12)).Select(i => Request(random, call * 12 + i))];
            Instant now = Now + Duration.FromHours(call);
            IReadOnlyList<PostingOutcome> expected = await memory.AppendAsync(requests, now, Stop), outcomes = await Stores.Ledger.AppendAsync(requests, now, Stop);
            Assert.Equal(expected.Select(Describe), outcomes.Select(Describe));
            if (call % 20 == 19) await Stores.ReopenAsync();
        }
        List<JournalRecord> records = await ListAsync(Stores.Ledger.ReadAsync(0, Stop));
        Assert.True(records.Count > 100, $"{records.Count} records");
        Assert.Equal((await ListAsync(memory.ReadAsync(0, Stop))).Select(record => record.Hash), records.Select(record => record.Hash));
        Assert.Equal(records.Skip(7).Select(record => record.Hash), (await ListAsync(Stores.Ledger.ReadAsync(7, Stop))).Select(record => record.Hash));

        var book = new LedgerBook();
        Assert.All(records, record => Assert.Null(book.Apply(record)));
        AsOf[] times =
        [
            AsOf.Now, new(Day.PlusDays(2), null), new(null, Now + Duration.FromHours(31)), new(Day.PlusDays(1), Now + Duration.FromHours(40)), new(null, Now), new(null, Now + Duration.FromDays(99)),
        ];
        foreach (AsOf asOf in times)
        {
            IReadOnlyDictionary<LedgerAccount, AccountBalance> expected = await memory.BalancesAsync(asOf, Stop), balances = await Stores.Ledger.BalancesAsync(asOf, Stop);
            Assert.Equal(Sorted(expected), Sorted(balances));
            foreach (LedgerAccount account in book.Balances.Keys) Assert.Equal(expected.GetValueOrDefault(account), await Stores.Ledger.BalanceAsync(account, asOf, Stop));
            foreach (UsagePointId owner in book.Balances.Keys.Select(account => account.UsagePoint).OfType<UsagePointId>().Append(new UsagePointId(99)).Distinct())
            {
                var own = await Stores.Ledger.BalancesOfAsync(owner, "INR", asOf, Stop);
                Assert.Equal(Sorted(expected.Where(one => one.Key.UsagePoint == owner).ToDictionary()), Sorted(own));
                Assert.Empty(await Stores.Ledger.BalancesOfAsync(owner, "EUR", asOf, Stop));
            }
            Assert.Equal(await memory.HeadAsync(asOf.BookedBefore, Stop), await Stores.Ledger.HeadAsync(asOf.BookedBefore, Stop));
        }
        Assert.Equal(Sorted(book.Balances), Sorted(await Stores.Ledger.BalancesAsync(AsOf.Now, Stop)));
        LedgerAccount wallet = Rupees.Of(AccountKind.Wallet, new UsagePointId(1));
        var days = new DateInterval(Day.PlusDays(1), Day.PlusDays(3));
        Assert.Equal(
            (await memory.ReadAsync(wallet, days, 17, Stop)).Select(record => record.Key), (await Stores.Ledger.ReadAsync(wallet, days, 17, Stop)).Select(record => record.Key));
    }

    [Fact]
    public async Task WhatWasWrittenIsFoundByItsKeyAndByWhatItFollows()
    {
        PostingRequest hold = TopUp("pay/1", 1, 500) with { Action = PostingAction.Hold, Reference = "UPI/412233" };
        JournalRecord held = (await Stores.Ledger.AppendAsync([hold], Now, Stop))[0].Record!;
        Assert.Null(await Stores.Ledger.FindFollowerAsync(held.Sequence, Stop));
        JournalRecord settled = (await Stores.Ledger.AppendAsync([PostingRequest.Settle("pay/1/done", "pay/1", "recharge")], Now, Stop))[0].Record!;
        await Stores.ReopenAsync();
        Assert.Equal(held.Octets.ToArray(), (await Stores.Ledger.FindAsync("pay/1", Stop))!.Octets.ToArray());
        Assert.Equal("UPI/412233", (await Stores.Ledger.FindAsync("pay/1", Stop))!.Reference);
        Assert.Equal(settled.Hash, (await Stores.Ledger.FindFollowerAsync(held.Sequence, Stop))!.Hash);
        Assert.Null(await Stores.Ledger.FindAsync("pay/2", Stop));
    }

    /// <summary>Many at once against one wallet: what the wallet holds is given out once.</summary>
    [Fact]
    public async Task RequestsAtTheSameTimeNeverSpendTheSameMoney()
    {
        await Stores.Ledger.AppendAsync([TopUp("pay", 1, 1_000)], Now, Stop);
        PostingOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(
            async () => (await Stores.Ledger.AppendAsync([Rupees.MoveOut($"out/{i}", new UsagePointId(1), Day, 300)], Now, Stop))[0])));
        Assert.Equal(3, outcomes.Count(outcome => outcome.IsNew));
        Assert.All(outcomes.Where(outcome => !outcome.IsNew), outcome => Assert.Equal(LedgerRefusalCode.WouldOverdraw, outcome.Refusal!.Code));
        Assert.Equal(-100, (await Stores.Ledger.BalanceAsync(Rupees.Of(AccountKind.Wallet, new UsagePointId(1)), AsOf.Now, Stop)).Posted);
    }

    /// <summary>The same key many times at once: one record.</summary>
    [Fact]
    public async Task OneKeyAtTheSameTimeIsWrittenOnce()
    {
        PostingOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(
            async () => (await Stores.Ledger.AppendAsync([TopUp("pay", 1, 1_000 + (i % 2))], Now, Stop))[0])));
        Assert.Equal(1, outcomes.Count(outcome => outcome.IsNew));
        Assert.Equal(20, outcomes.Count(outcome => outcome.Refusal?.Code == LedgerRefusalCode.OtherBody));
        Assert.Equal(1, (await Stores.Ledger.HeadAsync(null, Stop)).Sequence);
    }

    internal static PostingRequest TopUp(string key, int home, long amount) => PostingRequest.Post(
        key, Day, "recharge",
        [PostingLine.Debit(amount, Rupees.Of(AccountKind.GatewaySuspense, "upi")), PostingLine.Credit(amount, Rupees.TopUpPlaces(new UsagePointId((ulong)home)))]);

    private static PostingRequest Request(Random random, int number)
    {
        var home = new UsagePointId((ulong)random.Next(1, 4));
        LocalDate day = Day.PlusDays(random.Next(5));
        long amount = random.Next(1, 10_000);
        string key = $"k/{(random.Next(10) == 0 ? random.Next(number + 1) : number)}", target = $"k/{random.Next(number + 1)}";
        return random.Next(7) switch
        {
            0 => TopUp(key, (int)home.Number, amount) with { Action = PostingAction.Hold },
            1 => PostingRequest.Settle(key, target, "recharge"),
            2 => PostingRequest.Void(key, target, "recharge", day),
            3 => PostingRequest.Reverse(key, target, "estimate-replaced"),
            4 => Rupees.MoveOut(key, home, day, amount),
            5 => TopUp(key, (int)home.Number, amount) with { BusinessDate = day },
            _ => Rupees.DayDeduction(key, home, day, [new(Rupees.Of(AccountKind.Revenue, "energy"), amount), new(Rupees.Of(AccountKind.DutyPayable), 1 + (amount / 7))], amount % 700),
        };
    }

    private static string Describe(PostingOutcome outcome) => $"{outcome.Record?.Hash} {outcome.IsNew} {outcome.Refusal}";

    private static List<string> Sorted(IReadOnlyDictionary<LedgerAccount, AccountBalance> balances) =>
        [.. balances.Select(pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal)];
}

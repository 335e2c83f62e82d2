using System.Text;
using CsCheck;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;

namespace Praman.Billing.Tests.Ledger;

/// <summary>Whatever is asked of the ledger, in any order: money is conserved, and the journal alone gives every balance.</summary>
public sealed class LedgerProperties
{
    private static readonly LocalDate Day = new(2026, 4, 1);
    private static readonly Instant Now = Instant.FromUtc(2026, 4, 1, 0, 0);
    private static readonly Postings Rupees = new("INR");

    /// <summary>Numbers that a step is made of: kind, usage point, amount, day, an earlier step.</summary>
    private static readonly Gen<(int Kind, int Home, long Amount, int Day, int Earlier)[]> Steps =
        Gen.Select(Gen.Int[0, 11], Gen.Int[1, 3], Gen.Long[1, 100_000], Gen.Int[0, 5], Gen.Int[0, 60], (kind, home, amount, day, earlier) => (kind, home, amount, day, earlier)).Array[1, 60];

    [Fact]
    public Task AnySequenceOfRequestsConservesMoneyAndReplays() => Steps.SampleAsync(
        async steps =>
        {
            var ledger = new MemoryLedger();
            for (int i = 0; i < steps.Length; i++)
            {
                PostingOutcome outcome = (await ledger.AppendAsync([Request(steps, i)], Now + Duration.FromHours(i), default))[0];
                Assert.True((outcome.Record is null) == (outcome.Refusal is not null));
                AssertReplays(await ledger.ReadAsync(0, default).ToListAsync(), await ledger.BalancesAsync(AsOf.Now, default));
            }
        },
        iter: 300);

    [Fact]
    public Task SendingEverythingAgainChangesNothing() => Steps.SampleAsync(
        async steps =>
        {
            var ledger = new MemoryLedger();
            PostingRequest[] requests = [.. Enumerable.Range(0, steps.Length).Select(i => Request(steps, i))];
            IReadOnlyList<PostingOutcome> first = await ledger.AppendAsync(requests, Now, default);
            JournalHead head = await ledger.HeadAsync(null, default);
            PostingRequest[] written = [.. requests.Where((_, i) => first[i].Record is not null)];
            IReadOnlyList<PostingOutcome> again = await ledger.AppendAsync(written, Now + Duration.FromDays(1), default);
            Assert.All(again, outcome => Assert.False(outcome.IsNew));
            Assert.Equal(first.Where(outcome => outcome.Record is not null).Select(outcome => outcome.Record), again.Select(outcome => outcome.Record));
            Assert.Equal(head, await ledger.HeadAsync(null, default));
        },
        iter: 300);

    /// <summary>A changed octet of any record is found at that record or the next; so is a record left out, repeated or swapped.</summary>
    [Fact]
    public async Task EveryChangedOctetOfTheJournalIsFound()
    {
        var ledger = new MemoryLedger();
        (int, int, long, int, int)[] steps = [(0, 1, 5_000, 0, 0), (4, 1, 700, 0, 0), (5, 1, 0, 1, 1), (1, 2, 900, 0, 0), (2, 2, 0, 0, 3), (6, 3, 8_000, 2, 0)];
        for (int i = 0; i < steps.Length; i++) Assert.Null((await ledger.AppendAsync([Request(steps, i)], Now, default))[0].Refusal);
        List<JournalRecord> records = await ledger.ReadAsync(0, default).ToListAsync();
        Assert.Null(Replay(records));
        for (int at = 0; at < records.Count; at++)
        {
            for (int octet = 0; octet < records[at].Octets.Length; octet++)
            {
                for (int bit = 0; bit < 8; bit++)
                {
                    byte[] changed = records[at].Octets.ToArray();
                    changed[octet] ^= (byte)(1 << bit);
                    if (!JournalRecord.TryRead(changed, out JournalRecord? read, out _)) continue;
                    // The last record has none after it that names it: the head, which the trial balance fixes, does.
                    Assert.NotEqual(records[at].Hash, read.Hash);
                    List<JournalRecord> forged = [.. records];
                    forged[at] = read;
                    if (at < records.Count - 1) Assert.True(Replay(forged) is not null, Encoding.UTF8.GetString(changed));
                }
            }
            if (at == records.Count - 1) break;
            Assert.NotNull(Replay([.. records[..at], .. records[(at + 1)..]]));
            Assert.NotNull(Replay([.. records[..(at + 1)], .. records[at..]]));
            Assert.NotNull(Replay([.. records[..at], records[at + 1], records[at], .. records[(at + 2)..]]));
        }
    }

    /// <summary>R6: groups sum to zero, all accounts sum to zero, no account stands on its wrong side, and the records alone give the balances.</summary>
    internal static void AssertReplays(IEnumerable<JournalRecord> records, IReadOnlyDictionary<LedgerAccount, AccountBalance> balances)
    {
        var book = new LedgerBook();
        foreach (JournalRecord record in records)
        {
            Assert.Equal(0, record.Entries.Sum(entry => entry.Amount));
            Assert.True(JournalRecord.TryRead(record.Octets, out JournalRecord? read, out string? fault), fault);
            Assert.Null(book.Apply(read));
        }
        Assert.Equal(balances.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal), book.Balances.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal));
        Assert.Equal(0, book.Balances.Values.Sum(balance => balance.Posted));
        Assert.Equal(0, book.Balances.Values.Sum(balance => balance.PendingDebits - balance.PendingCredits));
        foreach ((LedgerAccount account, AccountBalance balance) in book.Balances)
        {
            AccountKindFacts facts = AccountKinds.Of(account.Kind);
            if (facts.IsOneSided) Assert.True(facts.Class == AccountClass.Liability ? balance.Posted <= 0 : balance.Posted >= 0, $"{account}: {balance}");
            Assert.True(balance is { Debits: >= 0, Credits: >= 0, PendingDebits: >= 0, PendingCredits: >= 0 }, $"{account}: {balance}");
        }
        Assert.Empty(TrialBalance.Of(Day, book.Head, book.Balances).Differences);
    }

    private static string? Replay(IEnumerable<JournalRecord> records)
    {
        var book = new LedgerBook();
        return records.Select(book.Apply).FirstOrDefault(fault => fault is not null);
    }

    private static PostingRequest Request((int Kind, int Home, long Amount, int Day, int Earlier)[] steps, int i)
    {
        (int kind, int home, long amount, int day, int earlier) = steps[i];
        var usagePoint = new UsagePointId((ulong)home);
        LocalDate date = Day.PlusDays(day);
        string key = $"k/{i}", target = $"k/{earlier}";
        PostingRequest topUp = PostingRequest.Post(
            key, date, "recharge", [PostingLine.Debit(amount, Rupees.Of(AccountKind.GatewaySuspense, "upi")), PostingLine.Credit(amount, Rupees.TopUpPlaces(usagePoint))]);
        return kind switch
        {
            0 => topUp,
            1 => topUp with { Action = PostingAction.Hold },
            2 => PostingRequest.Settle(key, target, "recharge", date),
            3 => PostingRequest.Void(key, target, "recharge"),
            4 => Rupees.DayDeduction(key, usagePoint, date, [new(Rupees.Of(AccountKind.Revenue, "energy"), amount), new(Rupees.Of(AccountKind.DutyPayable), amount / 7), new(Rupees.Of(AccountKind.SubsidyReceivable, "free-units"), -amount / 5)], amount % 500),
            5 => PostingRequest.Reverse(key, target, "estimate-replaced", day % 2 == 0 ? date : null),
            6 => Rupees.Bill(key, usagePoint, date, $"2026-0{1 + day}", [new(Rupees.Of(AccountKind.Revenue, "fixed"), amount), new(Rupees.Of(AccountKind.Rounding), amount % 3 - 1)]),
            7 => PostingRequest.Post(key, date, "payment", [PostingLine.Debit(amount, Rupees.Of(AccountKind.GatewaySuspense, "upi")), PostingLine.Credit(amount, [.. Rupees.Dues(usagePoint, ["2026-01", "2026-02", "2026-03"]), new Place(Rupees.Of(AccountKind.Wallet, usagePoint))])]),
            8 => Rupees.MoveOut(key, usagePoint, date, amount),
            9 => Rupees.MoveOut(key, usagePoint, date, amount) with { Action = PostingAction.Hold },
            10 => Rupees.BankSettlement(key, date, "upi", amount, "UTR"),
            _ => PostingRequest.Reverse(key, $"k/{i / 2}", "test"),
        };
    }
}

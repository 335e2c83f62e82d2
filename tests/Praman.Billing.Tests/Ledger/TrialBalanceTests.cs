using System.Text;
using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;
using Praman.Proof;
using Praman.Proof.Canonical;
using Praman.Proof.Logs;

namespace Praman.Billing.Tests.Ledger;

/// <summary>The trial balance of a day: its document, its hash, what it tells and what not.</summary>
public sealed class TrialBalanceTests
{
    private static readonly LocalDate Day = new(2026, 4, 1);
    private static readonly Postings Rupees = new("INR");

    [Fact]
    public async Task TheDocumentSumsTheAccountsAndNamesNobody()
    {
        MemoryLedger ledger = await MakeAsync(("1", 1, 50_000), ("2", 2, 30_000));
        JournalHead head = await ledger.HeadAsync(null, default);
        var trial = TrialBalance.Of(Day, head, await ledger.BalancesAsync(AsOf.Now, default));

        Digest balances = Digest.Sha256("INR/suspense.gateway/upi 80000 0\nINR/wallet/UP-000000001 0 50000\nINR/wallet/UP-000000002 0 30000\n"u8);
        Assert.Equal(
            """{"accounts":[{"accounts":1,"credits":"0","debits":"80000","name":"INR/suspense.gateway/upi"},{"accounts":2,"credits":"80000","debits":"0","name":"INR/wallet"}],"""
            + $"\"balances\":\"{balances}\",\"day\":\"2026-04-01\",\"head\":\"{head.Hash}\",\"records\":2,\"type\":\"praman-trial-balance/1\"}}",
            Encoding.UTF8.GetString(trial.Octets.Span));
        Assert.True(CanonicalJson.IsCanonical(trial.Octets.Span));
        Assert.Equal(new LogEntry(LogEntryKind.TrialBalance, Digest.Sha256(trial.Octets.Span)), trial.ToLogEntry());
        Assert.Empty(trial.Differences);
    }

    [Fact]
    public async Task TheHashChangesWithAnyBalanceAndNotWithTheirOrder()
    {
        MemoryLedger ledger = await MakeAsync(("1", 1, 50_000), ("2", 2, 30_000));
        JournalHead head = await ledger.HeadAsync(null, default);
        IReadOnlyDictionary<LedgerAccount, AccountBalance> balances = await ledger.BalancesAsync(AsOf.Now, default);
        var trial = TrialBalance.Of(Day, head, balances);
        Assert.Equal(trial.Hash, TrialBalance.Of(Day, head, balances.Reverse()).Hash);
        foreach (LedgerAccount account in balances.Keys)
        {
            var changed = new Dictionary<LedgerAccount, AccountBalance>(balances) { [account] = balances[account] with { Debits = balances[account].Debits + 1 } };
            var other = TrialBalance.Of(Day, head, changed);
            Assert.NotEqual(trial.Hash, other.Hash);
            Assert.Equal(("INR", 1L), Assert.Single(other.Differences));
        }
    }

    [Fact]
    public async Task WhatIsWrittenAfterMidnightDoesNotChangeADay()
    {
        DateTimeZone zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
        Instant end = TrialBalance.EndOf(Day, zone);
        Assert.Equal(Instant.FromUtc(2026, 4, 1, 18, 30), end);
        var ledger = new MemoryLedger();
        await ledger.AppendAsync([TopUp("1", 1, 500)], end - Duration.FromTicks(1), default);
        Digest before = (await TrialAsync(ledger, end)).Hash;
        await ledger.AppendAsync([TopUp("2", 1, 700)], end, default); // of the same business day, written too late for it
        Assert.Equal(before, (await TrialAsync(ledger, end)).Hash);
    }

    private static async Task<TrialBalance> TrialAsync(MemoryLedger ledger, Instant end) =>
        TrialBalance.Of(Day, await ledger.HeadAsync(end, default), await ledger.BalancesAsync(new AsOf(null, end), default));

    private static async Task<MemoryLedger> MakeAsync(params (string Key, int Home, long Amount)[] payments)
    {
        var ledger = new MemoryLedger();
        await ledger.AppendAsync([.. payments.Select(payment => TopUp(payment.Key, payment.Home, payment.Amount))], Instant.FromUtc(2026, 4, 1, 9, 0), default);
        return ledger;
    }

    private static PostingRequest TopUp(string key, int home, long amount) => PostingRequest.Post(
        key, Day, "recharge",
        [PostingLine.Debit(amount, Rupees.Of(AccountKind.GatewaySuspense, "upi")), PostingLine.Credit(amount, Rupees.TopUpPlaces(new UsagePointId((ulong)home)))]);
}

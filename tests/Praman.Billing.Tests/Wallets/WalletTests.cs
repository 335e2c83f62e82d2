using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tests.Prepayment;
using Praman.Billing.Tests.Rating;
using Praman.Billing.Wallets;
using static Praman.Billing.Tests.Wallets.WalletLife;
using PostingLine = Praman.Billing.Ledger.PostingLine;

namespace Praman.Billing.Tests.Wallets;

/// <summary>What a wallet does stands in the ledger, to the paisa, and the wallet can be had again from its entries.</summary>
public sealed class WalletTests
{
    private static readonly LocalDate First = new(2025, 9, 1);
    private static readonly BillingDeterminants September = new() { Period = new(First, new(2025, 9, 30)), SanctionedLoadKw = 2, MaxDemandKw = 1 };

    [Fact]
    public async Task ADayIsPostedPartByPart()
    {
        WalletLife life = await OpenAsync(1, "in-gj-rgp-urban", 500, September);
        WalletDay day = life.Wallet.SettleDay(Midnight(First.PlusDays(1)), new(8.125m));
        await life.TakeAsync(Midnight(First.PlusDays(1)), day.Step);
        Assert.Equal(day.Posting!.Deduction, 500 - life.Wallet.Account.Balance);
        foreach (var line in day.Posting.Lines)
        {
            AccountKind kind = line.Id == "duty" ? AccountKind.DutyPayable : AccountKind.Revenue;
            string detail = line.Id == "fpppa" ? "surcharge.fpppa" : line.Id;
            Assert.Equal(-MinorUnits.Of(line.Amount), life.Posted(Rupees.Of(kind, detail)));
        }
        Assert.Equal(First, life.Find("day/2025-09-01/UP-000000001/1").BusinessDate);
    }

    /// <summary>The entry's own octets, its posting, the day's lines and use, and nothing for the making of them.</summary>
    [Theory]
    [InlineData("in-gj-rgp-urban")]
    [InlineData("in-br-ds2-urban")]
    public void ASettledDayAllocatesLittle(string tariff)
    {
        Settle(tariff);
        Assert.InRange(Settle(tariff), 1, 1_792);

        static long Settle(string tariff)
        {
            (Wallet wallet, _) = Wallet.Open(TermsOf(1), Midnight(First), First, deposit: 900, interest: 0, dues: 0, [], null);
            wallet.BeginPeriod(Midnight(First), WorkedBills.Tariff(tariff), September, []);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int k = 1; k <= 30; k++) Assert.NotNull(wallet.SettleDay(Midnight(First.PlusDays(k)), new(2m + (k % 9))).Step);
            return (GC.GetAllocatedBytesForCurrentThread() - before) / 30;
        }
    }

    /// <summary>The State pays its part: the wallet is charged net, and the subsidy is owed to the utility.</summary>
    [Fact]
    public async Task ASubsidyIsOwedByTheStateAndTheWalletIsChargedNet()
    {
        WalletLife life = await OpenAsync(2, "in-br-ds2-urban", 500, September);
        for (int k = 1; k <= 30; k++) await life.TakeAsync(Midnight(First.PlusDays(k)), life.Wallet.SettleDay(Midnight(First.PlusDays(k)), new(6m)).Step);
        long subsidies = WorkedBills.Tariff("in-br-ds2-urban").Tariff.Subsidies.Sum(subsidy => life.Posted(Rupees.Of(AccountKind.SubsidyReceivable, subsidy.Id.Replace('_', '-'))));
        Assert.Equal(-MinorUnits.Of(life.Wallet.Settlement!.Postings.SelectMany(p => p.Lines.Concat(p.Repricing)).Where(l => l.Group == Billing.Tariffs.ChargeGroup.Subsidy).Sum(l => l.Amount)), subsidies);
        Assert.True(subsidies > 0);
    }

    [Fact]
    public async Task AnEstimateIsReversedExactlyInTheLedgerAndPostedAnew()
    {
        WalletLife life = await OpenAsync(3, "in-gj-rgp-urban", 500, September);
        for (int k = 1; k <= 5; k++)
        {
            DayUse use = k is 3 or 4 ? new(9m, DayQuality.Estimated) : new(4m);
            await life.TakeAsync(Midnight(First.PlusDays(k)), life.Wallet.SettleDay(Midnight(First.PlusDays(k)), use).Step);
        }
        Instant now = Midnight(First.PlusDays(6));
        await life.TakeAsync(now, life.Wallet.Replace(now, First.PlusDays(2), [new(4m), new(4m)], out _));
        JournalRecord estimate = life.Find("day/2025-09-03/UP-000000003/3"), mirror = life.Find("day/2025-09-03/UP-000000003/6"), repost = life.Find("day/2025-09-03/UP-000000003/9");
        Assert.Equal((PostingAction.Reverse, estimate.Sequence, estimate.BusinessDate), (mirror.Action, mirror.Target!.Value, mirror.BusinessDate));
        Assert.Equal(estimate.Entries.Select(entry => (entry.Account, -entry.Amount)), mirror.Entries.Select(entry => (entry.Account, entry.Amount)));
        Assert.Equal(estimate.BusinessDate, repost.BusinessDate);
        Assert.Equal(0, life.Wallet.Account.Snapshot.Estimated);

        // Five read days cost the same whether two of them were estimated for a while or not.
        WalletLife read = await OpenAsync(3, "in-gj-rgp-urban", 500, September);
        for (int k = 1; k <= 5; k++) await read.TakeAsync(Midnight(First.PlusDays(k)), read.Wallet.SettleDay(Midnight(First.PlusDays(k)), new(4m)).Step);
        Assert.Equal(read.Wallet.Account.Balance, life.Wallet.Account.Balance);
    }

    [Fact]
    public async Task ALargeCorrectionGoesIntoInstalmentsAndTheWalletGetsItBackAtOnce()
    {
        WalletLife life = await OpenAsync(4, "in-gj-rgp-urban", 900, September);
        for (int k = 1; k <= 6; k++) await life.TakeAsync(Midnight(First.PlusDays(k)), life.Wallet.SettleDay(Midnight(First.PlusDays(k)), new(2m, k > 3 ? DayQuality.Estimated : DayQuality.Actual)).Step);
        decimal before = life.Wallet.Account.Balance;
        Instant now = Midnight(First.PlusDays(7));
        await life.TakeAsync(now, life.Wallet.Replace(now, First.PlusDays(3), [new(30m), new(30m), new(30m)], out _));
        Assert.Equal(before, life.Wallet.Account.Balance);
        DebtPlan plan = Assert.Single(life.Wallet.Debts.Plans);
        Assert.True(plan.Total > 300);
        decimal due = ((TimePlan)plan).DueBy(First.PlusDays(7));
        await life.TakeAsync(now, life.Wallet.TakeInstalments(now, First.PlusDays(7)));
        Assert.Equal((before - due, plan.Total - due), (life.Wallet.Account.Balance, life.Wallet.Debts.Left));
    }

    [Fact]
    public async Task UseBeyondTheWalletStandsInEmergencyCreditUpToItsLimitAndThenInSight()
    {
        RulePack pack = RulePackSet.Default with { EmergencyCreditHours = 72, EmergencyCreditLimit = 30 };
        WalletLife life = await OpenAsync(5, "in-gj-rgp-urban", 20, September, pack);
        for (int k = 1; k <= 3; k++) await life.TakeAsync(Midnight(First.PlusDays(k)), life.Wallet.SettleDay(Midnight(First.PlusDays(k)), new(5m)).Step);
        Assert.Equal((0, 3_000), (life.Posted(AccountKind.Wallet), life.Posted(AccountKind.Emergency)));
        Assert.Equal(-MinorUnits.Of(life.Wallet.Account.Balance) - 3_000, life.Posted(AccountKind.Overdrawn));
        Assert.True(life.Posted(AccountKind.Overdrawn) > 0);
        await life.PayAsync(Midnight(First.PlusDays(4)), "pay/1", 200);
        await life.TakeAsync(Midnight(First.PlusDays(4)), life.Wallet.Paid(Midnight(First.PlusDays(4)), First.PlusDays(4), "pay/1", 200));
        Assert.Equal((0, 0), (life.Posted(AccountKind.Emergency), life.Posted(AccountKind.Overdrawn)));
        Assert.Null(life.Wallet.Paid(Midnight(First.PlusDays(5)), First.PlusDays(5), "pay/1", 200)); // counted once
    }

    [Fact]
    public async Task OldDuesOfAConversionArePaidFromRechargesWithinTheirShare()
    {
        WalletTerms terms = TermsOf(6);
        WalletLife life = new(terms, WorkedBills.Book.Find);
        Instant at = Midnight(First);
        LedgerAccount bank = Rupees.Of(AccountKind.Bank), deposit = Rupees.Of(AccountKind.Deposit, terms.UsagePoint), arrears = Rupees.Of(AccountKind.Arrears, terms.UsagePoint, "2025-08"), earned = Rupees.Of(AccountKind.Revenue, "energy");
        await life.PostAsync(at,
            PostingRequest.Post("deposit", First, "deposit", [PostingLine.Debit(70_000, bank), PostingLine.Credit(70_000, deposit)]),
            PostingRequest.Post("bill", First, "bill", [PostingLine.Debit(100_000, arrears), PostingLine.Credit(100_000, earned)]));
        SharePlan plan = new("dues", 300, First, First.PlusMonths(-1), WasShown: true, Percent: 50, null, null);
        (life.Wallet, WalletStep opened) = Wallet.Open(terms, at, First, deposit: 700, interest: 0, dues: 1_000, ["2025-08"], plan);
        await life.TakeAsync(at, opened);
        Assert.Equal((0, 0, 30_000), (life.Posted(deposit), life.Posted(arrears), life.Posted(AccountKind.Plan, "dues")));
        await life.PayAsync(at, "pay/1", 400);
        await life.TakeAsync(at, life.Wallet.Paid(at, First, "pay/1", 400));
        Assert.Equal((300m, 200m), (life.Wallet.Account.Balance, life.Wallet.Debts.Left)); // a quarter of 400, though the plan asks for half
    }

    /// <summary>A payment is taken back in the ledger before the wallet hears of it, and another comes: the share of the old dues is posted all the same.</summary>
    [Fact]
    public async Task AShareIsPostedThoughMoneyWentBackThatTheWalletWasNotToldOf()
    {
        WalletLife life = await OpenAsync(9, "in-gj-rgp-urban", 300, September);
        for (int k = 1; k <= 4; k++) await life.TakeAsync(Midnight(First.PlusDays(k)), life.Wallet.SettleDay(Midnight(First.PlusDays(k)), new(k == 4 ? 1m : 2m, k > 3 ? DayQuality.Estimated : DayQuality.Actual)).Step);
        Instant now = Midnight(First.PlusDays(5));
        await life.TakeAsync(now, life.Wallet.Replace(now, First.PlusDays(3), [new(60m)], out _)); // a large correction: a plan of thirty days
        Assert.Single(life.Wallet.Debts.Plans);
        await life.PostAsync(now, PostingRequest.Reverse("pay/open/back", "pay/open", "payment-reversed"));
        await life.PostAsync(now, [.. life.Wallet.TakeInstalments(now, First.PlusDays(5))!.Postings]);
        life.Wallet.PaymentBack(now, First.PlusDays(5), "pay/open/back", 300);
        life.Agree();
    }

    [Fact]
    public async Task ARefusedCutIsKeptWithItsReasons()
    {
        WalletLife life = await OpenAsync(7, "in-gj-rgp-urban", 5, September);
        await life.TakeAsync(Midnight(First.PlusDays(1)), life.Wallet.SettleDay(Midnight(First.PlusDays(1)), new(5m)).Step);
        (WalletStep step, AccountEvent answer) = life.Wallet.AskForCut(Midnight(First.PlusDays(9)), new CutFacts { IsDisputed = true });
        await life.TakeAsync(Midnight(First.PlusDays(9)), step);
        Assert.Equal(Assert.IsType<CutRefused>(answer).Guards, life.Entries[^1].Answer!.Reasons);
        Assert.Contains(life.Entries[^1].Answer!.Reasons, reason => reason.Code == CutChecks.Dispute);
    }

    [Fact]
    public async Task AnEntryThatWasChangedIsRefused()
    {
        WalletLife life = await OpenAsync(8, "in-gj-rgp-urban", 500, September);
        await life.TakeAsync(Midnight(First.PlusDays(1)), life.Wallet.SettleDay(Midnight(First.PlusDays(1)), new(5m)).Step);
        WalletEntry entry = life.Entries[^1].Entry;
        string text = System.Text.Encoding.UTF8.GetString(entry.Octets.Span);
        byte[] cheaper = System.Text.Encoding.UTF8.GetBytes(System.Text.RegularExpressions.Regex.Replace(text, "\"kwh\":\"[0-9.]+\"", "\"kwh\":\"4\""));
        Assert.True(WalletReader.TryRead(entry with { Octets = cheaper }, out WalletRecord? record, out _));
        Assert.Throws<FormatException>(() => Wallet.Restore(life.Terms, [.. life.Entries.SkipLast(1), record], WorkedBills.Book.Find));
        Assert.False(WalletReader.TryRead(entry with { Octets = cheaper.AsMemory(1) }, out _, out _));
        Assert.False(WalletReader.TryRead(entry with { Number = 7 }, out _, out _));
    }

    /// <summary>Random lives under every tariff that is deducted by day: each step is posted, the journal replayed, the wallet read again.</summary>
    [Fact]
    public async Task RandomLivesAgreeWithTheLedgerAtEachStep()
    {
        int lives = 0;
        foreach (string id in WorkedBills.Set.Tariffs.Keys.Order(StringComparer.Ordinal))
        {
            AnyTariff tariff = AnyTariff.Of(id, seed: 20_261_124);
            if (tariff.Tariff.Currency != "INR" || tariff.Day(First, 9_000, whole: false).Intervals is not null) continue;
            if (await LiveAsync(tariff, lives + 1)) lives++;
        }
        Assert.True(lives > 30, $"{lives} lives");
    }

    private static async Task<bool> LiveAsync(AnyTariff tariff, int number)
    {
        BillingPeriod cycle = tariff.Cycle();
        WalletLife life = new(TermsOf(number), id => id == tariff.Tariff.Id ? tariff.Compiled : null);
        Instant at = Midnight(cycle.From);
        (life.Wallet, WalletStep opened) = Wallet.Open(life.Terms, at, cycle.From, 0, 0, 0, [], null);
        await life.TakeAsync(at, opened);
        await life.TakeAsync(at, life.Wallet.BeginPeriod(at, tariff.Compiled, tariff.Determinants(cycle), []));
        int paid = 0;
        List<int> estimated = [];
        for (int k = 0; k < cycle.Days; k++)
        {
            LocalDate date = cycle.From.PlusDays(k);
            at = Midnight(date) + Duration.FromHours(9);
            if (tariff.Next(4) == 0)
            {
                string key = $"pay/{++paid}";
                decimal amount = tariff.Next(300) + 1;
                await life.PayAsync(at, key, amount);
                await life.TakeAsync(at, life.Wallet.Paid(at, date, key, amount));
                if (tariff.Next(5) == 0)
                {
                    await life.PostAsync(at, PostingRequest.Reverse(key + "/back", key, "payment-reversed"));
                    await life.TakeAsync(at, life.Wallet.PaymentBack(at, date, key + "/back", amount));
                }
            }
            at = Midnight(date.PlusDays(1));
            DayUse use = tariff.Day(date, 14_000, whole: false);
            if (tariff.Next(6) == 0)
            {
                use = use with { Quality = DayQuality.Estimated };
                estimated.Add(k);
            }
            WalletDay day = life.Wallet.SettleDay(at, use);
            if (day.Step is null) return false; // a tariff that cannot be rated by days is refused by name, and nothing was posted
            await life.TakeAsync(at, day.Step);
            await life.TakeAsync(at, life.Wallet.TakeInstalments(at, date.PlusDays(1)));
            if (estimated.Count == 0 || tariff.Next(4) != 0) continue;
            await life.TakeAsync(at, life.Wallet.Replace(at, cycle.From.PlusDays(estimated[0]), [tariff.Day(cycle.From.PlusDays(estimated[0]), 14_000, whole: false)], out _));
            estimated.RemoveAt(0);
        }
        await life.TakeAsync(at, life.Wallet.Close(at, null, out PeriodClose? close, out _));
        return close is not null;
    }

    private static async Task<WalletLife> OpenAsync(int number, string tariff, decimal balance, BillingDeterminants period, RulePack? pack = null)
    {
        WalletLife life = new(TermsOf(number, pack), WorkedBills.Book.Find);
        Instant at = Midnight(First);
        (life.Wallet, WalletStep opened) = Wallet.Open(life.Terms, at, First, 0, 0, 0, [], null);
        await life.TakeAsync(at, opened);
        await life.PayAsync(at, "pay/open", balance);
        await life.TakeAsync(at, life.Wallet.Paid(at, First, "pay/open", balance));
        await life.TakeAsync(at, life.Wallet.BeginPeriod(at, WorkedBills.Tariff(tariff), period, []));
        return life;
    }
}

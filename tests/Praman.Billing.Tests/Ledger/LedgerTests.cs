using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;

namespace Praman.Billing.Tests.Ledger;

/// <summary>The rules of the ledger, each by its smallest case.</summary>
public sealed class LedgerTests
{
    private static readonly UsagePointId Home = new(42);
    private static readonly LocalDate Day = new(2026, 4, 1);
    private static readonly Instant Now = Instant.FromUtc(2026, 4, 1, 18, 0);
    private static readonly Postings Rupees = new("INR");

    private readonly MemoryLedger _ledger = new();

    public static TheoryData<string, PostingRequest> WrongForms
    {
        get
        {
            LedgerAccount wallet = Rupees.Of(AccountKind.Wallet, Home), bank = Rupees.Of(AccountKind.Bank);
            PostingRequest good = PostingRequest.Post("k", Day, "test", [PostingLine.Debit(5, bank), PostingLine.Credit(5, wallet)]);
            return new()
            {
                { "no key", good with { Key = "" } }, { "a key of the ledger's own", good with { Key = "sweep/7" } }, { "a key beyond ASCII", good with { Key = "प्रमाण" } },
                { "a key too long", good with { Key = new string('k', 121) } }, { "no cause", good with { Cause = "" } }, { "an empty reference", good with { Reference = "" } },
                { "no date", good with { BusinessDate = null } }, { "a target", good with { Target = "t" } }, { "one line", good with { Lines = [good.Lines[0]] } },
                { "too many lines", good with { Lines = [.. Enumerable.Repeat(good.Lines, 33).SelectMany(lines => lines)] } },
                { "nothing", good with { Lines = [good.Lines[0] with { Amount = 0 }, good.Lines[1]] } },
                { "too much", good with { Lines = [good.Lines[0] with { Amount = LedgerRules.AmountMax + 1 }, good.Lines[1]] } },
                { "no place", good with { Lines = [good.Lines[0] with { Places = [] }, good.Lines[1]] } },
                { "a wallet of nobody", good with { Lines = [PostingLine.Debit(5, wallet with { UsagePoint = null }), good.Lines[1]] } },
                { "a bank of somebody", good with { Lines = [PostingLine.Debit(5, bank with { UsagePoint = Home }), good.Lines[1]] } },
                { "no currency", good with { Lines = [PostingLine.Debit(5, bank with { Currency = "rupees" }), good.Lines[1]] } },
                { "revenue of nothing", good with { Lines = [PostingLine.Debit(5, Rupees.Of(AccountKind.Revenue)), good.Lines[1]] } },
                { "two currencies in a line", good with { Lines = [PostingLine.Debit(5, new Place(wallet, 0), new Place(bank with { Currency = "EUR" })), good.Lines[1]] } },
                { "a sweep", good with { Action = PostingAction.Sweep } }, { "a void of nothing", good with { Action = PostingAction.Void } },
            };
        }
    }

    [Theory, MemberData(nameof(WrongForms))]
    public async Task ARequestOfNoValidFormIsRefusedAndLeavesNoTrace(string what, PostingRequest request)
    {
        Assert.Equal(LedgerRefusalCode.Malformed, (await AppendAsync(request)).Refusal?.Code);
        Assert.True(await _ledger.HeadAsync(null, default) == JournalHead.Empty, what);
    }

    [Fact]
    public async Task AGroupThatDoesNotSumToZeroInEachCurrencyIsRefused()
    {
        LedgerAccount bank = Rupees.Of(AccountKind.Bank), wallet = Rupees.Of(AccountKind.Wallet, Home);
        PostingOutcome one = await AppendAsync(PostingRequest.Post("a", Day, "test", [PostingLine.Debit(500, bank), PostingLine.Credit(499, wallet)]));
        PostingOutcome two = await AppendAsync(PostingRequest.Post("b", Day, "test", [PostingLine.Debit(500, bank), PostingLine.Credit(500, wallet with { Currency = "EUR" })]));
        Assert.Equal([LedgerRefusalCode.Unbalanced, LedgerRefusalCode.Unbalanced], [one.Refusal?.Code, two.Refusal?.Code]);
        Assert.Contains("INR are 1", one.Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSameKeyWithTheSameRequestAnswersAgainAndWithAnotherIsRefused()
    {
        PostingOutcome first = await AppendAsync(TopUp("pay/1", 50_000));
        PostingOutcome again = await AppendAsync(TopUp("pay/1", 50_000));
        PostingOutcome other = await AppendAsync(TopUp("pay/1", 50_001));
        PostingOutcome otherDay = await AppendAsync(TopUp("pay/1", 50_000) with { BusinessDate = Day.PlusDays(1) });
        PostingOutcome otherReference = await AppendAsync(TopUp("pay/1", 50_000) with { Reference = "UTR1" });
        Assert.True(first.IsNew);
        Assert.Equal((first.Record, false), (again.Record, again.IsNew));
        Assert.All([other, otherDay, otherReference], outcome => Assert.Equal((null, LedgerRefusalCode.OtherBody), (outcome.Record, outcome.Refusal!.Code)));
        Assert.Equal(-50_000, await PostedAsync(AccountKind.Wallet));
    }

    [Fact]
    public async Task AHeldGroupCountsOnlyWhenItIsSettledAndOnlyOnce()
    {
        await AppendAsync(TopUp("hold", 300) with { Action = PostingAction.Hold });
        AccountBalance held = await _ledger.BalanceAsync(Rupees.Of(AccountKind.Wallet, Home), AsOf.Now, default);
        Assert.Equal(new AccountBalance(0, 0, 0, 300), held);
        // Money that is not there yet cannot be spent.
        Assert.Equal(LedgerRefusalCode.WouldOverdraw, (await AppendAsync(Rupees.MoveOut("out", Home, Day, 300))).Refusal?.Code);

        Assert.True((await AppendAsync(PostingRequest.Settle("settle", "hold", "recharge"))).IsNew);
        Assert.Equal(new AccountBalance(0, 300, 0, 0), await _ledger.BalanceAsync(Rupees.Of(AccountKind.Wallet, Home), AsOf.Now, default));
        Assert.Equal(LedgerRefusalCode.TargetNotOpen, (await AppendAsync(PostingRequest.Void("void", "hold", "recharge"))).Refusal?.Code);
        Assert.Equal(LedgerRefusalCode.TargetNotOpen, (await AppendAsync(PostingRequest.Settle("settle2", "hold", "recharge"))).Refusal?.Code);
        Assert.Equal(LedgerRefusalCode.UnknownTarget, (await AppendAsync(PostingRequest.Settle("settle3", "hold9", "recharge"))).Refusal?.Code);
        Assert.True((await AppendAsync(Rupees.MoveOut("out", Home, Day, 300))).IsNew);
    }

    [Fact]
    public async Task WhatIsHeldAgainstAWalletIsSpokenFor()
    {
        await AppendAsync(TopUp("pay", 300));
        await AppendAsync(Rupees.MoveOut("out", Home, Day, 200) with { Action = PostingAction.Hold });
        await AppendAsync(Rupees.DayDeduction("day", Home, Day, [new(Rupees.Of(AccountKind.Revenue, "energy"), 150)], emergencyLimit: 0));
        Assert.Equal((-200L, 50L), (await PostedAsync(AccountKind.Wallet), await PostedAsync(AccountKind.Overdrawn)));
        await AppendAsync(PostingRequest.Void("back", "out", "move-out"));
        Assert.True((await AppendAsync(Rupees.MoveOut("out2", Home, Day, 200))).IsNew);
    }

    [Fact]
    public async Task ADayBeyondTheWalletTakesEmergencyCreditUpToItsLimitAndThenStandsAsOverdrawn()
    {
        await AppendAsync(TopUp("pay", 1_000));
        PostingPart energy = new(Rupees.Of(AccountKind.Revenue, "energy"), 1_700), duty = new(Rupees.Of(AccountKind.DutyPayable), 255), subsidy = new(Rupees.Of(AccountKind.SubsidyReceivable, "free-units"), -100);
        PostingOutcome day = await AppendAsync(Rupees.DayDeduction("day/1", Home, Day, [energy, duty, subsidy], emergencyLimit: 500));
        Assert.Equal((0L, 500L, 355L), (await PostedAsync(AccountKind.Wallet), await PostedAsync(AccountKind.Emergency), await PostedAsync(AccountKind.Overdrawn)));
        Assert.Equal(0, day.Record!.Entries.Sum(entry => entry.Amount));

        // Money that comes pays in the other order.
        await AppendAsync(TopUp("pay/2", 400));
        Assert.Equal((0L, 455L, 0L), (await PostedAsync(AccountKind.Wallet), await PostedAsync(AccountKind.Emergency), await PostedAsync(AccountKind.Overdrawn)));
        await AppendAsync(TopUp("pay/3", 1_000));
        Assert.Equal((-545L, 0L), (await PostedAsync(AccountKind.Wallet), await PostedAsync(AccountKind.Emergency)));
    }

    [Fact]
    public async Task AReversalIsTheExactMirrorOnTheSameDateAndGoesOnce()
    {
        await AppendAsync(TopUp("pay", 1_000));
        PostingOutcome day = await AppendAsync(Rupees.DayDeduction("day", Home, Day, [new(Rupees.Of(AccountKind.Revenue, "energy"), 700)], 0));
        PostingOutcome back = await AppendAsync(PostingRequest.Reverse("day/back", "day", "estimate-replaced"));
        Assert.Equal(day.Record!.Entries.Select(entry => entry with { Amount = -entry.Amount }), back.Record!.Entries);
        Assert.Equal((Day, day.Record.Sequence), (back.Record.BusinessDate, back.Record.Target));
        Assert.Equal(LedgerRefusalCode.TargetNotOpen, (await AppendAsync(PostingRequest.Reverse("day/back2", "day", "estimate-replaced"))).Refusal?.Code);
        Assert.Equal(LedgerRefusalCode.TargetNotOpen, (await AppendAsync(PostingRequest.Reverse("back/back", "day/back", "test"))).Refusal?.Code);
        Assert.Equal(-1_000, await PostedAsync(AccountKind.Wallet));
    }

    [Fact]
    public async Task WhatAReversalLeavesOnTheWrongSideIsSweptInSight()
    {
        await AppendAsync(TopUp("pay", 100));
        await AppendAsync(Rupees.DayDeduction("day", Home, Day, [new(Rupees.Of(AccountKind.Revenue, "energy"), 700)], 300));
        await AppendAsync(TopUp("pay/2", 1_000)); // repays 300 overdrawn and 300 emergency credit
        await AppendAsync(PostingRequest.Reverse("day/back", "day", "estimate-replaced"));
        Assert.Equal((-1_100L, 0L, 0L), (await PostedAsync(AccountKind.Wallet), await PostedAsync(AccountKind.Emergency), await PostedAsync(AccountKind.Overdrawn)));

        // And money that was spent and is taken back.
        await AppendAsync(Rupees.MoveOut("out", Home, Day, 1_050));
        await AppendAsync(PostingRequest.Reverse("pay/back", "pay", "chargeback"));
        Assert.Equal((0L, 50L), (await PostedAsync(AccountKind.Wallet), await PostedAsync(AccountKind.Overdrawn)));
        List<JournalRecord> records = await _ledger.ReadAsync(0, default).ToListAsync();
        Assert.Equal([PostingAction.Sweep, PostingAction.Sweep], records.Where(record => record.Key.StartsWith("sweep/", StringComparison.Ordinal)).Select(record => record.Action));
        LedgerProperties.AssertReplays(records, await _ledger.BalancesAsync(AsOf.Now, default));
    }

    [Fact]
    public async Task ADepositPaysTheDuesOldestFirstAndTheRestIsTheFirstBalance()
    {
        await AppendAsync(PostingRequest.Post("deposit", Day, "deposit", [PostingLine.Debit(200_000, Rupees.Of(AccountKind.Bank)), PostingLine.Credit(200_000, Rupees.Of(AccountKind.Deposit, Home))]));
        await AppendAsync(Rupees.Bill("bill/1", Home, Day, "2026-02", [new(Rupees.Of(AccountKind.Revenue, "energy"), 30_000)]));
        await AppendAsync(Rupees.Bill("bill/2", Home, Day, "2026-03", [new(Rupees.Of(AccountKind.Revenue, "energy"), 40_000)]));
        await AppendAsync(Rupees.Conversion("convert", Home, Day, 200_000, 0, ["2026-02", "2026-03"]));
        Assert.Equal(-130_000, await PostedAsync(AccountKind.Wallet)); // 700 of dues against 2,000 leave 1,300 (UP)
        Assert.Equal(0, (await _ledger.BalanceAsync(Rupees.Of(AccountKind.Arrears, Home, "2026-02"), AsOf.Now, default)).Posted);
        Assert.Equal(0, (await _ledger.BalanceAsync(Rupees.Of(AccountKind.Arrears, Home, "2026-03"), AsOf.Now, default)).Posted);
    }

    [Fact]
    public async Task BalancesAreAskedByBusinessDateAndByTheTimeOfWriting()
    {
        await AppendAsync(TopUp("pay", 1_000), Now);
        await AppendAsync(Rupees.DayDeduction("day/1", Home, Day, [new(Rupees.Of(AccountKind.Revenue, "energy"), 100)], 0), Now + Duration.FromDays(1));
        await AppendAsync(Rupees.DayDeduction("day/3", Home, Day.PlusDays(2), [new(Rupees.Of(AccountKind.Revenue, "energy"), 10)], 0), Now + Duration.FromDays(3));
        await AppendAsync(PostingRequest.Reverse("day/1/back", "day/1", "late-data"), Now + Duration.FromDays(4));
        LedgerAccount wallet = Rupees.Of(AccountKind.Wallet, Home);
        Assert.Equal(-1_000, (await _ledger.BalanceAsync(wallet, new AsOf(Day, null), default)).Posted);
        Assert.Equal(-990, (await _ledger.BalanceAsync(wallet, new AsOf(Day.PlusDays(2), null), default)).Posted);
        Assert.Equal(-1_000, (await _ledger.BalanceAsync(wallet, new AsOf(null, Now + Duration.FromDays(1)), default)).Posted);
        Assert.Equal(-890, (await _ledger.BalanceAsync(wallet, new AsOf(null, Now + Duration.FromDays(4)), default)).Posted);
        Assert.Equal(-900, (await _ledger.BalanceAsync(wallet, new AsOf(Day, Now + Duration.FromDays(4)), default)).Posted);
    }

    [Fact]
    public async Task TimesOfTheJournalNeverRunBackwards()
    {
        await AppendAsync(TopUp("a", 1), Now);
        PostingOutcome late = await AppendAsync(TopUp("b", 1), Now - Duration.FromHours(1));
        Assert.Equal(Now, late.Record!.BookedAt);
    }

    [Theory]
    [InlineData("INR/wallet/UP-000000042")]
    [InlineData("INR/arrears/UP-000000042/2026-04")]
    [InlineData("INR/arrears/UP-000000042")]
    [InlineData("INR/bank")]
    [InlineData("INR/revenue/surcharge.fppas")]
    [InlineData("EUR/suspense.gateway/upi")]
    public void AnAccountHasOneText(string text)
    {
        Assert.True(LedgerAccount.TryParse(text, out LedgerAccount account));
        Assert.Equal(text, account.ToString());
        Assert.All(
            [text + "/", text + "/x/y", "/" + text, text.ToUpperInvariant(), text.Replace("UP-0000000", "UP-", StringComparison.Ordinal) + " ", text[3..]],
            wrong => Assert.False(LedgerAccount.TryParse(wrong, out _), wrong));
    }

    private static PostingRequest TopUp(string key, long amount) => PostingRequest.Post(
        key, Day, "recharge", [PostingLine.Debit(amount, Rupees.Of(AccountKind.GatewaySuspense, "upi")), PostingLine.Credit(amount, Rupees.TopUpPlaces(Home))]);

    private async Task<PostingOutcome> AppendAsync(PostingRequest request, Instant? now = null) => (await _ledger.AppendAsync([request], now ?? Now, default))[0];

    private async Task<long> PostedAsync(AccountKind kind) => (await _ledger.BalanceAsync(Rupees.Of(kind, Home), AsOf.Now, default)).Posted;
}

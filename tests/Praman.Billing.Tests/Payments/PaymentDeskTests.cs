using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Payments;
using Praman.Billing.Tests.Ledger;
using Praman.Metering;

namespace Praman.Billing.Tests.Payments;

/// <summary>What gateways do, each by its smallest case.</summary>
public sealed class PaymentDeskTests
{
    private const string Upi = "upi";
    private static readonly UsagePointId Home = new(42);
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly Instant Now = Instant.FromUtc(2026, 4, 1, 6, 0);
    private static readonly Postings Rupees = new("INR");

    private readonly MemoryLedger _ledger = new();
    private readonly PaymentDesk _desk;

    public PaymentDeskTests() => _desk = new PaymentDesk(_ledger, "INR", Zone);

    [Fact]
    public async Task ARechargeIsPendingUntilItIsPaidAndIsCreditedOnce()
    {
        Assert.Equal(PaymentOutcome.Opened, (await OpenAsync("A1", 50_000)).Outcome);
        Assert.Equal(PaymentOutcome.NoChange, (await OpenAsync("A1", 50_000)).Outcome);
        Assert.Equal(PaymentOutcome.Refused, (await OpenAsync("A1", 60_000)).Outcome);
        Assert.Equal(new AccountBalance(0, 0, 0, 50_000), await BalanceAsync(AccountKind.Wallet));
        Assert.Equal(PaymentOutcome.Credited, await SayAsync("A1", "R1", PaymentStatus.Success, 50_000));
        Assert.Equal(PaymentOutcome.NoChange, await SayAsync("A1", "R1", PaymentStatus.Success, 50_000));
        Assert.Equal(PaymentOutcome.NoChange, await SayAsync("A1", "R1", PaymentStatus.Success, 50_000, hours: 30)); // the repetition has its own time
        Assert.Equal(PaymentOutcome.NoChange, await SayAsync("A1", "R1", PaymentStatus.Failed, 50_000)); // overtaken on its way
        Assert.Equal(new AccountBalance(0, 50_000, 0, 0), await BalanceAsync(AccountKind.Wallet));
    }

    [Fact]
    public async Task ALateSuccessIsCreditedThoughTheOrderWasGivenUp()
    {
        await OpenAsync("A1", 500);
        Assert.Equal(PaymentOutcome.GivenUp, await SayAsync("A1", "R1", PaymentStatus.Failed, 500));
        Assert.Equal(PaymentOutcome.NoChange, await SayAsync("A1", "R9", PaymentStatus.Failed, 500));
        Assert.Equal(PaymentOutcome.CreditedLate, await SayAsync("A1", "R2", PaymentStatus.Success, 500, hours: 40));
        Assert.Equal(PaymentOutcome.NoChange, await SayAsync("A1", "R2", PaymentStatus.Success, 500, hours: 41));
        Assert.Equal(-500, (await BalanceAsync(AccountKind.Wallet)).Posted);
        Assert.Equal(0, (await BalanceAsync(AccountKind.Wallet)).PendingCredits);
    }

    [Fact]
    public async Task ADebitThatFailedAndWentBackMovesNothing()
    {
        await OpenAsync("A1", 500);
        await SayAsync("A1", "R1", PaymentStatus.Failed, 500);
        Assert.Equal(PaymentOutcome.NoChange, await SayAsync("A1", "R1", PaymentStatus.Reversed, 500, hours: 70));
        Assert.Equal(default, await BalanceAsync(AccountKind.Wallet));
    }

    [Fact]
    public async Task MoneyThatIsTakenBackComesFromTheWalletAndThenStandsAsOverdrawn()
    {
        await OpenAsync("A1", 500);
        await SayAsync("A1", "R1", PaymentStatus.Success, 500);
        await _ledger.AppendAsync([Rupees.DayDeduction("day", Home, new LocalDate(2026, 4, 1), [new(Rupees.Of(AccountKind.Revenue, "energy"), 300)], 1_000)], Now, default);
        Assert.Equal(PaymentOutcome.TakenBack, await SayAsync("A1", "R1", PaymentStatus.Reversed, 500, hours: 50));
        Assert.Equal(PaymentOutcome.NoChange, await SayAsync("A1", "R1", PaymentStatus.Reversed, 500, hours: 51));
        Assert.Equal((0L, 300L), ((await BalanceAsync(AccountKind.Wallet)).Posted, (await BalanceAsync(AccountKind.Overdrawn)).Posted));
        Assert.Equal(0, (await _ledger.BalanceAsync(Rupees.Of(AccountKind.GatewaySuspense, Upi), AsOf.Now, default)).Posted);
    }

    [Fact]
    public async Task WhatWasUsedBeyondTheWalletIsPaidBackFirst()
    {
        await _ledger.AppendAsync([Rupees.DayDeduction("day", Home, new LocalDate(2026, 4, 1), [new(Rupees.Of(AccountKind.Revenue, "energy"), 300)], 100)], Now, default);
        await OpenAsync("A1", 500);
        await SayAsync("A1", "R1", PaymentStatus.Success, 500);
        Assert.Equal((-200L, 0L, 0L), ((await BalanceAsync(AccountKind.Wallet)).Posted, (await BalanceAsync(AccountKind.Emergency)).Posted, (await BalanceAsync(AccountKind.Overdrawn)).Posted));
    }

    [Fact]
    public async Task APostpaidPaymentPaysTheOldestArrearsFirst()
    {
        foreach (string month in (string[])["2026-02", "2026-03"])
            await _ledger.AppendAsync([Rupees.Bill(month, Home, new LocalDate(2026, 4, 1), month, [new(Rupees.Of(AccountKind.Revenue, "energy"), 300)])], Now, default);
        var order = new PaymentOrder("B1", Home, PaymentPurpose.Bill, 500, ["2026-02", "2026-03"]);
        await _desk.OpenAsync(Upi, order, Now, default);
        await SayAsync("B1", "R1", PaymentStatus.Success, 500);
        Assert.Equal((0L, 100L), (await ArrearsAsync("2026-02"), await ArrearsAsync("2026-03")));
        // Taken back: the same arrears are owed again.
        Assert.Equal(PaymentOutcome.TakenBack, await SayAsync("B1", "R1", PaymentStatus.Reversed, 500));
        Assert.Equal((300L, 300L), (await ArrearsAsync("2026-02"), await ArrearsAsync("2026-03")));
    }

    [Fact]
    public async Task MoneyThatFitsNothingIsKeptApartAndCanGoBack()
    {
        await OpenAsync("A1", 500);
        Assert.Equal(PaymentOutcome.Unmatched, await SayAsync("nobody", "R0", PaymentStatus.Success, 70));
        Assert.Equal(PaymentOutcome.NoChange, await SayAsync("nobody", "R0", PaymentStatus.Success, 70));
        Assert.Equal(PaymentOutcome.Unmatched, await SayAsync("A1", "R1", PaymentStatus.Success, 501)); // another amount
        Assert.Equal(default, await BalanceAsync(AccountKind.Wallet)); // and nothing waits for the order
        Assert.Equal(PaymentOutcome.CreditedLate, await SayAsync("A1", "R2", PaymentStatus.Success, 500));
        Assert.Equal(PaymentOutcome.Unmatched, await SayAsync("A1", "R3", PaymentStatus.Success, 500)); // paid twice
        Assert.Equal(-500, (await BalanceAsync(AccountKind.Wallet)).Posted);
        Assert.Equal(-1_071, await UnmatchedAsync());
        Assert.Equal(PaymentOutcome.TakenBack, await SayAsync("A1", "R3", PaymentStatus.Reversed, 500));
        Assert.Equal(PaymentOutcome.NoChange, await SayAsync("A1", "R3", PaymentStatus.Reversed, 500));
        Assert.Equal(PaymentOutcome.Refused, await SayAsync("A1", "R7", PaymentStatus.Reversed, 500)); // no movement that was taken
        Assert.Equal((-500L, -571L), ((await BalanceAsync(AccountKind.Wallet)).Posted, await UnmatchedAsync()));
    }

    [Theory]
    [InlineData("A/1", "R1", "INR", 500)]
    [InlineData("A1", "R/1", "INR", 500)]
    [InlineData("A1", "R1\n", "INR", 500)]
    [InlineData("A1", "R1", "USD", 500)]
    [InlineData("A1", "R1", "INR", 0)]
    [InlineData("A1", "R1", "INR", -500)]
    public async Task ANoticeOfNoValidFormIsRefused(string order, string reference, string currency, long amount)
    {
        await OpenAsync("A1", 500);
        PaymentResult result = await _desk.AcceptAsync(Upi, new PaymentNotice(order, reference, PaymentStatus.Success, currency, amount, Now), Now, default);
        Assert.Equal(PaymentOutcome.Refused, result.Outcome);
        Assert.NotEmpty(result.Reason!);
        Assert.Equal(1, (await _ledger.HeadAsync(null, default)).Sequence);
    }

    /// <summary>A month of a thousand orders on a gateway that does everything that gateways do: at the end each rupee is where it moved to, and the report names every line that was wrong.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AMonthOnAGatewayThatBehavesAsRealOnesDoLosesNoPaisa(int seed)
    {
        const int Orders = 1_000;
        var gateway = new SimulatedGateway(Upi, "INR", seed, Zone);
        var random = new Random(seed);
        Instant now = Now;
        var outcomes = new HashSet<PaymentOutcome>();
        for (int i = 0; i < Orders; i++)
        {
            now += Duration.FromMinutes(random.Next(1, 80));
            await TellAsync(gateway, now, outcomes);
            var order = new PaymentOrder($"O{i}", new UsagePointId((ulong)random.Next(1, 20)), PaymentPurpose.Recharge, random.Next(100, 200_000), []);
            Assert.Equal(PaymentOutcome.Opened, (await _desk.OpenAsync(Upi, order, now, default)).Outcome);
            Assert.StartsWith("upi://pay?", await gateway.StartAsync(order, default), StringComparison.Ordinal);
            if (i % 3 != 0) continue;
            LocalDate day = now.InZone(Zone).Date;
            await _ledger.AppendAsync([Rupees.DayDeduction($"day/{i}", order.UsagePoint, day, [new(Rupees.Of(AccountKind.Revenue, "energy"), random.Next(1, 300_000))], 30_000)], now, default);
        }
        now += Duration.FromDays(30);
        await TellAsync(gateway, now, outcomes);
        var days = new DateInterval(new LocalDate(2026, 4, 1), now.InZone(Zone).Date.PlusDays(-1));
        IReadOnlyList<(string OrderId, PaymentResult Result)> chased = await _desk.ChaseAsync(gateway, days, now - Duration.FromHours(1), now, default);
        Assert.NotEmpty(chased); // those that nobody told about
        Assert.All(chased, one => Assert.Equal(PaymentOutcome.Credited, one.Result.Outcome));
        Assert.Equal(
            [PaymentOutcome.Credited, PaymentOutcome.CreditedLate, PaymentOutcome.GivenUp, PaymentOutcome.TakenBack, PaymentOutcome.Unmatched, PaymentOutcome.NoChange],
            outcomes.Order());

        long moved = gateway.Movements.Sum(movement => movement.Line.Amount);
        AccountBalance suspense = await _ledger.BalanceAsync(Rupees.Of(AccountKind.GatewaySuspense, Upi), AsOf.Now, default);
        Assert.Equal((moved, 0L), (suspense.Posted, suspense.PendingDebits));
        LedgerProperties.AssertReplays(await _ledger.ReadAsync(0, default).ToListAsync(), await _ledger.BalancesAsync(AsOf.Now, default));

        List<SettlementFile> files = [];
        foreach (LocalDate day in days)
        {
            if (await gateway.SettlementAsync(day, default) is not { } file) continue;
            files.Add(file);
            await _desk.SettleAsync(file, now, default);
            Assert.NotEqual(PaymentOutcome.Credited, (await _desk.SettleAsync(file, now, default)).Outcome); // twice is once
        }
        Assert.Equal(0, (await _ledger.BalanceAsync(Rupees.Of(AccountKind.GatewaySuspense, Upi), AsOf.Now, default)).Posted);
        ReconciliationReport report = await ReconciliationRun.RunAsync(_ledger, Upi, "INR", days, files, default);
        Assert.Equal((moved, moved, gateway.Movements.Count), (report.Taken, report.Banked, report.Movements));
        AssertFindings(gateway, files, report);
    }

    /// <summary>Findings about the files are exactly the differences between what moved and what the files say.</summary>
    private static void AssertFindings(SimulatedGateway gateway, List<SettlementFile> files, ReconciliationReport report)
    {
        SettlementLine[] lines = [.. files.SelectMany(file => file.Lines)];
        SettlementLine[] truth = [.. gateway.Movements.Select(movement => movement.Line)];
        (string Reference, bool IsBack) Key(SettlementLine line) => (line.Reference, line.Amount < 0);
        int Count(ReconciliationCode code) => report.Findings.Count(finding => finding.Code == code);
        Assert.True(gateway.HasWrongFile);
        Assert.Equal(truth.Select(Key).Except(lines.Select(Key)).Count(), Count(ReconciliationCode.MissingInFile));
        Assert.Equal(lines.Length - lines.DistinctBy(Key).Count(), Count(ReconciliationCode.DoubledInFile));
        Assert.Equal(lines.Except(truth).Count(), Count(ReconciliationCode.AmountDiffers));
        Assert.Equal(files.Count(file => file.Lines.Sum(line => line.Amount) != file.Total), Count(ReconciliationCode.TotalDiffers));
        Assert.Equal((0, 0, 0), (Count(ReconciliationCode.MissingInLedger), Count(ReconciliationCode.NotBanked), Count(ReconciliationCode.StillOpen)));
        Assert.Equal(report.Unmatched, report.Findings.Where(finding => finding.Code == ReconciliationCode.Unmatched).Sum(finding => finding.Ledger!.Value));
        Assert.True(report.Unmatched > 0);
    }

    private async Task TellAsync(SimulatedGateway gateway, Instant now, HashSet<PaymentOutcome> outcomes)
    {
        foreach (PaymentNotice notice in gateway.Advance(now)) outcomes.Add((await _desk.AcceptAsync(Upi, notice, now, default)).Outcome);
    }

    private ValueTask<PaymentResult> OpenAsync(string order, long amount) => _desk.OpenAsync(Upi, new PaymentOrder(order, Home, PaymentPurpose.Recharge, amount, []), Now, default);

    private async Task<PaymentOutcome> SayAsync(string order, string reference, PaymentStatus status, long amount, int hours = 0)
    {
        Instant at = Now + Duration.FromHours(hours);
        return (await _desk.AcceptAsync(Upi, new PaymentNotice(order, reference, status, "INR", amount, at), at, default)).Outcome;
    }

    private ValueTask<AccountBalance> BalanceAsync(AccountKind kind) => _ledger.BalanceAsync(Rupees.Of(kind, Home), AsOf.Now, default);

    private async Task<long> ArrearsAsync(string month) => (await _ledger.BalanceAsync(Rupees.Of(AccountKind.Arrears, Home, month), AsOf.Now, default)).Posted;

    private async Task<long> UnmatchedAsync() => (await _ledger.BalanceAsync(Rupees.Of(AccountKind.UnmatchedSuspense, Upi), AsOf.Now, default)).Posted;
}

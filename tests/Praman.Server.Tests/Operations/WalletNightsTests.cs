using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Wallets;
using Praman.MeterData.Gate;
using Praman.MeterData.Rules;
using Praman.Metering;
using Praman.Server.Prepaid;
using PostingLine = Praman.Billing.Ledger.PostingLine;

namespace Praman.Server.Tests.Operations;

/// <summary>The nights of a prepaid home whose meter told its register three times in a month: at its start, after the 15th, at its end.</summary>
public sealed class WalletNightsTests
{
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];
    private static readonly UsagePointId Home = new(42);

    [Fact]
    public async Task ADayWithoutARegisterIsNotDeductedAndIsWaitedForOneNight()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var life = await Life.BeginAsync(world);
        Assert.Empty((await life.NightAsync(Day(1))).Steps);
        Assert.Equal(500, life.Wallet.Account.Balance);
        // Nothing was read before, so nothing is guessed: the charges that need no energy are posted, and only after the wait.
        WalletStep step = Assert.Single((await life.NightAsync(Day(2))).Steps);
        Assert.Equal((Day(1), WalletEntryKind.Day), (step.Entry.Date, step.Entry.Kind));
        Assert.Equal([DayQuality.FixedOnly], life.Wallet.Settlement!.Days.Select(day => day.Quality));
    }

    [Fact]
    public async Task ARegisterThatComesLateReplacesWhatWasPostedWithoutIt()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var life = await Life.BeginAsync(world);
        for (int day = 1; day <= BillingWorld.Middle.Day; day++) await life.NightAsync(Day(day));
        Assert.Equal(BillingWorld.Middle.Day, life.Wallet.Settlement!.Days.Count);
        Assert.All(life.Wallet.Settlement.Days, day => Assert.Equal(DayQuality.Spread, day.Quality));
        Assert.Equal(await EnergyAsync(world, Day(1), BillingWorld.Middle), life.Wallet.Settlement.Days.Sum(day => day.Kwh));
        // What was given back is what was taken, to the paisa, under the same dates.
        DayPosting[] mirrors = [.. life.Wallet.Settlement.Postings.Where(posting => posting.Reverses is not null)];
        Assert.Equal(BillingWorld.Middle.Day - 1 - WalletNights.WaitNights, mirrors.Length); // the day that was waited for, and the last, had not been posted
        Assert.All(mirrors, mirror => Assert.Equal(-life.Wallet.Settlement.Postings[mirror.Reverses!.Value - 1].Deduction, mirror.Deduction));
        await life.AgreeAsync();
    }

    [Fact]
    public async Task TheClosedMonthIsTheBillOfTheSameDaysAndANewOneBegins()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var life = await Life.BeginAsync(world);
        for (int day = 1; day <= 30; day++) await life.NightAsync(Day(day));
        await world.BillAsync();
        IReadOnlyList<WalletRecord> records = await WalletBook.ReadAsync(world.Store.Wallets, Home, BillingWorld.Month, default);
        WalletClose close = records.Single(record => record.Entry.Kind == WalletEntryKind.Close).Close!;
        Assert.Equal((await world.KeptAsync())[0].Facts.TotalMinorUnits, MinorUnits.Of(close.Bill));
        Assert.Equal(Day(30).PlusDays(1), life.Wallet.Settlement!.NextDay);
        await life.AgreeAsync();
    }

    [Fact]
    public async Task AWalletThatIsReadAgainGoesOnAsIfItHadNeverStopped()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var one = await Life.BeginAsync(world);
        for (int day = 1; day <= 10; day++) await one.NightAsync(Day(day));
        Life two = Life.GoOn(world);
        for (int day = 11; day <= 30; day++) await two.NightAsync(Day(day));
        await two.AgreeAsync();
        Assert.Null(two.Wallet.Settlement!.Standing(Day(30)));
        // The first copy is behind: what it would write is refused whole.
        await Assert.ThrowsAsync<Billing.Stores.WalletConflictException>(async () => await one.NightAsync(Day(30)));
    }

    [Fact]
    public async Task APaymentCountsOnceHoweverOftenItIsTold()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var life = await Life.BeginAsync(world);
        var rupees = new Postings("INR");
        PostingRequest paid = PostingRequest.Post(
            "pay/upi/A1/late", Day(2), "payment-late", [PostingLine.Debit(20_000, rupees.Of(AccountKind.GatewaySuspense, "upi")), PostingLine.Credit(20_000, rupees.TopUpPlaces(Home))]);
        await world.Store.Ledger.AppendAsync([paid], Life.Night(Day(2)), default);
        Assert.Single(await life.TellAsync(Day(2)));
        Assert.Empty(await life.TellAsync(Day(2)));
        Assert.Equal(700, life.Wallet.Account.Balance);
        Assert.Empty(await Life.GoOn(world).TellAsync(Day(3))); // nor after a restart
        await life.AgreeAsync();
    }

    [Fact]
    public async Task MoneyThatGoesBackFromAnEmptyWalletIsToldToo()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var life = await Life.BeginAsync(world);
        var rupees = new Postings("INR");
        LedgerAccount upi = rupees.Of(AccountKind.GatewaySuspense, "upi"), overdrawn = rupees.Of(AccountKind.Overdrawn, Home);
        PostingRequest back = PostingRequest.Post("pay/upi/A1/back", Day(2), "payment-reversed", [PostingLine.Credit(20_000, upi), PostingLine.Debit(20_000, overdrawn)]);
        await world.Store.Ledger.AppendAsync([back], Life.Night(Day(2)), default);
        Assert.Equal(WalletEntryKind.PaymentBack, Assert.Single(await life.TellAsync(Day(2))).Entry.Kind);
        Assert.Equal(300, life.Wallet.Account.Balance);
        await life.AgreeAsync();
    }

    [Fact]
    public async Task ACutIsRefusedWhileTheBalanceIsAboveAndTheAnswerIsKept()
    {
        await using BillingWorld world = await BillingWorld.CreateAsync();
        var life = await Life.BeginAsync(world);
        for (int day = 1; day <= 3; day++) await life.NightAsync(Day(day));
        var refused = Assert.IsType<CutRefused>(await life.AskAsync(Day(3)));
        string[] codes = [.. refused.Guards.Select(guard => guard.Code)];
        Assert.Contains(CutChecks.Balance, codes);
        Assert.Contains(CutChecks.ReadingQuality, codes); // a day without a reading
        Assert.Contains(CutChecks.Hour, codes);
        WalletRecord kept = (await WalletBook.ReadAsync(world.Store.Wallets, Home, new DateInterval(Day(1), Day(5)), default))[^1];
        Assert.Equal(codes, kept.Answer!.Reasons.Select(reason => reason.Code));
    }

    private static LocalDate Day(int day) => new(2026, 4, day);

    private static async Task<decimal> EnergyAsync(BillingWorld world, LocalDate from, LocalDate to) =>
        (await new BillingPeriodReadings(world.Store.Readings, world.Store.UsagePoints, RuleSet.Default).UsageForBillingAsync(Home, new DateInterval(from, to), null, default)).EnergyWh / 1000m;

    private sealed class Life
    {
        private readonly BillingWorld _world;
        private readonly WalletBook _book;
        private readonly WalletNights _nights;
        private readonly WalletMoney _money;
        private readonly WalletPlaces _places;

        private Life(BillingWorld world)
        {
            _world = world;
            _places = new WalletPlaces(world.Tariffs, null);
            _book = new WalletBook(world.Store.Wallets, world.Store.UsagePoints, _places, new TariffBook(world.Tariffs).Find);
            _nights = new WalletNights(_book, new BillingPeriodReadings(world.Store.Readings, world.Store.UsagePoints, RuleSet.Default), _ => BillingWorld.Month.End.PlusDays(3));
            _money = new WalletMoney(_book, world.Store.Ledger);
        }

        public Wallet Wallet { get; private set; } = null!;

        public static Life GoOn(BillingWorld world) => new(world);

        public static async Task<Life> BeginAsync(BillingWorld world)
        {
            var life = new Life(world);
            UsagePoint point = (await world.Store.UsagePoints.FindAsync(Home, default))!.UsagePoint;
            var rupees = new Postings("INR");
            await world.Store.Ledger.AppendAsync(
                [PostingRequest.Post("deposit/42", Day(1), "deposit", [PostingLine.Debit(50_000, rupees.Of(AccountKind.Bank)), PostingLine.Credit(50_000, rupees.Of(AccountKind.Deposit, Home))])], Night(Day(1)) - Duration.FromDays(1), default);
            (life.Wallet, WalletStep opened) = Wallet.Open(life._places.TermsOf(point)!, Night(Day(1)) - Duration.FromDays(1), Day(1), 500, 0, 0, [], null);
            WalletStep begun = life._nights.Begin(life._book.Add(point, life.Wallet), Day(1), Night(Day(1)) - Duration.FromDays(1));
            await life._book.CommitAsync([opened, begun], Night(Day(1)) - Duration.FromDays(1), default);
            return life;
        }

        public static Instant Night(LocalDate day) => LocalDays.Bounds(day, Zone).End + Duration.FromMinutes(10);

        public async Task<WalletNight> NightAsync(LocalDate day)
        {
            WalletNight night = Assert.Single(await _nights.RunAsync(day, Night(day), default));
            Wallet = (await _book.FindAsync(Home, default))!.Wallet;
            Assert.Null(night.Refusal);
            return night;
        }

        public async Task<IReadOnlyList<WalletStep>> TellAsync(LocalDate day) => await _money.TellAsync((await _book.FindAsync(Home, default))!, Night(day), default);

        public async Task<AccountEvent> AskAsync(LocalDate day) => await new WalletCuts(_book, _money, _ => new CutHome([])).AskAsync((await _book.FindAsync(Home, default))!, Night(day), default);

        /// <summary>Wallet and ledger say the same, and the ledger sums to zero.</summary>
        public async Task AgreeAsync()
        {
            Assert.Equal(Wallet.Account.Balance, await _money.BalanceAsync((await _book.FindAsync(Home, default))!, default));
            Assert.Equal(0, (await _world.Store.Ledger.BalancesAsync(AsOf.Now, default)).Values.Sum(balance => balance.Posted));
        }
    }
}

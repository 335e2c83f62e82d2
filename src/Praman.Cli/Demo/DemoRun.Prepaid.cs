using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Payments;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Tariffs;
using Praman.Billing.Wallets;
using Praman.HeadEnd.Commands;
using Praman.Metering;
using Praman.Server.Operations;
using Praman.Server.Prepaid;

namespace Praman.Cli.Demo;

/// <summary>The prepaid half of the street: wallets, recharges through a gateway, cuts and reconnections over the meters' own relays.</summary>
internal sealed partial class DemoRun
{
    private const string Channel = "upi";
    private const decimal Deposit = 500, LateDeposit = 50, IndebtedDeposit = 700, Dues = 2_000;
    private const decimal OrdinaryKwh = 9;
    private const int PlanDays = 60, RefusalsUntilShieldedPays = 4;

    private static readonly LocalTime PaysAt = new(8, 30), PaysLateAt = new(19, 0);
    private static readonly Duration GatewayAnswers = Duration.FromSeconds(30), AfterOpening = Duration.FromMinutes(5);

    /// <summary>Prepayment begins with the first whole month: its bill and its days are then the same days.</summary>
    private static readonly LocalDate PrepaidFrom = DemoOptions.FirstWholeMonth;

    private readonly Dictionary<string, UsagePointId> _orders = new(StringComparer.Ordinal);
    private readonly List<DemoIncident> _tales = [];
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<UsagePointId, int> _refusals = [];
    private int _lowWarnings;

    /// <summary>The home of the example person with a wallet; null where no home is prepaid.</summary>
    public DemoHome? WalletHome => _prepaid is null ? null : _purses.FirstOf(DemoPurse.Late);

    private sealed record Prepaid(WalletBook Book, WalletNights Nights, WalletMoney Money, WalletCuts Cuts, PaymentDesk Desk, SimulatedGateway Gateway, LedgerNights Ledger);

    /// <summary>Null where days cannot be deducted by the tariff of the street, or no rules for wallets hold where it is: then every home is postpaid.</summary>
    private Prepaid? PreparePrepaid(TariffBook tariffs, WalletPlaces places)
    {
        if (_purses.Homes.Count == 0 || places.TermsOf(_street.Homes[0].UsagePoint) is not { } terms || SettledByDays(tariffs.Find(_options.Tariff)!, []) is null) return null;
        if (_purses.FirstOf(DemoPurse.Crossing) is { } crossing && CrossingTariff(tariffs) is { } other)
            crossing.UsagePoint = crossing.UsagePoint with { TariffId = other.Id, BillingFlags = FlagsOf(other) };
        var book = new WalletBook(_store.Wallets, _store.UsagePoints, places, tariffs.Find);
        var money = new WalletMoney(book, _store.Ledger);
        HashSet<DateInterval> billed = [.. BilledMonths(_options.Days)];
        return new Prepaid(
            book,
            new WalletNights(book, _usage, period => billed.Contains(period) ? IssuedOn(period) : period.End.PlusDays(1)),
            money,
            new WalletCuts(book, money, id => new CutHome(_purses.Of(id).Purse == DemoPurse.Shielded ? ["medical"] : [], _purses.Of(id).Purse == DemoPurse.Indebted ? PrepaidFrom : null)),
            new PaymentDesk(_store.Ledger, terms.Currency, _options.Zone),
            new SimulatedGateway(Channel, terms.Currency, unchecked((int)_options.Seed), _options.Zone),
            new LedgerNights(new LedgerClose(_store.Ledger, _log, _options.Zone), _store.Ledger, _store.LogIndex, _options.Zone, _clock));
    }

    /// <summary>A month of ordinary days by a tariff, and whether a warning came before one of them; null where they cannot be deducted: prices by time of day, and lines that need more than energy, cannot.</summary>
    private bool? SettledByDays(CompiledTariff tariff, IReadOnlyList<string> flags)
    {
        var month = new DateInterval(PrepaidFrom, PrepaidFrom.With(DateAdjusters.EndOfMonth));
        var settlement = new PeriodSettlement(tariff, WalletNights.Determinants(_street.Homes[0].UsagePoint with { BillingFlags = flags }, month, month.End));
        bool isWarned = false;
        while (!settlement.IsFull)
        {
            if (settlement.Post(new Praman.Billing.Prepayment.DayUse(OrdinaryKwh)).Posting is null) return null;
            isWarned |= settlement.LookAhead(OrdinaryKwh, RulePackSet.Default.CliffHorizonDays, RulePackSet.Default.CliffAmountMin) is not null;
        }
        return settlement.Close(null, out _) is null ? null : isWarned;
    }

    /// <summary>A tariff for the home that shall see a warning; null where the street's own gives it, or none does.</summary>
    private Tariff? CrossingTariff(TariffBook tariffs)
    {
        if (SettledByDays(tariffs.Find(_options.Tariff)!, []) == true) return null;
        Tariff own = _tariffs.Tariffs[_options.Tariff];
        return _tariffs.Tariffs.Values
            .Where(tariff => tariff.Country == own.Country && tariff.Currency == own.Currency && ConditionalRules.Has(tariff) && WhyItCannotBill(_options, _tariffs, tariff.Id) is null)
            .OrderBy(tariff => tariff.Id, StringComparer.Ordinal).FirstOrDefault(tariff => SettledByDays(tariffs.Find(tariff.Id)!, FlagsOf(tariff)) == true);
    }

    /// <summary>What a home must have asked for to have the subsidies of its tariff.</summary>
    private static IReadOnlyList<string> FlagsOf(Tariff tariff) => [.. tariff.Subsidies.SelectMany(subsidy => subsidy.When?.Flags ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The hours of people: who pays in the morning, and what the rules let be cut at the first permitted hour.</summary>
    private async Task PrepaidMorningAsync(LocalDate day, CancellationToken cancellationToken)
    {
        if (_prepaid is not { } prepaid || day < PrepaidFrom) return;
        _clock.MoveTo(At(day, PaysAt.Hour, PaysAt.Minute));
        if (day == PrepaidFrom) await OpenWalletsAsync(prepaid, day, cancellationToken).ConfigureAwait(false);
        await PayAsync(prepaid, day, MorningAmount, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<OpenWallet> wallets = await prepaid.Book.ListAsync(cancellationToken).ConfigureAwait(false);
        if (wallets.Count == 0) return;
        LocalTime opening = wallets[0].Wallet.Terms.Pack.Open;
        _clock.MoveTo(At(day, opening.Hour, opening.Minute) + AfterOpening);
        await AskForCutsAsync(prepaid, wallets, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Who waited until the lights went out pays in the evening, and has supply again.</summary>
    private async Task PrepaidEveningAsync(LocalDate day, CancellationToken cancellationToken)
    {
        if (_prepaid is not { } prepaid || day < PrepaidFrom) return;
        _clock.MoveTo(At(day, PaysLateAt.Hour, PaysLateAt.Minute));
        await PayAsync(prepaid, day, EveningAmount, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>After the night's readings: the day is deducted, what is due is asked for, the bank settles, and the trial balance is published.</summary>
    private async Task PrepaidNightAsync(LocalDate day, CancellationToken cancellationToken)
    {
        if (_prepaid is not { } prepaid || day < PrepaidFrom) return;
        await HearGatewayAsync(prepaid, cancellationToken).ConfigureAwait(false);
        foreach (WalletNight night in await prepaid.Nights.RunAsync(day, _clock.Now, cancellationToken).ConfigureAwait(false)) TellNight(day, night);
        await AskForCutsAsync(prepaid, await prepaid.Book.ListAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        if (await prepaid.Gateway.SettlementAsync(day, cancellationToken).ConfigureAwait(false) is { } file) await prepaid.Desk.SettleAsync(file, _clock.Now, cancellationToken).ConfigureAwait(false);
        await prepaid.Ledger.CatchUpAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task OpenWalletsAsync(Prepaid prepaid, LocalDate day, CancellationToken cancellationToken)
    {
        var requests = new List<PostingRequest>();
        var steps = new List<WalletStep>();
        LocalDate before = day.PlusMonths(-1);
        string arrears = $"{before.Year:D4}-{before.Month:D2}";
        foreach ((DemoHome home, DemoPurse purse) in _purses.Homes)
        {
            UsagePoint point = home.UsagePoint;
            WalletTerms terms = _places.TermsOf(point)!;
            var postings = new Postings(terms.Currency);
            decimal deposit = purse switch { DemoPurse.Late or DemoPurse.Shielded => LateDeposit, DemoPurse.Indebted => IndebtedDeposit, _ => Deposit };
            decimal dues = purse == DemoPurse.Indebted ? Dues : 0;
            DebtPlan? plan = dues > deposit ? new TimePlan("dues", dues - deposit, day, before, WasShown: true, PlanDays) : null;
            requests.Add(PostingRequest.Post(
                $"deposit/{point.Id}", day, "deposit",
                [Billing.Ledger.PostingLine.Debit(MinorUnits.Of(deposit), postings.Of(AccountKind.Bank)), Billing.Ledger.PostingLine.Credit(MinorUnits.Of(deposit), postings.Of(AccountKind.Deposit, point.Id))]));
            if (dues > 0) requests.Add(postings.Bill($"bill/{arrears}/{point.Id}", point.Id, day, arrears, [new PostingPart(postings.Of(AccountKind.Revenue, "energy"), MinorUnits.Of(dues))]));
            (Wallet wallet, WalletStep opened) = Wallet.Open(terms, _clock.Now, day, deposit, interest: 0, dues, dues > 0 ? [arrears] : [], plan);
            OpenWallet open = prepaid.Book.Add(point, wallet);
            steps.Add(opened);
            steps.Add(prepaid.Nights.Begin(open, day, _clock.Now));
            if (point.TariffId != _options.Tariff) TellOnce("tariff", day, point.Id, $"is billed by {point.TariffId}, by which earlier units cost more once a limit is passed");
            if (plan is not null) TellOnce("dues", day, point.Id, $"became prepaid: its deposit of {Rupees(deposit)} was set off against dues of {Rupees(dues)}; the other {Rupees(plan.Total)} in {PlanDays} daily instalments");
        }
        foreach (PostingOutcome outcome in await _store.Ledger.AppendAsync(requests, _clock.Now, cancellationToken).ConfigureAwait(false))
        {
            if (outcome.Refusal is { } refusal) throw new InvalidDataException($"the ledger refused an opening: {refusal}");
        }
        await prepaid.Book.CommitAsync(steps, _clock.Now, cancellationToken).ConfigureAwait(false);
    }

    private decimal? MorningAmount(OpenWallet open, DemoPurse purse) => purse is DemoPurse.Watchful or DemoPurse.Crossing or DemoPurse.Indebted && open.Wallet.Account.State != PrepaidState.Ok
        ? 300 + (100 * (_street.Derive("recharge", (int)open.UsagePoint.Id.Number) % 5)) : null;

    private decimal? EveningAmount(OpenWallet open, DemoPurse purse)
    {
        decimal below = Math.Ceiling(Math.Max(0, -open.Wallet.Account.Balance) / 100) * 100;
        return purse switch
        {
            DemoPurse.Late when open.Wallet.Account.State == PrepaidState.Cut => below + 300,
            DemoPurse.Shielded when _refusals.GetValueOrDefault(open.UsagePoint.Id) >= RefusalsUntilShieldedPays && open.Wallet.Account.Balance < 0 => below + 400,
            _ when open.Wallet.Account.State == PrepaidState.Cut => below + 300,
            _ => null,
        };
    }

    private async Task PayAsync(Prepaid prepaid, LocalDate day, Func<OpenWallet, DemoPurse, decimal?> amountOf, CancellationToken cancellationToken)
    {
        await HearGatewayAsync(prepaid, cancellationToken).ConfigureAwait(false);
        bool any = false;
        foreach (OpenWallet open in await prepaid.Book.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (amountOf(open, _purses.Of(open.UsagePoint.Id).Purse) is not { } amount) continue;
            var order = new PaymentOrder(FormattableString.Invariant($"{day:uuuuMMdd}-{open.UsagePoint.Id.Number}-{_orders.Count}"), open.UsagePoint.Id, PaymentPurpose.Recharge, MinorUnits.Of(amount), []);
            _orders.Add(order.Id, order.UsagePoint);
            await prepaid.Desk.OpenAsync(Channel, order, _clock.Now, cancellationToken).ConfigureAwait(false);
            await prepaid.Gateway.StartAsync(order, cancellationToken).ConfigureAwait(false);
            any = true;
        }
        if (!any) return;
        _clock.MoveTo(_clock.Now + GatewayAnswers);
        await HearGatewayAsync(prepaid, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes what the gateway says by now: some of it late, twice, or about money that went back.</summary>
    private async Task HearGatewayAsync(Prepaid prepaid, CancellationToken cancellationToken)
    {
        var touched = new SortedSet<UsagePointId>();
        foreach (PaymentNotice notice in prepaid.Gateway.Advance(_clock.Now))
        {
            PaymentResult result = await prepaid.Desk.AcceptAsync(Channel, notice, _clock.Now, cancellationToken).ConfigureAwait(false);
            if (result.Outcome is PaymentOutcome.Credited or PaymentOutcome.CreditedLate or PaymentOutcome.TakenBack) touched.Add(_orders[notice.OrderId]);
        }
        foreach (UsagePointId id in touched)
        {
            OpenWallet open = (await prepaid.Book.FindAsync(id, cancellationToken).ConfigureAwait(false))!;
            await prepaid.Money.TellAsync(open, _clock.Now, cancellationToken).ConfigureAwait(false);
            open.Wallet.Account.TakeEvents();
        }
        foreach (OpenWallet open in await prepaid.Book.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (open.Wallet.Account.State == PrepaidState.Restoring) await RestoreAsync(prepaid, open, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskForCutsAsync(Prepaid prepaid, IReadOnlyList<OpenWallet> wallets, CancellationToken cancellationToken)
    {
        foreach (OpenWallet open in wallets)
        {
            PrepaidAccount account = open.Wallet.Account;
            if (account.State != PrepaidState.CutPending || account.Snapshot.IsCutAsked) continue;
            LocalDate today = open.Wallet.Terms.Day(_clock.Now);
            AccountEvent answer = await prepaid.Cuts.AskAsync(open, _clock.Now, cancellationToken).ConfigureAwait(false);
            if (answer is CutRefused refused)
            {
                _refusals[open.UsagePoint.Id] = _refusals.GetValueOrDefault(open.UsagePoint.Id) + 1;
                foreach (CutReason reason in refused.Guards) TellOnce(reason.Code, today, open.UsagePoint.Id, $"a cut was asked for at {TimeNow():HH:mm} and refused by {reason.Code}{(reason.Code is CutChecks.Hour or CutChecks.Day ? "" : $": {reason.Measured}")}"); // of hour and day it measures the time that was said
                continue;
            }
            decimal balance = account.Balance;
            if (!await SwitchAsync(open, connect: false, $"balance {Rupees(balance)}, rules {open.Wallet.Terms.Pack.Id}", cancellationToken).ConfigureAwait(false)) continue;
            await prepaid.Cuts.ConfirmAsync(open, isCut: true, _clock.Now, cancellationToken).ConfigureAwait(false);
            TellOnce("cut", today, open.UsagePoint.Id, $"its supply was cut at {TimeNow():HH:mm}, within the permitted hours: balance {Rupees(balance)}, permitted from {Rupees(open.Wallet.Terms.Pack.CreditFloor)} down; the relay was read back");
        }
    }

    private async Task RestoreAsync(Prepaid prepaid, OpenWallet open, CancellationToken cancellationToken)
    {
        decimal balance = open.Wallet.Account.Balance;
        if (!await SwitchAsync(open, connect: true, $"balance {Rupees(balance)}", cancellationToken).ConfigureAwait(false)) return;
        await prepaid.Cuts.ConfirmAsync(open, isCut: false, _clock.Now, cancellationToken).ConfigureAwait(false);
        TellOnce("restored", open.Wallet.Terms.Day(_clock.Now), open.UsagePoint.Id, $"recharged, balance {Rupees(balance)}: its supply was back at {TimeNow():HH:mm}; the relay was read back");
    }

    private async Task<bool> SwitchAsync(OpenWallet open, bool connect, string reason, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < FitterAttemptsMax; attempt++)
        {
            CommandResult result = await _commands.SwitchAsync(
                _purses.Of(open.UsagePoint.Id).Home.Standing.EndDevice, connect, new CommandRequest("prepayment", reason), cancellationToken).ConfigureAwait(false);
            if (result.Record.State == CommandState.Confirmed) return true;
        }
        return false;
    }

    private void TellNight(LocalDate day, WalletNight night)
    {
        if (night.Refusal is { } refusal) TellOnce("refusal", day, night.UsagePoint, $"its day could not be deducted: {refusal.Message}");
        foreach (AccountEvent change in night.Events)
        {
            if (change is not StateChanged { To: PrepaidState.Low, From: PrepaidState.Ok } low) continue;
            _lowWarnings++;
            TellOnce("low", day, night.UsagePoint, $"was told that its balance is low: {Rupees(low.Balance)}");
        }
    }

    private void TellOnce(string kind, LocalDate day, UsagePointId usagePoint, string what)
    {
        if (_told.Add(kind)) _tales.Add(new DemoIncident(day, usagePoint, what));
    }

    private LocalTime TimeNow() => _clock.Now.InZone(_options.Zone).TimeOfDay;

    private string Rupees(decimal amount) => DemoReport.Money(MinorUnits.Of(amount), _tariffs.Tariffs[_options.Tariff].Currency);
}

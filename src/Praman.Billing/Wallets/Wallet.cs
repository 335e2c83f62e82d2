using NodaTime;
using Praman.Billing.Ledger;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;

namespace Praman.Billing.Wallets;

/// <summary>
/// The wallet of one prepaid usage point: days, payments, old dues and cuts in, entries and postings out. Sans-IO: a step that it hands out has happened
/// to it; whoever cannot write the step forgets the wallet and reads it again.
/// </summary>
public sealed partial class Wallet
{
    /// <summary>Days over which a large correction is spread.</summary>
    public const int CatchUpDays = 30;

    private readonly Postings _postings;
    private readonly WalletParts _parts;
    private readonly List<decimal> _deductions = [];
    private readonly HashSet<string> _payments = new(StringComparer.Ordinal);
    private IReadOnlyList<Place>? _chargePlaces;
    private long _chargeLimit;
    private int _number;

    private Wallet(WalletTerms terms, PrepaidAccount account, Debts debts)
    {
        (Terms, Account, Debts) = (terms, account, debts);
        (_postings, _parts) = (new Postings(terms.Currency), new WalletParts(terms.Currency));
    }

    public WalletTerms Terms { get; }

    public PrepaidAccount Account { get; private set; }

    public Debts Debts { get; private set; }

    /// <summary>The period under way; null between periods.</summary>
    public PeriodSettlement? Settlement { get; private set; }

    /// <summary>Number of the last entry.</summary>
    public int LastNumber => _number;

    /// <summary>What the last days took, the latest last; at most <see cref="DaysLeft.DaysBack"/>.</summary>
    public IReadOnlyList<decimal> LastDeductions => _deductions;

    /// <summary>The connection becomes prepaid: the deposit is set off against dues, what is left of it is the first balance, what is left of the dues a plan.</summary>
    /// <param name="arrears">Details of the accounts that the dues stand on, oldest first; they must hold them.</param>
    /// <param name="plan">Of the dues that the deposit does not cover; its sum is theirs. Null where nothing is left of them.</param>
    public static (Wallet Wallet, WalletStep Step) Open(WalletTerms terms, Instant at, LocalDate date, decimal deposit, decimal interest, decimal dues, IReadOnlyList<string> arrears, DebtPlan? plan)
    {
        ArgumentNullException.ThrowIfNull(terms);
        Conversion conversion = Conversion.Of(deposit, interest, dues);
        if (conversion.DuesLeft != (plan?.Total ?? 0)) throw new ArgumentException($"Dues of {conversion.DuesLeft} are left, the plan is for {plan?.Total ?? 0}.", nameof(plan));
        Debts debts = new(plan is null ? [] : [plan], []);
        Wallet wallet = new(terms, new PrepaidAccount(terms.Pack, terms.Holidays, terms.Zone, conversion.WalletCredit, conversion.WalletCredit, at), debts);
        string key = wallet.Key(date);
        List<PostingRequest> postings = [];
        if (deposit + interest > 0) postings.Add(wallet._postings.Conversion(key, terms.UsagePoint, date, MinorUnits.Of(deposit), MinorUnits.Of(interest), arrears));
        if (plan is not null) postings.Add(wallet._postings.ArrearsToPlan(key + "/plan", terms.UsagePoint, date, MinorUnits.Of(plan.Total), arrears, plan.Id));
        return (wallet, wallet.Enter(WalletEntryKind.Open, at, date, postings, new WalletFacts { Deposit = deposit, Interest = interest, Dues = dues, Plans = debts.Plans }));
    }

    /// <summary>A period begins.</summary>
    /// <param name="carried">Days of the period that another bill has charged, such as those before a change of mode.</param>
    /// <exception cref="InvalidOperationException">Another period is under way, or the carried days cannot be rated.</exception>
    public WalletStep BeginPeriod(Instant at, CompiledTariff tariff, BillingDeterminants period, IReadOnlyList<DayUse> carried)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(carried);
        if (Settlement is not null) throw new InvalidOperationException("A period is under way.");
        Settlement = new(tariff, period);
        if (Settlement.Carry(carried) is { } refusal) throw new InvalidOperationException(refusal.Message);
        return Enter(WalletEntryKind.Period, at, Settlement.NextDay.PlusDays(-carried.Count), [], new WalletFacts { Period = period, TariffId = tariff.Tariff.Id, TariffHash = tariff.Tariff.Hash, Uses = carried, Plans = Debts.Plans, Takings = Debts.Takings });
    }

    /// <summary>Deducts the next day of the period.</summary>
    /// <returns>The step, with the posting and what the consumer is warned of; or why the day cannot be rated: then nothing has changed.</returns>
    /// <param name="looksAhead">Whether a rule that will reprice earlier days is looked for: it costs several ratings where the tariff has such rules.</param>
    public WalletDay SettleDay(Instant at, DayUse use, bool looksAhead = false)
    {
        PeriodSettlement settlement = Settlement ?? throw new InvalidOperationException("No period is under way.");
        SettledDay day = settlement.Post(use);
        if (day.Posting is not { } posting) return new(null, null, day.Refusal);
        long limit = EmergencyLimit(at);
        Account.Post(at, posting);
        Remember(posting.Deduction);
        List<PostingRequest> postings = new(1);
        Deduct(postings, posting, limit);
        CliffWarning? cliff = looksAhead && MeanKwh(settlement) is { } mean ? settlement.LookAhead(mean, Terms.Pack.CliffHorizonDays, Terms.Pack.CliffAmountMin) : null;
        return new(Enter(WalletEntryKind.Day, at, posting.Date, postings, new WalletFacts { Posted = [posting], Cliff = cliff }), posting, null);
    }

    /// <summary>Late data: what was posted is mirrored in the ledger and posted anew under the same dates. A correction of more than three normal days goes into
    /// daily instalments.</summary>
    /// <returns>Null where nothing changes, or where <paramref name="refusal"/> says why the days cannot be rated.</returns>
    public WalletStep? Replace(Instant at, LocalDate first, IReadOnlyList<DayUse> uses, out RatingRefusal? refusal)
    {
        PeriodSettlement settlement = Settlement ?? throw new InvalidOperationException("No period is under way.");
        decimal normal = _deductions.Count == 0 ? 0 : Math.Max(0, _deductions.Average());
        if (settlement.Replace(first, uses, out refusal) is not { } correction || correction.Reversals.Count == 0) return null;
        LocalDate date = Terms.Day(at);
        long limit = EmergencyLimit(at);
        List<PostingRequest> postings = new(2 * correction.Reversals.Count + 1);
        foreach (DayPosting mirror in correction.Reversals)
        {
            if (mirror.Deduction != 0 || HasParts(mirror)) postings.Add(PostingRequest.Reverse(DayKey(mirror.Date, mirror.Sequence), DayKey(mirror.Date, mirror.Reverses!.Value), "estimate-replaced"));
        }
        foreach (DayPosting repost in correction.Reposts) Deduct(postings, repost, limit);
        Account.Post(at, correction);
        DebtPlan? plan = null;
        if (CatchUpGuard.Offer(correction, normal, CatchUpDays) is { } offer && Debts.Plans.Count < Debts.PlanCountMax)
        {
            plan = new TimePlan($"late-{NodaTime.Text.LocalDatePattern.Iso.Format(first)}-{_number + 1}", offer.Amount, date, date, WasShown: true, offer.Days);
            Debts.Add(plan);
            postings.Add(_postings.ToPlan(Key(date), Terms.UsagePoint, date, MinorUnits.Of(offer.Amount), plan.Id));
            Account.Adjust(at, offer.Amount);
        }
        return Enter(WalletEntryKind.Correction, at, date, postings, new WalletFacts { First = first, Uses = uses, Posted = [.. correction.Reversals, .. correction.Reposts], Plans = plan is null ? [] : [plan] });
    }

    /// <summary>Ends the period: what its bill and its days differ by is posted, part by part.</summary>
    /// <returns>Null where <paramref name="refusal"/> says why the period cannot be rated.</returns>
    public WalletStep? Close(Instant at, decimal? maxDemandKw, out PeriodClose? close, out RatingRefusal? refusal)
    {
        PeriodSettlement settlement = Settlement ?? throw new InvalidOperationException("No period is under way.");
        close = settlement.Close(maxDemandKw, out refusal);
        if (close is null) return null;
        LocalDate date = settlement.NextDay.PlusDays(-1);
        List<PostingPart> parts = [];
        _parts.Add(parts, settlement.Difference(close.Bill));
        if (close.Bill.Rounding is { } rounding and not 0) WalletParts.Add(parts, new LedgerAccount(Terms.Currency, AccountKind.Rounding, null, null), MinorUnits.Of(rounding));
        parts.RemoveAll(part => part.Amount == 0);
        List<PostingRequest> postings = [];
        if (parts.Count > 0) postings.Add(_postings.TrueUp(Key(date) + "/close", Terms.UsagePoint, date, parts, EmergencyLimit(at)));
        if (close.TrueUp != 0) Account.Adjust(at, -close.TrueUp);
        WalletStep step = Enter(WalletEntryKind.Close, at, date, postings, new WalletFacts { Close = close, MaxDemandKw = maxDemandKw });
        Settlement = null;
        return step;
    }

    /// <summary>Money that the ledger has credited to the wallet; what old dues take of it is posted here.</summary>
    /// <param name="reference">The key of the ledger's record: the same payment is counted once.</param>
    /// <returns>Null where it was counted before.</returns>
    public WalletStep? Paid(Instant at, LocalDate date, string reference, decimal amount)
    {
        if (!_payments.Add(reference)) return null;
        Vend vend = Debts.Recharge(date, amount, Math.Max(0, -Account.Balance), Terms.Pack.DebtSharePercentMax);
        Account.Recharge(at, amount, amount - vend.DebtTotal);
        return Enter(WalletEntryKind.Payment, at, date, Shares(date, vend.ToDebts), new WalletFacts { Reference = reference, Amount = amount, Takings = vend.ToDebts });
    }

    /// <summary>A payment that the ledger has taken back.</summary>
    /// <returns>Null where that was counted before.</returns>
    public WalletStep? PaymentBack(Instant at, LocalDate date, string reference, decimal amount)
    {
        if (!_payments.Add(reference)) return null;
        Account.ReversePayment(at, amount);
        return Enter(WalletEntryKind.PaymentBack, at, date, [], new WalletFacts { Reference = reference, Amount = amount });
    }

    /// <summary>Takes the daily instalments that are due, as far as the wallet holds them.</summary>
    /// <returns>Null where nothing is due or the wallet holds nothing.</returns>
    public WalletStep? TakeInstalments(Instant at, LocalDate date)
    {
        if (Account.Balance <= 0 || Debts.Plans.Count == 0 || Debts.TakeDaily(date, Account.Balance) is not { Count: > 0 } taken) return null;
        foreach (DebtTaking taking in taken) Account.Adjust(at, -taking.Amount);
        return Enter(WalletEntryKind.Instalment, at, date, Shares(date, taken), new WalletFacts { Takings = taken });
    }

    /// <summary>Asks for a cut; the answer, a request or a refusal with its reasons, is kept either way.</summary>
    public (WalletStep Step, AccountEvent Answer) AskForCut(Instant at, CutFacts facts)
    {
        AccountEvent answer = Account.AskForCut(at, facts);
        return (Enter(WalletEntryKind.Cut, at, Terms.Day(at), [], new WalletFacts { Answer = answer }), answer);
    }

    /// <summary>The relay confirmed a cut, or that supply is back.</summary>
    public WalletStep Relay(Instant at, bool isCut)
    {
        if (isCut) Account.ConfirmCut(at);
        else Account.ConfirmRestored(at);
        return Enter(WalletEntryKind.Relay, at, Terms.Day(at), [], new WalletFacts { IsCut = isCut });
    }

    /// <summary>Mean of the last days that were read, to the Wh.</summary>
    private static decimal? MeanKwh(PeriodSettlement settlement)
    {
        decimal sum = 0;
        int count = 0;
        for (int i = settlement.Days.Count - 1; i >= 0 && count < DaysLeft.DaysBack; i--)
        {
            if (settlement.Days[i].Quality != DayQuality.Actual) continue;
            sum += settlement.Days[i].Kwh;
            count++;
        }
        return count == 0 ? null : decimal.Round(sum / count, 3, MidpointRounding.AwayFromZero);
    }

    private void Deduct(List<PostingRequest> postings, DayPosting posting, long limit)
    {
        int lineCount = posting.Lines.Count + posting.Repricing.Count, accounts = 0, parts = 0, next = 0;
        Span<int> places = lineCount <= StackMax ? stackalloc int[StackMax] : new int[lineCount];
        Span<long> sums = lineCount <= StackMax ? stackalloc long[StackMax] : new long[lineCount];
        _parts.Sum(posting.Lines, places, sums, ref accounts);
        _parts.Sum(posting.Repricing, places, sums, ref accounts);
        long total = 0;
        foreach (long sum in sums[..accounts])
        {
            total += sum;
            parts += sum == 0 ? 0 : 1;
        }
        if (parts == 0) return;
        var lines = new Ledger.PostingLine[total == 0 ? parts : parts + 1];
        if (total != 0) lines[next++] = new(total, total > 0 ? ChargePlaces(limit) : _postings.TopUpPlaces(Terms.UsagePoint));
        for (int i = 0; i < accounts; i++)
        {
            if (sums[i] != 0) lines[next++] = new(-sums[i], _parts.PlacesOf(places[i]));
        }
        postings.Add(Postings.DayDeduction(DayKey(posting.Date, posting.Sequence), posting.Date, lines));
    }

    /// <summary>Lines of a day for which there is room on the stack.</summary>
    private const int StackMax = 32;

    /// <summary>The places that a charge takes from; they are the same every day until the limit changes.</summary>
    private IReadOnlyList<Place> ChargePlaces(long limit)
    {
        if (_chargePlaces is null || limit != _chargeLimit) (_chargePlaces, _chargeLimit) = (_postings.ChargePlaces(Terms.UsagePoint, limit), limit);
        return _chargePlaces;
    }

    private bool HasParts(DayPosting posting)
    {
        List<PostingPart> parts = [];
        _parts.Add(parts, posting.Lines);
        _parts.Add(parts, posting.Repricing);
        return parts.Exists(static part => part.Amount != 0);
    }

    private List<PostingRequest> Shares(LocalDate date, IReadOnlyList<DebtTaking> takings)
    {
        List<PostingRequest> postings = new(takings.Count);
        foreach (DebtTaking taking in takings) postings.Add(_postings.DebtShare($"{Key(date)}/{taking.PlanId}", Terms.UsagePoint, date, MinorUnits.Of(taking.Amount), taking.PlanId));
        return postings;
    }

    private void Remember(decimal deduction)
    {
        if (_deductions.Count == DaysLeft.DaysBack) _deductions.RemoveAt(0);
        _deductions.Add(deduction);
    }

    /// <summary>How deep emergency credit goes now: to its limit, or without one for its hours.</summary>
    private long EmergencyLimit(Instant at)
    {
        if (Account.EmergencyUntil is { } until && until <= at) return 0;
        return Terms.Pack.EmergencyCreditLimit is { } limit ? MinorUnits.Of(limit) : Terms.Pack.EmergencyCreditHours > 0 ? LedgerRules.AmountMax : 0;
    }

    /// <summary>Keys begin with their day: a night's records lie side by side in the store.</summary>
    private string DayKey(LocalDate day, int sequence) => WalletKeys.Day(day, Terms.UsagePoint, sequence);

    private string Key(LocalDate date) => WalletKeys.Step(date, Terms.UsagePoint, _number + 1);
}

/// <summary>A settled day of a wallet, or why there is none.</summary>
public readonly record struct WalletDay(WalletStep? Step, DayPosting? Posting, RatingRefusal? Refusal);

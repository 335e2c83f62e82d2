using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>The balance of one prepaid connection as a state machine: OK, LOW, VERY_LOW, ZERO, EMERGENCY, CUT_PENDING, CUT, RESTORING. Sans-IO:
/// payments, postings and instants in, events out. A balance below zero is an ordinary state.</summary>
public sealed partial class PrepaidAccount
{
    private readonly RulePack _pack;
    private readonly HolidayCalendar _holidays;
    private readonly CutCalendar _calendar;
    private readonly DateTimeZone _zone;
    private readonly List<AccountEvent> _events = [];
    private decimal _estimated;
    private Instant? _belowFloorSince;
    private bool _isCutAsked;

    /// <param name="holidays">The calendar that the pack names; <see cref="HolidayCalendar.None"/> where it names none.</param>
    public PrepaidAccount(RulePack pack, HolidayCalendar holidays, DateTimeZone zone, decimal openingBalance, decimal lastRecharge, Instant at)
    {
        ArgumentNullException.ThrowIfNull(pack);
        ArgumentNullException.ThrowIfNull(holidays);
        ArgumentNullException.ThrowIfNull(zone);
        (_pack, _holidays, _zone, Balance, LastRecharge) = (pack, holidays, zone, openingBalance, lastRecharge);
        _calendar = new(pack, holidays);
        Move(at);
        _events.Clear();
    }

    /// <summary>An account as it was kept; it goes on as if it had never stopped.</summary>
    public PrepaidAccount(RulePack pack, HolidayCalendar holidays, DateTimeZone zone, in AccountSnapshot kept)
    {
        ArgumentNullException.ThrowIfNull(pack);
        ArgumentNullException.ThrowIfNull(holidays);
        ArgumentNullException.ThrowIfNull(zone);
        (_pack, _holidays, _zone, _calendar) = (pack, holidays, zone, new(pack, holidays));
        (Balance, _estimated, LastRecharge, State, _belowFloorSince, _isCutAsked) = kept;
    }

    /// <summary>What of the account must be kept to go on with it.</summary>
    public AccountSnapshot Snapshot => new(Balance, _estimated, LastRecharge, State, _belowFloorSince, _isCutAsked);

    /// <summary>All postings and payments.</summary>
    public decimal Balance { get; private set; }

    /// <summary>The balance without days that are only estimated: what alone may bring an account to ZERO and beyond.</summary>
    public decimal SureBalance => Balance + _estimated;

    /// <summary>The recharge that the percentages of the pack are taken of.</summary>
    public decimal LastRecharge { get; private set; }
    public PrepaidState State { get; private set; }

    /// <summary>Since when the sure balance is at or below the floor; null: it is above.</summary>
    public Instant? BelowFloorSince => _belowFloorSince;

    /// <summary>The end of emergency credit; null where the balance is above the floor.</summary>
    public Instant? EmergencyUntil => _belowFloorSince is not { } since ? null : IsCreditUsedUp ? since : since + Duration.FromHours(_pack.EmergencyCreditHours);

    /// <summary>The first instant, after emergency credit, at which hours and days permit a cut; null: the balance is above the floor, or none is near.</summary>
    public Instant? EarliestCut => EmergencyUntil is { } until ? PermittedFrom(until) : null;

    private bool IsCreditUsedUp => _pack.EmergencyCreditLimit is { } limit && SureBalance <= _pack.CreditFloor - limit;

    /// <summary>Events since the last call, in order.</summary>
    public IReadOnlyList<AccountEvent> TakeEvents()
    {
        AccountEvent[] events = [.. _events];
        _events.Clear();
        return events;
    }

    /// <summary>A payment arrived, or a gateway said so.</summary>
    /// <param name="amount">What the consumer paid: the percentages of the next alerts are taken of it.</param>
    /// <param name="toWallet">What of it reaches the balance; the rest went to old dues.</param>
    public void Recharge(Instant at, decimal amount, decimal toWallet)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(amount);
        ArgumentOutOfRangeException.ThrowIfNegative(toWallet);
        LastRecharge = amount;
        Balance += toWallet;
        Move(at);
    }

    /// <summary>A payment that had been counted did not come. The time below the floor begins anew: it is never a reason to cut at once.</summary>
    public void ReversePayment(Instant at, decimal amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(amount);
        Balance -= amount;
        _belowFloorSince = null;
        Withdraw(at);
        Move(at);
    }

    /// <summary>A day, or the mirror of one, is posted.</summary>
    public void Post(Instant at, DayPosting posting)
    {
        ArgumentNullException.ThrowIfNull(posting);
        Change(posting);
        Move(at);
    }

    /// <summary>A correction is posted as one: the state is looked at when all of it is in.</summary>
    public void Post(Instant at, Correction correction)
    {
        ArgumentNullException.ThrowIfNull(correction);
        foreach (DayPosting posting in correction.Reversals) Change(posting);
        foreach (DayPosting posting in correction.Reposts) Change(posting);
        Move(at);
    }

    /// <summary>Any other entry: a true-up, a rebate, an instalment, interest, a correction that is moved to a plan. Positive adds.</summary>
    public void Adjust(Instant at, decimal amount)
    {
        Balance += amount;
        Move(at);
    }

    /// <summary>Time passes: emergency credit may end.</summary>
    public void Advance(Instant at) => Move(at);

    /// <summary>The relay confirmed that supply is cut, or back.</summary>
    public void ConfirmCut(Instant at)
    {
        _isCutAsked = false;
        To(at, PrepaidState.Cut);
        Move(at); // a payment may have come while the command was on its way
    }

    public void ConfirmRestored(Instant at)
    {
        if (State != PrepaidState.Restoring) return;
        State = PrepaidState.Ok;
        _events.Add(new StateChanged(at, PrepaidState.Restoring, PrepaidState.Ok, Balance));
        Move(at);
    }

    private void Change(DayPosting posting)
    {
        Balance -= posting.Deduction;
        if (posting.Use.Quality == DayQuality.Estimated) _estimated += posting.Deduction;
    }

    private void Move(Instant at)
    {
        bool below = SureBalance <= _pack.CreditFloor;
        _belowFloorSince = below ? _belowFloorSince ?? at : null;
        if (!below) Withdraw(at);
        if (State is PrepaidState.Cut && !below)
        {
            To(at, PrepaidState.Restoring);
            _events.Add(new RestoreRequest(at, Balance, at + Duration.FromMinutes(_pack.ReconnectMinutes)));
        }
        if (State is PrepaidState.Cut or PrepaidState.Restoring) return; // only the relay ends these
        To(at, Judge(at, below));
    }

    private void Withdraw(Instant at)
    {
        if (!_isCutAsked) return;
        _isCutAsked = false;
        _events.Add(new CutWithdrawn(at, Balance));
    }

    private PrepaidState Judge(Instant at, bool below)
    {
        if (below) return at >= EmergencyUntil!.Value ? PrepaidState.CutPending : PrepaidState.Emergency;
        if (SureBalance <= 0) return PrepaidState.Zero;
        if (Balance * 100 <= LastRecharge * _pack.VeryLowPercent) return PrepaidState.VeryLow; // also where only estimates brought it below zero
        return Balance * 100 <= LastRecharge * _pack.LowPercent ? PrepaidState.Low : PrepaidState.Ok;
    }

    private void To(Instant at, PrepaidState state)
    {
        if (state == State) return;
        _events.Add(new StateChanged(at, State, state, Balance));
        State = state;
    }

    private Instant? PermittedFrom(Instant from) =>
        _calendar.Earliest(from.InZone(_zone).LocalDateTime) is not { } local ? null :
        local == from.InZone(_zone).LocalDateTime ? from : local.InZoneLeniently(_zone).ToInstant();
}

/// <summary>A prepaid account as it is kept.</summary>
/// <param name="Estimated">What estimated days have taken so far.</param>
/// <param name="IsCutAsked">A cut was requested and neither confirmed nor withdrawn.</param>
public readonly record struct AccountSnapshot(decimal Balance, decimal Estimated, decimal LastRecharge, PrepaidState State, Instant? BelowFloorSince, bool IsCutAsked);

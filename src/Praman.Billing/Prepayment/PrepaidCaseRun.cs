using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>Settles the days of a scenario: each day is posted at the midnight that ends it.</summary>
public sealed class PrepaidCaseRun
{
    /// <summary>Days over which a large correction is offered.</summary>
    private const int InstalmentDays = 30;

    private readonly DaysCase _case;
    private readonly SettledCase _settled;
    private readonly List<(LocalDate Date, decimal Kwh)> _valid = [];
    private readonly List<decimal> _deductions = [];
    private readonly HashSet<int> _told = [];
    private PrepaidAccount _account;

    private PrepaidCaseRun(DaysCase source)
    {
        (_case, _settled) = (source, new(source.Id));
        _account = Open(source.Segments[0]);
        _settled.IsCalendarUnknown = source.Pack.HasPublicHolidays && source.Segments.Any(s => !source.Holidays.Knows(s.Inputs.Period!.Value.From.Year));
    }

    /// <summary>Runs a scenario; a day that cannot be rated ends it, with the reason.</summary>
    public static SettledCase Run(TariffBook book, DaysCase source)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(source);
        PrepaidCaseRun run = new(source);
        for (int i = 0; i < source.Segments.Count && run._settled.Refusal is null; i++)
        {
            // Without an opening balance a balance says what its segment has taken.
            if (i > 0 && source.OpeningBalance is null) run._account = run.Open(source.Segments[i]);
            run.Settle(book, source.Segments[i]);
        }
        return run._settled;
    }

    private PrepaidAccount Open(CaseSegment segment) =>
        new(_case.Pack, _case.Holidays, _case.Zone, _case.OpeningBalance ?? 0, _case.OpeningBalance ?? 0, Start(segment.Inputs.Period!.Value.From));

    private Instant Start(LocalDate day) => _case.Zone.AtStartOfDay(day).ToInstant();

    private void Settle(TariffBook book, CaseSegment segment)
    {
        if (book.Find(segment.TariffId) is not { } tariff)
        {
            _settled.Refusal = new(RefusalCodes.TariffUnknown, $"No tariff '{segment.TariffId}' was loaded.", segment.TariffId);
            return;
        }
        PeriodSettlement settlement = new(tariff, segment.Inputs);
        foreach (decimal kwh in segment.DailyKwh)
        {
            if (!TryPost(settlement, new(kwh))) return;
        }
        if (_case.LateKwh.Count > 0 && !TryLate(settlement)) return;
        PeriodClose? close = null;
        if (settlement.IsFull)
        {
            close = settlement.Close(segment.Inputs.MaxDemandKw, out RatingRefusal? refusal);
            _settled.Refusal = refusal;
            if (close is { TrueUp: not 0 }) _account.Adjust(Start(settlement.NextDay), -close.TrueUp);
        }
        _settled.Segments.Add(new(segment.TariffId, tariff.Tariff.Currency, segment.Inputs.Period!.Value, close, _account.Balance));
    }

    private bool TryPost(PeriodSettlement settlement, DayUse use)
    {
        LocalDate date = settlement.NextDay;
        foreach ((LocalDate on, decimal amount) in _case.Recharges)
        {
            if (on != date) continue;
            _account.Recharge(Start(date), amount, amount);
            _told.Clear();
        }
        SettledDay day = settlement.Post(use);
        if (!day.IsPosted)
        {
            _settled.Refusal = day.Refusal;
            return false;
        }
        if (use.Quality == DayQuality.Actual) _valid.Add((date, use.Kwh));
        _deductions.Add(day.Posting.Deduction);
        Instant end = Start(date.PlusDays(1));
        PrepaidState before = _account.State;
        _account.Post(end, day.Posting);
        Enter(day.Posting, Warnings(settlement, before), _account.Balance);
        return true;
    }

    private void Enter(DayPosting posting, IReadOnlyList<SettledWarning> warnings, decimal balance) =>
        _settled.Entries.Add(new(posting, balance, _account.State, warnings, _account.EarliestCut?.InZone(_case.Zone).LocalDateTime));

    private List<SettledWarning> Warnings(PeriodSettlement settlement, PrepaidState before)
    {
        List<SettledWarning> warnings = [];
        if (_account.State > before) warnings.Add(new(PrepaidStateText.Of(_account.State), null, null));
        if (DaysLeft.Of(_account.Balance, _deductions) is { } left)
        {
            foreach (int days in _case.Pack.DaysLeftAlerts)
            {
                if (left.Days <= days && _told.Add(days)) warnings.Add(new("DAYS-LEFT", null, left));
            }
        }
        if (MeanKwh() is { } mean && settlement.LookAhead(mean, _case.Pack.CliffHorizonDays, _case.Pack.CliffAmountMin) is { } cliff) warnings.Add(new("CLIFF", cliff, null));
        return warnings;
    }

    private decimal? MeanKwh()
    {
        int count = Math.Min(_valid.Count, DaysLeft.DaysBack);
        return count == 0 ? null : decimal.Round(_valid.TakeLast(count).Sum(v => v.Kwh) / count, 3, MidpointRounding.AwayFromZero);
    }

    private bool TryLate(PeriodSettlement settlement)
    {
        LocalDate first = settlement.NextDay;
        for (int i = 0; i < _case.LateKwh.Count; i++)
        {
            DayUse use = _case.ProvisionalKwh is { } kwh ? new(kwh, DayQuality.Estimated) : DayEstimate.For(settlement.NextDay, i, _valid, _case.Holidays.Contains);
            if (!TryPost(settlement, use)) return false;
        }
        decimal normal = _deductions.Count > _case.LateKwh.Count ? _deductions.SkipLast(_case.LateKwh.Count).TakeLast(DaysLeft.DaysBack).Average() : 0;
        Correction? correction = settlement.Replace(first, [.. _case.LateKwh.Select(k => new DayUse(k))], out RatingRefusal? refusal);
        if (correction is null)
        {
            _settled.Refusal = refusal;
            return false;
        }
        decimal balance = _account.Balance;
        _account.Post(Start(settlement.NextDay), correction);
        foreach (DayPosting posting in correction.Reversals.Concat(correction.Reposts)) Enter(posting, [], balance -= posting.Deduction);
        _settled.Correction = new(first, correction, CatchUpGuard.Offer(correction, normal, InstalmentDays), _account.Balance);
        return true;
    }
}

/// <summary>States as programs read them.</summary>
public static class PrepaidStateText
{
    public static string Of(PrepaidState state) => state switch
    {
        PrepaidState.Ok => "OK",
        PrepaidState.Low => "LOW",
        PrepaidState.VeryLow => "VERY_LOW",
        PrepaidState.Zero => "ZERO",
        PrepaidState.Emergency => "EMERGENCY",
        PrepaidState.CutPending => "CUT_PENDING",
        PrepaidState.Cut => "CUT",
        _ => "RESTORING",
    };
}

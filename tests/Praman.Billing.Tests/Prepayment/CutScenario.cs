using NodaTime;
using Praman.Billing.Prepayment;

namespace Praman.Billing.Tests.Prepayment;

/// <summary>The life of one prepaid home, made from a seed: payments, days, holds, reversals, and someone who asks for a cut at any hour. What a cut
/// must never be is judged from the made-up facts alone, not by the code under test.</summary>
internal sealed class CutScenario
{
    private static readonly DateTimeZone Zone = DateTimeZone.ForOffset(Offset.FromHoursAndMinutes(5, 30));
    private static readonly HashSet<LocalDate> Holidays = [new(2026, 1, 26), new(2026, 3, 4), new(2026, 8, 15), new(2026, 10, 2)];
    private static readonly RulePack[] Packs =
    [
        RulePackSet.Default,
        new() { Id = "a", Open = new(8, 0), Close = new(18, 0), NoCutWeekdays = [IsoDayOfWeek.Sunday], HasSecondSaturday = true, HasPublicHolidays = true, EmergencyCreditHours = 72, ProtectedFlags = ["medical"] },
        new() { Id = "b", Open = new(11, 0), Close = new(17, 30), NoCutWeekdays = [IsoDayOfWeek.Sunday], HasPublicHolidays = true, ProtectedFlags = ["medical"], ProtectedLoadKwMax = 1 },
        new() { Id = "c", Open = new(10, 0), Close = new(16, 0), NoCutWeekdays = [IsoDayOfWeek.Sunday], HasPublicHolidays = true, CreditFloor = -300, ProtectedFlags = ["medical"] },
        new() { Id = "d", Open = new(10, 0), Close = new(16, 0), NoCutWeekdays = [IsoDayOfWeek.Saturday, IsoDayOfWeek.Sunday], HasPublicHolidays = true, EmergencyCreditHours = 240, EmergencyCreditLimit = 5, NoticeHours = 6, ProtectedFlags = ["medical"] },
    ];

    private readonly RulePack _pack;
    private readonly PrepaidAccount _account;
    private readonly bool _isMedical, _isDisputed;
    private readonly decimal _loadKw;
    private readonly List<(Instant At, decimal Amount, bool Estimated)> _entries = [];
    private readonly List<DayPosting> _estimates = [];
    private ulong _state;
    private Instant _now;
    private Instant? _lastReading;
    private int _sequence;

    public CutScenario(ulong seed)
    {
        _state = (seed * 0x9E3779B97F4A7C15) + 0xD1B54A32D192ED03;
        _pack = Packs[Next(Packs.Length)];
        _now = new LocalDateTime(2026, 1, 1, 0, 0).PlusDays(Next(330)).PlusMinutes(Next(1_440)).InZoneStrictly(Zone).ToInstant();
        _isMedical = Next(6) == 0;
        _isDisputed = Next(8) == 0;
        _loadKw = (1 + Next(6)) / 2m;
        decimal opening = Next(20_000) / 100m;
        _entries.Add((_now, opening, false));
        _account = new(_pack, new("t", Holidays), Zone, opening, opening + 1, _now);
    }

    public int CutCount { get; private set; }
    public int RefusedCount { get; private set; }

    /// <summary>Runs the life; each wrongful cut is a line.</summary>
    public List<string> Run(int steps)
    {
        List<string> wrongs = [];
        for (int step = 0; step < steps; step++)
        {
            _now += Duration.FromMinutes(1 + Next(_pack.EmergencyCreditHours > 0 ? 1_400 : 500));
            switch (Next(10))
            {
                case 0: Pay(); break;
                case 1 when _entries.Count > 1: Reverse(); break;
                case 2 when _estimates.Count > 0: ReplaceEstimate(); break;
                case < 6: Use(); break;
                default: Ask(wrongs); break;
            }
            if (_account.State == PrepaidState.Restoring && Next(2) == 0) _account.ConfirmRestored(_now);
            decimal balance = _entries.Sum(e => e.Amount);
            if (balance != _account.Balance) wrongs.Add($"balance {_account.Balance}, entries make {balance}");
        }
        return wrongs;
    }

    private int Next(int below)
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return (int)(_state % (ulong)below);
    }

    private void Pay()
    {
        decimal amount = 1 + (Next(40_000) / 100m);
        _entries.Add((_now, amount, false));
        _account.Recharge(_now, amount, amount);
    }

    private void Reverse()
    {
        decimal amount = 1 + (Next(20_000) / 100m);
        _entries.Add((_now, -amount, false));
        _account.ReversePayment(_now, amount);
    }

    private void Use()
    {
        bool estimated = Next(4) == 0;
        decimal amount = Next(12_000) / 100m;
        DayPosting posting = new()
        {
            Sequence = ++_sequence,
            Date = _now.InZone(Zone).Date,
            Use = new(1, estimated ? DayQuality.Estimated : DayQuality.Actual),
            Lines = [],
            Repricing = [],
            Deduction = amount,
            TariffHash = default,
        };
        if (estimated) _estimates.Add(posting);
        else _lastReading = _now;
        _entries.Add((_now, -amount, estimated));
        _account.Post(_now, posting);
    }

    private void ReplaceEstimate()
    {
        DayPosting estimate = _estimates[0];
        _estimates.RemoveAt(0);
        DayPosting mirror = estimate with { Sequence = ++_sequence, Deduction = -estimate.Deduction, Reverses = estimate.Sequence };
        DayPosting repost = estimate with { Sequence = ++_sequence, Deduction = Next(12_000) / 100m, Use = new(1) };
        _entries.Add((_now, estimate.Deduction, true));
        _entries.Add((_now, -repost.Deduction, false));
        _account.Post(_now, new Correction([mirror], [repost]));
        _lastReading = _now;
    }

    private void Ask(List<string> wrongs)
    {
        decimal sure = _entries.Where(e => !e.Estimated).Sum(e => e.Amount);
        bool storm = Next(12) == 0, heat = Next(12) == 0;
        Instant? asOf = Next(6) == 0 ? null : _now - Duration.FromHours(Next(34) - 2), read = Next(4) == 0 ? _lastReading : _now - Duration.FromHours(Next(34) - 2);
        DayQuality quality = Next(6) == 0 ? DayQuality.Estimated : DayQuality.Actual;
        Instant? notice = Next(5) == 0 ? null : _now - Duration.FromHours(Next(100));
        decimal? fresh = Next(10) == 0 ? null : Next(10) == 0 ? sure + Next(900) : sure;
        string[]? flags = Next(20) == 0 ? null : _isMedical ? ["medical", "farm"] : ["farm"];
        PrepaidState before = _account.State;
        AccountEvent answer = _account.AskForCut(_now, new()
        {
            FreshBalance = fresh,
            BalanceAsOf = asOf,
            LastReadingAt = read,
            LastReadingQuality = quality,
            SanctionedLoadKw = _loadKw,
            Flags = flags,
            IsStorm = storm,
            IsHeat = heat,
            IsDisputed = _isDisputed,
            NoticeAt = notice,
        });
        if (answer is CutRefused)
        {
            RefusedCount++;
            return;
        }
        CutCount++;
        LocalDateTime local = _now.InZone(Zone).LocalDateTime;
        Instant day = _now - Duration.FromHours(24);
        if (sure > 0 || fresh is null or > 0) wrongs.Add($"cut with a balance of {sure}");
        if (sure > _pack.CreditFloor || fresh > _pack.CreditFloor) wrongs.Add($"cut above the floor: {sure}");
        if (_isMedical || flags is null) wrongs.Add("cut a protected home");
        if (_pack.ProtectedLoadKwMax is { } shield && _loadKw <= shield) wrongs.Add("cut a small load");
        if (local.Hour < 8 || local.Hour >= 18) wrongs.Add($"cut at night: {local}");
        if (local.TimeOfDay < _pack.Open || local.TimeOfDay >= _pack.Close) wrongs.Add($"cut outside the hours: {local}");
        if (local.DayOfWeek == IsoDayOfWeek.Sunday || Holidays.Contains(local.Date)) wrongs.Add($"cut on a holiday: {local}");
        if (_pack.HasSecondSaturday && local is { DayOfWeek: IsoDayOfWeek.Saturday, Day: >= 8 and <= 14 }) wrongs.Add($"cut on a second Saturday: {local}");
        if (_pack.NoCutWeekdays.Contains(local.DayOfWeek)) wrongs.Add($"cut on a day without cuts: {local}");
        if (asOf is null || asOf < day || asOf > _now) wrongs.Add("cut on a stale balance");
        if (read is null || read < day || read > _now || quality != DayQuality.Actual) wrongs.Add("cut on a stale or estimated reading");
        if (storm || heat || _isDisputed) wrongs.Add("cut under a hold");
        if (_pack.NoticeHours is { } hours && (notice is null || notice > _now - Duration.FromHours(hours))) wrongs.Add("cut without notice");
        if (before == PrepaidState.Cut) wrongs.Add("cut twice");
        if (_pack is { EmergencyCreditHours: 72 } && BelowZeroSince() > _now - Duration.FromHours(72)) wrongs.Add("cut on emergency credit");
        if (Next(3) > 0) _account.ConfirmCut(_now);
    }

    /// <summary>Since when the entries, estimates aside, have stood at or below zero.</summary>
    private Instant BelowZeroSince()
    {
        decimal sum = 0;
        Instant since = _now;
        bool below = false;
        foreach (IGrouping<Instant, (Instant At, decimal Amount, bool Estimated)> at in _entries.GroupBy(e => e.At))
        {
            sum += at.Where(e => !e.Estimated).Sum(e => e.Amount);
            if (sum <= 0 && !below) since = at.Key;
            below = sum <= 0;
        }
        return since;
    }
}

using NodaTime;
using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>The daily deductions of one prepaid billing period under one tariff: day k costs B(k) − B(k − 1), where B(k) is the bill of days 1
/// to k with the slab limits of the whole period. So the days add up to the bill of the period, whatever the order of heavy and light days.
/// Sans-IO: holds the days, rates, and hands out postings; a refused day changes nothing.</summary>
public sealed partial class PeriodSettlement
{
    /// <summary>Days for which lists have room at once: a month, or two.</summary>
    private const int RoomMax = 62;

    private readonly List<DayUse> _days;
    private readonly List<DayPosting> _postings;

    /// <summary>For each day posted, the posting that stands for it; null for a day that was billed before this settlement began.</summary>
    private readonly List<DayPosting?> _standing;
    private readonly decimal[] _kwhByDay;
    private LineAmounts _toDate = new();
    private readonly bool _isConditional;
    private readonly BillingPeriod _dates;

    /// <param name="period">Determinants of the whole period, with its dates; its energy is not looked at.</param>
    /// <exception cref="ArgumentException">The determinants have no dates, or too many days.</exception>
    public PeriodSettlement(CompiledTariff tariff, BillingDeterminants period)
    {
        ArgumentNullException.ThrowIfNull(tariff);
        ArgumentNullException.ThrowIfNull(period);
        if (period.Period is not { } dates || dates.Days is < 1 or > BillingPeriod.DaysMax) throw new ArgumentException("A settlement needs the dates of its period.", nameof(period));
        (Tariff, Period, _dates) = (tariff, period, dates);
        _kwhByDay = new decimal[dates.Days];
        int room = Math.Min(dates.Days, RoomMax);
        (_days, _postings, _standing) = (new(room), new(room), new(room));
        _isConditional = ConditionalRules.Has(tariff.Tariff);
    }

    public CompiledTariff Tariff { get; }
    public BillingDeterminants Period { get; }

    /// <summary>Days posted, and days billed before the settlement began, in order.</summary>
    public IReadOnlyList<DayUse> Days => _days;

    /// <summary>Everything posted, reversals included, in the order of posting.</summary>
    public IReadOnlyList<DayPosting> Postings => _postings;

    /// <summary>The day that is posted next; the day after the period when all are.</summary>
    public LocalDate NextDay => _dates.From.PlusDays(_days.Count);
    public bool IsFull => _days.Count == _dates.Days;

    /// <summary>Sum of all postings: what the wallet has paid for the period so far.</summary>
    public decimal Deducted
    {
        get
        {
            decimal sum = 0;
            foreach (DayPosting posting in _postings) sum += posting.Deduction;
            return sum;
        }
    }

    /// <summary>What the carried days cost, which another bill has charged.</summary>
    public decimal CarriedAmount { get; private set; }

    /// <summary>The posting that stands for a day; null where there is none.</summary>
    public DayPosting? Standing(LocalDate date)
    {
        int day = NodaTime.Period.DaysBetween(_dates.From, date);
        return day < 0 || day >= _standing.Count ? null : _standing[day];
    }

    /// <summary>Days that another bill has charged, such as the postpaid part of the month before a change of mode: they fill the slabs, and
    /// are not deducted.</summary>
    public RatingRefusal? Carry(IReadOnlyList<DayUse> billed)
    {
        ArgumentNullException.ThrowIfNull(billed);
        if (_days.Count > 0) throw new InvalidOperationException("Days are carried before any is posted.");
        if (billed.Count == 0) return null;
        if (billed.Count > _dates.Days) throw new ArgumentException("More days than the period has.", nameof(billed));
        foreach (DayUse use in billed) Append(use);
        if (Rate(_days.Count, null, _toDate, out decimal net) is { } refusal)
        {
            _days.Clear();
            return refusal;
        }
        CarriedAmount = net;
        foreach (DayUse _ in billed) _standing.Add(null);
        return null;
    }

    /// <summary>Posts the next day.</summary>
    /// <returns>The posting, or why the day cannot be rated; then nothing has changed.</returns>
    public SettledDay Post(DayUse use)
    {
        ArgumentNullException.ThrowIfNull(use);
        if (IsFull) throw new InvalidOperationException("All days of the period are posted.");
        if (use.Kwh < 0) return new(null, new(RefusalCodes.InputInvalid, "The energy of a day is 0 or more.", "kwh"));
        Append(use);
        if (!TryDeduct(_days.Count, _toDate, out IReadOnlyList<PostingLine> lines, out IReadOnlyList<PostingLine> repricing, out RatingRefusal? refusal))
        {
            _days.RemoveAt(_days.Count - 1);
            return new(null, refusal);
        }
        DayPosting posting = Add(_days.Count, lines, repricing);
        _standing.Add(posting);
        return new(posting, null);
    }

    private void Append(DayUse use)
    {
        _kwhByDay[_days.Count] = use.Kwh;
        _days.Add(use);
    }

    private DayPosting Add(int day, IReadOnlyList<PostingLine> lines, IReadOnlyList<PostingLine> repricing)
    {
        DayPosting posting = new()
        {
            Sequence = _postings.Count + 1,
            Date = _dates.From.PlusDays(day - 1),
            Use = _days[day - 1],
            Lines = lines,
            Repricing = repricing,
            Deduction = PostingLine.Sum(lines) + PostingLine.Sum(repricing),
            TariffHash = Tariff.Tariff.Hash,
        };
        _postings.Add(posting);
        return posting;
    }

    /// <summary>What day k costs, given the lines of B(k − 1) in <paramref name="toDate"/>, which become those of B(k).</summary>
    private bool TryDeduct(int day, LineAmounts toDate, out IReadOnlyList<PostingLine> lines, out IReadOnlyList<PostingLine> repricing, out RatingRefusal? refusal)
    {
        (lines, repricing) = ([], []);
        LineAmounts after = _scratch ??= new();
        refusal = Rate(day, null, after, out _);
        if (refusal is not null) return false;
        if (_isConditional && day > 1 && SumTo(day) is var judged && judged > toDate.SameUpTo)
        {
            // The same earlier days under the rules that hold now: what differs is the price of the past, not of today.
            LineAmounts under = new();
            refusal = Rate(day - 1, judged, under, out _);
            if (refusal is not null) return false;
            repricing = under.Less(toDate);
            lines = after.Less(under);
        }
        else lines = after.Less(toDate);
        toDate.Take(after);
        return true;
    }

    [ThreadStatic]
    private static LineAmounts? _scratch;

    /// <summary>B(k) with the days as they are held, conditions judged by other units where they are given.</summary>
    private RatingRefusal? Rate(int days, decimal? judgedKwh, LineAmounts into, out decimal net)
    {
        BillingDeterminants inputs = Period;
        List<IntervalEnergy>? intervals = null;
        if (_days[0].KwhByTou is not null) inputs = inputs with { KwhByTou = SumByTou(days) };
        if (_days[0].Kvah is not null) inputs = inputs with { Kvah = SumOf(days, d => d.Kvah) };
        if (_days[0].KwhExport is not null) inputs = inputs with { KwhExport = SumOf(days, d => d.KwhExport) };
        if (_days[0].Intervals is not null) intervals = IntervalsTo(days);
        return into.Rate(Tariff, inputs, _kwhByDay.AsMemory(0, days), judgedKwh, intervals, out net);
    }

    private decimal SumTo(int days)
    {
        decimal sum = 0;
        for (int i = 0; i < days; i++) sum += _kwhByDay[i];
        return sum;
    }

    private decimal SumOf(int days, Func<DayUse, decimal?> quantity)
    {
        decimal sum = 0;
        for (int i = 0; i < days; i++) sum += quantity(_days[i]) ?? 0;
        return sum;
    }

    private Dictionary<string, decimal> SumByTou(int days)
    {
        Dictionary<string, decimal> sums = new(StringComparer.Ordinal);
        for (int i = 0; i < days; i++)
        {
            if (_days[i].KwhByTou is not { } byTou) continue;
            foreach ((string name, decimal kwh) in byTou) sums[name] = sums.GetValueOrDefault(name) + kwh;
        }
        return sums;
    }

    private List<IntervalEnergy> IntervalsTo(int days)
    {
        List<IntervalEnergy> all = [];
        for (int i = 0; i < days; i++)
        {
            if (_days[i].Intervals is { } intervals) all.AddRange(intervals);
        }
        return all;
    }

    /// <summary>Why a result is no bill: its refusal, or the line that is open.</summary>
    private static RatingRefusal RefusalOf(RatingResult result) => result.IsRated ? LineAmounts.OpenLine(result.Bill.Lines.First(l => l.IsOpen).Id) : result.Refusal;
}

/// <summary>A posted day, or why there is none.</summary>
public readonly record struct SettledDay(DayPosting? Posting, RatingRefusal? Refusal)
{
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Posting))]
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsPosted => Posting is not null;
}

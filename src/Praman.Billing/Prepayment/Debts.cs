using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>The plans of one connection and what was taken for them.</summary>
public sealed class Debts
{
    /// <summary>Plans that one connection may have at a time.</summary>
    public const int PlanCountMax = 16;

    private readonly List<DebtPlan> _plans = [];
    private readonly List<DebtTaking> _takings = [];

    public Debts()
    {
    }

    /// <summary>Plans as they were kept, with what was taken for them.</summary>
    public Debts(IEnumerable<DebtPlan> plans, IEnumerable<DebtTaking> takings)
    {
        foreach (DebtPlan plan in plans) Add(plan);
        _takings.AddRange(takings);
    }

    public IReadOnlyList<DebtPlan> Plans => _plans;

    /// <summary>All that was taken, in order.</summary>
    public IReadOnlyList<DebtTaking> Takings => _takings;

    /// <summary>What is left of all plans, recoverable or not.</summary>
    public decimal Left => _plans.Sum(p => p.Total) - _takings.Sum(t => t.Amount);

    public void Add(DebtPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Total <= 0 || plan.Total % 0.01m != 0) throw new ArgumentException("A debt is a positive number of whole paise.", nameof(plan));
        if (_plans.Count == PlanCountMax || _plans.Exists(p => p.Id == plan.Id)) throw new ArgumentException("Too many plans, or two of one name.", nameof(plan));
        _plans.Add(plan);
    }

    /// <summary>Takes again what was taken before a restart.</summary>
    internal void Restore(IEnumerable<DebtTaking> takings) => _takings.AddRange(takings);

    /// <summary>What is left of one plan.</summary>
    public decimal LeftOf(DebtPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Total - Paid(plan.Id);
    }

    /// <summary>Takes the instalments that are due by a day and not yet paid from a wallet that holds them. A wallet that does not is left alone:
    /// the instalments wait for the next recharge.</summary>
    /// <param name="balance">What the wallet holds.</param>
    public IReadOnlyList<DebtTaking> TakeDaily(LocalDate date, decimal balance)
    {
        List<DebtTaking> taken = [];
        foreach (DebtPlan plan in _plans)
        {
            if (plan is TimePlan time) Take(plan, date, Math.Min(time.DueBy(date) - Paid(plan.Id), balance - taken.Sum(t => t.Amount)), taken);
        }
        return taken;
    }

    /// <summary>Shares a recharge out: what was used of emergency credit, then instalments that fell due meanwhile, then shares and schedules of
    /// other debts, and the rest to the wallet. All debts together take at most a share of the recharge.</summary>
    /// <param name="emergencyUsed">What the balance is below zero, 0 or more.</param>
    /// <param name="sharePercentMax">Most that old debts may take of a recharge, in percent.</param>
    public Vend Recharge(LocalDate date, decimal amount, decimal emergencyUsed, decimal sharePercentMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(amount);
        ArgumentOutOfRangeException.ThrowIfNegative(emergencyUsed);
        decimal toEmergency = Math.Min(amount, emergencyUsed);
        decimal room = Math.Min(amount - toEmergency, decimal.Round(amount * sharePercentMax / 100, 2, MidpointRounding.ToZero));
        List<DebtTaking> taken = [];
        foreach (DebtPlan plan in _plans)
        {
            if (plan is TimePlan time) Take(plan, date, Math.Min(time.DueBy(date) - Paid(plan.Id), room - taken.Sum(t => t.Amount)), taken);
        }
        foreach (DebtPlan plan in _plans)
        {
            decimal wanted = plan switch
            {
                SharePlan share => Math.Min(decimal.Round(amount * share.Percent / 100, 2, MidpointRounding.AwayFromZero), CapLeft(share, date)),
                CatchUpPlan schedule => schedule.DueBy(date) - Paid(plan.Id),
                _ => 0,
            };
            Take(plan, date, Math.Min(wanted, room - taken.Sum(t => t.Amount)), taken);
        }
        return new(amount, toEmergency, taken, amount - toEmergency - taken.Sum(t => t.Amount));
    }

    private decimal Paid(string plan) => _takings.Where(t => t.PlanId == plan).Sum(t => t.Amount);

    private decimal CapLeft(SharePlan plan, LocalDate date)
    {
        decimal left = decimal.MaxValue;
        IEnumerable<DebtTaking> own = _takings.Where(t => t.PlanId == plan.Id);
        if (plan.WeekMax is { } week) left = week - own.Where(t => t.Date > date.PlusDays(-7) && t.Date <= date).Sum(t => t.Amount);
        if (plan.MonthMax is { } month) left = Math.Min(left, month - own.Where(t => t.Date.Year == date.Year && t.Date.Month == date.Month).Sum(t => t.Amount));
        return left;
    }

    private void Take(DebtPlan plan, LocalDate date, decimal wanted, List<DebtTaking> taken)
    {
        if (date < plan.From || !plan.IsRecoverable(date)) return;
        decimal amount = Math.Min(wanted, LeftOf(plan));
        if (amount <= 0) return;
        DebtTaking taking = new(plan.Id, date, amount);
        _takings.Add(taking);
        taken.Add(taking);
    }
}

/// <summary>Where a recharge went. The parts add up to <paramref name="Amount"/>.</summary>
/// <param name="ToEmergency">Makes good what the balance was below zero.</param>
/// <param name="ToDebts">What old dues took; the consumer is shown it at once.</param>
/// <param name="ToWallet">What is left to spend.</param>
public sealed record Vend(decimal Amount, decimal ToEmergency, IReadOnlyList<DebtTaking> ToDebts, decimal ToWallet)
{
    public decimal DebtTotal => ToDebts.Sum(d => d.Amount);
}

using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>How an old debt is paid off. What was paid of it is kept by <see cref="Debts"/>; the plan itself never changes.</summary>
/// <param name="Id">Names the plan on postings and statements.</param>
/// <param name="Total">Whole paise, above 0.</param>
/// <param name="From">First day of the plan.</param>
/// <param name="FirstDue">When the sum was first due.</param>
/// <param name="WasShown">Whether every bill since then has shown it as an arrear.</param>
public abstract record DebtPlan(string Id, decimal Total, LocalDate From, LocalDate FirstDue, bool WasShown)
{
    /// <summary>After this time a sum that was not shown all along can no longer be recovered (Electricity Act 2003, s. 56(2)).</summary>
    public static Period Limitation { get; } = Period.FromYears(2);

    /// <summary>Whether the debt may still be collected on a day.</summary>
    public bool IsRecoverable(LocalDate on) => WasShown || on <= FirstDue + Limitation;
}

/// <summary>Equal daily instalments.</summary>
public sealed record TimePlan(string Id, decimal Total, LocalDate From, LocalDate FirstDue, bool WasShown, int Days) : DebtPlan(Id, Total, From, FirstDue, WasShown)
{
    /// <summary>Sum of the instalments due up to and with a day.</summary>
    public decimal DueBy(LocalDate date) => Instalments.UpTo(Total, Days, Period.DaysBetween(From, date) + 1);
}

/// <summary>A share of each recharge, at most so much a week and a month.</summary>
/// <param name="Percent">Of the recharge.</param>
/// <param name="WeekMax">At most within the seven days up to a recharge; null: no such limit.</param>
/// <param name="MonthMax">At most within a calendar month; null: no such limit.</param>
public sealed record SharePlan(string Id, decimal Total, LocalDate From, LocalDate FirstDue, bool WasShown, decimal Percent, decimal? WeekMax, decimal? MonthMax) : DebtPlan(Id, Total, From, FirstDue, WasShown);

/// <summary>A schedule that recharges catch up with: each takes what the schedule is ahead of what was paid.</summary>
/// <param name="Days">Days of the schedule, in equal parts.</param>
public sealed record CatchUpPlan(string Id, decimal Total, LocalDate From, LocalDate FirstDue, bool WasShown, int Days) : DebtPlan(Id, Total, From, FirstDue, WasShown)
{
    /// <summary>What should have been paid up to and with a day.</summary>
    public decimal DueBy(LocalDate date) => Instalments.UpTo(Total, Days, Period.DaysBetween(From, date) + 1);
}

/// <summary>An amount taken for a plan.</summary>
public readonly record struct DebtTaking(string PlanId, LocalDate Date, decimal Amount);

using NodaTime;

namespace Praman.Billing.Suppliers;

/// <summary>Until when a bill is to be paid, and from when on the supply may be cut if it is not.</summary>
/// <param name="Due">Last day to pay; null where the supplier states none.</param>
/// <param name="CutFrom">First day on which the supply may be cut, however early the notice came; null where it cannot be said.</param>
/// <param name="DueRule">What <paramref name="Due"/> follows from.</param>
/// <param name="DisconnectionRule">What <paramref name="CutFrom"/> follows from.</param>
public sealed record PaymentTerms(LocalDate? Due, LocalDate? CutFrom, DueRule? DueRule, DisconnectionRule? DisconnectionRule)
{
    /// <summary>The terms of a bill.</summary>
    /// <param name="supplier">Null: nothing is known of it.</param>
    /// <param name="read">Day of the last reading that is billed.</param>
    public static PaymentTerms Of(Supplier? supplier, LocalDate issued, LocalDate read)
    {
        DueRule? dueRule = supplier?.DueRuleOn(issued);
        DisconnectionRule? disconnection = supplier?.DisconnectionRuleOn(issued);
        LocalDate? due = dueRule is null ? null : LocalDate.Max(issued, (dueRule.From == DueFrom.Issue ? issued : read).PlusDays(dueRule.Days));
        // The bill is first neglected on the day after the last to pay: that day's notice is the earliest. Then come the clear days, then the cut.
        return new(due, disconnection is null ? null : due?.PlusDays(1 + disconnection.ClearDays + 1), dueRule, disconnection);
    }
}

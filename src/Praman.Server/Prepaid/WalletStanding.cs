using NodaTime;
using Praman.Billing.Prepayment;
using Praman.Billing.Rating;
using Praman.Billing.Wallets;

namespace Praman.Server.Prepaid;

/// <summary>A plan of old dues, and what is left of it.</summary>
public sealed record WalletPlan(DebtPlan Plan, decimal Left);

/// <summary>Where a wallet stands, as its page shows it.</summary>
public sealed class WalletStanding
{
    private WalletStanding()
    {
    }

    public required WalletTerms Terms { get; init; }

    /// <summary>The account: balance, state, earliest permitted cut.</summary>
    public required PrepaidAccount Account { get; init; }

    /// <summary>The month under way.</summary>
    public required WalletMonth Month { get; init; }

    /// <summary>The newest day that is deducted; null before the first.</summary>
    public required LocalDate? LastDay { get; init; }

    /// <summary>For how long the balance lasts by the last days; null where it is used up or nothing was deducted yet.</summary>
    public required DaysLeft? DaysLeft { get; init; }

    /// <summary>A rule that will reprice earlier days if use goes on as it is; null: none is near.</summary>
    public required CliffWarning? Cliff { get; init; }

    /// <summary>Plans of which something is left.</summary>
    public required IReadOnlyList<WalletPlan> Plans { get; init; }

    /// <summary>Cuts that were asked for, and what the relay did, newest first.</summary>
    public required IReadOnlyList<WalletRecord> Supply { get; init; }

    /// <summary>Whether the month before is held too.</summary>
    public required bool HasPrevious { get; init; }

    /// <summary>A wallet from its entries of the period under way and some weeks before; null where none of them begins a period.</summary>
    public static WalletStanding? Of(WalletTerms terms, IReadOnlyList<WalletRecord> records, Func<string, CompiledTariff?> tariffOf)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(records);
        int begin = records.Count - 1;
        while (begin >= 0 && records[begin].Entry.Kind != WalletEntryKind.Period) begin--;
        if (begin < 0) return null;
        WalletMonth month = WalletMonth.Of(terms, records, begin, tariffOf);
        WalletRecord? lastDay = records.LastOrDefault(record => record.Entry.Kind == WalletEntryKind.Day);
        var account = new PrepaidAccount(terms.Pack, terms.Holidays, terms.Zone, records[^1].Account);
        decimal[] deductions = [.. records.Where(record => record.Entry.Kind == WalletEntryKind.Day).TakeLast(Billing.Prepayment.DaysLeft.DaysBack).Select(record => record.Posted[0].Deduction)];
        return new WalletStanding
        {
            Terms = terms, Account = account, Month = month, LastDay = lastDay?.Entry.Date, DaysLeft = Billing.Prepayment.DaysLeft.Of(account.Balance, deductions),
            Cliff = lastDay?.Cliff, Plans = [.. PlansOf(records, begin)], HasPrevious = records.Take(begin).Any(record => record.Entry.Kind == WalletEntryKind.Period),
            Supply = [.. records.Where(record => record.Entry.Kind is WalletEntryKind.Cut or WalletEntryKind.Relay).Reverse()],
        };
    }

    private static IEnumerable<WalletPlan> PlansOf(IReadOnlyList<WalletRecord> records, int begin)
    {
        var taken = new Dictionary<string, decimal>(StringComparer.Ordinal);
        var plans = new List<DebtPlan>();
        for (int i = begin; i < records.Count; i++)
        {
            plans.AddRange(records[i].Plans);
            foreach (DebtTaking taking in records[i].Takings) taken[taking.PlanId] = taken.GetValueOrDefault(taking.PlanId) + taking.Amount;
        }
        return plans.Select(plan => new WalletPlan(plan, plan.Total - taken.GetValueOrDefault(plan.Id))).Where(plan => plan.Left > 0);
    }
}

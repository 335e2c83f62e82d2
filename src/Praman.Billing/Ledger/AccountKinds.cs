namespace Praman.Billing.Ledger;

/// <summary>What an account is for. The numbers are not stored: the words are.</summary>
public enum AccountKind
{
    /// <summary>Prepaid money of a consumer. Never owed by the consumer: what is used beyond it stands in <see cref="Emergency"/> or <see cref="Overdrawn"/>.</summary>
    Wallet,
    /// <summary>Security deposit.</summary>
    Deposit,
    /// <summary>Billed and not paid; the detail is what makes one bill older than another, such as its month.</summary>
    Arrears,
    /// <summary>Old dues under a plan of instalments.</summary>
    Plan,
    /// <summary>Emergency credit used.</summary>
    Emergency,
    /// <summary>Used beyond wallet and emergency credit.</summary>
    Overdrawn,
    /// <summary>Used, not yet posted or billed.</summary>
    Accrued,
    /// <summary>To be paid back, after a move-out.</summary>
    RefundPayable,
    /// <summary>Paid at a gateway, not yet at the bank; the detail is the channel.</summary>
    GatewaySuspense,
    /// <summary>Money that came and belongs to nobody known yet; the detail is the channel.</summary>
    UnmatchedSuspense,
    Bank,
    /// <summary>Income; the detail is the component: energy, fixed, wheeling, surcharge.fppas.</summary>
    Revenue,
    DutyPayable,
    TaxPayable,
    /// <summary>Owed by the State; the detail is the scheme.</summary>
    SubsidyReceivable,
    /// <summary>Rebates given; the detail is their kind.</summary>
    RebateExpense,
    InterestExpense,
    CompensationExpense,
    /// <summary>The only account that takes paise which rounding leaves over.</summary>
    Rounding,
    WriteOff,
}

/// <summary>On which side of the trial balance an account stands.</summary>
public enum AccountClass
{
    Asset,
    Liability,
    Income,
    Expense,
}

/// <summary>Whether an account's name has a detail.</summary>
public enum AccountDetail
{
    None,
    Optional,
    Required,
}

/// <summary>The rules of a kind of account.</summary>
/// <param name="Word">How it is written.</param>
/// <param name="IsOneSided">Whether its balance may never stand on the wrong side: a wallet is not owed to the utility, arrears are not owed to the consumer.</param>
public readonly record struct AccountKindFacts(AccountKind Kind, string Word, AccountClass Class, bool IsPerUsagePoint, AccountDetail Detail, bool IsOneSided);

/// <summary>The chart of accounts: one table.</summary>
public static class AccountKinds
{
    private static readonly AccountKindFacts[] Table =
    [
        new(AccountKind.Wallet, "wallet", AccountClass.Liability, true, AccountDetail.None, true),
        new(AccountKind.Deposit, "deposit", AccountClass.Liability, true, AccountDetail.None, true),
        new(AccountKind.Arrears, "arrears", AccountClass.Asset, true, AccountDetail.Optional, true),
        new(AccountKind.Plan, "plan", AccountClass.Asset, true, AccountDetail.Optional, true),
        new(AccountKind.Emergency, "emergency", AccountClass.Asset, true, AccountDetail.None, true),
        new(AccountKind.Overdrawn, "overdrawn", AccountClass.Asset, true, AccountDetail.None, true),
        new(AccountKind.Accrued, "accrued", AccountClass.Asset, true, AccountDetail.None, false),
        new(AccountKind.RefundPayable, "refund.payable", AccountClass.Liability, true, AccountDetail.None, true),
        new(AccountKind.GatewaySuspense, "suspense.gateway", AccountClass.Asset, false, AccountDetail.Required, false),
        new(AccountKind.UnmatchedSuspense, "suspense.unmatched", AccountClass.Liability, false, AccountDetail.Required, true),
        new(AccountKind.Bank, "bank", AccountClass.Asset, false, AccountDetail.Optional, false),
        new(AccountKind.Revenue, "revenue", AccountClass.Income, false, AccountDetail.Required, false),
        new(AccountKind.DutyPayable, "duty.payable", AccountClass.Liability, false, AccountDetail.Optional, false),
        new(AccountKind.TaxPayable, "tax.payable", AccountClass.Liability, false, AccountDetail.Optional, false),
        new(AccountKind.SubsidyReceivable, "subsidy.receivable", AccountClass.Asset, false, AccountDetail.Required, false),
        new(AccountKind.RebateExpense, "rebate.expense", AccountClass.Expense, false, AccountDetail.Required, false),
        new(AccountKind.InterestExpense, "interest.expense", AccountClass.Expense, false, AccountDetail.None, false),
        new(AccountKind.CompensationExpense, "compensation.expense", AccountClass.Expense, false, AccountDetail.None, false),
        new(AccountKind.Rounding, "rounding", AccountClass.Expense, false, AccountDetail.None, false),
        new(AccountKind.WriteOff, "writeoff", AccountClass.Expense, false, AccountDetail.None, false),
    ];

    /// <summary>Every kind, in the order of the enumeration.</summary>
    public static IReadOnlyList<AccountKindFacts> All => Table;

    /// <summary>The rules of a kind.</summary>
    public static AccountKindFacts Of(AccountKind kind) =>
        TryFind(kind, out AccountKindFacts facts) ? facts : throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of account.");

    /// <summary>The rules of a kind; false where there is no such kind.</summary>
    public static bool TryFind(AccountKind kind, out AccountKindFacts facts)
    {
        bool found = (uint)kind < (uint)Table.Length;
        facts = found ? Table[(int)kind] : default;
        return found;
    }

    /// <summary>The kind that a word names.</summary>
    public static bool TryFind(string word, out AccountKindFacts facts)
    {
        foreach (AccountKindFacts row in Table)
        {
            if (row.Word != word) continue;
            facts = row;
            return true;
        }
        facts = default;
        return false;
    }
}

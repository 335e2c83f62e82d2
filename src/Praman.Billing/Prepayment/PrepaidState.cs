namespace Praman.Billing.Prepayment;

/// <summary>Where a prepaid connection stands.</summary>
public enum PrepaidState
{
    Ok,

    /// <summary>At or below the first percentage of the last recharge.</summary>
    Low,

    /// <summary>At or below the second.</summary>
    VeryLow,

    /// <summary>Nothing left, and above the floor.</summary>
    Zero,

    /// <summary>At or below the floor, on emergency credit.</summary>
    Emergency,

    /// <summary>Emergency credit is used up; a cut is permitted from <see cref="PrepaidAccount.EarliestCut"/> on, if no guard forbids it then.</summary>
    CutPending,

    /// <summary>The relay has confirmed that supply is cut.</summary>
    Cut,

    /// <summary>Paid again; the relay has not yet confirmed that supply is back.</summary>
    Restoring,
}

using Praman.Billing.Rating;

namespace Praman.Billing.Prepayment;

/// <summary>The end of prepayment at a connection: the consumer moves out, or goes back to a bill at the end of the month.</summary>
/// <param name="ToDebts">Taken from the wallet for old dues.</param>
/// <param name="Refund">Paid back; small balances are not kept.</param>
/// <param name="Owed">Billed: what the wallet was below zero, and dues that it did not cover.</param>
public readonly record struct FinalSettlement(decimal ToDebts, decimal Refund, decimal Owed)
{
    /// <summary>Settles a wallet.</summary>
    /// <param name="balance">After the last day was posted.</param>
    /// <param name="trueUp">Of the period that ends.</param>
    /// <param name="dues">What is left of old dues that may still be collected.</param>
    public static FinalSettlement Of(decimal balance, decimal trueUp, decimal dues)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dues);
        decimal left = balance - trueUp, toDebts = Math.Clamp(left, 0, dues);
        return new(toDebts, Math.Max(left - toDebts, 0), Math.Max(-left, 0) + dues - toDebts);
    }

    /// <summary>What the bill of the whole month still asks for where its first days were deducted from a wallet.</summary>
    /// <param name="bill">The postpaid bill of the whole period, its prepaid days included: slabs and fixed charges do not start anew.</param>
    /// <returns>Null where a line of the bill is open.</returns>
    public static decimal? RestOfBill(RatedBill bill, PeriodSettlement settled)
    {
        ArgumentNullException.ThrowIfNull(bill);
        ArgumentNullException.ThrowIfNull(settled);
        return bill.Total - settled.Deducted - settled.CarriedAmount;
    }
}

namespace Praman.Billing.Prepayment;

/// <summary>A connection becomes prepaid: what happens to its deposit and its dues.</summary>
/// <param name="DuesLeft">Dues that the deposit does not cover; they go into a plan.</param>
/// <param name="WalletCredit">What is left of the deposit; the first credit of the wallet.</param>
public readonly record struct Conversion(decimal DuesLeft, decimal WalletCredit)
{
    /// <summary>The deposit and its interest are set off against the dues; the rest is the consumer's (Electricity Act 2003, s. 47). A credit of the
    /// postpaid account is dues below zero, and is carried over.</summary>
    public static Conversion Of(decimal deposit, decimal interest, decimal dues)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deposit);
        ArgumentOutOfRangeException.ThrowIfNegative(interest);
        decimal left = deposit + interest - dues;
        return left < 0 ? new(-left, 0) : new(0, left);
    }
}

namespace Praman.Billing.Ledger;

/// <summary>What an account holds, in minor units; each of the four sums is zero or more and only pending ones ever shrink.</summary>
/// <param name="Debits">Posted debits.</param>
/// <param name="Credits">Posted credits.</param>
/// <param name="PendingDebits">Debits that are held and neither settled nor void.</param>
/// <param name="PendingCredits">Credits likewise.</param>
public readonly record struct AccountBalance(long Debits, long Credits, long PendingDebits, long PendingCredits)
{
    /// <summary>Posted debits less posted credits: positive for what is owed to the utility, negative for what it owes.</summary>
    public long Posted => Debits - Credits;

    /// <summary>The balance after one entry of a record.</summary>
    /// <exception cref="OverflowException">A sum is beyond 63 bits.</exception>
    public AccountBalance With(PostingAction action, long amount)
    {
        (int posted, int pending) = action.Effect();
        long size = Math.Abs(amount);
        return checked(amount > 0
            ? this with { Debits = Debits + posted * size, PendingDebits = PendingDebits + pending * size }
            : this with { Credits = Credits + posted * size, PendingCredits = PendingCredits + pending * size });
    }
}

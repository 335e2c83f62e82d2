namespace Praman.Billing.Ledger;

/// <summary>What the rules of the ledger must know to judge a request, as it stands at that moment.</summary>
public interface ILedgerView
{
    JournalHead Head { get; }

    JournalRecord? Find(string key);

    /// <summary>Whether a record settles, gives up or reverses this one.</summary>
    bool HasFollower(long sequence);

    /// <summary>What an account holds; all zero where nothing was ever posted to it.</summary>
    AccountBalance Balance(LedgerAccount account);
}

namespace Praman.Billing.Ledger;

/// <summary>Why the ledger refused a request; stable.</summary>
public enum LedgerRefusalCode
{
    /// <summary>The key was used for another request.</summary>
    OtherBody,
    /// <summary>The lines of a currency do not sum to zero.</summary>
    Unbalanced,
    /// <summary>A key, date, line, place or account is missing or has no valid form.</summary>
    Malformed,
    /// <summary>The target's key is not in the journal.</summary>
    UnknownTarget,
    /// <summary>The target cannot be settled, given up or reversed: it is of another kind, or that was done already.</summary>
    TargetNotOpen,
    /// <summary>An account would stand on its wrong side.</summary>
    WouldOverdraw,
}

/// <summary>A refusal: its code and a sentence that says what was found and what was expected.</summary>
public sealed record LedgerRefusal(LedgerRefusalCode Code, string Message)
{
    public override string ToString() => $"{Code}: {Message}";
}

/// <summary>What became of a request: the record that stands for it, or why there is none.</summary>
/// <param name="IsNew">False where the same request was written before: nothing was written now.</param>
public sealed record PostingOutcome(JournalRecord? Record, bool IsNew, LedgerRefusal? Refusal);

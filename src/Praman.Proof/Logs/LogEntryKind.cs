namespace Praman.Proof.Logs;

/// <summary>What an entry of the log commits to.</summary>
public enum LogEntryKind
{
    /// <summary>A tariff: SHA-256 of its canonical JSON.</summary>
    Tariff,
    /// <summary>A dated series of a tariff, such as a fuel surcharge: SHA-256 of its canonical JSON.</summary>
    TariffSeries,
    /// <summary>A bill: HMAC-SHA256 of its bytes under its salt.</summary>
    Bill,
    /// <summary>The tree of a night's day blocks: SHA-256 of its <see cref="BatchHead"/>.</summary>
    MeterDayRoot,
    /// <summary>A receipt for a payment: HMAC-SHA256 under its salt.</summary>
    Receipt,
    /// <summary>Rules in force (validation, prepayment, cuts): SHA-256 of their canonical JSON.</summary>
    RulePack,
    /// <summary>A release of a verifier: SHA-256 of its file.</summary>
    VerifierRelease,
    /// <summary>The trial balance of a day: SHA-256 of its canonical JSON.</summary>
    TrialBalance,
}

using NodaTime;
using Praman.Billing.Ledger;
using Praman.Metering;

namespace Praman.Billing.Wallets;

/// <summary>What happened to a wallet. The words are stored, not the numbers.</summary>
public enum WalletEntryKind
{
    /// <summary>The connection became prepaid.</summary>
    Open,

    /// <summary>A billing period under one tariff begins.</summary>
    Period,

    /// <summary>A day was deducted.</summary>
    Day,

    /// <summary>Days were replaced by what is now known of them.</summary>
    Correction,

    /// <summary>The period ended: what its days and its bill differ by.</summary>
    Close,

    /// <summary>Money came; what old dues took of it.</summary>
    Payment,

    /// <summary>A payment was taken back.</summary>
    PaymentBack,

    /// <summary>Daily instalments of old dues.</summary>
    Instalment,

    /// <summary>A sum was moved to a plan of instalments.</summary>
    Plan,

    /// <summary>A cut was asked for, and requested or refused.</summary>
    Cut,

    /// <summary>The relay confirmed.</summary>
    Relay,
}

/// <summary>
/// One step of a wallet, never changed: what was given, what came of it, and the account after it, as canonical JSON (docs/reference/prepayment.md).
/// What it moved is in the ledger, written in the same transaction.
/// </summary>
/// <param name="Number">1 for the first of the usage point; no number is left out.</param>
/// <param name="Date">The local day that it belongs to.</param>
public sealed record WalletEntry(UsagePointId UsagePoint, int Number, LocalDate Date, WalletEntryKind Kind, ReadOnlyMemory<byte> Octets);

/// <summary>An entry with the postings that go with it: all of them are written, or nothing.</summary>
public sealed record WalletStep(WalletEntry Entry, IReadOnlyList<PostingRequest> Postings);

/// <summary>Where the history of a wallet must be read from to go on with it.</summary>
/// <param name="PeriodFrom">Day of the entry that began the period under way.</param>
/// <param name="LastNumber">Number of the last entry.</param>
public sealed record WalletHead(UsagePointId UsagePoint, LocalDate PeriodFrom, int LastNumber);

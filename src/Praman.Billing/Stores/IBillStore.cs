using NodaTime;
using Praman.Billing.Verification;
using Praman.Metering;

namespace Praman.Billing.Stores;

/// <summary>Issued bills with their files. A bill is never changed: a correction is a reversal and a new bill. The salts of its files can be erased.</summary>
public interface IBillStore
{
    /// <summary>
    /// Keeps bills, all or none, durably. The same number with the same octets is no error. A day of a usage point stands in one bill: that is held
    /// against what is kept, and the bills of the call against one another, where they are added, so that of two callers at once one is refused. A reversal
    /// takes the days of the bill that it names back: what comes after it, in the same call or later, may bill them again.
    /// </summary>
    /// <exception cref="BillConflictException">A number is kept already with other octets; nothing was kept.</exception>
    /// <exception cref="BillOverlapException">A day of one of them stands in a bill of another number; nothing was kept.</exception>
    ValueTask AddAsync(IReadOnlyList<IssuedBill> bills, CancellationToken cancellationToken);

    /// <summary>
    /// Claims the days of bills for a run, durably, before it logs them: of two runs at once one has a day, and the other logs nothing of it. A claim
    /// gives way to nobody before <paramref name="until"/> unless its run ended it (<see cref="EndClaimsAsync"/>) or died; a run that claims again renews.
    /// </summary>
    /// <param name="run">Whose claims they are.</param>
    /// <param name="now">What other claims are held against.</param>
    /// <returns>An answer a claim, in their order. One that is not granted leaves no trace, and does not keep the others from being granted.</returns>
    ValueTask<IReadOnlyList<ClaimAnswer>> ClaimAsync(Guid run, IReadOnlyList<BillClaim> claims, Instant now, Instant until, CancellationToken cancellationToken);

    /// <summary>Ends all claims of a run: its bills are kept by now, or will not be.</summary>
    ValueTask EndClaimsAsync(Guid run, CancellationToken cancellationToken);

    /// <summary>One bill with its files; null where there is none of this number.</summary>
    ValueTask<IssuedBill?> FindAsync(string billNo, CancellationToken cancellationToken);

    /// <summary>The number of a bill that covers a day of these, both included; null where none does.</summary>
    ValueTask<string?> FindOverlapAsync(UsagePointId usagePoint, DateInterval period, CancellationToken cancellationToken);

    /// <summary>Bills without their files, the newest entry of the log first; of one usage point, or of all where it is null.</summary>
    ValueTask<IReadOnlyList<BillFacts>> ReadAsync(UsagePointId? usagePoint, int skip, int countMax, CancellationToken cancellationToken);

    /// <summary>
    /// Empties the files of a usage point's bills of their salts, durable on return (<see cref="ErasedFiles"/>): the bills stay, and nobody who was not
    /// given their files before can prove them any more. All of them or none.
    /// </summary>
    /// <param name="on">The day of the erasure, which their evidence then tells.</param>
    /// <returns>How many bills had salts.</returns>
    ValueTask<int> EraseSaltsAsync(UsagePointId usagePoint, LocalDate on, CancellationToken cancellationToken);

    /// <summary>How many bills of a usage point have files with salts.</summary>
    ValueTask<int> CountWithSaltsAsync(UsagePointId usagePoint, CancellationToken cancellationToken);

    /// <summary>How many bills are kept.</summary>
    ValueTask<int> CountAsync(CancellationToken cancellationToken);
}

/// <summary>What a list of bills shows.</summary>
/// <param name="TotalMinorUnits">What is asked for, in minor units of <paramref name="Currency"/>.</param>
/// <param name="LogIndex">Index of the bill's entry in the log.</param>
public sealed record BillFacts(
    string BillNo, UsagePointId UsagePoint, DateInterval Period, LocalDate Issued, string Currency, long TotalMinorUnits, long EnergyWh, long EstimatedWh,
    bool IsProvisional, long LogIndex)
{
    /// <summary>The versions whose release the bill was made under (<see cref="EditRelease.BlocksSha256"/>); null where it needed none.</summary>
    public string? ReleasedBlocks { get; init; }

    /// <summary>Number of the bill that this document takes back; null: it is a bill.</summary>
    public string? Reverses { get; init; }

    /// <summary>Number of the bill that this one stands in the place of; null: it is the first of its days.</summary>
    public string? Revises { get; init; }

    /// <summary>Number of the reversal that took it back; null: it stands. What is added does not say so: the reversal does.</summary>
    public string? ReversedBy { get; init; }

    /// <summary>A bill that was not taken back.</summary>
    public bool IsInForce => Reverses is null && ReversedBy is null;
}

/// <summary>The days of a bill that is about to be logged.</summary>
public sealed record BillClaim(string BillNo, UsagePointId UsagePoint, DateInterval Period)
{
    /// <summary>The kept bill that it will stand in the place of; null: there is none.</summary>
    public string? Replaces { get; init; }
}

/// <summary>What became of a claim.</summary>
/// <param name="Other">Number of the bill that is in the way; null where it is granted.</param>
public readonly record struct ClaimAnswer(ClaimState State, string? Other);

/// <summary>What stands in the way of a claim.</summary>
public enum ClaimState
{
    /// <summary>Nothing: the days are the run's.</summary>
    Granted,

    /// <summary>A bill that is kept covers some of the days.</summary>
    Billed,

    /// <summary>Another run has claimed some of the days.</summary>
    Claimed,
}

/// <summary>A bill and its three files, octet for octet (docs/reference/proof-format.md).</summary>
public sealed record IssuedBill(BillFacts Facts, ReadOnlyMemory<byte> Bill, ReadOnlyMemory<byte> Proof, ReadOnlyMemory<byte> Evidence);

/// <summary>A bill of this number is kept already, and it is another.</summary>
public sealed class BillConflictException : Exception
{
    public BillConflictException()
    {
    }

    public BillConflictException(string message)
        : base(message)
    {
    }

    public BillConflictException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A day of the bill stands in another bill that is kept: a day is billed once.</summary>
public sealed class BillOverlapException : Exception
{
    public BillOverlapException()
    {
    }

    public BillOverlapException(string message)
        : base(message)
    {
    }

    public BillOverlapException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

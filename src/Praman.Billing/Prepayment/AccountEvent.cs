using NodaTime;

namespace Praman.Billing.Prepayment;

/// <summary>What the account asks for, or tells.</summary>
public abstract record AccountEvent(Instant At);

/// <summary>The state changed; a change for the worse is told to the consumer.</summary>
public sealed record StateChanged(Instant At, PrepaidState From, PrepaidState To, decimal Balance) : AccountEvent(At);

/// <summary>Asks for supply to be restored, by whoever carries commands.</summary>
/// <param name="Before">The time within which the rule pack wants it.</param>
public sealed record RestoreRequest(Instant At, decimal Balance, Instant Before) : AccountEvent(At);

/// <summary>A cut that was asked for and not yet confirmed must not be carried out any more.</summary>
public sealed record CutWithdrawn(Instant At, decimal Balance) : AccountEvent(At);

/// <summary>Asks for a cut, with its reasons. Whoever carries it out checks, signs and sends it; nothing here reaches a meter.</summary>
/// <param name="Balance">Sure balance, without days that are only estimated.</param>
/// <param name="BelowFloorSince">Since when it was at or below the floor.</param>
/// <param name="Reasons">What was checked and found, in the order of checking.</param>
public sealed record CutRequest(Instant At, string RulePack, decimal Balance, Instant BelowFloorSince, IReadOnlyList<CutReason> Reasons) : AccountEvent(At);

/// <summary>A cut that a guard forbids.</summary>
/// <param name="Guards">Every guard that forbids it, not only the first.</param>
/// <param name="NextPermitted">The earliest instant at which the hours and days permit one; null: not known.</param>
public sealed record CutRefused(Instant At, IReadOnlyList<CutReason> Guards, Instant? NextPermitted) : AccountEvent(At);

/// <summary>A check, by its stable code, with what it measured and its limit.</summary>
public readonly record struct CutReason(string Code, string Measured, string Limit);

/// <summary>The codes of the checks before a cut; they never change their meaning.</summary>
public static class CutChecks
{
    /// <summary>Balance at or below the floor, without estimated days.</summary>
    public const string Balance = "CUT-BALANCE";

    /// <summary>Age of the balance, and of the reading that it rests on.</summary>
    public const string BalanceAge = "CUT-BALANCE-AGE", ReadingAge = "CUT-READING-AGE";

    /// <summary>The last reading was read, not estimated.</summary>
    public const string ReadingQuality = "CUT-READING-QUALITY";

    /// <summary>Emergency credit has ended; the notice was given in time.</summary>
    public const string Emergency = "CUT-EMERGENCY-CREDIT", Notice = "CUT-NOTICE";

    /// <summary>Hour and day of the rule pack, and whether its holidays are known for the year.</summary>
    public const string Hour = "CUT-HOUR", Day = "CUT-DAY", Calendar = "CUT-CALENDAR";

    /// <summary>The pack holds on the day.</summary>
    public const string Pack = "CUT-RULE-PACK";

    /// <summary>A shielded home, by load or by a fact.</summary>
    public const string Protected = "CUT-PROTECTED", Load = "CUT-PROTECTED-LOAD";

    /// <summary>Holds: storm, heat, a dispute.</summary>
    public const string Storm = "CUT-HOLD-STORM", Heat = "CUT-HOLD-HEAT", Dispute = "CUT-HOLD-DISPUTE";

    /// <summary>Days after the conversion from postpaid.</summary>
    public const string Grace = "CUT-CONVERSION-GRACE";

    /// <summary>State: nothing to cut for, asked for already, or cut already.</summary>
    public const string State = "CUT-STATE";
}

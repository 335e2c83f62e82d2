namespace Praman.Billing.Verification;

/// <summary>What the check of a bill came to.</summary>
public enum Verdict
{
    /// <summary>Logged, and every line computes from proven readings.</summary>
    Valid,

    /// <summary>As <see cref="Valid"/>; some intervals are estimated, or a person entered or accepted a reading, or energy of the register is in no interval, or there is no register.</summary>
    ValidWithEstimates,

    /// <summary>Something is not what was logged, or does not compute.</summary>
    Different,

    /// <summary>A file, a key or a cosignature is missing; what could be checked held.</summary>
    Unproven,
}

/// <summary>One step of the check.</summary>
/// <param name="Step">Its number in docs/reference/proof-format.md.</param>
/// <param name="Ok">Null where it could not be run for want of something.</param>
public sealed record BillCheck(int Step, string Name, bool? Ok, string Detail);

/// <summary>A place where the bill is not what it should be.</summary>
/// <param name="Line">The place: a line id, a total, <c>readings/2026-04-12</c>, <c>tariff</c>, <c>commitment</c>.</param>
/// <param name="Ours">What was computed or expected.</param>
/// <param name="Theirs">What stands in the files.</param>
public sealed record BillDifference(string Line, string Ours, string Theirs);

/// <summary>The answer to one bill.</summary>
/// <param name="Difference">The most telling place; null where nothing differs.</param>
/// <param name="Missing">What would be needed to prove more.</param>
public sealed record BillVerdict(
    string BillNo, Verdict Verdict, BillDifference? Difference, IReadOnlyList<string> Missing, long EstimatedIntervals, long EstimatedWh,
    IReadOnlyList<BillCheck> Checks, long TotalPaise)
{
    /// <summary>Intervals that a person entered or accepted.</summary>
    public long EditedIntervals { get; init; }

    /// <summary>Registers that a person entered or accepted.</summary>
    public long EditedRegisters { get; init; }

    /// <summary>What is missing of a bill whose salts were erased: it cannot be proved any more.</summary>
    public const string ErasedSalts = "erased salts";

    /// <summary>The word of a verdict in JSON and on the screen.</summary>
    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Valid => "VALID",
        Verdict.ValidWithEstimates => "VALID_WITH_ESTIMATES",
        Verdict.Different => "DIFFERENT",
        _ => "UNPROVEN",
    };

    /// <summary>Whether the bill holds.</summary>
    public bool IsValid => Verdict is Verdict.Valid or Verdict.ValidWithEstimates;
}

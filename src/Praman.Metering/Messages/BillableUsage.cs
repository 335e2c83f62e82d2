using NodaTime;

namespace Praman.Metering;

/// <summary>What the billing gate decided (docs/reference/vee.md).</summary>
public enum BillingGate
{
    /// <summary>All shares within their limits.</summary>
    Final,

    /// <summary>Billable, marked provisional: too much of it is estimated.</summary>
    Provisional,

    /// <summary>Not billable; the reasons say why.</summary>
    Blocked,
}

/// <summary>One meter's part of a period: its register where the part starts and ends.</summary>
/// <param name="Opening">Register at the start of the period, or at installation within it.</param>
/// <param name="Closing">Register at the end of the period, or at removal within it.</param>
/// <param name="OpeningBlock">The register block that proves <see cref="Opening"/>.</param>
/// <param name="ClosingBlock">The register block that proves <see cref="Closing"/>.</param>
public sealed record RegisterSegment(
    EndDeviceId EndDevice, RegisterReading Opening, RegisterReading Closing, IntervalBlock OpeningBlock, IntervalBlock ClosingBlock)
{
    /// <summary>Energy through this meter in its part of the period, Wh, rollover resolved, after the multiplier.</summary>
    public required long EnergyWh { get; init; }

    /// <summary>Digits of the register before the point, in kWh: it rolls over at 10^digits kWh.</summary>
    public required int RegisterDigits { get; init; }

    /// <summary>What one unit of the register stands for: the multiplier of the installation, at least 1.</summary>
    public required int Multiplier { get; init; }

    /// <summary>
    /// Energy of a part's registers that no interval need explain, Wh before the multiplier: the rounding of coarse registers, never a bill's worth.
    /// The gate, the invoice and the verification of a bill take the same number (docs/reference/proof-format.md).
    /// </summary>
    public const long UnassignedWhMax = 1_000;

    /// <summary>Whether intervals of so much energy explain that of the registers but for <see cref="UnassignedWhMax"/> a part. Without a part there is nothing to explain.</summary>
    public static bool AreExplained(IReadOnlyList<RegisterSegment> segments, long intervalsWh)
    {
        ArgumentNullException.ThrowIfNull(segments);
        if (segments.Count == 0) return true;
        long open = -intervalsWh, openMax = 0;
        for (int i = 0; i < segments.Count; i++)
        {
            open += segments[i].EnergyWh;
            openMax += UnassignedWhMax * segments[i].Multiplier;
        }
        return Math.Abs(open) <= openMax;
    }
}

/// <summary>What MeterData hands to Billing for one usage point and period.</summary>
/// <param name="Period">First and last local day, both included.</param>
/// <param name="Blocks">The versions in force of the import channel, one a day, by start.</param>
/// <param name="Segments">Registers, one part a meter, by time; their energies sum to <paramref name="EnergyWh"/>.</param>
/// <param name="EnergyWh">Energy of the period by the registers; by the intervals where there are no registers.</param>
/// <param name="IntervalCount">Intervals of the period.</param>
/// <param name="EstimatedCount">Of these, how many are estimated.</param>
/// <param name="EstimatedWh">Energy in estimated intervals.</param>
/// <param name="RuleSetId">Name and version of the rules, <c>praman-vee-default/1</c>.</param>
/// <param name="RuleSetSha256">Hash of the rules' canonical JSON, lower-case hex.</param>
/// <param name="Reasons">What the gate objects to, in the codes of docs/reference/vee.md.</param>
public sealed record BillableUsage(
    UsagePointId UsagePoint,
    DateInterval Period,
    IReadOnlyList<IntervalBlock> Blocks,
    IReadOnlyList<RegisterSegment> Segments,
    long EnergyWh,
    int IntervalCount,
    int EstimatedCount,
    long EstimatedWh,
    BillingGate Gate,
    IReadOnlyList<string> Reasons,
    string RuleSetId,
    string RuleSetSha256)
{
    private readonly long? _intervalsWh;

    /// <summary>The versions in force of the import channel, one a day, by start.</summary>
    public IReadOnlyList<IntervalBlock> Blocks
    {
        get;
        init
        {
            field = value;
            _intervalsWh = null; // a sum given is that of the blocks it was given with
        }
    } = Blocks;

    /// <summary>
    /// Energy of <see cref="Blocks"/>, Wh. Who made the usage has unpacked every day and gives the sum; without it the days are unpacked and
    /// added on each call.
    /// </summary>
    public long IntervalsWh
    {
        get
        {
            if (_intervalsWh is { } given) return given;
            long sum = 0;
            foreach (IntervalBlock block in Blocks) sum += block.Sum();
            return sum;
        }
        init => _intervalsWh = value;
    }

    /// <summary>Intervals that a person entered or accepted.</summary>
    public int EditedCount { get; init; }

    /// <summary>Registers of <see cref="Segments"/> that a person entered or accepted.</summary>
    public int EditedRegisterCount { get; init; }

    /// <summary>What of it needs a release; null where persons entered or accepted no more than the rules allow.</summary>
    public EditedReadings? Edited { get; init; }
}

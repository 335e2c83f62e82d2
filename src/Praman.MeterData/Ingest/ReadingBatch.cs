using NodaTime;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Ingest;

/// <summary>What is appended at once, all or none. Keys, for idempotency, are given with each member.</summary>
/// <param name="RecordedAt">When all of this is recorded: it is known from this instant on.</param>
public sealed record ReadingBatch(Instant RecordedAt)
{
    /// <summary>Interval blocks; key: channel, start, version.</summary>
    public IReadOnlyList<IntervalBlock> Blocks { get; init; } = [];

    /// <summary>Register blocks with their meter; key: channel, start, version of the block, and the meter.</summary>
    public IReadOnlyList<RegisterBlock> Registers { get; init; } = [];

    /// <summary>Clock comparisons; key: usage point, meter, instant.</summary>
    public IReadOnlyList<ClockCheck> ClockChecks { get; init; } = [];

    /// <summary>Events of meters; key: usage point, meter, instant, code, sequence.</summary>
    public IReadOnlyList<EndDeviceEvent> Events { get; init; } = [];

    /// <summary>Findings; key: all but measured value and limit.</summary>
    public IReadOnlyList<StoredFinding> Findings { get; init; } = [];

    /// <summary>Blocks that may not be merged, kept as they came; key: meter, octets, rule.</summary>
    public IReadOnlyList<QuarantinedBlock> Quarantine { get; init; } = [];

    /// <summary>Periods that were billed; key: bill number.</summary>
    public IReadOnlyList<BilledPeriod> Billed { get; init; } = [];

    /// <summary>Proposals to bill again; key: usage point, type, day, bill number, new version.</summary>
    public IReadOnlyList<RebillProposal> RebillProposals { get; init; } = [];

    /// <summary>Who entered or accepted values of the blocks and registers of this batch, and why; key: all but name and reason.</summary>
    public IReadOnlyList<ReadingEdit> Edits { get; init; } = [];

    /// <summary>True where nothing would be stored.</summary>
    public bool IsEmpty =>
        Blocks.Count + Registers.Count + ClockChecks.Count + Events.Count + Findings.Count + Quarantine.Count + Billed.Count + RebillProposals.Count + Edits.Count == 0;
}

/// <summary>A person entered or accepted values: the version that this made, who it was and why.</summary>
/// <param name="Type">Reading type of the block or register.</param>
/// <param name="Start">Start of the block, or the instant of the register.</param>
/// <param name="EndDevice">The meter of a register; null for a block.</param>
/// <param name="Version">The version that holds the values.</param>
/// <param name="By">Who, by sign-in name.</param>
/// <param name="Reason">Why, in their own words.</param>
public sealed record ReadingEdit(UsagePointId UsagePoint, ReadingType Type, Instant Start, EndDeviceId? EndDevice, int Version, string By, string Reason)
{
    /// <summary>What shows that the values are right; null where none was kept with the edit.</summary>
    public EditEvidence? Evidence { get; init; }
}

/// <summary>What shows that an edit is right.</summary>
/// <param name="Reference">Where it is, in the words of who edited: number of a photograph, of a letter, of a visit.</param>
/// <param name="Sha256">SHA-256 of its file, lower-case hex, by which the file is known again; null where it is no file.</param>
public sealed record EditEvidence(string Reference, string? Sha256);

/// <summary>What an append did with blocks and registers.</summary>
public readonly record struct AppendResult(int Appended, int AlreadyStored);

/// <summary>A version of a block and when it was recorded.</summary>
public sealed record StoredBlock(IntervalBlock Block, Instant RecordedAt);

/// <summary>A register block (one value, types 0x21 to 0x62) with what its octets do not say.</summary>
/// <param name="Block">Start is the instant, floored to a whole minute; the value is what the register showed, in Wh, before any ratio.</param>
/// <param name="EndDevice">The meter.</param>
/// <param name="Resolution">Smallest step of the register, in the same unit, at least 1.</param>
public sealed record RegisterBlock(IntervalBlock Block, EndDeviceId EndDevice, int Resolution)
{
    /// <summary>The reading that the block holds.</summary>
    public RegisterReading ToReading()
    {
        Span<long> value = stackalloc long[1];
        Span<IntervalQuality> quality = stackalloc IntervalQuality[1];
        Block.Decode(value, quality);
        return new RegisterReading(Block.UsagePoint, EndDevice, Block.Type, Block.Start, value[0], Resolution);
    }
}

/// <summary>A version of a register block and when it was recorded.</summary>
public sealed record StoredRegister(RegisterBlock Register, Instant RecordedAt);

/// <summary>A comparison of the meter's clock with trusted time, in a session.</summary>
/// <param name="Drift">Meter clock less trusted clock.</param>
public readonly record struct ClockCheck(UsagePointId UsagePoint, EndDeviceId EndDevice, Instant At, Duration Drift);

/// <summary>A clock check and when it was recorded.</summary>
public readonly record struct StoredClockCheck(ClockCheck Check, Instant RecordedAt);

/// <summary>A block that a receipt rule refused to merge (V01, V05, V07), as it came.</summary>
public sealed record QuarantinedBlock(EndDeviceId EndDevice, IntervalBlock Block, RuleId Rule);

/// <summary>A bill was made of these local days. Later values there make proposals to bill again, never silent changes.</summary>
/// <param name="Start">Start of the first local day.</param>
/// <param name="End">End of the last local day.</param>
public sealed record BilledPeriod(UsagePointId UsagePoint, ReadingType Type, string BillNumber, Instant Start, Instant End)
{
    /// <summary>The versions that the bill was made of, one a day, by start: what a later value is compared with.</summary>
    public IReadOnlyList<BilledVersion> Versions { get; init; } = [];

    /// <summary>The energy that was billed, Wh: what later registers are compared with; null for a mark that was made before this was kept.</summary>
    public long? EnergyWh { get; init; }

    /// <summary>The version of a day that was billed; null where the bill has none.</summary>
    public int? VersionOf(Instant dayStart)
    {
        foreach (BilledVersion billed in Versions) if (billed.DayStart == dayStart) return billed.Version;
        return null;
    }
}

/// <summary>One day of a bill.</summary>
/// <param name="DayStart">Start of the local day, a whole minute.</param>
/// <param name="Version">The version in the bill's evidence; where its estimates were locked, the version after it, which holds the same values.</param>
public readonly record struct BilledVersion(Instant DayStart, int Version);

/// <summary>A billed day has another value now, or the registers of a billed period say something else: a decision for Billing.</summary>
/// <param name="Type">The channel of a day; the type of a register.</param>
/// <param name="DayStart">Start of the day; the instant of a register.</param>
/// <param name="BilledVersion">The version that was billed (<see cref="Ingest.BilledVersion"/>); null for a register that the bill did not have.</param>
/// <param name="NewVersion">The version in force now.</param>
/// <param name="BilledWh">Of a day: sum of the version that was billed. Of a register: energy of the bill.</param>
/// <param name="NewWh">Of a day: sum of the version in force now. Of a register: energy of the billed period by its registers now; null where they do not give it.</param>
public sealed record RebillProposal(
    UsagePointId UsagePoint, ReadingType Type, Instant DayStart, string BillNumber, int? BilledVersion, int NewVersion, long BilledWh, long? NewWh);

/// <summary>Asks for all that is known of a usage point over a period.</summary>
/// <param name="First">Start of the first local day.</param>
/// <param name="Last">End of the last local day.</param>
/// <param name="KnownAt">Only what was recorded by then; <see cref="Instant.MaxValue"/> for everything.</param>
public readonly record struct EvidenceQuery(UsagePointId UsagePoint, Instant First, Instant Last, Instant KnownAt);

/// <summary>The answer to an <see cref="EvidenceQuery"/>.</summary>
public sealed record UsagePointEvidence(UsagePointId UsagePoint)
{
    /// <summary>Every version of every interval block with First ≤ start &lt; Last, by reading type, start, version.</summary>
    public IReadOnlyList<StoredBlock> Blocks { get; init; } = [];

    /// <summary>Every version of every register with First ≤ start ≤ Last, by reading type, start, meter, version.</summary>
    public IReadOnlyList<StoredRegister> Registers { get; init; } = [];

    /// <summary>Every clock check from First on, without an end, by instant.</summary>
    public IReadOnlyList<StoredClockCheck> ClockChecks { get; init; } = [];

    /// <summary>Every event from First − 7 days to Last + 7 days, by instant, sequence, code: outages that reach into the period.</summary>
    public IReadOnlyList<EndDeviceEvent> Events { get; init; } = [];

    /// <summary>Billed periods that overlap [First, Last), by start.</summary>
    public IReadOnlyList<BilledPeriod> Billed { get; init; } = [];

    /// <summary>Edits of blocks and registers with First ≤ start ≤ Last, by start, type, meter, version.</summary>
    public IReadOnlyList<ReadingEdit> Edits { get; init; } = [];
}

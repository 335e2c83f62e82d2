using NodaTime;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>What the sum check (V14) said of the stretch between registers that holds a day.</summary>
public enum SumVerdict : byte
{
    /// <summary>It could not run.</summary>
    Skipped,
    Passed,
    Failed,
}

/// <summary>
/// One day of one channel while its rules run: unpacked in the caller's memory, with what is known around it. Rules read it and change
/// states in <see cref="Qualities"/>; they never change a value.
/// </summary>
public ref struct ValidationDay
{
    public IntervalBlockHeader Header { get; set; }

    /// <summary>Energies in Wh (or the unit of the type), after the multiplier.</summary>
    public Span<long> Values { get; set; }

    public Span<IntervalQuality> Qualities { get; set; }

    /// <summary>Start of the local day, and the intervals that it holds (N).</summary>
    public Instant DayStart { get; set; }

    public int ExpectedCount { get; set; }

    /// <summary>Length of an interval that is configured, minutes; 0 where any accepted length will do.</summary>
    public int ConfiguredMinutes { get; set; }

    /// <summary>The meter that was read; null where the day was merged of readings that were checked one by one.</summary>
    public EndDeviceId? ReadFrom { get; set; }

    /// <summary>The meter that should have been read; null where none stood there.</summary>
    public EndDeviceId? Installed { get; set; }

    /// <summary>Most that an interval can hold, Wh, after the multiplier; 0 where it is not known.</summary>
    public long IntervalMaximumWh { get; set; }

    /// <summary>What clock checks judge of the day; what no check judges is in none of them.</summary>
    public ReadOnlySpan<JudgedStretch> ClockChecks { get; set; }

    /// <summary>Registers at both ends of the stretch that holds the day, one part a meter; empty where an end is not known.</summary>
    public ReadOnlySpan<RegisterPart> Registers { get; set; }

    /// <summary>True where the stretch between registers is exactly this day.</summary>
    public bool RegistersAreOfThisDay { get; set; }

    /// <summary>Sum of the other days of the stretch, Wh.</summary>
    public long OtherDaysWh { get; set; }

    /// <summary>True where the other days of the stretch have all their values.</summary>
    public bool OtherDaysAreComplete { get; set; }

    /// <summary>Intervals of the other days of the stretch.</summary>
    public int OtherDaysCount { get; set; }

    /// <summary>True where another day of the stretch has a spike (V13) that waits for the sum check.</summary>
    public bool OtherDaysHoldASpike { get; set; }

    /// <summary>Set after the structure rules, and again after the value rules where one refused a value.</summary>
    public DaySummary Summary { get; set; }

    /// <summary>Place of a spike (V13) that waits for the sum check; −1 where there is none.</summary>
    public int SpikeAt { get; set; }

    /// <summary>Energy by the registers, Wh; null where it is not known (V15).</summary>
    public long? UsageWh { get; set; }

    /// <summary>Result of V14.</summary>
    public SumVerdict Sum { get; set; }

    /// <summary>True where the sum fails and no suspect of the stretch explains it: the whole day is refused and waits for a person.</summary>
    public readonly bool IsHeldBySum => Sum == SumVerdict.Failed && SpikeAt < 0 && !OtherDaysHoldASpike;

    /// <summary>Refuses one interval's value.</summary>
    public readonly void Fail(int index) => Qualities[index] = Qualities[index] with { State = IntervalState.Failed };
}

/// <summary>One rule: values in, findings and states out. Rules run in the order of docs/reference/vee.md.</summary>
public interface IValidationRule
{
    Rules.RuleId Id { get; }

    void Check(ref ValidationDay day, Findings findings);
}

using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>
/// The path that every day takes: rules in the order of docs/reference/vee.md, then canonical octets into the caller's buffer. Holds
/// scratch, so one a thread; on a day where nothing is wrong nothing is allocated.
/// </summary>
public sealed class DayPipeline
{
    private readonly IdentityCheck _identity = new();
    private readonly ClockToleranceCheck _clock;
    private readonly IntervalCountCheck _count = new();
    private readonly AlignmentCheck _alignment = new();
    private readonly GapCheck _gap = new();
    private readonly IntervalLengthCheck _length;
    private readonly DeviceStatusCheck _status = new();
    private readonly NegativeCheck _negative = new();
    private readonly PhysicalMaximumCheck _maximum;
    private readonly SpikeCheck _spike;
    private readonly RegisterOrderCheck _order = new();
    private readonly SumCheck _sum;
    private readonly DailySnapshotCheck _snapshot;

    public DayPipeline(RuleSet rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Rules = rules;
        _clock = new ClockToleranceCheck(rules.ClockWarnSeconds, rules.ClockFailSeconds);
        _length = new IntervalLengthCheck(rules.IntervalMinutes);
        _maximum = new PhysicalMaximumCheck(rules.ReferenceVoltage, rules.PhysicalMaximumFactor);
        _spike = new SpikeCheck(rules.SpikeRatio);
        _sum = new SumCheck(rules.IntervalStepWh, rules.IntervalRoundingIsCarried);
        _snapshot = new DailySnapshotCheck(_sum);
    }

    public RuleSet Rules { get; }

    /// <summary>What the last day brought up; cleared at the start of the next.</summary>
    public Findings Findings { get; } = new();

    /// <summary>V11's limit for an interval of an installed meter, Wh after the multiplier.</summary>
    public long IntervalMaximumWh(Installation installation, int phaseCount, int minutes) =>
        _maximum.LimitWh(installation.RatedCurrentA, phaseCount, installation.Multiplier, minutes);

    /// <summary>The registers of one meter over so many minutes, as V14 to V16 take them.</summary>
    public RegisterPart Part(Installation installation, int phaseCount, in RegisterReading opening, in RegisterReading closing, long minutes) =>
        new(
            opening.Value, closing.Value, installation.RegisterDigits, Math.Max(opening.Resolution, closing.Resolution), installation.Multiplier,
            _maximum.LimitWh(installation.RatedCurrentA, phaseCount, 1, minutes));

    /// <summary>V14's tolerance, Wh.</summary>
    public decimal SumTolerance(ReadOnlySpan<RegisterPart> registers, int intervalCount) => _sum.Tolerance(registers, intervalCount);

    /// <summary>Whether a drift is beyond the limit of V02.</summary>
    public bool ClockIsInDoubt(NodaTime.Duration drift) => _clock.Judge(drift) == Severity.Fail;

    /// <summary>Whether blocks of such intervals may be merged (V07).</summary>
    public bool IsAcceptedLength(int minutes, int configured) => _length.IsAccepted(minutes, configured);

    /// <summary>
    /// Runs the rules. States come in as RAW, MISSING or FAILED (by the meter's status) with the meter's flags; they go out as VALID, WARN,
    /// FAILED or MISSING, never RAW. The same values, flags, registers and clock checks give the same states everywhere.
    /// </summary>
    public void Validate(ref ValidationDay day)
    {
        Findings.Clear();
        day.SpikeAt = -1;
        day.Sum = SumVerdict.Skipped;
        day.Summary = DaySummary.Of(day.Values, day.Qualities);

        _identity.Check(ref day, Findings);
        _clock.Check(ref day, Findings);
        _count.Check(ref day, Findings);
        _alignment.Check(ref day, Findings);
        _gap.Check(ref day, Findings);
        _length.Check(ref day, Findings);
        _status.Check(ref day, Findings);
        if (!Findings.Found.IsEmpty) day.Summary = DaySummary.Of(day.Values, day.Qualities);

        if (day.Header.Type.IsIntervalEnergy())
        {
            int before = Findings.Found.Length;
            _negative.Check(ref day, Findings);
            _maximum.Check(ref day, Findings);
            if (Findings.Found.Length > before) day.Summary = DaySummary.Of(day.Values, day.Qualities);
            _spike.Check(ref day, Findings);

            _order.Check(ref day, Findings);
            _sum.Check(ref day, Findings);
            _spike.Conclude(ref day, Findings);
            _snapshot.Check(ref day, Findings);
        }
        Settle(day);
    }

    /// <summary>Runs the rules and writes the day's canonical octets.</summary>
    /// <param name="day">The day; its states are changed.</param>
    /// <param name="destination">At least <see cref="IntervalBlockCodec.EncodedLengthMax"/> octets.</param>
    /// <returns>Octets written.</returns>
    public int ValidateAndEncode(ref ValidationDay day, Span<byte> destination)
    {
        Validate(ref day);
        return IntervalBlockCodec.Encode(day.Header, 0, day.Values, day.Qualities, destination);
    }

    /// <summary>What no rule objected to is VALID.</summary>
    private static void Settle(in ValidationDay day)
    {
        foreach (ref IntervalQuality quality in day.Qualities)
        {
            if (quality.State == IntervalState.Raw) quality = quality with { State = IntervalState.Valid };
        }
    }
}

using NodaTime;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Tests.Vectors;

/// <summary>Runs one day through the pipeline and keeps what came out.</summary>
internal sealed class RunDay
{
    public static readonly Instant Start = Instant.FromUtc(2026, 4, 1, 18, 30);

    public RunDay(IReadOnlyList<long> values, RegisterPart[]? registers = null, Func<int, IntervalQuality>? quality = null, long maximumWh = 0, int minutes = 30)
    {
        Values = [.. values];
        Qualities = new IntervalQuality[values.Count];
        for (int i = 0; i < values.Count; i++) Qualities[i] = quality?.Invoke(i) ?? IntervalQuality.Raw;
        Pipeline = new DayPipeline(RuleSet.Default);
        var day = new ValidationDay
        {
            Header = new IntervalBlockHeader(new UsagePointId(1), ReadingType.ImportEnergy, Start, minutes, values.Count, 0, BlockCause.Received),
            Values = Values,
            Qualities = Qualities,
            DayStart = Start,
            ExpectedCount = values.Count,
            IntervalMaximumWh = maximumWh,
            Registers = registers,
            RegistersAreOfThisDay = true,
            OtherDaysAreComplete = true,
        };
        Pipeline.Validate(ref day);
        Sum = day.Sum;
        UsageWh = day.UsageWh;
        Summary = day.Summary;
    }

    public long[] Values { get; }

    public IntervalQuality[] Qualities { get; }

    public DayPipeline Pipeline { get; }

    public SumVerdict Sum { get; }

    public long? UsageWh { get; }

    public DaySummary Summary { get; }

    public Findings Findings => Pipeline.Findings;

    public Finding Found(RuleId rule)
    {
        Finding[] found = Findings.Found.ToArray();
        return Assert.Single(found, finding => finding.Rule == rule);
    }

    public static RegisterPart Register(long opening, long closing, int resolution = 1, int multiplier = 1, int digits = 6) =>
        new(opening, closing, digits, resolution, multiplier, 500_000);
}

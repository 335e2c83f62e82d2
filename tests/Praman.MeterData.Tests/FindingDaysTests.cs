using NodaTime;
using Praman.MeterData.Rules;
using Praman.MeterData.Validation;
using Praman.Metering;

namespace Praman.MeterData.Tests;

public class FindingDaysTests
{
    private static readonly Instant Day = Instant.FromUtc(2026, 4, 1, 18, 30);

    [Fact]
    public void ChannelsAndVersionsOfAMeterDayCountOnce()
    {
        var days = new FindingDays();
        Assert.True(days.Add(Found(1, 0, ReadingType.ImportEnergy, 0, RuleId.ClockTolerance)));
        Assert.False(days.Add(Found(1, 0, ReadingType.ImportEnergy, 1, RuleId.ClockTolerance)));
        Assert.True(days.Add(Found(1, 0, ReadingType.ImportEnergy, 1, RuleId.Spike)));
        Assert.False(days.Add(Found(1, 0, ReadingType.ExportEnergy, 0, RuleId.ClockTolerance)));
        Assert.True(days.Add(Found(2, 0, ReadingType.ImportEnergy, 0, RuleId.ClockTolerance)));
        Assert.True(days.Add(Found(1, 1, ReadingType.ImportEnergy, 0, RuleId.ClockTolerance)));
        Assert.Equal([(RuleId.ClockTolerance, 3), (RuleId.Spike, 1)], days.Counts.Select(pair => (pair.Key, pair.Value)));
    }

    private static StoredFinding Found(ulong usagePoint, int day, ReadingType type, int version, RuleId rule) =>
        new(new UsagePointId(usagePoint), type, Day + Duration.FromDays(day), version, new Finding(rule, Severity.Warn, Day));
}

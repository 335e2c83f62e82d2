using NodaTime;
using Praman.MeterData.Rules;
using Praman.Metering;

namespace Praman.MeterData.Validation;

/// <summary>V05: intervals start at whole multiples of their length in local time, and none lies outside its local day.</summary>
public sealed class AlignmentCheck : IValidationRule
{
    public RuleId Id => RuleId.Alignment;

    public void Check(ref ValidationDay day, Findings findings)
    {
        if (IsAligned(day.Header, day.DayStart, day.ExpectedCount)) return;
        findings.Add(Id, Severity.Fail, day.Header.Start, Offset(day.Header, day.DayStart), 0m, "not-on-the-grid");
        for (int i = 0; i < day.Qualities.Length; i++) if (day.Qualities[i].HasValue) day.Fail(i);
    }

    /// <summary>Whether a block's intervals fall on the grid of its local day.</summary>
    public static bool IsAligned(in IntervalBlockHeader header, Instant dayStart, int expectedCount)
    {
        if (header.IntervalMinutes <= 0 || header.Start < dayStart) return false;
        long ticks = (header.Start - dayStart).BclCompatibleTicks, interval = header.IntervalMinutes * NodaConstants.TicksPerMinute;
        return ticks % interval == 0 && (ticks / interval) + header.Count <= expectedCount;
    }

    private static decimal Offset(in IntervalBlockHeader header, Instant dayStart)
    {
        long minutes = (header.Start - dayStart).BclCompatibleTicks / NodaConstants.TicksPerMinute;
        return header.IntervalMinutes > 0 ? minutes % header.IntervalMinutes : minutes;
    }
}

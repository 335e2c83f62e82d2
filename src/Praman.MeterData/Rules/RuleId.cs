using System.Diagnostics.CodeAnalysis;

namespace Praman.MeterData.Rules;

/// <summary>A rule by its stable code (<c>VAL-SPIKE</c>) and its number in docs/reference/vee.md (<c>V13</c>). Codes never change.</summary>
public readonly record struct RuleId(string Code, string Number)
{
    public static readonly RuleId
        Identity = new("VAL-IDENTITY", "V01"),
        ClockTolerance = new("VAL-CLOCK", "V02"),
        IntervalCount = new("VAL-COUNT", "V03"),
        Duplicate = new("VAL-DUPLICATE", "V04"),
        Alignment = new("VAL-ALIGNMENT", "V05"),
        Gap = new("VAL-GAP", "V06"),
        IntervalLength = new("VAL-LENGTH", "V07"),
        DeviceStatus = new("VAL-STATUS", "V09"),
        Negative = new("VAL-NEGATIVE", "V10"),
        PhysicalMaximum = new("VAL-MAXIMUM", "V11"),
        Spike = new("VAL-SPIKE", "V13"),
        Sum = new("VAL-SUM", "V14"),
        RegisterOrder = new("VAL-REGISTER", "V15"),
        DailySnapshot = new("VAL-SNAPSHOT", "V16"),
        ScaleExtreme = new("EST-SCALE-EXTREME", "section 6"),
        ScaleNegative = new("EST-SCALE-NEGATIVE", "section 6"),
        NoEstimate = new("EST-NONE", "section 5");

    /// <summary>Every rule that writes findings, in the order of the run.</summary>
    public static IReadOnlyList<RuleId> All { get; } =
    [
        Identity, ClockTolerance, IntervalCount, Duplicate, Alignment, Gap, IntervalLength, DeviceStatus, Negative, PhysicalMaximum, Spike, Sum,
        RegisterOrder, DailySnapshot, ScaleExtreme, ScaleNegative, NoEstimate,
    ];

    /// <summary>Finds a rule by its code, as a store keeps it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? code, out RuleId rule)
    {
        foreach (RuleId known in All)
        {
            if (!string.Equals(known.Code, code, StringComparison.Ordinal)) continue;
            rule = known;
            return true;
        }
        rule = default;
        return false;
    }

    public override string ToString() => $"{Code} ({Number})";
}

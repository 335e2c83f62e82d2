using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>What a clock object shows and lets be set.</summary>
/// <param name="Time">The time that the device shows.</param>
/// <param name="SetTime">Sets it; read-write-denied where null.</param>
/// <param name="TimeZoneMinutes">Minutes as the device sends them in its deviation.</param>
public sealed record ClockBinding(
    Func<CosemContext, CosemDateTime> Time, Func<CosemContext, CosemDateTime, DataAccessResult>? SetTime, Func<CosemContext, short> TimeZoneMinutes);

/// <summary>Clock, class_id 8, version 0 (IEC 62056-6-2).</summary>
public sealed class Clock(ObisCode logicalName, ClockBinding binding) : CosemObject(logicalName)
{
    private readonly ClockBinding _binding = binding;

    public static CosemClass<Clock> Table { get; } = new(8, 0, "Clock",
        [
            new(2, "time", "date-time-octets", (k, c) => CosemData.DateTimeOctets(k._binding.Time(c)), (k, c, v) => k.Set(c, v)),
            new(3, "time_zone", CosemDataType.Long, (k, c) => CosemData.Long(k._binding.TimeZoneMinutes(c))),
            new(4, "status", CosemDataType.Unsigned, (k, c) => CosemData.Unsigned(k._binding.Time(c).ClockStatus)),
            new(5, "daylight_savings_begin", "date-time-octets", (_, _) => CosemData.DateTimeOctets(CosemDateTime.Wildcard)),
            new(6, "daylight_savings_end", "date-time-octets", (_, _) => CosemData.DateTimeOctets(CosemDateTime.Wildcard)),
            new(7, "daylight_savings_deviation", CosemDataType.Integer, (_, _) => CosemData.Integer(0)),
            new(8, "daylight_savings_enabled", CosemDataType.Boolean, (_, _) => CosemData.Boolean(false)),
            new(9, "clock_base", "enum[0..5]", (_, _) => CosemData.Enumeration(1), IsStatic: true), // internal crystal
        ],
        [
            new(1, "adjust_to_quarter", Methods.Denied, "integer"),
            new(2, "adjust_to_measuring_period", Methods.Denied, "integer"),
            new(3, "adjust_to_minute", Methods.Denied, "integer"),
            new(4, "adjust_to_preset_time", Methods.Denied, "integer"),
            new(5, "preset_adjusting_time", Methods.Denied, "{ preset_time: date-time-octets, validity_interval_start: date-time-octets, validity_interval_end: date-time-octets }"),
            new(6, "shift_time", Methods.Denied, "long[-900..900]"),
        ]);

    public override CosemClass Class => Table;

    private DataAccessResult Set(CosemContext context, CosemData value)
    {
        if (_binding.SetTime is null) return DataAccessResult.ReadWriteDenied;
        return value.TryGetDateTime(out CosemDateTime time) ? _binding.SetTime(context, time) : DataAccessResult.TypeUnmatched;
    }
}

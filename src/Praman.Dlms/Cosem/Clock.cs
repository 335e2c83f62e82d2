using NodaTime;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>What a clock object shows and lets be set.</summary>
/// <param name="Time">The time that the device shows.</param>
/// <param name="SetTime">Sets it; read-write-denied where null.</param>
/// <param name="TimeZoneMinutes">Minutes of local standard time as the device sends them in its deviation.</param>
public sealed record ClockBinding(
    Func<CosemContext, CosemDateTime> Time, Func<CosemContext, CosemDateTime, DataAccessResult>? SetTime, Func<CosemContext, short> TimeZoneMinutes)
{
    /// <summary>Sets the clock forward or back; its methods are refused where null.</summary>
    public Func<CosemContext, Duration, DataAccessResult>? Shift { get; init; }

    /// <summary>Length of a measuring period in seconds, a part of a day; without one it cannot be adjusted to.</summary>
    public Func<CosemContext, int>? MeasuringPeriodSeconds { get; init; }

    /// <summary>Where the device keeps a preset time, which two methods share; without a place both are refused.</summary>
    public (Func<CosemContext, ClockPreset?> Get, Action<CosemContext, ClockPreset> Set)? Preset { get; init; }

    /// <summary>The summer time that is, or comes next; null where there is none.</summary>
    public Func<CosemContext, SummerTime?>? SummerTime { get; init; }
}

/// <summary>A time that the clock may be set to while it shows one from <paramref name="Start"/> to <paramref name="End"/>, both included.</summary>
public sealed record ClockPreset(CosemDateTime Time, CosemDateTime Start, CosemDateTime End);

/// <summary>Summer time: the local times at which it begins and ends, each as clocks show it just before, and by how many minutes it is ahead.</summary>
public readonly record struct SummerTime(CosemDateTime Begin, CosemDateTime End, sbyte Minutes);

/// <summary>Clock, class_id 8, version 0 (IEC 62056-6-2).</summary>
public sealed class Clock(ObisCode logicalName, ClockBinding binding) : CosemObject(logicalName)
{
    private const int QuarterSeconds = 900, MinuteSeconds = 60;

    private readonly ClockBinding _binding = binding;

    public static CosemClass<Clock> Table { get; } = new(8, 0, "Clock",
        [
            new(2, "time", "date-time-octets", (k, c) => CosemData.DateTimeOctets(k._binding.Time(c)), (k, c, v) => k.Set(c, v)),
            new(3, "time_zone", CosemDataType.Long, (k, c) => CosemData.Long(k._binding.TimeZoneMinutes(c))),
            new(4, "status", CosemDataType.Unsigned, (k, c) => CosemData.Unsigned(k._binding.Time(c).ClockStatus)),
            new(5, "daylight_savings_begin", "date-time-octets", (k, c) => CosemData.DateTimeOctets(k.SummerAt(c)?.Begin ?? CosemDateTime.Wildcard)),
            new(6, "daylight_savings_end", "date-time-octets", (k, c) => CosemData.DateTimeOctets(k.SummerAt(c)?.End ?? CosemDateTime.Wildcard)),
            new(7, "daylight_savings_deviation", CosemDataType.Integer, (k, c) => CosemData.Integer(k.SummerAt(c)?.Minutes ?? 0)),
            new(8, "daylight_savings_enabled", CosemDataType.Boolean, (k, c) => CosemData.Boolean(k.SummerAt(c) is not null)),
            new(9, "clock_base", "enum[0..5]", (_, _) => CosemData.Enumeration(1), IsStatic: true), // internal crystal
        ],
        [
            new(1, "adjust_to_quarter", (Clock k, CosemContext c, CosemData _, out CosemData r) => k.AdjustTo(c, QuarterSeconds, out r), "integer"),
            new(2, "adjust_to_measuring_period", (Clock k, CosemContext c, CosemData _, out CosemData r) => k.AdjustTo(c, k._binding.MeasuringPeriodSeconds?.Invoke(c), out r), "integer"),
            new(3, "adjust_to_minute", (Clock k, CosemContext c, CosemData _, out CosemData r) => k.AdjustTo(c, MinuteSeconds, out r), "integer"),
            new(4, "adjust_to_preset_time", (Clock k, CosemContext c, CosemData _, out CosemData r) => k.AdjustToPreset(c, out r), "integer"),
            new(5, "preset_adjusting_time", (Clock k, CosemContext c, CosemData p, out CosemData r) => k.PresetTime(c, p, out r),
                "{ preset_time: date-time-octets, validity_interval_start: date-time-octets, validity_interval_end: date-time-octets }"),
            new(6, "shift_time", (Clock k, CosemContext c, CosemData p, out CosemData r) => k.Shift(c, Duration.FromSeconds(p.ToNumber()), out r), "long[-900..900]"),
        ]);

    public override CosemClass Class => Table;

    private SummerTime? SummerAt(CosemContext context) => _binding.SummerTime?.Invoke(context);

    private DataAccessResult Set(CosemContext context, CosemData value)
    {
        if (_binding.SetTime is null) return DataAccessResult.ReadWriteDenied;
        return value.TryGetDateTime(out CosemDateTime time) ? _binding.SetTime(context, time) : DataAccessResult.TypeUnmatched;
    }

    // To the nearest begin of such a part of the local day; half way is forward.
    private ActionResult AdjustTo(CosemContext context, int? seconds, out CosemData returned)
    {
        returned = default;
        if (seconds is not { } step) return ActionResult.ReadWriteDenied;
        long ticks = step * NodaConstants.TicksPerSecond, past = context.Device.LocalTimeAt(context.Now).TickOfDay % ticks;
        return past == 0 ? ActionResult.Success : Shift(context, Duration.FromTicks(past * 2 >= ticks ? ticks - past : -past), out returned);
    }

    private ActionResult Shift(CosemContext context, Duration by, out CosemData returned)
    {
        returned = default;
        return _binding.Shift is null ? ActionResult.ReadWriteDenied : (ActionResult)_binding.Shift(context, by);
    }

    private ActionResult PresetTime(CosemContext context, in CosemData parameters, out CosemData returned)
    {
        returned = default;
        if (_binding.Preset is not { } preset) return ActionResult.ReadWriteDenied;
        Offset offset = context.Device.OffsetAt(context.Now);
        foreach (ref readonly CosemData time in parameters.Items)
        {
            if (!time.TryGetDateTime(out CosemDateTime read) || !read.TryToInstant(offset, out _)) return ActionResult.OtherReason; // an open field is no time
        }
        preset.Set(context, new(TimeOf(parameters[0]), TimeOf(parameters[1]), TimeOf(parameters[2])));
        return ActionResult.Success;

        static CosemDateTime TimeOf(in CosemData time)
        {
            time.TryGetDateTime(out CosemDateTime read);
            return read;
        }
    }

    private ActionResult AdjustToPreset(CosemContext context, out CosemData returned)
    {
        returned = default;
        if (_binding.Preset is not { } place || _binding.SetTime is null) return ActionResult.ReadWriteDenied;
        Offset offset = context.Device.OffsetAt(context.Now);
        if (place.Get(context) is not { } preset || !preset.Start.TryToInstant(offset, out Instant start) || !preset.End.TryToInstant(offset, out Instant end)) return ActionResult.OtherReason;
        Instant shown = context.Device.LocalTimeAt(context.Now).WithOffset(offset).ToInstant();
        return shown >= start && shown <= end ? (ActionResult)_binding.SetTime(context, preset.Time) : ActionResult.OtherReason;
    }
}

using NodaTime;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>
/// Limiter, class_id 71, version 0 (IEC 62056-6-2): runs a script when a value has stayed above its threshold, another when it has stayed at or
/// below it. While an emergency profile of one of the device's groups is in force, the emergency threshold counts. A threshold of 0 is no limit.
/// </summary>
public sealed class Limiter
{
    private const string Scripts = "{ action_over_threshold: script-reference, action_under_threshold: script-reference }";

    private CosemData _normal = CosemData.DoubleLongUnsigned(0);
    private CosemData _emergency = CosemData.DoubleLongUnsigned(0);
    private CosemData _profile = CosemData.Structure(CosemData.LongUnsigned(0), CosemData.DateTimeOctets(CosemDateTime.Wildcard), CosemData.DoubleLongUnsigned(0));
    private CosemData _groups = CosemData.Array();
    private bool _tripped;
    private Instant? _since;

    public static CosemClass<Limiter> Table { get; } = new(71, 0, "Limiter",
        [
            new(2, "monitored_value", "attribute-reference", (l, _) => l.Monitored.ToData(), (l, c, v) => l.Set(c, 2, v), IsStatic: true),
            new(3, "threshold_active", "whole-number", (l, c) => l.IsEmergency(c.Now, c.Device.OffsetAt(c.Now)) ? l._emergency : l._normal),
            new(4, "threshold_normal", "whole-number", (l, _) => l._normal, (l, c, v) => l.Set(c, 4, v), IsStatic: true),
            new(5, "threshold_emergency", "whole-number", (l, _) => l._emergency, (l, c, v) => l.Set(c, 5, v), IsStatic: true),
            new(6, "min_over_threshold_duration", "double-long-unsigned", (l, _) => CosemData.DoubleLongUnsigned(l.OverSeconds), (l, c, v) => l.Set(c, 6, v), IsStatic: true),
            new(7, "min_under_threshold_duration", "double-long-unsigned", (l, _) => CosemData.DoubleLongUnsigned(l.UnderSeconds), (l, c, v) => l.Set(c, 7, v), IsStatic: true),
            new(8, "emergency_profile", "{ emergency_profile_id: long-unsigned, emergency_activation_time: date-time-octets, emergency_duration: double-long-unsigned }",
                (l, _) => l._profile, (l, c, v) => l.Set(c, 8, v), IsStatic: true),
            new(9, "emergency_profile_group_id_list", "array[32] of long-unsigned", (l, _) => l._groups, (l, c, v) => l.Set(c, 9, v), IsStatic: true),
            new(10, "emergency_profile_active", "boolean", (l, c) => CosemData.Boolean(l.IsEmergency(c.Now, c.Device.OffsetAt(c.Now)))),
            new(11, "actions", Scripts, (l, _) => CosemData.Structure(l.OverAction.ToData(), l.UnderAction.ToData()), (l, c, v) => l.Set(c, 11, v), IsStatic: true),
        ],
        []);

    /// <summary>What is limited.</summary>
    public AttributeDescriptor Monitored { get; set; }

    /// <summary>Threshold without an emergency, in the unit of what is limited.</summary>
    public long ThresholdNormal
    {
        get => _normal.ToNumber();
        init => _normal = CosemData.DoubleLongUnsigned((uint)value);
    }

    /// <summary>Threshold in an emergency.</summary>
    public long ThresholdEmergency
    {
        get => _emergency.ToNumber();
        init => _emergency = CosemData.DoubleLongUnsigned((uint)value);
    }

    /// <summary>How long a value must stay above.</summary>
    public uint OverSeconds { get; set; }

    /// <summary>How long it must stay at or below.</summary>
    public uint UnderSeconds { get; set; }

    /// <summary>What runs when it stayed above.</summary>
    public ScriptReference OverAction { get; set; }

    /// <summary>What runs when it came back.</summary>
    public ScriptReference UnderAction { get; set; }

    /// <summary>Takes what a client sets instead of this object, by attribute: where a device keeps its limits elsewhere.</summary>
    public Func<CosemContext, sbyte, CosemData, DataAccessResult>? Setting { get; init; }

    /// <summary>Told of each attribute that was set.</summary>
    public Action<CosemContext, sbyte>? Changed { get; init; }

    /// <summary>False while nothing is limited: no threshold, and no action to be taken back.</summary>
    public bool IsWatching => _tripped || ThresholdNormal != 0 || ThresholdEmergency != 0;

    /// <summary>True after the over action, until the under action.</summary>
    public bool IsTripped => _tripped;

    /// <summary>
    /// Takes the value of what is limited at an instant, in order, and gives the script to be run, or none. The value counts from this instant
    /// on, until the next call.
    /// </summary>
    public ScriptReference Evaluate(long value, Instant now, Offset offset)
    {
        long threshold = IsEmergency(now, offset) ? ThresholdEmergency : ThresholdNormal;
        bool over = threshold != 0 && value > threshold;
        if (over == _tripped)
        {
            _since = null; // nothing to count: it is where the last action put it
            return default;
        }
        _since ??= now;
        if (now - _since < Duration.FromSeconds(over ? OverSeconds : UnderSeconds)) return default;
        (_tripped, _since) = (over, null);
        return over ? OverAction : UnderAction;
    }

    /// <summary>When an action falls due if the value stays where it is; null where none does.</summary>
    public Instant? DueAt => _since + Duration.FromSeconds(_tripped ? UnderSeconds : OverSeconds);

    /// <summary>Reads what is limited from the device, evaluates it and runs what it calls for.</summary>
    public DataAccessResult Evaluate(CosemContext context)
    {
        DataAccessResult result = CosemAccess.Read(context, Monitored, 0, out CosemData read);
        if (result != DataAccessResult.Success) return result;
        if (!read.TryGetInt64(out long value)) return DataAccessResult.TypeUnmatched;
        return (DataAccessResult)CosemAccess.Execute(context, Evaluate(value, context.Now, context.Device.OffsetAt(context.Now)));
    }

    /// <summary>True while the emergency profile is in force: its id is of the device's groups, its time has come and not passed.</summary>
    public bool IsEmergency(Instant now, Offset offset)
    {
        if (!_groups.Items.Contains(_profile[0])) return false;
        if (!_profile[1].TryGetDateTime(out CosemDateTime begin) || !begin.TryToInstant(offset, out Instant from)) return false;
        return now >= from && now - from < Duration.FromSeconds(_profile[2].ToNumber()); // no sum, which could pass the end of time
    }

    private DataAccessResult Set(CosemContext context, sbyte attribute, in CosemData value)
    {
        if (Setting is not null) return Setting(context, attribute, value);
        switch (attribute)
        {
            case 2: Monitored = value.ToAttribute(); break;
            case 4: _normal = value; break;
            case 5: _emergency = value; break;
            case 6: OverSeconds = (uint)value.ToNumber(); break;
            case 7: UnderSeconds = (uint)value.ToNumber(); break;
            case 8: _profile = value; break;
            case 9: _groups = value; break;
            default: (OverAction, UnderAction) = (ScriptReference.From(value[0]), ScriptReference.From(value[1])); break;
        }
        _since = null; // what was counted was counted by other rules
        Changed?.Invoke(context, attribute);
        return DataAccessResult.Success;
    }
}

using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>What a limiter watches and what it may be set to. Thresholds are in the unit of the monitored value; 0 is no limit.</summary>
public sealed record LimiterBinding(
    Func<CosemContext, uint> Threshold, Func<CosemContext, uint, DataAccessResult> SetThreshold,
    Func<CosemContext, uint> OverDurationSeconds, Func<CosemContext, uint, DataAccessResult> SetOverDuration);

/// <summary>Limiter, class_id 71, version 0 (IEC 62056-6-2): cuts the supply when a value stays above a threshold.</summary>
public sealed class Limiter(ObisCode logicalName, AttributeDescriptor monitored, MethodDescriptor onOver, LimiterBinding binding) : CosemObject(logicalName)
{
    private readonly AttributeDescriptor _monitored = monitored;
    private readonly MethodDescriptor _onOver = onOver;
    private readonly LimiterBinding _binding = binding;

    public static CosemClass<Limiter> Table { get; } = new(71, 0, "Limiter",
        [
            new(2, "monitored_value", CosemDataType.Structure, (l, _) => CosemData.Structure(CosemData.LongUnsigned(l._monitored.ClassId),
                CosemData.LogicalName(l._monitored.LogicalName), CosemData.Integer(l._monitored.AttributeId)), IsStatic: true),
            new(3, "threshold_active", CosemDataType.DoubleLongUnsigned, (l, c) => CosemData.DoubleLongUnsigned(l._binding.Threshold(c))),
            new(4, "threshold_normal", CosemDataType.DoubleLongUnsigned, (l, c) => CosemData.DoubleLongUnsigned(l._binding.Threshold(c)),
                (l, c, v) => v.TryGetInt64(out long watts) ? l._binding.SetThreshold(c, (uint)watts) : DataAccessResult.TypeUnmatched),
            new(5, "threshold_emergency", CosemDataType.DoubleLongUnsigned, (_, _) => CosemData.DoubleLongUnsigned(0)),
            new(6, "min_over_threshold_duration", CosemDataType.DoubleLongUnsigned, (l, c) => CosemData.DoubleLongUnsigned(l._binding.OverDurationSeconds(c)),
                (l, c, v) => v.TryGetInt64(out long seconds) ? l._binding.SetOverDuration(c, (uint)seconds) : DataAccessResult.TypeUnmatched),
            new(7, "min_under_threshold_duration", CosemDataType.DoubleLongUnsigned, (_, _) => CosemData.DoubleLongUnsigned(0)),
            new(8, "emergency_profile", CosemDataType.Structure, (_, _) => CosemData.Structure(
                CosemData.LongUnsigned(0), CosemData.DateTimeOctets(CosemDateTime.Wildcard), CosemData.DoubleLongUnsigned(0))),
            new(9, "emergency_profile_group_id_list", CosemDataType.Array, (_, _) => CosemData.Array()),
            new(10, "emergency_profile_active", CosemDataType.Boolean, (_, _) => CosemData.Boolean(false)),
            new(11, "actions", CosemDataType.Structure, (l, _) => CosemData.Structure(Script(l._onOver), Script(default))),
        ],
        []);

    public override CosemClass Class => Table;

    private static CosemData Script(MethodDescriptor method) =>
        CosemData.Structure(CosemData.LogicalName(method.LogicalName), CosemData.LongUnsigned((ushort)method.MethodId));
}

using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>ExtendedRegister, class_id 4, version 0 (IEC 62056-6-2): a register with a status and the time of its value, as maximum demands are.</summary>
public sealed class ExtendedRegister(ObisCode logicalName, ScalerUnit scalerUnit, Func<CosemContext, (CosemData Value, CosemDateTime CapturedAt)> value)
    : CosemObject(logicalName)
{
    private readonly Func<CosemContext, (CosemData Value, CosemDateTime CapturedAt)> _value = value;

    public ScalerUnit ScalerUnit { get; } = scalerUnit;

    public static CosemClass<ExtendedRegister> Table { get; } = new(4, 0, "ExtendedRegister",
        [
            new(2, "value", "any", (r, c) => r._value(c).Value),
            new(3, "scaler_unit", "scaler-unit", (r, _) => CosemData.Of(r.ScalerUnit), IsStatic: true),
            new(4, "status", "any", (r, c) => r.Status?.Invoke(c) ?? CosemData.Unsigned(0)),
            new(5, "capture_time", "date-time-octets", (r, c) => CosemData.DateTimeOctets(r._value(c).CapturedAt)),
        ],
        [new(1, "reset", (ExtendedRegister r, CosemContext c, CosemData _, out CosemData returned) => r.DoReset(c, out returned), "integer")]);

    /// <summary>What is to be said of the value; 0 where null.</summary>
    public Func<CosemContext, CosemData>? Status { get; init; }

    /// <summary>Carries out the method reset; refused where null.</summary>
    public Func<CosemContext, ActionResult>? Reset { get; init; }

    public override CosemClass Class => Table;

    private ActionResult DoReset(CosemContext context, out CosemData returned)
    {
        returned = default;
        return Reset?.Invoke(context) ?? ActionResult.ReadWriteDenied;
    }
}

using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>Register, class_id 3, version 0 (IEC 62056-6-2). Engineering value = value × 10^scaler, in the unit.</summary>
public sealed class Register(ObisCode logicalName, ScalerUnit scalerUnit, Func<CosemContext, CosemData> value) : CosemObject(logicalName)
{
    private readonly Func<CosemContext, CosemData> _value = value;

    public ScalerUnit ScalerUnit { get; } = scalerUnit;

    public static CosemClass<Register> Table { get; } = new(3, 0, "Register",
        [
            new(2, "value", "any", (r, c) => r._value(c)),
            new(3, "scaler_unit", "scaler-unit", (r, _) => CosemData.Of(r.ScalerUnit), IsStatic: true),
        ],
        [new(1, "reset", Methods.Denied, "integer")]); // cumulative registers of a meter that bills are never reset

    public override CosemClass Class => Table;
}

using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>Data, class_id 1, version 0 (IEC 62056-6-2): one value of any type.</summary>
public sealed class Data(ObisCode logicalName, Func<CosemContext, CosemData> value, Func<CosemContext, CosemData, DataAccessResult>? set = null)
    : CosemObject(logicalName)
{
    private readonly Func<CosemContext, CosemData> _value = value;
    private readonly Func<CosemContext, CosemData, DataAccessResult>? _set = set;

    public static CosemClass<Data> Table { get; } = new(1, 0, "Data",
        [new(2, "value", CosemDataType.NullData, (d, c) => d._value(c), (d, c, v) => d._set?.Invoke(c, v) ?? DataAccessResult.ReadWriteDenied)],
        []);

    public override CosemClass Class => Table;
}

using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Meter.Definitions;

/// <summary>An object of any class whose attributes always show the same: what a definition says they hold.</summary>
internal sealed class FixedObject : CosemObject
{
    public FixedObject(ushort classId, byte version, ObisCode logicalName, IReadOnlyDictionary<sbyte, CosemData> attributes)
        : base(logicalName) => Class = new CosemClass<FixedObject>(classId, version, $"class {classId}",
            [.. attributes.OrderBy(a => a.Key).Select(a => new AttributeOf<FixedObject>(a.Key, $"attribute_{a.Key}", a.Value.Type, (_, _) => a.Value, IsStatic: true))], []);

    public override CosemClass Class { get; }
}

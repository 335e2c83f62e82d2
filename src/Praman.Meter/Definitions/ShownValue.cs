using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Meter.Definitions;

/// <summary>What the value attribute of an object shows: a quantity as a type and a scaler, or always the same.</summary>
internal sealed class ShownValue
{
    private readonly MeterQuantity? _quantity;
    private readonly CosemDataType _type;
    private readonly CosemData _fixed;

    public ShownValue(CosemData value, ScalerUnit scalerUnit) => (_fixed, ScalerUnit) = (value, scalerUnit);

    public ShownValue(MeterQuantity quantity, CosemDataType type, ScalerUnit scalerUnit) => (_quantity, _type, ScalerUnit) = (quantity, type, scalerUnit);

    public ScalerUnit ScalerUnit { get; }

    /// <summary>True for a maximum of the intervals in which its rate was in force.</summary>
    public bool IsRateMaximum => _quantity?.Maximum is { Rate: not null };

    public CosemData At(in ReadingPoint point)
    {
        if (_quantity is null) return _fixed;
        return _quantity.Data is { } text ? text(point) : Number(_quantity.In(point, ScalerUnit.Scaler), _quantity.Total is not null && !_quantity.IsInterval);
    }

    /// <summary>The time of a maximum; not specified where the value is none.</summary>
    public Praman.Dlms.CosemDateTime CapturedAt(in ReadingPoint point) =>
        _quantity?.CapturedAt is { } at ? point.Meter.Stamp(at(point)) : Praman.Dlms.CosemDateTime.Wildcard;

    // Cumulative registers roll over as a meter's do; what is measured stops at the end of its type.
    private CosemData Number(long value, bool rollsOver) => _type switch
    {
        CosemDataType.Integer => CosemData.Integer((sbyte)Math.Clamp(value, sbyte.MinValue, sbyte.MaxValue)),
        CosemDataType.Long => CosemData.Long((short)Math.Clamp(value, short.MinValue, short.MaxValue)),
        CosemDataType.DoubleLong => CosemData.DoubleLong((int)Math.Clamp(value, int.MinValue, int.MaxValue)),
        CosemDataType.Long64 => CosemData.Long64(value),
        CosemDataType.Unsigned => CosemData.Unsigned((byte)Math.Clamp(value, 0, byte.MaxValue)),
        CosemDataType.Enum => CosemData.Enumeration((byte)Math.Clamp(value, 0, byte.MaxValue)),
        CosemDataType.LongUnsigned => CosemData.LongUnsigned((ushort)Math.Clamp(value, 0, ushort.MaxValue)),
        CosemDataType.DoubleLongUnsigned => CosemData.DoubleLongUnsigned(rollsOver ? unchecked((uint)value) : (uint)Math.Clamp(value, 0, uint.MaxValue)),
        CosemDataType.Long64Unsigned => CosemData.Long64Unsigned((ulong)Math.Max(0, value)),
        CosemDataType.Boolean => CosemData.Boolean(value != 0),
        _ => CosemData.Null, // the reader of definitions lets no other through
    };
}

using Praman.Dlms;
using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Meter.Events;
using Praman.Metering;

namespace Praman.Meter.Parts;

/// <summary>
/// An alarm register: a bit an event, in the order of the type's list, the lowest first. A bit that is newly set and passes the filter begins the alarm
/// pushes. What a client writes stays of it: 0 clears a bit.
/// </summary>
internal sealed class AlarmPart(MeterParts parts, ObisCode name, IReadOnlyList<MeterEventCode> events) : MeterPart(new object())
{
    /// <summary>Bits of an alarm register.</summary>
    public const int BitCount = 32;

    public ObisCode Name { get; } = name;

    public uint Bits { get; private set; }

    public uint Filter { get; private set; } = uint.MaxValue;

    public override void Recorded(CosemContext context, MeterEvent entry)
    {
        uint before = Bits;
        for (int bit = 0; bit < events.Count; bit++)
        {
            if (events[bit] == entry.Code) Bits |= 1u << bit;
        }
        if ((Bits & ~before & Filter) == 0) return;
        foreach (PushPart push in parts.OfKind<PushPart>()) push.Alarm(context.Now);
    }

    public DataAccessResult Keep(in CosemData value)
    {
        if (!TryBits(value, out uint kept)) return DataAccessResult.TypeUnmatched;
        Bits &= kept;
        return DataAccessResult.Success;
    }

    public DataAccessResult SetFilter(in CosemData value)
    {
        if (!TryBits(value, out uint filter)) return DataAccessResult.TypeUnmatched;
        Filter = filter;
        return DataAccessResult.Success;
    }

    private static bool TryBits(in CosemData value, out uint bits)
    {
        bits = value.TryGetInt64(out long number) ? unchecked((uint)number) : 0;
        return value.Type == CosemDataType.DoubleLongUnsigned;
    }
}

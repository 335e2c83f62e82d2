using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>A script of a script table: what calendars, monitors and limiters run (IEC 62056-6-2, class 9).</summary>
public readonly record struct ScriptReference(ObisCode ScriptTable, ushort Selector)
{
    /// <summary>True where it names none: selector 0.</summary>
    public bool IsNone => Selector == 0;

    public CosemData ToData() => CosemData.Structure(CosemData.LogicalName(ScriptTable), CosemData.LongUnsigned(Selector));

    /// <summary>Reads a structure of name and selector whose shape is known.</summary>
    internal static ScriptReference From(in CosemData data) => new(data[0].ToName(), (ushort)data[1].ToNumber());
}

/// <summary>Attributes that are set and methods that act without a condition.</summary>
internal static class Changes
{
    /// <summary>A change that a valid value always makes.</summary>
    public static DataAccessResult Set(Action change)
    {
        change();
        return DataAccessResult.Success;
    }

    /// <summary>A change that a method always makes, and that returns nothing.</summary>
    public static ActionResult Do(Action change, out CosemData returned)
    {
        returned = default;
        change();
        return ActionResult.Success;
    }
}

/// <summary>Parts of values whose shape was checked before.</summary>
internal static class CheckedData
{
    /// <summary>The whole number; 0 for what is none.</summary>
    public static long ToNumber(in this CosemData data) => data.TryGetInt64(out long value) ? value : 0;

    /// <summary>The logical name.</summary>
    public static ObisCode ToName(in this CosemData data) => data.TryGetObisCode(out ObisCode name) ? name : default;

    /// <summary>The attribute of a structure that begins with class, name and attribute.</summary>
    public static AttributeDescriptor ToAttribute(in this CosemData data) =>
        new((ushort)data[0].ToNumber(), data[1].ToName(), (sbyte)data[2].ToNumber());

    /// <summary>An attribute as a structure of class, name and attribute.</summary>
    public static CosemData ToData(this AttributeDescriptor attribute) => CosemData.Structure(
        CosemData.LongUnsigned(attribute.ClassId), CosemData.LogicalName(attribute.LogicalName), CosemData.Integer(attribute.AttributeId));

    /// <summary>The bit of a bit-string, counted from 0 at its beginning; false beyond its end.</summary>
    public static bool Bit(in this CosemData data, int index) =>
        index < data.BitCount && (data.OctetSpan[index >> 3] >> (7 - (index & 7)) & 1) != 0;

    /// <summary>A bit-string of flags, the first flag first.</summary>
    public static CosemData BitString(ReadOnlySpan<bool> flags)
    {
        byte[] octets = new byte[(flags.Length + 7) / 8];
        for (int i = 0; i < flags.Length; i++)
        {
            if (flags[i]) octets[i >> 3] |= (byte)(0x80 >> (i & 7));
        }
        return CosemData.BitString(octets, flags.Length);
    }

    /// <summary>An instant as twelve octets at the device's offset.</summary>
    public static CosemData Stamp(CosemContext context, NodaTime.Instant? at) =>
        CosemData.DateTimeOctets(at is { } known ? CosemDateTime.From(known, context.Device.OffsetAt(known)) : CosemDateTime.Wildcard);
}

using Praman.Dlms.Axdr;

namespace Praman.Dlms;

/// <summary>
/// The part of an attribute that is asked for: of a profile's buffer selector 1 is a range of values, 2 a range of entries
/// (IEC 62056-5-3, Selective-Access-Descriptor; IEC 62056-6-2, Profile generic).
/// </summary>
public sealed record SelectiveAccess(byte Selector, CosemData Parameters)
{
    public const byte RangeSelector = 1, EntrySelector = 2;

    private static readonly Praman.Metering.ObisCode Clock = new(0, 0, 1, 0, 0, 255);

    /// <summary>Rows whose clock (0-0:1.0.0.255, attribute 2) lies in [<paramref name="from"/>, <paramref name="to"/>], all columns.</summary>
    public static SelectiveAccess Range(CosemDateTime from, CosemDateTime to) =>
        Range(new AttributeDescriptor(8, Clock, 2), CosemData.DateTimeOctets(from), CosemData.DateTimeOctets(to), []);

    /// <summary>Rows whose <paramref name="restricting"/> column lies in [from, to]; columns in <paramref name="columns"/>, all where empty.</summary>
    public static SelectiveAccess Range(AttributeDescriptor restricting, CosemData from, CosemData to, params CosemData[] columns) =>
        new(RangeSelector, CosemData.Structure(CaptureObject(restricting), from, to, CosemData.Array(columns)));

    /// <summary>Entries numbered from 1; <paramref name="to"/> 0 is the last. Columns from 1; <paramref name="toColumn"/> 0 is the last.</summary>
    public static SelectiveAccess Entry(uint from, uint to, ushort fromColumn = 1, ushort toColumn = 0) =>
        new(EntrySelector, CosemData.Structure(
            CosemData.DoubleLongUnsigned(from), CosemData.DoubleLongUnsigned(to), CosemData.LongUnsigned(fromColumn), CosemData.LongUnsigned(toColumn)));

    /// <summary>A capture object definition: class, logical name, attribute, data index 0.</summary>
    public static CosemData CaptureObject(AttributeDescriptor attribute) => CosemData.Structure(
        CosemData.LongUnsigned(attribute.ClassId), CosemData.LogicalName(attribute.LogicalName),
        CosemData.Integer(attribute.AttributeId), CosemData.LongUnsigned(0));

    /// <summary>The parts of a range selector; false where the parameters are not of that form.</summary>
    public bool TryGetRange(out AttributeDescriptor restricting, out CosemData from, out CosemData to, out CosemData columns)
    {
        restricting = default;
        from = to = columns = default;
        if (Selector != RangeSelector || Parameters.Type != CosemDataType.Structure || Parameters.Count != 4) return false;
        CosemData capture = Parameters[0];
        (from, to, columns) = (Parameters[1], Parameters[2], Parameters[3]);
        if (capture.Type != CosemDataType.Structure || capture.Count != 4 || columns.Type is not (CosemDataType.Array or CosemDataType.NullData))
            return false;
        if (!capture[0].TryGetInt64(out long classId) || classId is < 0 or > ushort.MaxValue || !capture[1].TryGetObisCode(out var name)
            || !capture[2].TryGetInt64(out long attribute) || attribute is < sbyte.MinValue or > sbyte.MaxValue) return false;
        restricting = new((ushort)classId, name, (sbyte)attribute);
        return true;
    }

    /// <summary>The parts of an entry selector; false where the parameters are not of that form.</summary>
    public bool TryGetEntry(out uint from, out uint to, out ushort fromColumn, out ushort toColumn)
    {
        (from, to, fromColumn, toColumn) = (0, 0, 0, 0);
        if (Selector != EntrySelector || Parameters.Type != CosemDataType.Structure || Parameters.Count != 4) return false;
        if (!Parameters[0].TryGetInt64(out long first) || !Parameters[1].TryGetInt64(out long last)
            || !Parameters[2].TryGetInt64(out long firstColumn) || !Parameters[3].TryGetInt64(out long lastColumn)) return false;
        if (first is < 0 or > uint.MaxValue || last is < 0 or > uint.MaxValue || firstColumn is < 0 or > ushort.MaxValue || lastColumn is < 0 or > ushort.MaxValue)
            return false;
        (from, to, fromColumn, toColumn) = ((uint)first, (uint)last, (ushort)firstColumn, (ushort)lastColumn);
        return true;
    }
}

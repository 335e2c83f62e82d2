using System.Diagnostics.CodeAnalysis;
using Praman.Dlms.Axdr;
using Praman.Metering;

namespace Praman.Dlms.Cosem;

/// <summary>A column of a profile: an attribute of an object, and within it an element (0 is the whole attribute) (IEC 62056-6-2, class 7, attribute 3).</summary>
public readonly record struct CaptureObject(ushort ClassId, ObisCode LogicalName, sbyte AttributeId, ushort DataIndex = 0)
{
    /// <summary>Most columns of a profile: the billing profile of an Indian meter of category C has 116.</summary>
    public const int CountMax = 128;

    public AttributeDescriptor Attribute => new(ClassId, LogicalName, AttributeId);

    public CosemData ToData() => CosemData.Structure(CosemData.LongUnsigned(ClassId), CosemData.LogicalName(LogicalName),
        CosemData.Integer(AttributeId), CosemData.LongUnsigned(DataIndex));

    /// <summary>Reads one definition; false where it is not a structure of class, name, attribute and index.</summary>
    public static bool TryFrom(in CosemData data, out CaptureObject capture)
    {
        capture = default;
        if (data.Type != CosemDataType.Structure || data.Count != 4) return false;
        if (!data[0].TryGetInt64(out long classId) || classId is < 0 or > ushort.MaxValue || !data[1].TryGetObisCode(out ObisCode name)) return false;
        if (!data[2].TryGetInt64(out long attribute) || attribute is < sbyte.MinValue or > sbyte.MaxValue) return false;
        if (!data[3].TryGetInt64(out long index) || index is < 0 or > ushort.MaxValue) return false;
        capture = new((ushort)classId, name, (sbyte)attribute, (ushort)index);
        return true;
    }

    /// <summary>Reads attribute 3 of a profile.</summary>
    public static bool TryFromArray(in CosemData data, [NotNullWhen(true)] out CaptureObject[]? captures)
    {
        captures = null;
        if (data.Type != CosemDataType.Array || data.Count > ProfileRowReader.ColumnCountMax) return false;
        var read = new CaptureObject[data.Count];
        for (int i = 0; i < read.Length; i++)
        {
            if (!TryFrom(data[i], out read[i])) return false;
        }
        captures = read;
        return true;
    }
}

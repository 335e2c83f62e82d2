using Praman.Metering;

namespace Praman.Dlms.Axdr;

// Data values with their tags, for writers that stream a row without building a tree.
public ref partial struct AxdrWriter
{
    /// <summary>Writes one Data value of any type.</summary>
    public void WriteData(in CosemData value)
    {
        CosemDataType type = value.Type;
        WriteByte((byte)type);
        if (type is CosemDataType.Array or CosemDataType.Structure)
        {
            WriteLength(value.Count);
            foreach (ref readonly CosemData item in value.Items) WriteData(item);
        }
        else WriteUntagged(value);
    }

    /// <summary>Writes a value without its tag, as in a compact-array; of an array or a structure the elements only.</summary>
    internal void WriteUntagged(in CosemData value)
    {
        CosemDataType type = value.Type;
        switch (type)
        {
            case CosemDataType.Array or CosemDataType.Structure:
                foreach (ref readonly CosemData item in value.Items) WriteUntagged(item);
                break;
            case CosemDataType.BitString:
                WriteLength(value.BitCount);
                WriteBytes(value.OctetSpan);
                break;
            case CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String:
                WriteOctets(value.OctetSpan);
                break;
            case CosemDataType.DateTime or CosemDataType.Date or CosemDataType.Time or CosemDataType.CompactArray:
                WriteBytes(value.OctetSpan);
                break;
            default:
                WriteBits(value.Bits, type.FixedSize());
                break;
        }
    }

    public void WriteArrayHeader(int count)
    {
        WriteByte((byte)CosemDataType.Array);
        WriteLength(count);
    }

    public void WriteStructureHeader(int count)
    {
        WriteByte((byte)CosemDataType.Structure);
        WriteLength(count);
    }

    public void WriteNullData() => WriteByte((byte)CosemDataType.NullData);

    public void WriteBooleanData(bool value)
    {
        WriteByte((byte)CosemDataType.Boolean);
        WriteBoolean(value);
    }

    public void WriteUnsigned(byte value)
    {
        WriteByte((byte)CosemDataType.Unsigned);
        WriteByte(value);
    }

    public void WriteInteger(sbyte value)
    {
        WriteByte((byte)CosemDataType.Integer);
        WriteByte((byte)value);
    }

    public void WriteEnum(byte value)
    {
        WriteByte((byte)CosemDataType.Enum);
        WriteByte(value);
    }

    public void WriteLong(short value)
    {
        WriteByte((byte)CosemDataType.Long);
        WriteUInt16((ushort)value);
    }

    public void WriteLongUnsigned(ushort value)
    {
        WriteByte((byte)CosemDataType.LongUnsigned);
        WriteUInt16(value);
    }

    public void WriteDoubleLong(int value)
    {
        WriteByte((byte)CosemDataType.DoubleLong);
        WriteUInt32((uint)value);
    }

    public void WriteDoubleLongUnsigned(uint value)
    {
        WriteByte((byte)CosemDataType.DoubleLongUnsigned);
        WriteUInt32(value);
    }

    public void WriteLong64Unsigned(ulong value)
    {
        WriteByte((byte)CosemDataType.Long64Unsigned);
        WriteUInt64(value);
    }

    public void WriteOctetString(scoped ReadOnlySpan<byte> value)
    {
        WriteByte((byte)CosemDataType.OctetString);
        WriteOctets(value);
    }

    /// <summary>Writes a logical name as an octet-string of six.</summary>
    public void WriteLogicalName(ObisCode code)
    {
        WriteByte((byte)CosemDataType.OctetString);
        WriteByte(ObisCode.Length);
        WriteObisCode(code);
    }

    /// <summary>Writes a date-time as an octet-string of twelve, as meters do in profiles and clocks.</summary>
    public void WriteDateTimeOctets(in CosemDateTime value)
    {
        WriteByte((byte)CosemDataType.OctetString);
        WriteByte(CosemDateTime.Length);
        value.CopyTo(Take(CosemDateTime.Length));
    }

    /// <summary>Writes scaler and unit as the structure of attribute 3 of a register.</summary>
    public void WriteScalerUnit(ScalerUnit scalerUnit)
    {
        WriteStructureHeader(2);
        WriteInteger(scalerUnit.Scaler);
        WriteEnum((byte)scalerUnit.Unit);
    }

    private void WriteBits(ulong bits, int size)
    {
        Span<byte> place = Take(size);
        for (int index = size - 1; index >= 0; index--, bits >>= 8) place[index] = (byte)bits;
    }
}

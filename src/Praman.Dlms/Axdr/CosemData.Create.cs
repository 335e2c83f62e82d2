using System.Text;
using Praman.Metering;

namespace Praman.Dlms.Axdr;

public readonly partial struct CosemData
{
    /// <summary>null-data: nothing, or "as before" in a profile row.</summary>
    public static CosemData Null => default;

    public static CosemData DontCare => Scalar(CosemDataType.DontCare, 0);

    public static CosemData Boolean(bool value) => Scalar(CosemDataType.Boolean, value ? 1UL : 0);

    public static CosemData Integer(sbyte value) => Scalar(CosemDataType.Integer, (ulong)value);

    public static CosemData Long(short value) => Scalar(CosemDataType.Long, (ulong)value);

    public static CosemData DoubleLong(int value) => Scalar(CosemDataType.DoubleLong, (ulong)value);

    public static CosemData Long64(long value) => Scalar(CosemDataType.Long64, (ulong)value);

    public static CosemData Unsigned(byte value) => Scalar(CosemDataType.Unsigned, value);

    public static CosemData LongUnsigned(ushort value) => Scalar(CosemDataType.LongUnsigned, value);

    public static CosemData DoubleLongUnsigned(uint value) => Scalar(CosemDataType.DoubleLongUnsigned, value);

    public static CosemData Long64Unsigned(ulong value) => Scalar(CosemDataType.Long64Unsigned, value);

    public static CosemData Enumeration(byte value) => Scalar(CosemDataType.Enum, value);

    public static CosemData Bcd(byte value) => Scalar(CosemDataType.Bcd, value);

    public static CosemData Float32(float value) => Scalar(CosemDataType.Float32, BitConverter.SingleToUInt32Bits(value));

    public static CosemData Float64(double value) => Scalar(CosemDataType.Float64, BitConverter.DoubleToUInt64Bits(value));

    public static CosemData OctetString(ReadOnlySpan<byte> value) => Octets(CosemDataType.OctetString, value.ToArray(), 0, value.Length);

    /// <summary>An octet-string over memory that the caller gives away: it must not change afterwards.</summary>
    public static CosemData OctetStringOver(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Octets(CosemDataType.OctetString, value, 0, value.Length);
    }

    /// <summary>A logical name as an octet-string of six.</summary>
    public static CosemData LogicalName(ObisCode code)
    {
        byte[] octets = new byte[ObisCode.Length];
        code.CopyTo(octets);
        return OctetStringOver(octets);
    }

    /// <summary>A visible-string; characters outside Latin-1 become '?'.</summary>
    public static CosemData VisibleString(string value)
    {
        byte[] octets = Encoding.Latin1.GetBytes(value);
        return Octets(CosemDataType.VisibleString, octets, 0, octets.Length);
    }

    public static CosemData Utf8String(string value)
    {
        byte[] octets = Encoding.UTF8.GetBytes(value);
        return Octets(CosemDataType.Utf8String, octets, 0, octets.Length);
    }

    /// <summary>A bit-string: the first bit is the highest of the first octet.</summary>
    public static CosemData BitString(ReadOnlySpan<byte> octets, int bitCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bitCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(octets.Length, (int)((bitCount + 7L) / 8), nameof(octets));
        return Octets(CosemDataType.BitString, octets.ToArray(), 0, bitCount);
    }

    /// <summary>A date-time of the type date-time (tag 25).</summary>
    public static CosemData DateTime(in CosemDateTime value) => Octets(CosemDataType.DateTime, value.ToOctets(), 0, CosemDateTime.Length);

    /// <summary>A date-time in an octet-string of twelve, as clocks and profiles carry it.</summary>
    public static CosemData DateTimeOctets(in CosemDateTime value) => Octets(CosemDataType.OctetString, value.ToOctets(), 0, CosemDateTime.Length);

    /// <summary>A date: year, month, day of month, day of week in five octets (tag 26).</summary>
    public static CosemData Date(ReadOnlySpan<byte> fiveOctets) => OfFixedSize(CosemDataType.Date, fiveOctets);

    /// <summary>A time: hour, minute, second, hundredths in four octets (tag 27).</summary>
    public static CosemData Time(ReadOnlySpan<byte> fourOctets) => OfFixedSize(CosemDataType.Time, fourOctets);

    public static CosemData Structure(params CosemData[] items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return Compound(CosemDataType.Structure, items, 0, items.Length);
    }

    public static CosemData Array(params CosemData[] items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return Compound(CosemDataType.Array, items, 0, items.Length);
    }

    /// <summary>Scaler and unit as a structure of an integer and an enum.</summary>
    public static CosemData Of(ScalerUnit scalerUnit) => Structure(Integer(scalerUnit.Scaler), Enumeration((byte)scalerUnit.Unit));

    private static CosemData OfFixedSize(CosemDataType type, ReadOnlySpan<byte> octets)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(octets.Length, type.FixedSize(), nameof(octets));
        return Octets(type, octets.ToArray(), 0, octets.Length);
    }
}

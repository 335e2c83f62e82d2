using System.Buffers;
using System.Text;
using Praman.Metering;

namespace Praman.Dlms.Axdr;

/// <summary>
/// One COSEM Data value of any type, as an immutable tree (IEC 62056-5-3, Data). Sixteen octets by value: a scalar holds its bits, an
/// octet-string and a list point into memory that the whole tree shares. The default value is null-data.
/// </summary>
public readonly partial struct CosemData : IEquatable<CosemData>
{
    private const int PlaceBits = 28;
    private const int PlaceMax = (1 << PlaceBits) - 1;

    // A TypeTag for scalars (so that _bits is free for 64 bits), a byte[] for octets, a CosemData[] for lists, null for null-data.
    private readonly object? _reference;
    private readonly ulong _bits;

    private CosemData(object? reference, ulong bits)
    {
        _reference = reference;
        _bits = bits;
    }

    public CosemDataType Type => _reference switch
    {
        null => CosemDataType.NullData,
        TypeTag tag => tag.Type,
        _ => (CosemDataType)(_bits >> (2 * PlaceBits)),
    };

    public bool IsNull => _reference is null;

    /// <summary>Elements of an array or structure; 0 for all else (a compact-array is expanded by <see cref="ExpandCompactArray"/>).</summary>
    public int Count => _reference is CosemData[]? Extent : 0;

    /// <summary>Elements of an array or structure; empty for all else.</summary>
    public ReadOnlySpan<CosemData> Items => _reference is CosemData[] pool ? pool.AsSpan(Start, Extent) : [];

    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public CosemData this[int index]
    {
        get
        {
            ReadOnlySpan<CosemData> items = Items;
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)items.Length, nameof(index));
            return items[index];
        }
    }

    /// <summary>The octets of an octet-string, visible-string, utf8-string, bit-string, date-time, date or time; of a compact-array all after its tag.</summary>
    public ReadOnlySpan<byte> OctetSpan => _reference is byte[] octets
        ? octets.AsSpan(Start, Type == CosemDataType.BitString ? (Extent + 7) / 8 : Extent) : [];

    /// <summary>Bits of a bit-string; 0 for all else.</summary>
    public int BitCount => Type == CosemDataType.BitString ? Extent : 0;

    /// <summary>The elements that a compact-array stands for (allocates); empty for all else.</summary>
    public CosemData[] ExpandCompactArray() => Type == CosemDataType.CompactArray ? AxdrReader.ExpandCompactArray(OctetSpan) : [];

    /// <summary>The whole number of an integer type, enum, bcd or boolean (0 or 1).</summary>
    /// <returns>False for another type, or an unsigned number above <see cref="long.MaxValue"/>.</returns>
    public bool TryGetInt64(out long value)
    {
        CosemDataType type = Type;
        value = (long)_bits;
        if ((type.IsInteger() || type == CosemDataType.Boolean) && (type != CosemDataType.Long64Unsigned || value >= 0)) return true;
        value = 0;
        return false;
    }

    /// <summary>As <see cref="TryGetInt64"/>, of any size.</summary>
    public bool TryGetNumber(out decimal value)
    {
        CosemDataType type = Type;
        value = 0;
        if (type.IsInteger() || type == CosemDataType.Boolean) value = type.IsSigned() ? (long)_bits : _bits;
        else return false;
        return true;
    }

    /// <summary>The value of a float32 or float64.</summary>
    public bool TryGetDouble(out double value)
    {
        CosemDataType type = Type;
        value = type switch
        {
            CosemDataType.Float32 => BitConverter.UInt32BitsToSingle((uint)_bits),
            CosemDataType.Float64 => BitConverter.UInt64BitsToDouble(_bits),
            _ => 0,
        };
        return type is CosemDataType.Float32 or CosemDataType.Float64;
    }

    /// <summary>The logical name in an octet-string of six.</summary>
    public bool TryGetObisCode(out ObisCode code)
    {
        ObisCode? read = Type == CosemDataType.OctetString ? ObisCode.FromOctets(OctetSpan) : null;
        code = read ?? default;
        return read is not null;
    }

    /// <summary>The date-time in an octet-string of twelve or a date-time.</summary>
    public bool TryGetDateTime(out CosemDateTime value)
    {
        value = default;
        return Type is CosemDataType.OctetString or CosemDataType.DateTime && CosemDateTime.TryRead(OctetSpan, out value);
    }

    /// <summary>Scaler and unit in a structure of an integer and an enum (IEC 62056-6-2, scal_unit_type).</summary>
    public bool TryGetScalerUnit(out ScalerUnit value)
    {
        value = default;
        if (Type != CosemDataType.Structure || Count != 2) return false;
        CosemData scaler = Items[0], unit = Items[1];
        if (scaler.Type != CosemDataType.Integer || unit.Type != CosemDataType.Enum) return false;
        value = new((sbyte)scaler._bits, (Unit)unit._bits);
        return true;
    }

    /// <summary>The text of a visible-string or utf8-string, or of an octet-string read as ASCII; null for all else.</summary>
    public string? Text => Type switch
    {
        CosemDataType.VisibleString or CosemDataType.OctetString => Encoding.Latin1.GetString(OctetSpan),
        CosemDataType.Utf8String => Encoding.UTF8.GetString(OctetSpan),
        _ => null,
    };

    /// <summary>The A-XDR encoding, tag first.</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new AxdrWriter(buffer);
        writer.WriteData(this);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads exactly one value: octets left over are an error.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, out CosemData value, out DecodeError error)
    {
        var reader = new AxdrReader(source);
        bool read = reader.TryReadData(out value) && (reader.IsAtEnd || reader.Fail($"{reader.Remaining} octets after the value", AxdrReader.Data));
        error = read ? default : reader.Error;
        if (!read) value = default;
        return read;
    }

    internal ulong Bits => _bits;

    private int Start => (int)((_bits >> PlaceBits) & PlaceMax);

    private int Extent => (int)(_bits & PlaceMax);

    internal static CosemData Scalar(CosemDataType type, ulong bits) => type == CosemDataType.NullData ? default : new(TypeTag.Of(type), bits);

    internal static CosemData Octets(CosemDataType type, byte[] octets, int start, int extent) => new(octets, Place(type, start, extent));

    internal static CosemData Compound(CosemDataType type, CosemData[] pool, int start, int count) => new(pool, Place(type, start, count));

    private static ulong Place(CosemDataType type, int start, int extent)
    {
        if (start > PlaceMax || extent > PlaceMax) throw new ArgumentOutOfRangeException(nameof(extent), "A value is limited to 256 Mi octets.");
        return ((ulong)type << (2 * PlaceBits)) | ((ulong)start << PlaceBits) | (uint)extent;
    }

    private sealed class TypeTag(CosemDataType type)
    {
        private static readonly TypeTag?[] All = Create();

        public CosemDataType Type { get; } = type;

        public static TypeTag Of(CosemDataType type) => All[(byte)type] ?? throw new ArgumentOutOfRangeException(nameof(type), type, "Not a scalar data type.");

        private static TypeTag?[] Create()
        {
            var all = new TypeTag?[256];
            foreach (CosemDataType type in Enum.GetValues<CosemDataType>())
            {
                if (type.FixedSize() >= 0 && !type.IsOctets() && type != CosemDataType.NullData) all[(byte)type] = new(type);
            }
            return all;
        }
    }
}

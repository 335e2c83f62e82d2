namespace Praman.Dlms.Axdr;

/// <summary>The choices of COSEM <c>Data</c>, by their tag octet (IEC 62056-6-2, common data types; IEC 62056-5-3, Data).</summary>
public enum CosemDataType : byte
{
    NullData = 0,
    Array = 1,
    Structure = 2,
    Boolean = 3,
    BitString = 4,
    DoubleLong = 5,
    DoubleLongUnsigned = 6,
    OctetString = 9,
    VisibleString = 10,
    Utf8String = 12,
    Bcd = 13,
    Integer = 15,
    Long = 16,
    Unsigned = 17,
    LongUnsigned = 18,
    CompactArray = 19,
    Long64 = 20,
    Long64Unsigned = 21,
    Enum = 22,
    Float32 = 23,
    Float64 = 24,
    DateTime = 25,
    Date = 26,
    Time = 27,
    DeltaInteger = 28,
    DeltaLong = 29,
    DeltaDoubleLong = 30,
    DeltaUnsigned = 31,
    DeltaLongUnsigned = 32,
    DeltaDoubleLongUnsigned = 33,
    DontCare = 255,
}

/// <summary>Sizes and names of the data types.</summary>
public static class CosemDataTypes
{
    /// <summary>Octets of a value of fixed size without its tag; −1 where the value carries a length or elements, −2 for an unknown tag.</summary>
    public static int FixedSize(this CosemDataType type) => type switch
    {
        CosemDataType.NullData or CosemDataType.DontCare => 0,
        CosemDataType.Boolean or CosemDataType.Bcd or CosemDataType.Integer or CosemDataType.Unsigned or CosemDataType.Enum
            or CosemDataType.DeltaInteger or CosemDataType.DeltaUnsigned => 1,
        CosemDataType.Long or CosemDataType.LongUnsigned or CosemDataType.DeltaLong or CosemDataType.DeltaLongUnsigned => 2,
        CosemDataType.DoubleLong or CosemDataType.DoubleLongUnsigned or CosemDataType.Float32 or CosemDataType.Time
            or CosemDataType.DeltaDoubleLong or CosemDataType.DeltaDoubleLongUnsigned => 4,
        CosemDataType.Date => 5,
        CosemDataType.Long64 or CosemDataType.Long64Unsigned or CosemDataType.Float64 => 8,
        CosemDataType.DateTime => 12,
        CosemDataType.Array or CosemDataType.Structure or CosemDataType.BitString or CosemDataType.OctetString
            or CosemDataType.VisibleString or CosemDataType.Utf8String or CosemDataType.CompactArray => -1,
        _ => -2,
    };

    /// <summary>The name in the standard's own spelling: <c>double-long-unsigned</c>.</summary>
    public static string Name(this CosemDataType type) => type switch
    {
        CosemDataType.NullData => "null-data",
        CosemDataType.Array => "array",
        CosemDataType.Structure => "structure",
        CosemDataType.Boolean => "boolean",
        CosemDataType.BitString => "bit-string",
        CosemDataType.DoubleLong => "double-long",
        CosemDataType.DoubleLongUnsigned => "double-long-unsigned",
        CosemDataType.OctetString => "octet-string",
        CosemDataType.VisibleString => "visible-string",
        CosemDataType.Utf8String => "utf8-string",
        CosemDataType.Bcd => "bcd",
        CosemDataType.Integer => "integer",
        CosemDataType.Long => "long",
        CosemDataType.Unsigned => "unsigned",
        CosemDataType.LongUnsigned => "long-unsigned",
        CosemDataType.CompactArray => "compact-array",
        CosemDataType.Long64 => "long64",
        CosemDataType.Long64Unsigned => "long64-unsigned",
        CosemDataType.Enum => "enum",
        CosemDataType.Float32 => "float32",
        CosemDataType.Float64 => "float64",
        CosemDataType.DateTime => "date-time",
        CosemDataType.Date => "date",
        CosemDataType.Time => "time",
        CosemDataType.DeltaInteger => "delta-integer",
        CosemDataType.DeltaLong => "delta-long",
        CosemDataType.DeltaDoubleLong => "delta-double-long",
        CosemDataType.DeltaUnsigned => "delta-unsigned",
        CosemDataType.DeltaLongUnsigned => "delta-long-unsigned",
        CosemDataType.DeltaDoubleLongUnsigned => "delta-double-long-unsigned",
        CosemDataType.DontCare => "dont-care",
        _ => $"unknown-{(byte)type}",
    };

    /// <summary>True for the signed integers, deltas included.</summary>
    internal static bool IsSigned(this CosemDataType type) => type is CosemDataType.Integer or CosemDataType.Long or CosemDataType.DoubleLong
        or CosemDataType.Long64 or CosemDataType.DeltaInteger or CosemDataType.DeltaLong or CosemDataType.DeltaDoubleLong;

    /// <summary>True where the value is one whole number: integers, enum and bcd.</summary>
    internal static bool IsInteger(this CosemDataType type) => type.IsSigned() || type is CosemDataType.Unsigned or CosemDataType.LongUnsigned
        or CosemDataType.DoubleLongUnsigned or CosemDataType.Long64Unsigned or CosemDataType.Enum or CosemDataType.Bcd
        or CosemDataType.DeltaUnsigned or CosemDataType.DeltaLongUnsigned or CosemDataType.DeltaDoubleLongUnsigned;

    /// <summary>True where the value is a run of octets (date and time types and compact arrays included).</summary>
    internal static bool IsOctets(this CosemDataType type) => type is CosemDataType.OctetString or CosemDataType.VisibleString
        or CosemDataType.Utf8String or CosemDataType.BitString or CosemDataType.DateTime or CosemDataType.Date or CosemDataType.Time
        or CosemDataType.CompactArray;
}

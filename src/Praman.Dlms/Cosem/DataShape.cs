using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Cosem;

/// <summary>How a shape is made up.</summary>
public enum ShapeKind
{
    /// <summary>Any value of any type, up to <see cref="DataShape.OctetsMax"/>.</summary>
    Any,

    /// <summary>One value of one type.</summary>
    Simple,

    /// <summary>One of several shapes.</summary>
    Choice,

    /// <summary>Elements of one shape.</summary>
    Array,

    /// <summary>Named elements.</summary>
    Structure,
}

/// <summary>A named element of a structure.</summary>
public sealed record ShapeField(string Name, DataShape Shape);

/// <summary>
/// What a value of an attribute or a parameter has to look like: types, lengths, ranges, counts. It is written as a short text
/// (<see cref="Parse"/>), checks what a client sets, gives a value to begin with, and says itself in words.
/// </summary>
public sealed partial class DataShape
{
    /// <summary>Most octets of a value whose type is open, and of a string without a length of its own.</summary>
    public const int OctetsMax = 4096;

    /// <summary>Most elements, nested ones counted, of a value whose type is open.</summary>
    public const int NodesMax = 512;

    private DataShape(ShapeKind kind, CosemDataType type, long min, long max, string? alias = null) =>
        (Kind, Type, Min, Max, Alias) = (kind, type, min, max, alias);

    public ShapeKind Kind { get; }

    /// <summary>The type; null-data where it is open or a choice.</summary>
    public CosemDataType Type { get; }

    /// <summary>Least length of a string, value of a number, count of an array.</summary>
    public long Min { get; }

    /// <summary>Greatest length of a string (bits of a bit-string), value of a number, count of an array.</summary>
    public long Max { get; }

    /// <summary>What the octets are, where they are a name or a time.</summary>
    public string? Alias { get; }

    /// <summary>Shape of an array's elements.</summary>
    public DataShape? Element { get; private init; }

    /// <summary>A structure's elements.</summary>
    public IReadOnlyList<ShapeField> Fields { get; private init; } = [];

    /// <summary>The shapes of a choice.</summary>
    public IReadOnlyList<DataShape> Alternatives { get; private init; } = [];

    /// <summary>Any value up to <see cref="OctetsMax"/> and <see cref="NodesMax"/>.</summary>
    public static DataShape Any { get; } = new(ShapeKind.Any, CosemDataType.NullData, 0, OctetsMax);

    /// <summary>Any value: the object itself judges its size.</summary>
    public static DataShape Open { get; } = new(ShapeKind.Any, CosemDataType.NullData, 0, long.MaxValue);

    /// <summary>A value of a type of which the object judges the rest; null-data stands for any.</summary>
    public static implicit operator DataShape(CosemDataType type) => FromCosemDataType(type);

    public static implicit operator DataShape(string notation) => Parse(notation);

    public static DataShape FromCosemDataType(CosemDataType type) => type == CosemDataType.NullData ? Open
        : type.FixedSize() < 0 ? new(ShapeKind.Simple, type, 0, long.MaxValue) : Simple(type);

    public static DataShape FromString(string notation) => Parse(notation);

    public bool Accepts(in CosemData value) => TryCheck(value, out _);

    /// <summary>Checks a value; <paramref name="why"/> says where and how it differs.</summary>
    public bool TryCheck(in CosemData value, [NotNullWhen(false)] out string? why)
    {
        why = Kind switch
        {
            ShapeKind.Any => CheckSize(value),
            ShapeKind.Simple => CheckSimple(value),
            ShapeKind.Choice => CheckChoice(value),
            ShapeKind.Array => CheckArray(value),
            _ => CheckStructure(value),
        };
        return why is null;
    }

    private string? CheckSimple(in CosemData value)
    {
        if (value.Type != Type) return $"{value.Type.Name()} where {this} is expected";
        if (Type is CosemDataType.Array or CosemDataType.Structure or CosemDataType.CompactArray) return CheckSize(value);
        long measure;
        if (Type == CosemDataType.BitString) measure = value.BitCount;
        else if (Type.IsOctets()) measure = value.OctetSpan.Length;
        else if (!value.TryGetInt64(out measure)) return null;
        return measure < Min || measure > Max ? $"{measure.ToString(CultureInfo.InvariantCulture)} where {this} is expected" : null;
    }

    private string? CheckChoice(in CosemData value)
    {
        foreach (DataShape alternative in Alternatives)
        {
            if (alternative.Accepts(value)) return null;
        }
        return $"{value.Type.Name()} where {this} is expected";
    }

    private string? CheckArray(in CosemData value)
    {
        if (value.Type != CosemDataType.Array) return $"{value.Type.Name()} where {this} is expected";
        if (value.Count < Min || value.Count > Max) return $"{value.Count} elements where {this} is expected";
        for (int i = 0; i < value.Count; i++)
        {
            if (!Element!.TryCheck(value.Items[i], out string? why)) return $"element {i + 1}: {why}";
        }
        return null;
    }

    private string? CheckStructure(in CosemData value)
    {
        if (value.Type != CosemDataType.Structure || value.Count != Fields.Count)
            return $"{value.Type.Name()} of {value.Count} where {this} is expected";
        for (int i = 0; i < value.Count; i++)
        {
            if (!Fields[i].Shape.TryCheck(value.Items[i], out string? why)) return $"{Fields[i].Name}: {why}";
        }
        return null;
    }

    private string? CheckSize(in CosemData value)
    {
        if (Max == long.MaxValue) return null;
        int nodes = 0, octets = 0;
        Measure(value, ref nodes, ref octets);
        return nodes > NodesMax || octets > OctetsMax ? $"a value above {NodesMax} elements or {OctetsMax} octets" : null;
    }

    private static void Measure(in CosemData value, ref int nodes, ref int octets)
    {
        nodes++;
        octets += 1 + (value.Type.FixedSize() is > 0 and int size ? size : value.OctetSpan.Length);
        foreach (ref readonly CosemData item in value.Items)
        {
            if (nodes > NodesMax) return;
            Measure(item, ref nodes, ref octets);
        }
    }

    /// <summary>The value of an attribute that nothing has been set to: zero where it may be, else the least; empty where it may be.</summary>
    public CosemData Default
    {
        get
        {
            switch (Kind)
            {
                case ShapeKind.Any: return default;
                case ShapeKind.Choice: return Alternatives[0].Default;
                case ShapeKind.Array:
                    var elements = new CosemData[(int)Min];
                    System.Array.Fill(elements, Element!.Default);
                    return CosemData.Array(elements);
                case ShapeKind.Structure: return CosemData.Structure([.. Fields.Select(f => f.Shape.Default)]);
                default: return DefaultOfType();
            }
        }
    }

    private CosemData DefaultOfType()
    {
        switch (Type)
        {
            case CosemDataType.Array: return CosemData.Array();
            case CosemDataType.Structure: return CosemData.Structure();
            case CosemDataType.BitString: return CosemData.BitString(new byte[(Min + 7) / 8], (int)Min);
            case CosemDataType.CompactArray: return CosemData.Octets(Type, [0x00, 0x00], 0, 2);
            case CosemDataType.OctetString or CosemDataType.VisibleString or CosemDataType.Utf8String or CosemDataType.DateTime or CosemDataType.Date or CosemDataType.Time:
                byte[] octets = new byte[(int)Min];
                if (Alias is "date-time" or "date" or "time" || Type is CosemDataType.DateTime or CosemDataType.Date or CosemDataType.Time) WriteWildcard(octets);
                return CosemData.Octets(Type, octets, 0, octets.Length);
            default:
                long least = Math.Max(Min, Math.Min(Max, 0));
                return CosemData.Scalar(Type, Type == CosemDataType.NullData ? 0 : (ulong)least);
        }
    }

    // Not specified: 0xFF in every field, the deviation 0x8000.
    private static void WriteWildcard(Span<byte> octets)
    {
        octets.Fill(0xFF);
        if (octets.Length == CosemDateTime.Length) (octets[9], octets[10]) = (0x80, 0x00);
    }

    /// <summary>The shape in words.</summary>
    public override string ToString()
    {
        switch (Kind)
        {
            case ShapeKind.Any: return "any value";
            case ShapeKind.Choice: return Alias ?? string.Join(" or ", Alternatives);
            case ShapeKind.Array: return $"array of {Bounds("")} × {Element}";
            case ShapeKind.Structure: return $"structure ({string.Join(", ", Fields.Select(f => $"{f.Name}: {f.Shape}"))})";
            default:
                if (Alias is not null) return $"{Type.Name()} of {Max.ToString(CultureInfo.InvariantCulture)} ({Alias.Replace('-', ' ')})";
                (long least, long greatest) = Limits(Type);
                if (least == Min && Max >= greatest) return Type.Name();
                return Type.IsOctets() ? $"{Type.Name()} of {Bounds(Type == CosemDataType.BitString ? " bits" : "")}" : $"{Type.Name()} {Bounds("")}";
        }
    }

    private string Bounds(string unit)
    {
        string max = Max.ToString(CultureInfo.InvariantCulture);
        if (Min == Max) return max + unit;
        return Min == 0 && (Kind == ShapeKind.Array || Type.IsOctets()) ? $"up to {max}{unit}" : $"{Min.ToString(CultureInfo.InvariantCulture)} to {max}{unit}";
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Praman.Metering;

/// <summary>
/// An OBIS code: six value groups A to F that name a quantity or an object (IEC 62056-6-1). Text is <c>A-B:C.D.E.F</c>;
/// the dotted form <c>A.B.C.D.E.F</c> and <c>A-B:C.D.E*F</c> are read too. As a COSEM logical name it is these six octets.
/// </summary>
public readonly record struct ObisCode : IComparable<ObisCode>
{
    /// <summary>Octets of a code.</summary>
    public const int Length = 6;

    private readonly ulong _octets;

    public ObisCode(byte a, byte b, byte c, byte d, byte e, byte f = 255) =>
        _octets = ((ulong)a << 40) | ((ulong)b << 32) | ((ulong)c << 24) | ((ulong)d << 16) | ((ulong)e << 8) | f;

    private ObisCode(ulong octets) => _octets = octets;

    /// <summary>Medium: 0 abstract, 1 electricity.</summary>
    public byte A => (byte)(_octets >> 40);

    /// <summary>Channel.</summary>
    public byte B => (byte)(_octets >> 32);

    /// <summary>Quantity: 1 active import (+A), 2 active export (−A), 9 apparent import.</summary>
    public byte C => (byte)(_octets >> 24);

    /// <summary>Processing: 8 time integral, 29 interval, 6 maximum.</summary>
    public byte D => (byte)(_octets >> 16);

    /// <summary>Tariff or further classification.</summary>
    public byte E => (byte)(_octets >> 8);

    /// <summary>Billing period; 255 is current.</summary>
    public byte F => (byte)_octets;

    /// <summary>The six octets as one number, A highest: a compact key.</summary>
    public ulong ToUInt64() => _octets;

    /// <summary>Reads six octets; null when there are not six.</summary>
    public static ObisCode? FromOctets(ReadOnlySpan<byte> octets) =>
        octets.Length != Length ? null : new ObisCode(octets[0], octets[1], octets[2], octets[3], octets[4], octets[5]);

    /// <summary>Makes a code of the number that <see cref="ToUInt64"/> gives; bits above 48 are dropped.</summary>
    public static ObisCode FromUInt64(ulong value) => new(value & 0xFFFF_FFFF_FFFFUL);

    /// <summary>Writes six octets; <paramref name="destination"/> must hold them.</summary>
    public void CopyTo(Span<byte> destination)
    {
        destination[5] = F;
        destination[0] = A;
        destination[1] = B;
        destination[2] = C;
        destination[3] = D;
        destination[4] = E;
    }

    /// <summary>Parses <c>A-B:C.D.E.F</c>, <c>A-B:C.D.E*F</c> or <c>A.B.C.D.E.F</c>; with five groups F is 255.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ObisCode code)
    {
        code = default;
        if (string.IsNullOrEmpty(text) || text.Length > 32) return false;
        Span<byte> groups = stackalloc byte[Length];
        groups[5] = 255;
        int count = 0;
        foreach (string part in text.Split('.', '-', ':', '*'))
        {
            if (count == Length || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out groups[count])) return false;
            count++;
        }
        if (count < 5) return false;
        code = FromOctets(groups)!.Value;
        return true;
    }

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">The text is not an OBIS code.</exception>
    public static ObisCode Parse(string text) =>
        TryParse(text, out ObisCode code) ? code : throw new FormatException($"'{text}' is not an OBIS code: expected A-B:C.D.E.F, each 0 to 255");

    /// <summary>The dotted form of a logical name, as in IS 15959 tables: <c>1.0.1.8.0.255</c>.</summary>
    public string ToDottedString() => string.Create(CultureInfo.InvariantCulture, $"{A}.{B}.{C}.{D}.{E}.{F}");

    public int CompareTo(ObisCode other) => _octets.CompareTo(other._octets);

    public static bool operator <(ObisCode left, ObisCode right) => left._octets < right._octets;

    public static bool operator >(ObisCode left, ObisCode right) => left._octets > right._octets;

    public static bool operator <=(ObisCode left, ObisCode right) => left._octets <= right._octets;

    public static bool operator >=(ObisCode left, ObisCode right) => left._octets >= right._octets;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{A}-{B}:{C}.{D}.{E}.{F}");
}

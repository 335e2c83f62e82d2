using Praman.Dlms.Axdr;
using Praman.Dlms.Cosem;
using Praman.Metering;

namespace Praman.Dlms.Tests.Cosem;

/// <summary>Values of a shape, from a seed, and values that it must refuse.</summary>
internal static class ShapeSamples
{
    public static CosemData Of(DataShape shape, Random random) => shape.Kind switch
    {
        ShapeKind.Any => CosemData.DoubleLongUnsigned((uint)random.Next()),
        ShapeKind.Choice => Of(shape.Alternatives[random.Next(shape.Alternatives.Count)], random),
        ShapeKind.Array => CosemData.Array(Many(shape.Element!, random.Next((int)shape.Min, (int)Math.Min(shape.Max, shape.Min + 4)), random)),
        ShapeKind.Structure => CosemData.Structure([.. shape.Fields.Select(f => Of(f.Shape, random))]),
        _ => OfType(shape, random),
    };

    /// <summary>A value of another type, or too long, or out of range, where the shape has such.</summary>
    public static IEnumerable<CosemData> Refused(DataShape shape, Random random)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Any:
                if (shape.Max < long.MaxValue) yield return CosemData.OctetString(new byte[DataShape.OctetsMax + 1]);
                yield break;
            case ShapeKind.Choice:
                if (!shape.Alternatives.Any(a => a.Kind == ShapeKind.Any)) yield return CosemData.Bcd(1);
                yield break;
            case ShapeKind.Array:
                yield return Of(shape.Element!, random).Type == CosemDataType.Array ? CosemData.Bcd(1) : Of(shape.Element!, random);
                if (shape.Max < 200) yield return CosemData.Array(Many(shape.Element!, (int)shape.Max + 1, random));
                foreach (CosemData element in Refused(shape.Element!, random)) yield return CosemData.Array(element);
                yield break;
            case ShapeKind.Structure:
                CosemData[] fields = [.. shape.Fields.Select(f => Of(f.Shape, random))];
                yield return CosemData.Array(fields);
                yield return CosemData.Structure(fields[..^1]);
                yield return CosemData.Structure([.. fields, CosemData.Null]);
                for (int i = 0; i < fields.Length; i++)
                {
                    foreach (CosemData field in Refused(shape.Fields[i].Shape, random)) yield return CosemData.Structure([.. fields[..i], field, .. fields[(i + 1)..]]);
                }
                yield break;
            default:
                yield return CosemData.Bcd(1);
                if (shape.Type != CosemDataType.Array) yield return CosemData.Array();
                if (shape.Type == CosemDataType.OctetString && shape.Max < int.MaxValue) yield return CosemData.OctetString(new byte[(int)shape.Max + 1]);
                if (shape.Type == CosemDataType.OctetString && shape.Min > 0) yield return CosemData.OctetString(new byte[(int)shape.Min - 1]);
                if (shape.Type == CosemDataType.Enum && shape.Max < 255) yield return CosemData.Enumeration((byte)(shape.Max + 1));
                if (shape.Type == CosemDataType.Unsigned && shape.Min > 0) yield return CosemData.Unsigned((byte)(shape.Min - 1));
                if (shape.Type == CosemDataType.LongUnsigned && shape.Max < 65_535) yield return CosemData.LongUnsigned((ushort)(shape.Max + 1));
                yield break;
        }
    }

    private static CosemData[] Many(DataShape shape, int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => Of(shape, random))];

    private static CosemData OfType(DataShape shape, Random random)
    {
        int length = shape.Type.FixedSize() < 0 ? (int)random.NextInt64(shape.Min, Math.Min(shape.Max, shape.Min + 20) + 1) : shape.Type.FixedSize();
        byte[] octets = new byte[shape.Type == CosemDataType.BitString ? (length + 7) / 8 : Math.Max(0, length)];
        random.NextBytes(octets);
        long number = shape.Max < long.MaxValue && shape.Type.FixedSize() is > 0 and <= 4 ? random.NextInt64(shape.Min, shape.Max + 1) : random.NextInt64();
        return shape.Type switch
        {
            CosemDataType.NullData => CosemData.Null,
            CosemDataType.Boolean => CosemData.Boolean(number != 0),
            CosemDataType.BitString => CosemData.BitString(octets, length),
            CosemDataType.OctetString when shape.Alias is "date-time" or "date" or "time" && random.Next(4) > 0 => CosemData.OctetString(Moment(shape.Alias, random)),
            CosemDataType.OctetString => CosemData.OctetString(octets),
            CosemDataType.VisibleString => CosemData.VisibleString(new string('a', length)),
            CosemDataType.Utf8String => CosemData.Utf8String(new string('b', length)),
            CosemDataType.Integer => CosemData.Integer((sbyte)number),
            CosemDataType.Long => CosemData.Long((short)number),
            CosemDataType.DoubleLong => CosemData.DoubleLong((int)number),
            CosemDataType.Long64 => CosemData.Long64(number),
            CosemDataType.Unsigned => CosemData.Unsigned((byte)number),
            CosemDataType.LongUnsigned => CosemData.LongUnsigned((ushort)number),
            CosemDataType.DoubleLongUnsigned => CosemData.DoubleLongUnsigned((uint)number),
            CosemDataType.Long64Unsigned => CosemData.Long64Unsigned((ulong)number),
            CosemDataType.Enum => CosemData.Enumeration((byte)number),
            CosemDataType.Float32 => CosemData.Float32(number),
            CosemDataType.Float64 => CosemData.Float64(number),
            CosemDataType.DateTime => CosemData.DateTime(CosemDateTime.Wildcard),
            CosemDataType.Date => CosemData.Date(octets),
            CosemDataType.Time => CosemData.Time(octets),
            CosemDataType.Structure => CosemData.Structure(CosemData.Unsigned(1)),
            CosemDataType.Array => CosemData.Array(CosemData.Unsigned(1)),
            CosemDataType.CompactArray => Compact(),
            _ => throw new InvalidOperationException($"no sample of {shape}"),
        };
    }

    // A time that there is, of any year, with some fields open.
    private static byte[] Moment(string kind, Random random)
    {
        byte Field(int from, int to) => random.Next(5) == 0 ? CosemDateTime.NotSpecified : (byte)random.Next(from, to + 1);
        ushort year = random.Next(4) switch { 0 => CosemDateTime.YearNotSpecified, 1 => (ushort)random.Next(1, 9999), 2 => 9998, _ => 2026 };
        var time = new CosemDateTime(year, Field(1, 12), Field(1, 28), Field(1, 7), Field(0, 23), Field(0, 59), Field(0, 59), 0,
            random.Next(3) == 0 ? (short)random.Next(-720, 721) : CosemDateTime.DeviationNotSpecified, 0);
        byte[] octets = time.ToOctets();
        return kind switch { "date" => octets[..5], "time" => octets[5..9], _ => octets };
    }

    // Three long-unsigned values.
    private static CosemData Compact()
    {
        Assert.True(CosemData.TryDecode([0x13, 0x12, 0x06, 0, 1, 0, 2, 0, 3], out CosemData value, out DecodeError error), error.ToString());
        return value;
    }
}

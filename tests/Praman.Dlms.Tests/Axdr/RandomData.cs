using Praman.Dlms.Axdr;

namespace Praman.Dlms.Tests.Axdr;

/// <summary>Data trees of every type, from a seed.</summary>
internal static class RandomData
{
    public static CosemData Next(Random random, int depth = 0)
    {
        int choice = random.Next(depth < 4 ? 26 : 24);
        return choice switch
        {
            0 => CosemData.Null,
            1 => CosemData.DontCare,
            2 => CosemData.Boolean(random.Next(2) == 0),
            3 => CosemData.Integer((sbyte)random.Next(256)),
            4 => CosemData.Long((short)random.Next(65536)),
            5 => CosemData.DoubleLong((int)random.NextInt64(int.MinValue, int.MaxValue + 1L)),
            6 => CosemData.Long64(random.NextInt64(long.MinValue, long.MaxValue)),
            7 => CosemData.Unsigned((byte)random.Next(256)),
            8 => CosemData.LongUnsigned((ushort)random.Next(65536)),
            9 => CosemData.DoubleLongUnsigned((uint)random.NextInt64(uint.MaxValue + 1L)),
            10 => CosemData.Long64Unsigned((ulong)random.NextInt64(long.MinValue, long.MaxValue)),
            11 => CosemData.Enumeration((byte)random.Next(256)),
            12 => CosemData.Bcd((byte)random.Next(256)),
            13 => CosemData.Float32((float)random.NextDouble()),
            14 => CosemData.Float64(random.NextDouble()),
            15 or 16 => CosemData.OctetString(Octets(random, random.Next(300))),
            17 => CosemData.VisibleString("text " + random.Next()),
            18 => CosemData.Utf8String("प्रमाण " + random.Next()),
            19 => Bits(random, random.Next(200)),
            20 => CosemData.DateTime(DateTime(random)),
            21 => CosemData.DateTimeOctets(DateTime(random)),
            22 => CosemData.Date(Octets(random, 5)),
            23 => CosemData.Time(Octets(random, 4)),
            24 => CosemData.Structure(Items(random, depth)),
            _ => CosemData.Array(Items(random, depth)),
        };
    }

    public static CosemDateTime DateTime(Random random)
    {
        CosemDateTime.TryRead(Octets(random, CosemDateTime.Length), out CosemDateTime value);
        return value;
    }

    public static byte[] Octets(Random random, int length)
    {
        byte[] octets = new byte[length];
        random.NextBytes(octets);
        return octets;
    }

    private static CosemData Bits(Random random, int count) => CosemData.BitString(Octets(random, (count + 7) / 8), count);

    private static CosemData[] Items(Random random, int depth) => [.. Enumerable.Range(0, random.Next(6)).Select(_ => Next(random, depth + 1))];
}

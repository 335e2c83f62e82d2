using System.Globalization;
using System.Text;
using System.Text.Json;
using Praman.Dlms;
using Praman.Dlms.Axdr;

namespace Praman.Meter.Definitions;

/// <summary>Values of a definition as COSEM data: <c>{"type": "long-unsigned", "value": 4059}</c>; arrays and structures hold lists of such.</summary>
internal static class DefinitionData
{
    private const int ElementsMax = 1000;
    private const int OctetsMax = 4096;

    /// <summary>Types by their names in the standard's spelling.</summary>
    public static CosemDataType TypeOf(DefinitionNode node)
    {
        string name = node.Text();
        foreach (CosemDataType type in Enum.GetValues<CosemDataType>())
        {
            if (type.Name() == name && type is not (CosemDataType.CompactArray or CosemDataType.DontCare) && type < CosemDataType.DeltaInteger) return type;
        }
        node.Fail($"'{name}' where a data type was expected, such as long-unsigned or octet-string");
        return default;
    }

    /// <summary>A value with its type beside it.</summary>
    public static CosemData Of(DefinitionNode node)
    {
        if (!node.IsObjectOf("type", "value")) return default;
        CosemDataType type = TypeOf(node["type"]);
        return type == CosemDataType.NullData ? CosemData.Null : Of(type, node["value"]);
    }

    /// <summary>A value of a type that is given elsewhere.</summary>
    public static CosemData Of(CosemDataType type, DefinitionNode node) => type switch
    {
        CosemDataType.Boolean => CosemData.Boolean(node.Truth()),
        CosemDataType.Integer => CosemData.Integer((sbyte)node.Number(sbyte.MinValue, sbyte.MaxValue)),
        CosemDataType.Long => CosemData.Long((short)node.Number(short.MinValue, short.MaxValue)),
        CosemDataType.DoubleLong => CosemData.DoubleLong((int)node.Number(int.MinValue, int.MaxValue)),
        CosemDataType.Long64 => CosemData.Long64(node.Number(long.MinValue, long.MaxValue)),
        CosemDataType.Unsigned => CosemData.Unsigned((byte)node.Number(0, byte.MaxValue)),
        CosemDataType.Bcd => CosemData.Bcd((byte)node.Number(0, byte.MaxValue)),
        CosemDataType.Enum => CosemData.Enumeration((byte)node.Number(0, byte.MaxValue)),
        CosemDataType.LongUnsigned => CosemData.LongUnsigned((ushort)node.Number(0, ushort.MaxValue)),
        CosemDataType.DoubleLongUnsigned => CosemData.DoubleLongUnsigned((uint)node.Number(0, uint.MaxValue)),
        CosemDataType.Long64Unsigned => CosemData.Long64Unsigned((ulong)node.Number(0, long.MaxValue)),
        CosemDataType.Float32 => CosemData.Float32((float)Real(node)),
        CosemDataType.Float64 => CosemData.Float64(Real(node)),
        CosemDataType.VisibleString => CosemData.VisibleString(node.Text(OctetsMax)),
        CosemDataType.Utf8String => CosemData.Utf8String(node.Text(OctetsMax)),
        CosemDataType.BitString => Bits(node),
        CosemDataType.OctetString => CosemData.OctetString(Octets(node)),
        CosemDataType.DateTime or CosemDataType.Date or CosemDataType.Time => Moment(type, node),
        CosemDataType.Array => CosemData.Array(Elements(node)),
        CosemDataType.Structure => CosemData.Structure(Elements(node)),
        _ => CosemData.Null,
    };

    private static CosemData[] Elements(DefinitionNode node) => [.. node.Items(ElementsMax).Select(Of)];

    private static double Real(DefinitionNode node)
    {
        if (node.Element.ValueKind == JsonValueKind.Number && node.Element.TryGetDouble(out double value)) return value;
        node.Fail("a number was expected");
        return 0;
    }

    // Text as it stands, a logical name after "obis:", or octets after "hex:".
    private static byte[] Octets(DefinitionNode node)
    {
        string text = node.Text(2 * OctetsMax);
        if (text.StartsWith("obis:", StringComparison.Ordinal))
        {
            if (Metering.ObisCode.TryParse(text[5..], out Metering.ObisCode code))
            {
                byte[] six = new byte[Metering.ObisCode.Length];
                code.CopyTo(six);
                return six;
            }
            node.Fail($"'{text}' where obis: and a logical name were expected");
            return [];
        }
        if (text.StartsWith("hex:", StringComparison.Ordinal)) return Hex(node, text[4..]);
        if (text.All(char.IsAscii)) return Encoding.ASCII.GetBytes(text);
        node.Fail("an octet-string is ASCII text, obis: and a logical name, or hex: and digits");
        return [];
    }

    private static byte[] Hex(DefinitionNode node, string digits)
    {
        if (digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit)) return Convert.FromHexString(digits);
        node.Fail("hex: is followed by pairs of hex digits");
        return [];
    }

    private static CosemData Bits(DefinitionNode node)
    {
        string text = node.Text(OctetsMax);
        if (text.Any(letter => letter is not ('0' or '1'))) node.Fail("a bit-string is written in 0 and 1");
        byte[] octets = new byte[(text.Length + 7) / 8];
        for (int i = 0; i < text.Length; i++) if (text[i] == '1') octets[i / 8] |= (byte)(0x80 >> (i % 8));
        return CosemData.BitString(octets, text.Length);
    }

    private static CosemData Moment(CosemDataType type, DefinitionNode node)
    {
        byte[] octets = Hex(node, node.Text());
        if (octets.Length == type.FixedSize())
        {
            return type switch
            {
                CosemDataType.Date => CosemData.Date(octets),
                CosemDataType.Time => CosemData.Time(octets),
                _ => CosemDateTime.TryRead(octets, out CosemDateTime time) ? CosemData.DateTime(time) : Fault(node, type),
            };
        }
        return Fault(node, type);
    }

    private static CosemData Fault(DefinitionNode node, CosemDataType type)
    {
        node.Fail(string.Create(CultureInfo.InvariantCulture, $"a {type.Name()} is written as {type.FixedSize()} octets in hex"));
        return CosemData.Null;
    }
}

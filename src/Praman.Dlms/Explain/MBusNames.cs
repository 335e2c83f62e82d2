using System.Collections.Frozen;
using System.Globalization;
using Praman.Dlms.Axdr;

namespace Praman.Dlms.Explain;

/// <summary>What an M-Bus client (class 72) says of its slave, in words: EN 13757-7 codes device types and makers, EN 13757-3 writes the identification in packed digits.</summary>
public static class MBusNames
{
    private const int Identification = 6, Manufacturer = 7, Type = 9, LetterBits = 5, LetterMask = 0x1F, LetterLast = 26;

    private static readonly FrozenDictionary<int, string> Types = new Dictionary<int, string>
    {
        [0x00] = "other", [0x01] = "oil", [0x02] = "electricity", [0x03] = "gas", [0x04] = "heat", [0x05] = "steam", [0x06] = "warm water", [0x07] = "water",
        [0x08] = "heat cost allocator", [0x09] = "compressed air", [0x0A] = "cooling (outlet)", [0x0B] = "cooling (inlet)", [0x0C] = "heat (inlet)", [0x0D] = "heat and cooling",
        [0x15] = "hot water", [0x16] = "cold water", [0x17] = "hot and cold water", [0x18] = "pressure", [0x20] = "breaker", [0x21] = "valve", [0x28] = "waste water",
    }.ToFrozenDictionary();

    /// <summary>A device type; null for one that has no name here.</summary>
    public static string? DeviceType(int code) => Types.GetValueOrDefault(code);

    /// <summary>A maker's three letters, five bits each; null where they are none.</summary>
    public static string? Maker(int code)
    {
        Span<char> letters = stackalloc char[3];
        for (int i = 0; i < letters.Length; i++)
        {
            int letter = (code >> (LetterBits * (letters.Length - 1 - i))) & LetterMask;
            if (letter is 0 or > LetterLast) return null;
            letters[i] = (char)('A' + letter - 1);
        }
        return code >> (LetterBits * letters.Length) == 0 ? new string(letters) : null;
    }

    /// <summary>An attribute of class 72 in words; null for those that say enough by themselves.</summary>
    public static string? Words(int attribute, in CosemData value)
    {
        if (!value.TryGetInt64(out long number)) return null;
        return attribute switch
        {
            Identification => ((uint)number).ToString("X8", CultureInfo.InvariantCulture),
            Manufacturer => Maker((int)number),
            Type => DeviceType((int)number),
            _ => null,
        };
    }
}

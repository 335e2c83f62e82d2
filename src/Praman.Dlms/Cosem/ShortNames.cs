namespace Praman.Dlms.Cosem;

/// <summary>
/// Where the attributes and methods of an object stand from its base name (IEC 62056-6-2, short name referencing): attribute n at 8 × (n − 1), the
/// methods from an offset that each class sets.
/// </summary>
public static class ShortNames
{
    /// <summary>Octets between two names.</summary>
    public const int Step = 8;

    /// <summary>The offset of an attribute, from 1.</summary>
    public static int AttributeOffset(sbyte attribute) => Step * (attribute - 1);

    /// <summary>The offset of a class's first method; null where the class has none or is not known here.</summary>
    public static int? MethodsOffset(ushort classId, byte version) => classId switch
    {
        3 or 61 => 0x28,
        4 => 0x38,
        5 => 0x48,
        6 => 0x30,
        7 => 0x58,
        8 => 0x60,
        9 or 10 or 12 or 17 or 70 => 0x20,
        11 => 0x10,
        18 => 0x40,
        20 => 0x50,
        40 => 0x38,
        64 => version == 0 ? 0x28 : 0x30,
        72 => version == 0 ? 0x60 : 0x70,
        _ => null,
    };

    /// <summary>The offset of a method, from 1; null where the class has none or is not known here.</summary>
    public static int? MethodOffset(ushort classId, byte version, sbyte method) => MethodsOffset(classId, version) is { } first ? first + (Step * (method - 1)) : null;
}
